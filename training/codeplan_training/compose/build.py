"""From a chain to a finished problem: code variants, examples, wording, plans, and the check.

Every code variant is executed on every example; a variant that disagrees with the first one is
dropped, and a problem without a working variant or with dull examples is not delivered.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import combinations, count
from random import Random
from typing import Any

from codeplan_training.compose import styles
from codeplan_training.compose.chain import choose_chain
from codeplan_training.compose.emit import Body, Seq, Val
from codeplan_training.compose.expr import E
from codeplan_training.compose.talk import Talk
from codeplan_training.compose.values import Arg, Draft
from codeplan_training.compose.wording import mark_args, pronoun, reference, sentence

HELDOUT_ONE_IN = 40
_LENGTHS = (1, 2, 3, 4, 5)
_WEIGHTS = (31, 31, 23, 10, 5)
_MAX_LINES = 20
_MAX_REPR = 150
_EMPTY_RETURNS = {"return it", "return the number", "return what is left"}


def heldout(ops: tuple[str, ...]) -> bool:
    """Whether two of the operations form a pair that is kept out of the training split."""
    return any(_pair_held(a, b) for a, b in combinations(sorted(set(ops)), 2))


def _pair_held(a: str, b: str) -> bool:
    digest = hashlib.blake2b(f"{a}+{b}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") % HELDOUT_ONE_IN == 0


def problems(rng: Random, split: str) -> Iterator[dict[str, Any]]:
    """Problems of the split without end; a draw that fails is skipped."""
    while True:
        length = rng.choices(_LENGTHS, _WEIGHTS)[0]
        if split == "heldout" and length == 1:
            continue
        problem = one_problem(Random(rng.getrandbits(64)), length, split)
        if problem is not None:
            yield problem


def one_problem(rng: Random, length: int, split: str) -> dict[str, Any] | None:
    """A checked problem, or None when this draw has no good one."""
    draft = Draft(rng)
    chosen = choose_chain(draft, length)
    if chosen is None:
        return None
    source, steps, states = chosen
    ops = tuple(step.id for step in steps)
    if heldout(ops) != (split == "heldout"):
        return None
    talk = Talk(source, tuple(steps), tuple(states), tuple(draft.args))
    name = talk.name(rng)
    if name in {a.name for a in draft.args}:
        name = f"get_{name}"
    loop_first = rng.random() < 0.3
    variants = []
    for loop in (loop_first, not loop_first):
        with suppress(AssertionError, KeyError, SyntaxError):
            variants.append(write_code(rng, talk, loop, name))
    signature = sign(rng, name, draft.args, talk)
    made = make_examples(rng, name, signature, variants, draft.args)
    if made is None:
        return None
    examples, kept = made
    if len(kept) > 1 and rng.random() < 0.2:
        kept.pop()
    plans = [{"steps": plan_steps(rng, talk, told), "code": code} for code, _, told in kept]
    imports = sorted({line for _, lines, _ in kept for line in lines})
    wordings = rng.choice((1, 2, 2, 3))
    doc, *alt = [styles.write(talk, style, rng) for style in styles.choose(rng, wordings)]
    return {
        "entry_point": name,
        "imports": imports,
        "signature": signature,
        "doc": doc,
        "alt": alt,
        "examples": [{"call": call, "want": want} for call, _, want in examples],
        "plans": plans,
        "ops": list(dict.fromkeys(ops)),
        "prims": sorted({p for step in steps for p in step.prims}),
    }


def write_code(rng: Random, talk: Talk, loop: bool, name: str) -> Variant:
    """The body, its imports and, in loop style, the plan that belongs to it."""
    reserved = [word for step in talk.steps for line in step.imports for word in line.split()]
    body = Body(rng, [a.name for a in talk.args] + reserved, loop)
    state = talk.source.state
    val = Val(state.ty, E(talk.source.arg.name), state.noun)
    body.function = name
    for index, step in enumerate(talk.steps):
        body.told = False
        ref = reference(talk.plain(rng), rng) if index == 0 else pronoun(val.noun, rng, True)
        said = step.say(ref, val.noun, rng)
        val = step.emit(body, val)
        if isinstance(val.code, Seq):
            body.pending.append(said)
            continue
        if not body.told:
            body.plan.extend(body.pending)
            body.say(said)
        body.pending.clear()
    if not body.done:
        result = body.list(val)
        body.line(f"return {result.text}")
        body.plan = [text for text in body.plan if text not in _EMPTY_RETURNS]
        if body.plan and not body.plan[-1].startswith(("return ", "otherwise return ")):
            body.say(
                "return the result",
                "return it",
                f"return the {val.noun.pl if val.noun.plural else val.noun.sg}",
            )
    code = "\n".join(body.lines)
    lines = [line for line in sorted(body.imports) if line.split()[-1] in code]
    return code, lines, body.plan if loop or body.detailed else []


def sign(rng: Random, name: str, args: list[Arg], talk: Talk) -> str:
    """The def line, mostly with type hints."""
    hints = rng.random() < 0.85
    if not hints:
        return f"def {name}({', '.join(a.name for a in args)}):"
    typed = ", ".join(f"{a.name}: {a.ty}" for a in args)
    return f"def {name}({typed}) -> {talk.final.ty}:"


_WHILE = re.compile(r"^( *)while (.*):$", re.MULTILINE)
_MAX_TURNS = 20000


class EndlessError(Exception):
    """A while loop of a generated body does not end for some input."""


def compiled(name: str, signature: str, variant: Variant) -> Any:
    """The function object of a variant; SyntaxError when the template made nonsense.

    While loops count their turns and raise EndlessError after too many.
    """
    code, imports, _ = variant
    scope: dict[str, Any] = {}
    if "while " in code:
        turns = count()

        def tick() -> bool:
            if next(turns) > _MAX_TURNS:
                raise EndlessError
            return True

        scope["tick"] = tick
        code = _WHILE.sub(r"\1while tick() and (\2):", code)
    exec("\n".join([*imports, signature, code]), scope)
    return scope[name]


Example = tuple[str, tuple[Any, ...], str]
Variant = tuple[str, list[str], list[str]]


def make_examples(
    rng: Random, name: str, signature: str, variants: list[Variant], args: list[Arg]
) -> tuple[list[Example], list[Variant]] | None:
    """Two to four different examples with at least two results, and the variants that agree.

    The call with empty arguments is an example only where all variants agree on it.
    """
    usable = [v for v in variants if v[0].count("\n") < _MAX_LINES]
    functions = []
    for variant in list(usable):
        try:
            functions.append(compiled(name, signature, variant))
        except SyntaxError:
            usable.remove(variant)
    if not functions:
        return None
    wanted = rng.choice((2, 3, 3, 3, 4))
    sizes = [rng.choice((4, 5, 6)), *[rng.choice((2, 3, 4, 5)) for _ in range(wanted + 2)]]
    found: list[Example] = []
    for size in sizes:
        made = example(functions[0], name, tuple(a.make(rng, size) for a in args))
        if made and made[0] not in {f[0] for f in found} and not made[2].startswith("raises"):
            found.append(made)
    if len({f[2] for f in found}) < 2:
        return None
    found = _different(rng, found, wanted)
    agree = [_agrees(function, name, found) for function in functions]
    kept = [variant for variant, good in zip(usable, agree, strict=True) if good]
    if len(kept) > 1 and kept[0][0] == kept[1][0]:
        kept.pop()
    edges = [
        example(function, name, tuple(a.make(Random(0), 0) for a in args))
        for function, good in zip(functions, agree, strict=True)
        if good
    ]
    edge = edges[0] if edges else None
    same = edge is not None and all(e is not None and e[2] == edge[2] for e in edges)
    if edge and same and edge[0] not in {f[0] for f in found} and rng.random() < 0.7:
        if len(found) >= wanted and len({f[2] for f in found[:-1]}) > 1:
            found.pop()
        found.append(edge)
    shown = any(want != repr(values[0]) for _, values, want in found)
    if not shown or not kept or len(found) < 2 or len({f[2] for f in found}) < 2:
        return None
    return found, kept


def _agrees(function: Any, name: str, found: list[Example]) -> bool:
    for _, values, want in found:
        made = example(function, name, values)
        if made is None or made[2] != want:
            return False
    return True


def _different(rng: Random, found: list[Example], count: int) -> list[Example]:
    """Prefer examples whose results differ from each other."""
    seen: set[str] = set()
    first, rest = [], []
    for item in found:
        (rest if item[2] in seen else first).append(item)
        seen.add(item[2])
    chosen = (first + rest)[:count]
    rng.shuffle(chosen)
    return chosen


def example(function: Any, name: str, values: tuple[Any, ...]) -> Example | None:
    """One call with its result; None when it fails or is too long to print."""
    call = f"{name}({', '.join(map(repr, values))})"
    try:
        want = repr(function(*values))
    except ValueError as error:
        if not error.args or not str(error.args[0]).startswith("no "):
            return None
        want = "raises ValueError"
    except Exception:
        return None
    if len(call) > 2 * _MAX_REPR or len(want) > _MAX_REPR or _ugly(want):
        return None
    return call, values, want


def _ugly(want: str) -> bool:
    digits = 0
    for ch in want:
        digits = digits + 1 if ch.isdigit() else 0
        if digits > 8:
            return True
    return False


def plan_steps(rng: Random, talk: Talk, told: list[str]) -> list[str]:
    """Plan sentences: what the loops do, or a step an operation, sometimes merged."""
    texts = told if told else talk.plan(rng, rng.choice((0.0, 0.0, 0.3)))
    return [mark_args(sentence(text), "", "") for text in texts]
