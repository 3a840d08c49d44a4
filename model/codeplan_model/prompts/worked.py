"""Worked examples: solved problems that stand before the one to solve, in any format.

Cutting to size is by characters, so that training and search do the same without a tokenizer. What
is worth showing is the memory's business, how it looks is a format's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

SHORT_PLAN = 240
"""Characters of a plan that is shown; a longer one costs more room than it helps."""


@dataclass(frozen=True, slots=True)
class Worked:
    """One solved problem. signature: the `def` line; code: the body, indented by four spaces."""

    signature: str
    docstring: str
    steps: tuple[str, ...]
    code: str

    @property
    def size(self) -> int:
        """Characters, about."""
        return sum(map(len, (self.signature, self.docstring, self.code, *self.steps)))


def fitting(nearest: Sequence[Worked], most: int, characters: int) -> tuple[Worked, ...]:
    """At most `most` of these that together take at most `characters`, the nearest one last.

    Each is shown in its largest form that still fits: with its plan when that is short, without it,
    with the first paragraph of its docstring alone, or not at all.
    """
    chosen: list[Worked] = []
    for example in nearest:
        if len(chosen) == most:
            break
        form = next((f for f in _forms(example) if f.size <= characters), None)
        if form is not None:
            chosen.append(form)
            characters -= form.size
    return tuple(reversed(chosen))


def _forms(example: Worked) -> list[Worked]:
    bare = replace(example, steps=())
    short = replace(bare, docstring=example.docstring.split("\n\n")[0])
    with_plan = [example] if sum(map(len, example.steps)) <= SHORT_PLAN else []
    return [*with_plan, bare, short]
