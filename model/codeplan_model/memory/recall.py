"""From a Task to what is remembered that may help: nearest solved problems, adapted programs.

An adapted program is a candidate like any other: only the file's examples can let it in.
"""

from __future__ import annotations

import ast
import itertools
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from codeplan_model.memory.entries import Entry
from codeplan_model.memory.kinds import kinds, likeness
from codeplan_model.memory.places import SHIPPED
from codeplan_model.memory.rewrite import literals_in, rewrite
from codeplan_model.memory.store import Store
from codeplan_model.memory.words import stems
from codeplan_model.prompts import Worked, fitting
from codeplan_model.values import Candidate, Example, ExampleKind, Plan, Task

NEIGHBOURS = 30
WORKED = 2
"""Worked examples before a problem: as many as a student is trained with."""
_FETCHED = 100
_SPARE = 2
_OTHER_ORDER = 12
"""Arguments in another order are tried behind the next so many problems in the given one."""
_OTHER_KINDS = 24
"""The same where kinds of arguments disagree."""
_KINDS_WEIGH = 0.25
"""How much a signature that agrees or disagrees adds to or takes from a problem's BM25 score."""
_OWN_WEIGHS = 1.2
"""The user's own functions count for a little more: they carry the user's conventions."""
_K1, _B, _USUAL_WORDS = 1.2, 0.75, 25


def nearest(task: Task, stores: Sequence[Store], limit: int = NEIGHBOURS) -> list[Entry]:
    """The remembered problems that are most like this one and can take its arguments.

    Each store gives its best by BM25; these are scored again with the counts of all stores, and by
    how well the kinds of arguments and result agree.
    """
    terms = list(dict.fromkeys(_query(task)))
    wanted, optional = len(arguments_of(task)), len(defaults_in(task.header))
    found = [
        (hit.entry, 1.0 if store.path == SHIPPED else _OWN_WEIGHS)
        for store in stores
        for hit in store.found(terms, max(limit, _FETCHED))
        if _can_take(hit.entry, wanted, optional)
    ]
    weights = _weights(terms, stores)
    mine = kinds(task.header, [_call(e) for e in task.examples])

    def score(hit: tuple[Entry, float]) -> float:
        entry, weight = hit
        agreement = likeness(mine, kinds(entry.signature, entry.examples))
        return weight * _bm25(entry.words, weights) * (1 + _KINDS_WEIGH * agreement)

    # Equal ones stay in the order of the stores.
    return [entry for entry, _ in sorted(found, key=score, reverse=True)[:limit]]


def adapted(task: Task, entries: Sequence[Entry]) -> Iterator[Candidate]:
    """Programs of these entries made the task's: its arguments, its name, its literals.

    Literals that stand in both descriptions ("longer than 3", "separated by ';'") are exchanged.
    Where there are two or three arguments, other orders are tried as well, somewhat later.
    Arguments that only the entry has keep their defaults.
    """
    literals = literals_in(prose(task))
    seen: set[str] = set()
    for entry, targets in _fitted(task, entries):
        given = arguments_in(entry.signature)
        names = dict(zip(given, targets, strict=False))
        names[entry.name] = task.name
        defaults = defaults_in(entry.signature)
        lines = [f"    {name} = {defaults[name]}\n" for name in given[len(targets) :]]
        code = "".join(lines) + entry.code
        for exchange in (*_exchanges(entry, literals), {}):
            body = rewrite(code, names, exchange)
            if body is None or body in seen:
                continue
            seen.add(body)
            plan = Plan(entry.steps, origin="memory") if entry.steps else None
            yield Candidate(body, plan, origin="adapted")


def _fitted(task: Task, entries: Sequence[Entry]) -> list[tuple[Entry, list[str]]]:
    """Entries with the task's arguments that their first ones become, the likeliest first."""
    mine = arguments_of(task)
    my_kinds = kinds(task.header, [_call(e) for e in task.examples])[:-1]
    found: list[tuple[int, Entry, list[str]]] = []
    optional = len(defaults_in(task.header))
    for rank, entry in enumerate(entries):
        if not _can_take(entry, len(mine), optional):
            continue
        theirs = kinds(entry.signature, entry.examples)[:-1]
        taken = min(len(mine), len(arguments_in(entry.signature)))
        orders = itertools.permutations(range(taken)) if 2 <= taken <= 3 else [tuple(range(taken))]
        for order in orders:
            place = rank + _OTHER_ORDER * (order != tuple(range(taken)))
            if len(my_kinds) == len(mine):
                agree = likeness([my_kinds[i] for i in order], theirs[:taken])
                place += _OTHER_KINDS * (agree < 0)
            found.append((place, entry, [mine[i] for i in order]))
    return [(entry, targets) for _, entry, targets in sorted(found, key=lambda f: f[0])]


def _can_take(entry: Entry, wanted: int, optional: int) -> bool:
    """Whether arguments agree in number, but for those that either side may leave out."""
    theirs = len(arguments_in(entry.signature))
    if theirs < wanted:
        return theirs >= max(1, wanted - optional)
    return theirs - len(defaults_in(entry.signature)) <= wanted


def worked_examples(
    entries: Sequence[Entry], most: int = WORKED, characters: int = 900
) -> tuple[Worked, ...]:
    """The nearest of these as they stand in a prompt, each problem once, the nearest last."""
    seen: set[tuple[str, str]] = set()
    problems: list[Worked] = []
    for entry in entries:
        if (entry.origin, entry.signature) not in seen and entry.wordings:
            seen.add((entry.origin, entry.signature))
            problems.append(Worked(entry.signature, entry.wordings[0], entry.steps, entry.code))
    # A problem that is too long gives its place to the next one.
    return fitting(problems[: most + _SPARE], most, characters)


def arguments_of(task: Task) -> list[str]:
    """What the function can work on: attributes that its docstring names, then its arguments."""
    attributes = dict.fromkeys(re.findall(r"\bself\.[a-z_]\w*", prose(task)))
    return [*attributes, *arguments_in(task.header)]


def _exchanges(entry: Entry, literals: Sequence[object]) -> list[dict[object, object]]:
    found: list[dict[object, object]] = []
    for wording in entry.wordings:
        theirs = literals_in(wording)
        if theirs and len(theirs) == len(literals) and theirs != list(literals):
            exchange = dict(zip(theirs, literals, strict=True))
            if exchange not in found:
                found.append(exchange)
    return found


def prose(task: Task) -> str:
    """The docstring up to its first example."""
    lines = task.docstring.split("\n")
    return " ".join(itertools.takewhile(lambda line: not line.lstrip().startswith(">>>"), lines))


def _query(task: Task) -> list[str]:
    words = stems(f"{prose(task)} {task.name} {task.header}")
    if not task.docstring:
        for example in task.examples:
            if example.kind is ExampleKind.ASSERT:
                words += stems(example.source)
    return words


def _weights(terms: Sequence[str], stores: Sequence[Store]) -> dict[str, float]:
    """How much each word tells: its inverse frequency over all stores."""
    counts: Counter[str] = Counter()
    total = 0
    for store in stores:
        counts.update(store.frequencies(terms))
        total += store.size
    return {
        term: math.log(1 + (max(total - counts[term], 0) + 0.5) / (counts[term] + 0.5))
        for term in terms
    }


def _bm25(words: Sequence[str], weights: dict[str, float]) -> float:
    """Okapi BM25 of a text (Robertson and Zaragoza 2009) with an assumed usual length."""
    counts = Counter(words)
    length = 1 - _B + _B * len(words) / _USUAL_WORDS
    return sum(
        weight * counts[term] * (_K1 + 1) / (counts[term] + _K1 * length)
        for term, weight in weights.items()
        if counts[term]
    )


def _call(example: Example) -> tuple[str, str]:
    """(call, result) of an example, as far as one line shows them."""
    if example.kind is ExampleKind.ASSERT:
        call, _, want = example.source.strip().removeprefix("assert ").partition(" == ")
        return call, want
    return example.source.strip(), example.want.strip()


def arguments_in(header: str) -> list[str]:
    """Names of the arguments of a `def` line, without self and cls; [] when it can't be read."""
    node = _parsed(header)
    if node is None:
        return []
    names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def defaults_in(header: str) -> dict[str, str]:
    """Arguments of a `def` line that have a default, with its source."""
    node = _parsed(header)
    if node is None or not node.args.defaults:
        return {}
    last = [*node.args.posonlyargs, *node.args.args][-len(node.args.defaults) :]
    return {
        argument.arg: ast.unparse(default)
        for argument, default in zip(last, node.args.defaults, strict=True)
    }


def _parsed(header: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    try:
        node = ast.parse(header.strip() + "\n    pass").body[0]
    except (SyntaxError, ValueError, IndexError):
        return None
    return node if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else None
