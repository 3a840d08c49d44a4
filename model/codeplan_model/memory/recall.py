"""From a Task to what is remembered that may help: nearest solved problems, adapted programs.

An adapted program is a candidate like any other: only the file's examples can let it in.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from codeplan_model.memory.rewrite import literals_in, rewrite
from codeplan_model.memory.store import Entry, Store, name_parts
from codeplan_model.prompts import Worked, fitting
from codeplan_model.values import Candidate, ExampleKind, Plan, Task

SHIPPED = Path(__file__).with_name("shipped.sqlite")
"""The read-only store that comes with codeplan, built by `codeplan-train memory`."""

NEIGHBOURS = 20
WORKED = 2
"""Worked examples before a problem: as many as a student is trained with."""
_FETCHED = 60
_STOP = frozenset(
    """a an and any are as at be by def each every for from function given has have if in into is
    it its of on one or return returned returns self such that the their them then there this to
    which with when where whose write you your will was were not none str int list dict float bool
    tuple set all""".split()
)


def open_shipped() -> list[Store]:
    """The shipped store; an empty list when this installation has none. Raises StoreError."""
    return [Store(SHIPPED, read_only=True)] if SHIPPED.is_file() else []


def nearest(task: Task, stores: Sequence[Store], limit: int = NEIGHBOURS) -> list[Entry]:
    """The remembered problems that are most like this one and take as many arguments."""
    wanted = len(arguments_of(task))
    words = [word for word in _query(task) if word not in _STOP and len(word) > 1]
    found: list[Entry] = []
    for store in stores:
        fitting = [
            e for e in store.search(words, _FETCHED) if len(arguments_in(e.signature)) == wanted
        ]
        found += fitting[:limit]
    return found[:limit]


def adapted(task: Task, entries: Sequence[Entry]) -> Iterator[Candidate]:
    """Programs of these entries made the task's: its arguments, its name, its literals.

    Literals that stand in both descriptions ("longer than 3", "separated by ';'") are exchanged.
    Where there are two or three arguments, other orders are tried after the given one.
    """
    mine = arguments_of(task)
    literals = literals_in(_prose(task))
    seen: set[str] = set()
    orders = list(itertools.permutations(range(len(mine)))) if 2 <= len(mine) <= 3 else [None]
    for order in orders:
        for entry in entries:
            targets = mine if order is None else [mine[i] for i in order]
            names = dict(zip(arguments_in(entry.signature), targets, strict=True))
            names[entry.name] = task.name
            for exchange in (*_exchanges(entry, literals), {}):
                body = rewrite(entry.code, names, exchange)
                if body is None or body in seen:
                    continue
                seen.add(body)
                plan = Plan(entry.steps, origin="memory") if entry.steps else None
                yield Candidate(body, plan, origin="adapted")


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
    return fitting(problems[:most], most, characters)


def arguments_of(task: Task) -> list[str]:
    """What the function can work on: attributes that its docstring names, then its arguments."""
    attributes = dict.fromkeys(re.findall(r"\bself\.[a-z_]\w*", _prose(task)))
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


def _prose(task: Task) -> str:
    """The docstring up to its first example."""
    lines = task.docstring.split("\n")
    return " ".join(itertools.takewhile(lambda line: not line.lstrip().startswith(">>>"), lines))


def _query(task: Task) -> list[str]:
    words = name_parts(_prose(task)) + name_parts(task.name) + name_parts(task.header)
    if not task.docstring:
        for example in task.examples:
            if example.kind is ExampleKind.ASSERT:
                words += name_parts(example.source)
    return words


def arguments_in(header: str) -> list[str]:
    """Names of the arguments of a `def` line, without self and cls; [] when it can't be read."""
    try:
        node = ast.parse(header.strip() + "\n    pass").body[0]
    except (SyntaxError, ValueError, IndexError):
        return []
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return []
    every = [*node.args.posonlyargs, *node.args.args]
    names = [argument.arg for argument in every]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names
