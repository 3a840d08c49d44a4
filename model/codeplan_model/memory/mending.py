"""Saving what can be read of a damaged store into a new one; the damaged file is kept beside it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from codeplan_model.memory.entries import FIELDS, Entry, entry_of
from codeplan_model.memory.store import Store
from codeplan_model.memory.tables import Damaged, StoreError

_CHUNK = 200
_GIVEN_UP_AFTER = 2000


@dataclass(frozen=True, slots=True)
class Mended:
    """saved: entries in the new file. damaged: where the old file is; None when it was sound."""

    saved: int
    damaged: Path | None


def mend(path: Path) -> Mended:
    """Replace a damaged store by one that holds what could be read. Raises StoreError.

    A sound one is left alone. The index is always made anew.
    """
    if _is_sound(path):
        with Store(path) as store:
            return Mended(len(store), None)
    partial = path.with_name(path.name + ".partial")
    for end in ("", "-wal", "-shm", "-journal"):
        partial.with_name(partial.name + end).unlink(missing_ok=True)
    with Store(partial) as store:
        saved = store.add(_readable(path))
        store.compact()
    damaged = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
    try:
        for end in ("-wal", "-shm", "-journal"):
            with suppress(FileNotFoundError):
                path.with_name(path.name + end).rename(damaged.with_name(damaged.name + end))
        path.rename(damaged)
        partial.rename(path)
    except OSError as error:
        raise StoreError(f"the memory at {path} can't be replaced: {error.strerror}") from error
    return Mended(saved, damaged)


def _is_sound(path: Path) -> bool:
    try:
        # A damaged file is not written to: it is to be kept as it is.
        with closing(_to_read(path)) as db:
            if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                return False
        with Store(path), closing(sqlite3.connect(path)) as db:
            db.execute("INSERT INTO words (words) VALUES ('integrity-check')")
            db.rollback()
            return True
    except (Damaged, sqlite3.DatabaseError):
        return False


def _to_read(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _readable(path: Path) -> Iterator[Entry]:
    """Every entry that can be read, by number; what lies in damaged pages is passed over."""
    with closing(_to_read(path)) as db:
        number = missed = 0
        while missed < _GIVEN_UP_AFTER:
            try:
                rows = db.execute(
                    f"SELECT id, {FIELDS} FROM entries WHERE id > ? ORDER BY id LIMIT {_CHUNK}",
                    (number,),
                ).fetchall()
                if not rows:
                    return
            except sqlite3.DatabaseError:
                rows = []
                for wanted in range(number + 1, number + _CHUNK + 1):
                    with suppress(sqlite3.DatabaseError):
                        rows += db.execute(
                            f"SELECT id, {FIELDS} FROM entries WHERE id = ?", (wanted,)
                        ).fetchall()
                missed = 0 if rows else missed + _CHUNK
                number += _CHUNK
            else:
                number = rows[-1][0]
            for row in rows:
                with suppress(ValueError, TypeError):
                    yield entry_of(row[1:])
