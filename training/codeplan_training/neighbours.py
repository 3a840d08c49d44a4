"""Neighbours of training problems: what stands as worked examples before a rendering.

They are found as search finds them (codeplan_model.memory), and are never the problem itself or a
near duplicate of it, so that a student learns to adapt and not to copy. Only training problems are
ever neighbours.
"""

from __future__ import annotations

import hashlib
import json
import random
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from codeplan_model.memory import Entry, Store, arguments_in, nearest
from codeplan_model.prompts import Worked, codeplan1, fitting
from codeplan_model.values import Example, ExampleKind, Span, Task
from codeplan_training import duplicates
from codeplan_training.problems import Problem

KEPT = 4
"""Neighbours that are kept of each problem; a rendering draws from them, the nearest most often."""
_LOOKED_AT = 24
_EXAMPLES, _LONGEST_EXAMPLE = 2, 120
_WEIGHTS = (8, 4, 2, 1)
_TWO = 0.3
_DRAWS = 16


def entries(problems: Iterable[Problem]) -> list[Entry]:
    """The problems as the memory holds them: one entry a program."""
    return [
        Entry(
            p.entry_point, p.signature, p.wordings, s.steps, s.code, p.id, p.licence, _examples(p)
        )
        for p in problems
        for s in p.solutions
    ]


def task_of(problem: Problem) -> Task:
    """The problem as search is asked for it, in its first wording."""
    examples = tuple(
        Example(call, want, ExampleKind.DOCTEST, "", 0, "") for call, want in _examples(problem)
    )
    return Task(
        problem.entry_point,
        problem.signature,
        problem.wordings[0],
        "",
        "",
        Span(0, 0),
        examples=examples,
    )


def of_problems(
    problems: Sequence[Problem],
    training: Sequence[Problem],
    cache: Path | None = None,
    twins: Mapping[str, frozenset[str]] | None = None,
) -> dict[str, list[str]]:
    """Ids of the nearest training problems of each problem, by its id, the nearest first.

    twins: problems that are known to be the same function, and left out. cache: a file that keeps
    the answer for these very problems; read when it fits, else written.
    """
    twins = twins or {}
    key = _key(problems, training, twins)
    if cache is not None and cache.is_file():
        try:
            saved = json.loads(cache.read_text(encoding="utf-8"))
            if saved["key"] == key:
                return saved["neighbours"]
        except (ValueError, KeyError, TypeError):
            pass  # a damaged cache is made again
    found = _retrieved(problems, training, twins)
    if cache is not None:
        cache.parent.mkdir(parents=True, exist_ok=True)
        partial = cache.with_name(cache.name + ".partial")
        partial.write_text(json.dumps({"key": key, "neighbours": found}), encoding="utf-8")
        partial.replace(cache)
    return found


def shown(nearest_first: Sequence[Problem], rng: random.Random) -> list[tuple[Worked, ...]]:
    """Worked examples for one rendering: one or two problems, in forms from the largest down.

    The texts after the first are for where it doesn't fit beside the rendering.
    """
    places = list(range(len(nearest_first)))
    chosen: list[int] = []
    for _ in range(2 if rng.random() < _TWO else 1):
        if places:
            place = rng.choices(places, [_WEIGHTS[place] for place in places])[0]
            places.remove(place)
            chosen.append(place)
    drawn: list[Worked] = []
    for problem in (nearest_first[place] for place in sorted(chosen)):
        solution = rng.choice(problem.solutions)
        wording = rng.choice(problem.wordings)
        drawn.append(Worked(problem.signature, wording, solution.steps, solution.code))
    bare = [Worked(w.signature, w.docstring, (), w.code) for w in drawn]
    forms: list[tuple[Worked, ...]] = []
    for choice in (drawn, bare, bare[:1]):
        form = fitting(choice, 2, codeplan1.MAX_WORKED)
        if form and form not in forms:
            forms.append(form)
    return forms


class Siblings:
    """Composed problems by their operations, to find one that shares some but is another.

    ops: the operations of each problem, in the order of `problems`.
    """

    def __init__(self, problems: Sequence[Problem], ops: Sequence[Sequence[str]]) -> None:
        self.problems = problems
        self.ops = [frozenset(names) for names in ops]
        self.arities = [len(arguments_in(problem.signature)) for problem in problems]
        self.holders: dict[str, list[int]] = {}
        for index, names in enumerate(self.ops):
            for name in names:
                self.holders.setdefault(name, []).append(index)

    def of(self, index: int, rng: random.Random) -> list[Problem]:
        """Up to two others of as many arguments, those with the most operations in common first."""
        names = sorted(self.ops[index])
        arity = self.arities[index]
        drawn = {rng.choice(self.holders[rng.choice(names)]) for _ in range(_DRAWS)} - {index}
        by_likeness = sorted(
            drawn,
            key=lambda i: (
                self.arities[i] != arity,
                -len(self.ops[i] & self.ops[index]) / len(self.ops[i] | self.ops[index]),
                i,
            ),
        )
        mine = _print_of(self.problems[index])
        kept: list[Problem] = []
        for other in by_likeness:
            if len(kept) == 2:
                break
            if not duplicates.near(mine, _print_of(self.problems[other])):
                kept.append(self.problems[other])
        return kept


def _examples(problem: Problem) -> tuple[tuple[str, str], ...]:
    """A few short ones: they show the kinds of the arguments and say what the function does."""
    short = [
        (e.call, e.want)
        for e in problem.examples
        if len(e.call) + len(e.want) <= _LONGEST_EXAMPLE and not e.want.startswith("raises ")
    ]
    return tuple(short[:_EXAMPLES])


def _retrieved(
    problems: Sequence[Problem],
    training: Sequence[Problem],
    twins: Mapping[str, frozenset[str]],
) -> dict[str, list[str]]:
    by_id = {p.id: p for p in training}
    prints = {p.id: _print_of(p) for p in training}
    found: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "all.sqlite") as store:
        store.add(entries(by_id.values()))
        for problem in problems:
            mine = prints.get(problem.id) or _print_of(problem)
            same = twins.get(problem.id, frozenset())
            near: dict[str, None] = {}
            for entry in nearest(task_of(problem), [store], _LOOKED_AT):
                if len(near) == KEPT:
                    break
                if entry.origin in near or entry.origin in same:
                    continue
                if not duplicates.near(mine, prints[entry.origin]):
                    near[entry.origin] = None
            found[problem.id] = list(near)
    return found


def _print_of(problem: Problem) -> duplicates.Print:
    return duplicates.fingerprint(
        problem.entry_point,
        problem.signature,
        problem.wordings,
        [s.code for s in problem.solutions],
    )


def _key(
    problems: Sequence[Problem],
    training: Sequence[Problem],
    twins: Mapping[str, frozenset[str]],
) -> str:
    digest = hashlib.sha256(f"5 {KEPT} {sorted((k, sorted(v)) for k, v in twins.items())}".encode())
    for problem in (*problems, *training):
        digest.update(repr(problem).encode())
    return digest.hexdigest()
