"""Steps on a whole value that are given by data: aggregates, orders, slices, algorithms."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from codeplan_training.compose.emit import Body, Val, comprehension, list_names
from codeplan_training.compose.expr import E, fill, literal, uses
from codeplan_training.compose.ops.prims import Choice
from codeplan_training.compose.ops.step import State
from codeplan_training.compose.values import Noun, Param, Ty
from codeplan_training.compose.wording import (
    NP,
    Ref,
    number_form,
    put,
    say_params,
    wrapped,
)


@dataclass(frozen=True)
class Block:
    """Statements with their plan. The last line of the code is `=> expression`.

    Slots: `$l` the written input (a name), parameters, `$f` the function's own name, `$v` a loop
    variable that fits the data. In the steps, `$s` and `$h` are the noun, `$l` the input's name.
    """

    code: str
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Spec:
    """One operation on a whole value.

    `exprs` are code templates: `$g` is what stands in a call's parentheses, `$l` the written
    value. `loop` is (names, start, update, result) with plan texts in `told`. `empty` is the
    default that callers may want where the operation is undefined for an empty value.
    """

    id: str
    takes: Callable[[Ty], bool]
    gives: Callable[[Ty], Ty]
    exprs: tuple[str, ...]
    says: tuple[str, ...]
    nps: tuple[str, ...]
    noun: str = ""
    loop: tuple[tuple[str, ...], str, str, str] | None = None
    told: tuple[str, str] = ("", "")
    blocks: tuple[Block, ...] = ()
    names: tuple[str, ...] = ()
    params: dict[str, Choice] = field(default_factory=dict)
    imports: tuple[str, ...] = ()
    empty: Any = None
    defaults: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()
    weight: float = 1.0
    sampled: bool = True
    notes: tuple[str, ...] = ()


SPECS: dict[str, Spec] = {}


def whole(
    id: str,
    takes: Callable[[Ty], bool],
    gives: Callable[[Ty], Ty],
    exprs: tuple[str, ...],
    says: tuple[str, ...],
    nps: tuple[str, ...],
    flags: str = "",
    **more: Any,
) -> None:
    """Register an operation."""
    assert id not in SPECS, id
    SPECS[id] = Spec(id, takes, gives, exprs, says, nps, flags=frozenset(flags.split()), **more)


def algo(
    id: str,
    takes: Callable[[Ty], bool],
    gives: Callable[[Ty], Ty],
    nps: tuple[str, ...],
    *blocks: tuple[str, ...],
    **more: Any,
) -> None:
    """Register an algorithm: noun phrases, and blocks of a code and the steps of its plan."""
    made = tuple(Block(code, tuple(steps)) for code, *steps in blocks)
    exprs, says, flags = more.pop("exprs", ()), more.pop("says", ()), more.pop("flags", "end")
    whole(id, takes, gives, exprs, says, nps, flags, blocks=made, **more)


def grid_whole(
    id: str,
    takes: Callable[[Ty], bool],
    gives: Callable[[Ty], Ty],
    exprs: tuple[str, ...],
    says: tuple[str, ...],
    nps: tuple[str, ...],
    flags: str = "",
    **more: Any,
) -> None:
    """Register an operation that speaks of the grid and not of its rows."""
    by_rows = id in ("rows_by_sum", "row_all", "row_spread")
    whole(id, takes, gives, exprs, says, nps, flags if by_rows else f"{flags} asgrid", **more)


@dataclass(frozen=True)
class Whole:
    """A registered operation with its parameters; `policy` says what an empty value does."""

    spec: Spec
    params: dict[str, Param]
    variant: int
    policy: str = ""

    @property
    def id(self) -> str:
        return self.spec.id

    @property
    def prims(self) -> tuple[str, ...]:
        extra = {"raise": ("raise_on_empty",), "default": ("default_on_empty",)}.get(
            self.policy, ()
        )
        return (self.spec.id, *extra)

    @property
    def imports(self) -> tuple[str, ...]:
        return self.spec.imports

    def _noun(self, noun: Noun) -> Noun:
        text = self.spec.noun
        if not text:
            return noun
        if text == "one":
            return noun.one()
        if text.startswith("="):
            key, val = (
                noun.key or Noun("key", "keys"),
                noun.val or Noun("value", "values"),
            )
            made = {
                "=K": key.one(),
                "=Ks": replace(key, plural=True),
                "=V": val.one(),
                "=Vs": replace(val, plural=True),
            }
            if text in made:
                return made[text]
            if text == "=swap":
                return replace(noun, key=val, val=key)
            if text == "=count":
                return Noun("dictionary", "dictionaries", False, noun, Noun("count", "counts"))
            return Noun(
                "dictionary",
                "dictionaries",
                False,
                noun,
                Noun(text[1:].partition("|")[0], text.partition("|")[2]),
            )
        sg, pl, plural = text.split("|")
        return Noun(sg, pl, plural == "many")

    def after(self, state: State) -> State:
        ty = self.spec.gives(state.ty)
        noun = self._noun(state.noun)
        same = ty == state.ty or state.ty.of == ty
        sample = state.sample if same and self.spec.sampled else None
        keep = state.tags if ty == state.ty else frozenset()
        own = self.spec.flags & {"sorted", "distinct", "reversed", "end"}
        return State(ty, noun, sample, False, frozenset(keep | own | {self.spec.id}))

    def _suffix(self, rng: Random) -> str:
        if self.policy != "default":
            return ""
        value = repr(self.spec.empty)
        return rng.choice(
            (
                f" ({value} if there are none)",
                f", or {value} if there are none",
                f" ({value} when empty)",
            )
        )

    def _nouns(self, noun: Noun) -> dict[str, str]:
        key, val = noun.key or Noun("key", "keys"), noun.val or Noun("value", "values")
        return {
            "h": noun.pl,
            "s": noun.sg,
            "K": key.sg,
            "Ks": key.pl,
            "V": val.sg,
            "Vs": val.pl,
        }

    def np(self, np: NP, rng: Random) -> NP:
        template = number_form(say_params(rng.choice(self.spec.nps), self.params), np.noun.plural)
        inner = _as_grid(np, rng) if "asgrid" in self.spec.flags else np.text()
        text = put(template, {"np": inner, **self._nouns(np.noun)})
        clause = text[8:] if text.startswith("whether ") else ""
        return replace(wrapped(self._noun(np.noun), text + self._suffix(rng)), clause=clause)

    def say(self, ref: Ref, noun: Noun, rng: Random) -> str:
        if not self.spec.says:
            verb = (
                "check"
                if self.spec.noun.startswith("answer")
                else rng.choice(("compute", "find", "work out"))
            )
            text = f"{verb} {self.np(NP(noun, bare=ref.o, deep=True), rng).text()}"
            return re.sub(r"\b(whether|which) them\b", r"\1 they", text)
        slots = {**self._nouns(noun), **ref.slots()}
        if "asgrid" in self.spec.flags:
            slots["o"] = _as_grid(ref.phrase, rng) if ref.phrase else rng.choice(("the grid", "it"))
        text = put(rng.choice(self.spec.says), slots)
        text = re.sub(r"\b(whether|which) them\b", r"\1 they", text)
        text = re.sub(r"\b(add|sum) up (them|it|the results)\b", r"\1 \2 up", text)
        return say_params(number_form(text, ref.many), self.params) + self._suffix(rng)

    def emit(self, body: Body, val: Val) -> Val:
        for line in self.imports:
            body.need(line)
        noun = self._noun(val.noun)
        ty = self.spec.gives(val.ty)
        params = {k: p.code for k, p in self.params.items()}
        if self.policy == "raise":
            val = self._guard(body, val)
        if self.spec.blocks and (not self.spec.exprs or body.loop) and self.policy != "default":
            return Val(ty, self._block(body, val, params), noun, True)
        if body.loop and self.spec.loop and self.policy != "default" and body.rng.random() < 0.85:
            return Val(ty, self._loop(body, val, params), noun, True)
        if not self.spec.exprs:
            raise KeyError(self.id)
        exprs = self.spec.defaults if self.policy == "default" else self.spec.exprs
        template = exprs[self.variant % len(exprs)]
        slots = dict(params)
        if self.policy == "default":
            slots["d"] = literal(self.spec.empty)
        if uses(template, "g"):
            seq = body.seq(val)
            text = comprehension(seq.src.text) if seq.trivial else body.inner(seq)
            alone = template.replace(" ", "").count("$g)") > 0
            plain = seq.trivial and text == seq.src.text
            slots["g"] = E(text if plain or alone else f"({text})")
        if uses(template, "l"):
            written = body.list(val)
            if not written.is_name and (
                uses(template, "l") > 1 or len(written.text) > 52 or body.nest < 0.35
            ):
                written = body.bind(written, *_hints(val.noun))
            slots["l"] = written
        return Val(ty, fill(template, **slots), noun, True)

    def _loop(self, body: Body, val: Val, params: dict[str, E]) -> E:
        assert self.spec.loop is not None
        names, start, update, result = self.spec.loop
        seq = body.seq(val)
        name = body.name(*names)
        body.line(f"{name} = {start}")
        with body.over(seq) as element:
            x = element
            if uses(update, "x") > 1 and not x.is_name and len(x.text) > 8:
                x = body.bind(x, val.noun.sg.split()[-1], "value", "current")
            head, colon, rest = update.partition(": ")
            slots = {"acc": E(name), "x": x, **params}
            if head.startswith("if ") and colon:
                with body.block(_line(head + ":", slots)):
                    body.line(_line(rest, slots))
            else:
                body.line(_line(update, slots))
        before, each = self.spec.told
        if before:
            when = f" {seq.when}" if seq.when else ""
            body.say(before)
            if seq.it == "it" and not when:
                body.say(put(each, {"it": f"every {seq.each}"}))
                return fill(result, acc=E(name), **params)
            body.say(
                f"for each {seq.each}{when}, {put(each, {'it': seq.it})}",
                f"go through the data and {put(each, {'it': seq.it})} for every {seq.each}{when}",
            )
        return fill(result, acc=E(name), **params)

    def _block(self, body: Body, val: Val, params: dict[str, E]) -> E:
        block = self.spec.blocks[self.variant % len(self.spec.blocks)]
        written = body.list(val)
        body.detailed = True
        if not written.is_name:
            written = body.bind(written, *_hints(val.noun))
        var = body.var(val.noun, val.ty.of) if val.ty.of else "x"
        slots = {**params, "l": written, "v": E(var), "f": E(body.function)}
        own = set(
            re.findall(
                r"(?:^|\n) *(?:for )?([a-z_]+)(?:, ([a-z_]+))* (?:=|in|\+=) ",
                block.code,
            )
        )
        if {name for pair in own for name in pair if name} & body.taken:
            raise KeyError("a name of the block is taken")
        lines = block.code.strip("\n").split("\n")
        for line in lines[:-1]:
            body.lines.append("    " + _line(line, slots) if line.strip() else "")
        last = lines[-1]
        if "$r" in block.code or not last.startswith("=> "):
            raise KeyError(self.id)
        words = {**self._nouns(val.noun), "l": written.text, "v": var}
        for step in block.steps:
            body.say(say_params(put(step, words), self.params))
        return fill(last[3:], **slots)

    def _guard(self, body: Body, val: Val) -> Val:
        written = body.list(val)
        if not written.is_name:
            written = body.bind(written, *_hints(val.noun))
        plural = val.noun.pl if val.noun.plural else val.noun.sg
        with body.block(f"if not {written.text}:"):
            body.line(f"raise ValueError('no {plural.replace(chr(39), '')}')")
        body.say(
            f"raise ValueError if there are no {plural}",
            f"if there are no {plural}, raise a ValueError",
            "refuse an empty input with a ValueError",
        )
        body.told = False
        return replace(val, code=written)

    def note(self, noun: Noun, rng: Random) -> str:
        """What to add at the end of a docstring."""
        if self.spec.notes:
            return say_params(put(rng.choice(self.spec.notes), self._nouns(noun)), self.params)
        if self.policy != "raise":
            return ""
        return rng.choice(
            (
                f"Raise ValueError if there are no {noun.pl}.",
                f"Raises ValueError when there are no {noun.pl}.",
                f"If there are no {noun.pl}, raise a ValueError.",
                f"A ValueError is raised if there are no {noun.pl}.",
            )
        )

    def name(self, inner: str, rng: Random, noun: Noun | None = None) -> str:
        names = self.spec.names or (f"{self.spec.id}_$n",)
        key = {k: v.replace(" ", "_") for k, v in self._nouns(noun or Noun(inner, inner)).items()}
        text = rng.choice(names)
        for slot, word in {**key, "n": inner}.items():
            text = re.sub(rf"\${slot}(?![a-zA-Z])", word, text)
        return text


def _as_grid(np: NP, rng: Random) -> str:
    """A grid called by its own name instead of by its rows."""
    if np.deep:
        return np.text()
    name = re.search("\x01\\w+\x02", np.text())
    if name is None:
        return rng.choice(("the grid", "the given grid", "the grid"))
    return rng.choice((name[0], name[0], f"the grid {name[0]}"))


def _hints(noun: Noun) -> tuple[str, ...]:
    if noun.plural:
        return list_names(noun)
    if noun.key is not None and noun.val is not None:
        return (noun.val.pl.split()[-1], "totals", "result", "mapping")
    return (
        noun.sg.split()[-1].replace("-", "_"),
        "value",
        "current",
        "changed",
        "result",
    )


def _line(template: str, slots: dict[str, E]) -> str:
    return re.sub(r"\$(\w+)", lambda m: slots[m[1]].text if m[1] in slots else m[0], template)
