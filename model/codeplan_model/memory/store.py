"""A store of verified problems with their plans and code: SQLite with full-text search (BM25).

Opens read-only or for writing; several processes may use one file at once (write-ahead log). It
holds text only and runs nothing. What can be done about a damaged file is in mending.py.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from codeplan_model.memory.entries import FIELDS, Entry, entry_of
from codeplan_model.memory.tables import (
    SCHEMA,
    Damaged,
    StoreError,
    connect_to_read,
    connect_to_write,
    count_words,
    failure,
    index,
    prepare,
    write,
)
from codeplan_model.memory.words import stems

MOST_ROWS = 12_000
"""Entries that a search scores, about: frequent words beyond that are left out of the query."""


@dataclass(frozen=True, slots=True)
class Found:
    """An entry with its number in the store."""

    number: int
    entry: Entry


class Store:
    """An open store. A context manager. Raises StoreError when the file can't be used."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        try:
            self._db = connect_to_read(path) if read_only else connect_to_write(path)
        except sqlite3.Error as error:
            raise failure(path, error) from error
        except OSError as error:
            words = f"the memory at {path} can't be used: {error.strerror}"
            if not read_only:
                words += ". CODEPLAN_DATA_DIR names another folder to keep memories in"
            raise StoreError(words) from error
        try:
            if not read_only:
                prepare(self._db)
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if version == 0:
                raise Damaged(f"the memory at {path} is empty or was never finished")
        except sqlite3.Error as error:
            self._db.close()
            raise failure(path, error) from error
        except StoreError:
            self._db.close()
            raise
        if version != SCHEMA:
            self._db.close()
            newer = "a newer codeplan wrote it: install that one" if version > SCHEMA else ""
            raise StoreError(
                f"the memory at {path} has format {version}, this version reads {SCHEMA}: "
                + (newer or "build it again, or open it once where it can be written")
            )

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file. Safe to call twice."""
        self._db.close()

    def __len__(self) -> int:
        return self._rows("SELECT count(*) FROM entries")[0][0]

    @property
    def size(self) -> int:
        """How many entries there are, about: the number of the last one, found at once."""
        return self._rows("SELECT coalesce(max(id), 0) FROM entries")[0][0]

    def add(self, entries: Iterable[Entry], *, replaces: str | None = None) -> int:
        """Add entries in one transaction: all or, when it fails, none. The number of new ones.

        What is there already, word for word, is not added again. replaces: a place (a file, or a
        function in it) whose entries of before go, so that it is remembered as it is now.
        """
        count = 0
        words: Counter[str] = Counter()
        try:
            with self._db:
                self._db.execute("BEGIN IMMEDIATE")
                fresh = list(entries)
                if replaces is not None:
                    kept = {entry.digest for entry in fresh}
                    old = self._numbers(*_at(replaces))
                    self._delete([number for number, digest in old if digest not in kept])
                for entry in fresh:
                    count += self._insert(entry, words)
                count_words(self._db, words, 1)
        except sqlite3.Error as error:
            raise self._failure("nothing was added to", error) from error
        return count

    def forget(self, numbers: Iterable[int]) -> int:
        """Delete the entries with these numbers; how many there were."""
        return self._forget("id = ?", [(number,) for number in numbers])

    def forget_place(self, place: str) -> int:
        """Delete what comes from this folder, file or function ("shop", "shop/cart.py::total")."""
        where, values = _at(place)
        return self._forget(where, [values])

    def forget_all(self) -> int:
        """Delete every entry, and give the room back."""
        count = self._forget("1", [()])
        with suppress(sqlite3.Error):  # another window may be reading: the room is used again
            self._db.execute("VACUUM")
        return count

    def entries(self, after: int = 0, limit: int = 1000) -> list[Found]:
        """Entries in the order in which they came, those numbered above `after`."""
        rows = self._rows(
            f"SELECT id, {FIELDS} FROM entries WHERE id > ? ORDER BY id LIMIT ?", (after, limit)
        )
        return [Found(row[0], entry_of(row[1:])) for row in rows]

    def search(self, words: Iterable[str], limit: int) -> Iterator[Entry]:
        """Entries that share words (in any grammatical form), the best by BM25 first."""
        return (found.entry for found in self.found(stems(" ".join(words)), limit))

    def found(self, terms: Sequence[str], limit: int) -> list[Found]:
        """The same for stems, with the entries' numbers."""
        chosen = self._rarest(terms)
        if not chosen:
            return []
        query = " OR ".join(f'"{term}"' for term in chosen)
        numbers = [
            number
            for (number,) in self._rows(
                "SELECT rowid FROM words WHERE words MATCH ? ORDER BY bm25(words), rowid LIMIT ?",
                (query, limit),
            )
        ]
        marks = ",".join("?" * len(numbers))
        rows = self._rows(f"SELECT id, {FIELDS} FROM entries WHERE id IN ({marks})", numbers)
        by_number = {row[0]: Found(row[0], entry_of(row[1:])) for row in rows}
        return [by_number[number] for number in numbers if number in by_number]

    def frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        """How many entries hold each of these stems; those that none holds are missing."""
        wanted = list(dict.fromkeys(terms))
        marks = ",".join("?" * len(wanted))
        return dict(
            self._rows(f"SELECT word, entries FROM frequency WHERE word IN ({marks})", wanted)
        )

    def compact(self) -> None:
        """Make the file as small as it can be and free of side files, for shipping."""
        self._db.execute("INSERT INTO words (words) VALUES ('optimize')")
        self._db.commit()
        self._db.execute("PRAGMA journal_mode = DELETE")
        self._db.execute("VACUUM")

    def _rarest(self, terms: Sequence[str]) -> list[str]:
        counts = self.frequencies(terms)
        chosen: list[str] = []
        rows = 0
        for term in sorted(counts, key=lambda t: (counts[t], t)):
            rows += counts[term]
            if rows > MOST_ROWS and len(chosen) >= 2:
                break
            chosen.append(term)
        return chosen

    def _insert(self, entry: Entry, words: Counter[str]) -> int:
        known = self._numbers("digest = ?", (entry.digest,))
        if known:
            # It may have moved: it is known by the place where it was seen last.
            self._db.execute(
                "UPDATE entries SET origin = ? WHERE id = ?", (entry.origin, known[0][0])
            )
            return 0
        index(self._db, write(self._db, entry), entry.words)
        words.update(set(entry.words))
        return 1

    def _forget(self, where: str, values: Iterable[Sequence[object]]) -> int:
        try:
            with self._db:
                self._db.execute("BEGIN IMMEDIATE")
                count = sum(
                    self._delete([number for number, _ in self._numbers(where, value)])
                    for value in values
                )
                # The index keeps words of what was deleted until its parts are merged.
                self._db.execute("INSERT INTO words (words) VALUES ('optimize')")
                return count
        except sqlite3.Error as error:
            raise self._failure("nothing was deleted from", error) from error

    def _numbers(self, where: str, values: Sequence[object]) -> list[tuple[int, bytes]]:
        return self._db.execute(f"SELECT id, digest FROM entries WHERE {where}", values).fetchall()

    def _delete(self, numbers: Sequence[int]) -> int:
        words: Counter[str] = Counter()
        for number in numbers:
            row = self._db.execute(
                f"SELECT {FIELDS} FROM entries WHERE id = ?", (number,)
            ).fetchone()
            entry = entry_of(row)
            # A table without content is told what it held.
            self._db.execute(
                "INSERT INTO words (words, rowid, text) VALUES ('delete', ?, ?)",
                (number, " ".join(entry.words)),
            )
            self._db.execute("DELETE FROM entries WHERE id = ?", (number,))
            words.update(set(entry.words))
        count_words(self._db, words, -1)
        return len(numbers)

    def _rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple]:
        try:
            return self._db.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise self._failure("can't be read:", error) from error

    def _failure(self, doing: str, error: sqlite3.Error) -> StoreError:
        return failure(self.path, error, doing)


def _at(place: str) -> tuple[str, tuple[str, ...]]:
    """The condition that an origin is this place or lies in it, and its values."""
    like = place.rstrip("/").replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    where = "(origin = ? OR origin LIKE ? ESCAPE '\\' OR origin LIKE ? ESCAPE '\\')"
    return where, (place, f"{like}/%", f"{like}::%")
