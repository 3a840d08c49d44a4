"""The file of a store: how it is opened, its tables, converting older ones, errors in words."""

from __future__ import annotations

import os
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from codeplan_model.memory.entries import FIELDS, Entry, entry_of, row_of

SCHEMA = 2
"""Raised when the tables change; older files are converted when they are opened for writing."""

_BUSY_SECONDS = 10


class StoreError(Exception):
    """A store that can't be used; the text says why and what to do."""


class Damaged(StoreError):
    """A store whose file is not what SQLite wrote; `codeplan memory repair` saves what it can."""


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Raises StoreError when there is no such file, sqlite3.Error when it can't be opened."""
    if not path.is_file():
        raise StoreError(f"there is no memory at {path}")
    uri = path.resolve().as_uri()
    db = sqlite3.connect(f"{uri}?mode=ro", uri=True, timeout=_BUSY_SECONDS, check_same_thread=False)
    try:
        db.execute("PRAGMA user_version").fetchone()
    except sqlite3.OperationalError:
        # A write-ahead log wants files beside it; where none can be made, nobody is writing.
        db.close()
        if os.access(path.parent, os.W_OK):
            raise
        db = sqlite3.connect(f"{uri}?mode=ro&immutable=1", uri=True, check_same_thread=False)
    except sqlite3.Error:
        db.close()
        raise
    return db


def connect_to_write(path: Path) -> sqlite3.Connection:
    """Makes the file and its folder. Raises OSError, sqlite3.Error."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Made by us, so that nobody else may read it; SQLite gives its side files the same mode.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    return sqlite3.connect(
        path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )


def prepare(db: sqlite3.Connection) -> None:
    """Make the tables, or convert those of an older version, in one transaction."""
    # What was forgotten must not stay readable in free pages.
    db.execute("PRAGMA secure_delete = ON")
    _use_write_ahead_log(db)
    db.execute("PRAGMA synchronous = NORMAL")
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version >= SCHEMA:
        return
    with db:
        db.execute("BEGIN IMMEDIATE")
        # Another window may have been faster.
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version == 0:
            _create(db)
        elif version == 1:
            _from_schema_1(db)


def _use_write_ahead_log(db: sqlite3.Connection) -> None:
    """A file system that can't do it (some network shares) goes on with a rollback journal."""
    until = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            # SQLite does not wait by itself where two processes change the mode at once.
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.02)


def _create(db: sqlite3.Connection) -> None:
    db.execute(
        "CREATE TABLE entries (id INTEGER PRIMARY KEY, name TEXT, signature TEXT, wordings TEXT,"
        " steps TEXT, code TEXT, examples TEXT, origin TEXT, licence TEXT,"
        " digest BLOB UNIQUE, added INTEGER)"
    )
    db.execute("CREATE INDEX by_origin ON entries (origin)")
    # No second copy of the text: it is never shown from here.
    db.execute("CREATE VIRTUAL TABLE words USING fts5(text, content='', tokenize='unicode61')")
    db.execute("CREATE TABLE frequency (word TEXT PRIMARY KEY, entries INTEGER) WITHOUT ROWID")
    db.execute(f"PRAGMA user_version = {SCHEMA}")


def _reindex(db: sqlite3.Connection) -> None:
    """Fill the index anew from the entries."""
    words: Counter[str] = Counter()
    db.execute("DELETE FROM frequency")
    db.execute("INSERT INTO words (words) VALUES ('delete-all')")
    for row in db.execute(f"SELECT id, {FIELDS} FROM entries").fetchall():
        found = entry_of(row[1:]).words
        index(db, row[0], found)
        words.update(set(found))
    count_words(db, words, 1)


def _from_schema_1(db: sqlite3.Connection) -> None:
    """Schema 1 had no examples, no digests, and another way to cut words."""
    db.execute("DROP TABLE words")
    db.execute("ALTER TABLE entries RENAME TO older")
    _create(db)
    rows = db.execute(
        "SELECT name, signature, wordings, steps, code, '[]', origin, licence FROM older"
        " ORDER BY id"
    ).fetchall()
    for entry in {found.digest: found for found in map(entry_of, rows)}.values():
        write(db, entry)
    db.execute("DROP TABLE older")
    _reindex(db)


def write(db: sqlite3.Connection, entry: Entry) -> int | None:
    """A row for the entry; its number."""
    values = (*row_of(entry), entry.digest, int(time.time()))
    marks = ", ".join("?" * len(values))
    return db.execute(
        f"INSERT INTO entries ({FIELDS}, digest, added) VALUES ({marks})", values
    ).lastrowid


def index(db: sqlite3.Connection, number: int | None, words: Iterable[str]) -> None:
    """Make an entry's words findable."""
    db.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (number, " ".join(words)))


def count_words(db: sqlite3.Connection, words: Counter[str], sign: int) -> None:
    """Add (sign 1) or take away (-1) how many entries hold each word."""
    db.executemany(
        "INSERT INTO frequency (word, entries) VALUES (?, ?)"
        " ON CONFLICT (word) DO UPDATE SET entries = entries + excluded.entries",
        [(word, sign * count) for word, count in words.items()],
    )
    if sign < 0:
        db.execute("DELETE FROM frequency WHERE entries <= 0")


def failure(path: Path, error: sqlite3.Error, doing: str = "can't be used:") -> StoreError:
    """The words for an error of SQLite, and what to do about it."""
    text = str(error)
    if doing.endswith(":"):
        said = f"the memory at {path} {doing} {text}"
    else:
        said = f"{doing} the memory at {path}: {text}"
    if "malformed" in text or "not a database" in text:
        return Damaged(f"{said}. `codeplan memory repair` saves what can be read")
    if "full" in text:
        return StoreError(f"{said}. Make room on that disk")
    if "locked" in text or "busy" in text:
        return StoreError(f"{said}. Another codeplan is writing to it: try again")
    if "readonly" in text or "read-only" in text or "unable to open" in text:
        return StoreError(f"{said}. Make the folder writable, or set CODEPLAN_DATA_DIR")
    return StoreError(said)
