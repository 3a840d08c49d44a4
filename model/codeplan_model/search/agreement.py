"""Agreement of candidates on generated inputs (CodeT, arXiv 2207.10397).

Calls are made by varying the literals of the examples' calls, or from the type hints when there
are no examples; every candidate answers them in the sandbox; those with the same answers agree.
"""

from __future__ import annotations

import ast
import random
from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from dataclasses import replace
from typing import Any, Protocol

from codeplan_model.generation import CancelToken
from codeplan_model.values import Candidate, Example, ExampleKind, Task, Verdict

MAX_CALLS = 8


class Described(Protocol):
    """A sandbox level."""

    def describe(self) -> str: ...


class Judge(Protocol):
    """What the search needs of the sandbox."""

    @property
    def level(self) -> Described: ...

    def warm(self, task: Task) -> None:
        """Candidates of this task will come soon: get ready, without keeping anybody waiting."""
        ...

    def judge(
        self, task: Task, candidate: Candidate, *, cancel: CancelToken | None = None
    ) -> Verdict: ...

    def judge_many(
        self, task: Task, candidates: Iterable[Candidate], *, cancel: CancelToken | None = None
    ) -> Generator[Verdict, None, None]:
        """Verdicts in the candidates' order; several are judged at once. Candidates are pulled a
        few ahead; closing ends what runs."""
        ...


def agreement(
    task: Task,
    candidates: Sequence[Candidate],
    judge: Judge,
    seed: int,
    cancel: CancelToken | None = None,
) -> dict[str, int]:
    """completion -> how many of these candidates give the same answers to generated calls."""
    calls = generated_calls(task, seed)
    if not calls or len(candidates) < 2:
        return {candidate.completion: 1 for candidate in candidates}
    asked = replace(task, examples=tuple(calls))
    behaviour: dict[str, tuple[str, ...]] = {}
    for verdict in judge.judge_many(asked, candidates, cancel=cancel):
        # What was expected is "" for every call: `got` is the behaviour, the status says nothing.
        behaviour[verdict.candidate.completion] = tuple(r.got for r in verdict.results)
    sizes = Counter(behaviour.values())
    return {completion: sizes[answers] for completion, answers in behaviour.items()}


def generated_calls(task: Task, seed: int) -> list[Example]:
    """Up to MAX_CALLS calls of the function that are not among its examples."""
    rng = random.Random(f"{seed}:{task.entry_point}")
    seen = {example.source.strip() for example in task.examples}
    calls: list[str] = []
    known = _example_calls(task)
    for _ in range(MAX_CALLS * 6):
        if len(calls) == MAX_CALLS:
            break
        if known:
            name, arguments = rng.choice(known)
            values = [_vary(value, rng) for value in arguments]
        else:
            name = task.name
            made = _from_hints(task.header, rng)
            if made is None:
                return []
            values = made
        call = f"{name}({', '.join(map(repr, values))})"
        if call not in seen:
            seen.add(call)
            calls.append(call)
    return [
        Example(call + "\n", "", ExampleKind.DOCTEST, "generated", 0, f"generated {i}")
        for i, call in enumerate(calls)
    ]


def _example_calls(task: Task) -> list[tuple[str, list[Any]]]:
    found: list[tuple[str, list[Any]]] = []
    for example in task.examples:
        if example.kind is ExampleKind.TEST:
            continue
        try:
            tree = ast.parse(example.source.strip())
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id != task.name or node.keywords:
                continue
            try:
                found.append((task.name, [ast.literal_eval(argument) for argument in node.args]))
            except (ValueError, TypeError, MemoryError, RecursionError):
                continue
    return found


def _vary(value: Any, rng: random.Random) -> Any:
    """A value of the same type near this one."""
    match value:
        case bool():
            return rng.random() < 0.5
        case int():
            return rng.choice((value, value + 1, value - 1, value * 2, rng.randint(0, 20)))
        case float():
            return rng.choice((value, value + 0.5, value * 2, 0.0))
        case str():
            return _vary_text(value, rng)
        case list() | tuple():
            items = [_vary(item, rng) if rng.random() < 0.5 else item for item in value]
            change = rng.random()
            if items and change < 0.3:
                items.pop(rng.randrange(len(items)))
            elif items and change < 0.6:
                items.insert(rng.randrange(len(items) + 1), rng.choice(items))
            elif change < 0.8:
                rng.shuffle(items)
            # A tuple's length is often part of its meaning.
            return items if isinstance(value, list) else tuple(items[: len(value)] or value)
        case dict():
            return {key: _vary(item, rng) for key, item in value.items() if rng.random() < 0.8}
        case set():
            return {_vary(item, rng) for item in value}
    return value


def _vary_text(text: str, rng: random.Random) -> str:
    if not text:
        return rng.choice(("a", "Ab c", "x1"))
    at = rng.randrange(len(text))
    change = rng.random()
    if change < 0.25:
        return text[:at] + text[at + 1 :]
    if change < 0.5:
        return text[:at] + text[at] + text[at:]
    if change < 0.7:
        return text.swapcase()
    return text[at:] + text[:at]


_BY_HINT: dict[str, tuple[Any, ...]] = {
    "int": (0, 1, 2, 3, 7, 12, -4),
    "float": (0.0, 1.5, 2.0, -3.25),
    "str": ("", "a", "hello world", "Ab, c1", "level"),
    "bool": (True, False),
    "list": ([], [1], [3, 1, 2, 3]),
    "list[int]": ([], [1], [3, 1, 2, 3], [-1, 5, 0]),
    "list[float]": ([], [1.5], [2.0, 0.5, 3.0]),
    "list[str]": ([], ["b"], ["pear", "fig", "apple", "fig"]),
    "dict": ({}, {"a": 1, "b": 2}),
    "dict[str, int]": ({}, {"a": 1, "b": 2}),
}


def _from_hints(header: str, rng: random.Random) -> list[Any] | None:
    try:
        node = ast.parse(header + "\n    pass").body[0]
    except (SyntaxError, ValueError, IndexError):
        return None
    if not isinstance(node, ast.FunctionDef):
        return None
    values: list[Any] = []
    for argument in node.args.args:
        hint = ast.unparse(argument.annotation) if argument.annotation else ""
        if hint not in _BY_HINT:
            return None
        values.append(rng.choice(_BY_HINT[hint]))
    return values
