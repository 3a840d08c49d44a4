"""Honest memory in evaluation: what the store holds of a task itself is counted, and can be hidden.

An entry that is the task in other words, by n-grams of statement and code (duplicates.py), makes
memory look better than it is for users, whose next function nobody has solved yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from codeplan_model.memory import Entry, Found, Store
from codeplan_model.memory.recall import prose
from codeplan_model.memory.words import stems
from codeplan_training import duplicates
from codeplan_training.eval_tasks import EvalTask

_LOOKED_AT = 100


class Without(Store):
    """A store that does not show some of its entries."""

    def __init__(self, path: Path, hidden: Iterable[str]) -> None:
        super().__init__(path, read_only=True)
        self.hidden = frozenset(hidden)

    def found(self, terms: Sequence[str], limit: int) -> list[Found]:
        """As Store.found, without the entries of the hidden origins."""
        hits = super().found(terms, limit + 4 * len(self.hidden))
        return [hit for hit in hits if hit.entry.origin not in self.hidden][:limit]


def near_duplicates(task: EvalTask, stores: Sequence[Store]) -> frozenset[str]:
    """Origins of the remembered problems that are this task in other words."""
    visible = task.visible
    statement = prose(visible)
    mine = duplicates.fingerprint(visible.name, visible.header, [statement], task.reference)
    words = stems(f"{statement} {visible.name} {visible.header}")
    found: list[Entry] = [hit.entry for store in stores for hit in store.found(words, _LOOKED_AT)]
    return frozenset(
        entry.origin
        for entry in found
        if duplicates.near(
            mine,
            duplicates.fingerprint(entry.name, entry.signature, entry.wordings, [entry.code]),
        )
    )
