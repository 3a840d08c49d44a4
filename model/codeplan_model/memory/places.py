"""Where memories lie, and which belong to a file.

The user's own memory and one for each workspace are files in the user's data folder, never in the
workspace: a repository that was cloned can't bring a memory along, nothing is committed by mistake,
and a read-only workspace can be remembered. CODEPLAN_DATA_DIR replaces the folder.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from codeplan_model.memory.store import Store
from codeplan_model.memory.tables import StoreError

SHIPPED = Path(__file__).with_name("shipped.sqlite")
"""The read-only store that comes with codeplan, built by `codeplan-train memory build`."""

_ROOTS = (".git", ".hg", "pyproject.toml", "setup.py", "setup.cfg")


class ShippedDamaged(StoreError):
    """The store that came with codeplan can't be used: the installation is damaged."""


@dataclass(frozen=True, slots=True)
class Opened:
    """stores: open for reading, the workspace's first. complaints: what could not be opened, why.

    A context manager that closes the stores.
    """

    stores: tuple[Store, ...]
    complaints: tuple[str, ...] = ()

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files. Safe to call twice."""
        for store in self.stores:
            store.close()


def data_folder() -> Path:
    """Where the user's memories lie; it may not exist yet."""
    chosen = os.environ.get("CODEPLAN_DATA_DIR")
    return Path(chosen or platformdirs.user_data_dir("codeplan", appauthor=False))


def user_path() -> Path:
    """The file of the user's own memory, which serves every workspace."""
    return data_folder() / "memory.sqlite"


def workspace_path(root: Path) -> Path:
    """The file of the memory of the workspace in this folder."""
    real = os.path.realpath(root)
    key = hashlib.sha256(os.fsencode(real)).hexdigest()[:12]
    name = re.sub(r"[^\w.-]+", "_", os.path.basename(real))[:40]
    return data_folder() / "workspaces" / f"{name}-{key}.sqlite"


def workspace_of(path: Path) -> Path:
    """The folder that counts as the workspace of a file or folder.

    The nearest one above it that has a memory or holds .git, .hg, pyproject.toml, setup.py or
    setup.cfg; else the folder itself, or the file's.
    """
    real = Path(os.path.realpath(path))
    start = real if real.is_dir() else real.parent
    for folder in (start, *start.parents):
        if workspace_path(folder).exists() or any((folder / name).exists() for name in _ROOTS):
            return folder
    return start


def open_for(path: Path | str | None, *, own: bool = True, shipped: bool = True) -> Opened:
    """The memories that may help with a file: its workspace's, the user's, and the shipped one.

    own: the first two. A memory of the user's that can't be used is a complaint and no reason to
    stop; a damaged installation raises StoreError. path: None for a text without a file.
    """
    wanted = [workspace_path(workspace_of(Path(path)))] if path is not None else []
    with ExitStack() as stack:
        stores, complaints = _open_own([*wanted, user_path()] if own else [])
        for store in stores:
            stack.enter_context(store)
        if shipped:
            stores += open_shipped()
        stack.pop_all()
    return Opened(tuple(stores), tuple(complaints))


def open_shipped() -> list[Store]:
    """The shipped store; an empty list when this installation has none. Raises ShippedDamaged."""
    try:
        return [Store(SHIPPED, read_only=True)] if SHIPPED.is_file() else []
    except StoreError as error:
        raise ShippedDamaged(str(error)) from error


def _open_own(paths: Iterable[Path]) -> tuple[list[Store], list[str]]:
    stores: list[Store] = []
    complaints: list[str] = []
    for path in paths:
        if path.is_file():
            try:
                stores.append(Store(path, read_only=True))
            except StoreError as error:
                complaints.append(f"{error}. This search goes on without it")
    return stores, complaints
