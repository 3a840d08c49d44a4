"""Near-duplicates between two sets of problems, by word n-grams of their statements and programs.

What is reported is similarity, not copying: a short statement ("Return the sum") has few n-grams.
Whether two given problems are the same task is told by duplicates.py.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from codeplan_training.duplicates import grams
from codeplan_training.problems import Problem

_WORD = re.compile(r"[a-z0-9]+")
_TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Match:
    """problem, other: ids. part: "statement" or "code". share: of the problem's n-grams that the
    other one holds as well, above 0 to 1."""

    problem: str
    other: str
    part: str
    share: float


def duplicates(
    problems: Sequence[Problem],
    others: Sequence[Problem],
    *,
    n: int = 4,
    code_n: int = 10,
    threshold: float = 0.5,
) -> Iterator[Match]:
    """For each problem and part the nearest other problem, where it reaches the threshold.

    n: words of a statement's n-gram; code_n: tokens of a program's. A problem is not compared with
    the one of its own id, so that a set can be compared with itself.
    """
    for part, size, texts in (("statement", n, _statement), ("code", code_n, _programs)):
        index: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for other in others:
            for gram in _grams(texts(other), size):
                index[gram].add(other.id)
        for problem in problems:
            own = _grams(texts(problem), size)
            shared = Counter(
                other for gram in own for other in index.get(gram, ()) if other != problem.id
            )
            if not shared:
                continue
            other, count = min(shared.items(), key=lambda item: (-item[1], item[0]))
            if count / len(own) >= threshold:
                yield Match(problem.id, other, part, count / len(own))


def without_duplicates(problems: Iterable[Problem], matches: Iterable[Match]) -> Iterator[Problem]:
    """The problems that have no match."""
    matched = {match.problem for match in matches}
    return (problem for problem in problems if problem.id not in matched)


def _statement(problem: Problem) -> list[list[str]]:
    return [_WORD.findall(problem.wordings[0].lower())]


def _programs(problem: Problem) -> list[list[str]]:
    return [_TOKEN.findall(solution.code) for solution in problem.solutions]


def _grams(texts: list[list[str]], size: int) -> set[tuple[str, ...]]:
    return {gram for words in texts for gram in grams(tuple(words), size)}
