"""One solved problem as the memory keeps it, and its row in the table."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from codeplan_model.memory.words import stems

FIELDS = "name, signature, wordings, steps, code, examples, origin, licence"
"""Columns of the table of entries, in the order of `row_of`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One solved problem.

    signature: the `def` line. wordings: its description in one or more wordings. code: the body,
    indented by four spaces. origin: where it came from ("mbpp/12", "shop/cart.py::total").
    examples: calls with their results as `repr` prints them.
    """

    name: str
    signature: str
    wordings: tuple[str, ...]
    steps: tuple[str, ...]
    code: str
    origin: str
    licence: str
    examples: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> list[str]:
        """What full-text search sees: description, name parts, argument names and types."""
        return stems(" ".join([*self.wordings, self.name, self.signature]))

    @property
    def digest(self) -> bytes:
        """The same for entries that say the same, wherever they come from."""
        said = [self.name, self.signature, list(self.wordings), list(self.steps), self.code]
        return hashlib.sha256(json.dumps(said).encode()).digest()[:16]


def row_of(entry: Entry) -> tuple[str, ...]:
    """The values of FIELDS."""
    return (
        entry.name,
        entry.signature,
        json.dumps(entry.wordings),
        json.dumps(entry.steps),
        entry.code,
        json.dumps(entry.examples),
        entry.origin,
        entry.licence,
    )


def entry_of(row: Sequence) -> Entry:
    """The entry of a row of FIELDS. Raises ValueError when a field is not what was written."""
    name, signature, wordings, steps, code, examples, origin, licence = row
    return Entry(
        name,
        signature,
        tuple(json.loads(wordings)),
        tuple(json.loads(steps)),
        code,
        origin,
        licence,
        tuple((call, want) for call, want in json.loads(examples)),
    )
