"""Verified problems, plans and code near at hand: what was solved before helps with what is new.

The shipped store holds the training problems with their plans; it is read-only. The user's own
stores, one for each workspace and one for all, are written when the user asks for it, or has
switched it on. Nothing here runs code.
"""

from codeplan_model.memory.entries import Entry
from codeplan_model.memory.mending import Mended, mend
from codeplan_model.memory.places import (
    SHIPPED,
    Opened,
    ShippedDamaged,
    data_folder,
    open_for,
    open_shipped,
    user_path,
    workspace_of,
    workspace_path,
)
from codeplan_model.memory.recall import adapted, arguments_in, nearest, worked_examples
from codeplan_model.memory.store import Found, Store
from codeplan_model.memory.tables import Damaged, StoreError

__all__ = [
    "SHIPPED",
    "Damaged",
    "Entry",
    "Found",
    "Mended",
    "Opened",
    "ShippedDamaged",
    "Store",
    "StoreError",
    "adapted",
    "arguments_in",
    "data_folder",
    "mend",
    "nearest",
    "open_for",
    "open_shipped",
    "user_path",
    "worked_examples",
    "workspace_of",
    "workspace_path",
]
