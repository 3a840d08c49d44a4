"""Training texts that hold a piece of a held-out solution, or a held-out statement, are left out.

Looked at is the text as the model would read it, wherever it comes from: exercise, composed problem
or library function. Which problems are never read at all is decided by problems.py and corpus.py.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from codeplan_training import readers
from codeplan_training.duplicates import grams
from codeplan_training.render import Sample

CODE_TOKENS = 8
"""Tokens in a row that a training text must not share with a held-out program."""
WORDS, SHARED_WORDS = 4, 0.8
"""Length of a statement's n-grams in words, and the share of them that is the same statement."""
VALIDATION = "mbpp_validation.jsonl"
"""The held-out set that lies in the folder of training data: MBPP 511-600."""

_TOKEN = re.compile(r"\w+|[^\w\s]")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What held-out problems look like. codes: n-grams of their programs. statements: for every
    n-gram of words the problems that have it. sizes: how many n-grams a problem's statement has."""

    codes: set[tuple[str, ...]] = field(default_factory=set)
    statements: dict[tuple[str, ...], set[str]] = field(default_factory=lambda: defaultdict(set))
    sizes: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, statement: str, programs: Iterable[str]) -> None:
        """Take in one held-out problem."""
        for program in programs:
            self.codes.update(grams(tuple(_TOKEN.findall(program)), CODE_TOKENS))
        found = grams(tuple(_WORD.findall(statement.lower())), WORDS)
        self.sizes[name] = len(found)
        for gram in found:
            self.statements[gram].add(name)

    def reason(self, text: str) -> str | None:
        """Why this text must not be trained on: "code" or "statement"; None: it may be."""
        if not self.codes.isdisjoint(grams(tuple(_TOKEN.findall(text)), CODE_TOKENS)):
            return "code"
        shared: Counter[str] = Counter()
        for gram in grams(tuple(_WORD.findall(text.lower())), WORDS):
            shared.update(self.statements.get(gram, ()))
        near = any(count >= SHARED_WORDS * self.sizes[name] for name, count in shared.items())
        return "statement" if near else None


def held_out(files: Iterable[Path]) -> HeldOut:
    """What the problems of these files look like (MBPP, HumanEval or JSONL, see readers)."""
    found = HeldOut()
    for file in files:
        for problem in readers.read(file)[0]:
            programs = (solution.code for solution in problem.solutions)
            found.add(problem.id, problem.wordings[0], programs)
    return found


def clean(samples: Iterable[Sample], held: HeldOut, left_out: Counter[str]) -> Iterator[Sample]:
    """The samples that may be trained on; `left_out` counts the others by reason."""
    for sample in samples:
        contexts = tuple(c for c in sample.contexts if held.reason(c) is None)
        reason = held.reason(sample.prompt + sample.completion)
        if reason is None:
            yield Sample(sample.prompt, sample.completion, contexts)
        else:
            left_out[reason] += 1
