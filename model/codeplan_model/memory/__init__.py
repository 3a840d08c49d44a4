"""Verified problems, plans and code near at hand: what was solved before helps with what is new.

The shipped store holds the training problems with their plans; it is read-only. Nothing of the
user's is stored.
"""

from codeplan_model.memory.recall import (
    SHIPPED,
    adapted,
    arguments_in,
    nearest,
    open_shipped,
    worked_examples,
)
from codeplan_model.memory.store import Entry, Store, StoreError

__all__ = [
    "SHIPPED",
    "Entry",
    "Store",
    "StoreError",
    "adapted",
    "arguments_in",
    "nearest",
    "open_shipped",
    "worked_examples",
]
