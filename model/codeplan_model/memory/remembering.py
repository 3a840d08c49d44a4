"""Adding to a memory: files that the user names, and insertions that the user accepted."""

from __future__ import annotations

from pathlib import Path

from codeplan_model.memory.mining import Mined, entry_for, held_out, place_of, refused
from codeplan_model.memory.places import user_path, workspace_of, workspace_path
from codeplan_model.memory.store import Store
from codeplan_model.values import Outcome, Task, Verdict


def keep(store: Store, mined: Mined) -> int:
    """Remember a file's functions as they are now, and no others of it; how many are new."""
    return store.add(mined.entries, replaces=mined.place)


def remember_insertion(task: Task, verdict: Verdict, *, everywhere: bool = False) -> bool:
    """Add verified code that the user accepted to the memory of the file's workspace.

    everywhere: to the user's own memory instead. False when it is not remembered: it did not pass
    examples of its own, its file has no name, or `codeplan memory add` would refuse it as well.
    Raises StoreError.
    """
    candidate = verdict.candidate
    if verdict.outcome is not Outcome.PASSED or task.path is None or not task.docstring:
        return False
    file = Path(task.path)
    if held_out(file) or refused(task, candidate.completion):
        return False
    root = workspace_of(file)
    origin = f"{place_of(file, None if everywhere else root)}::{task.entry_point}"
    steps = candidate.plan.steps if candidate.plan else ()
    entry = entry_for(task, candidate.completion, steps, origin)
    with Store(user_path() if everywhere else workspace_path(root)) as store:
        store.add([entry], replaces=origin)
    return True
