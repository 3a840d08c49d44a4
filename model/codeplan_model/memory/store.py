"""A store of verified problems with their plans and code: SQLite with full-text search (BM25).

Opens read-only or for writing; several processes may use one file at once (write-ahead log). It
holds text only and runs nothing.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

SCHEMA = 1
"""Raised when a file of an older version can't be read any more."""


class StoreError(Exception):
    """A store that can't be used; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One solved problem.

    signature: the `def` line. wordings: its description in one or more wordings. code: the body,
    indented by four spaces. origin: where it came from ("exercises", "mbpp", a file's path).
    """

    name: str
    signature: str
    wordings: tuple[str, ...]
    steps: tuple[str, ...]
    code: str
    origin: str
    licence: str

    @property
    def words(self) -> str:
        """What full-text search sees: description, name parts, argument names and types."""
        return " ".join([*self.wordings, *name_parts(self.name), *name_parts(self.signature)])


class Store:
    """An open store. A context manager. Raises StoreError when the file can't be used."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        try:
            if read_only:
                if not path.is_file():
                    raise StoreError(f"there is no memory at {path}")
                # Immutable: no lock files beside a store in a read-only installation.
                uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
                self._db = sqlite3.connect(uri, uri=True, check_same_thread=False)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._db = sqlite3.connect(path, timeout=10, check_same_thread=False)
                self._create()
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
        except sqlite3.Error as error:
            raise StoreError(f"the memory at {path} can't be used: {error}") from error
        if version != SCHEMA:
            self._db.close()
            raise StoreError(
                f"the memory at {path} has format {version}, this version reads {SCHEMA}: "
                "build it again"
            )

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file. Safe to call twice."""
        self._db.close()

    def __len__(self) -> int:
        (count,) = self._db.execute("SELECT count(*) FROM entries").fetchone()
        return count

    def add(self, entries: Iterable[Entry]) -> int:
        """Add entries in one transaction: all or, when it fails, none. The number added."""
        count = 0
        try:
            with self._db:
                for entry in entries:
                    cursor = self._db.execute(
                        "INSERT INTO entries (name, signature, wordings, steps, code, origin,"
                        " licence) VALUES (?, ?, ?, ?, ?, ?, ?)",
                        (
                            entry.name,
                            entry.signature,
                            json.dumps(entry.wordings),
                            json.dumps(entry.steps),
                            entry.code,
                            entry.origin,
                            entry.licence,
                        ),
                    )
                    self._db.execute(
                        "INSERT INTO words (rowid, text) VALUES (?, ?)",
                        (cursor.lastrowid, entry.words),
                    )
                    count += 1
        except sqlite3.Error as error:
            raise StoreError(f"nothing was added to the memory at {self.path}: {error}") from error
        return count

    def search(self, words: Iterable[str], limit: int) -> Iterator[Entry]:
        """Entries that share words, the best by BM25 first."""
        terms = [f'"{word}"' for word in dict.fromkeys(words)]
        if not terms:
            return
        try:
            rows = self._db.execute(
                "SELECT name, signature, wordings, steps, code, origin, licence FROM words"
                " JOIN entries ON entries.id = words.rowid WHERE words MATCH ?"
                " ORDER BY bm25(words), entries.id LIMIT ?",
                (" OR ".join(terms), limit),
            ).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"the memory at {self.path} can't be read: {error}") from error
        for name, signature, wordings, steps, code, origin, licence in rows:
            yield Entry(
                name,
                signature,
                tuple(json.loads(wordings)),
                tuple(json.loads(steps)),
                code,
                origin,
                licence,
            )

    def compact(self) -> None:
        """Make the file as small as it can be and free of side files, for shipping."""
        self._db.execute("INSERT INTO words (words) VALUES ('optimize')")
        self._db.commit()
        self._db.execute("PRAGMA journal_mode = DELETE")
        self._db.execute("VACUUM")

    def _create(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version:
            return
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(
                "CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY, name TEXT,"
                " signature TEXT, wordings TEXT, steps TEXT, code TEXT, origin TEXT, licence TEXT)"
            )
            # No second copy of the text: it is never shown from here.
            self._db.execute(
                "CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(text, content='',"
                " tokenize='porter unicode61')"
            )
            self._db.execute(f"PRAGMA user_version = {SCHEMA}")


_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def name_parts(text: str) -> list[str]:
    """The words inside names: `total_price`, `maxHeight` -> total, price, max, height."""
    return [part.lower() for part in _PART.findall(text)]
