"""A store of verified problems with their plans and code: SQLite with full-text search (BM25).

Opens read-only or for writing; several processes may use one file at once (write-ahead log). It
holds text only and runs nothing. What can be done about a damaged file is in mending.py.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from codeplan_model.memory.words import stems

SCHEMA = 2
"""Raised when the tables change; older files are converted when they are opened for writing."""

MOST_ROWS = 12_000
"""Entries that a search scores, about: frequent words beyond that are left out of the query."""

FIELDS = "name, signature, wordings, steps, code, examples, origin, licence"
_BUSY_SECONDS = 10


class StoreError(Exception):
    """A store that can't be used; the text says why and what to do."""


class Damaged(StoreError):
    """A store whose file is not what SQLite wrote; `codeplan memory repair` saves what it can."""


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


@dataclass(frozen=True, slots=True)
class Found:
    """An entry with its number in the store."""

    number: int
    entry: Entry


class Store:
    """An open store. A context manager. Raises StoreError when the file can't be used."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self.read_only = read_only
        try:
            self._db = _connect_to_read(path) if read_only else _connect_to_write(path)
        except sqlite3.Error as error:
            raise _failure(path, error) from error
        except OSError as error:
            raise StoreError(f"the memory at {path} can't be used: {error.strerror}") from error
        try:
            if not read_only:
                _prepare(self._db)
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            if version == 0:
                raise Damaged(f"the memory at {path} is empty or was never finished")
        except sqlite3.Error as error:
            self._db.close()
            raise _failure(path, error) from error
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
                _count_words(self._db, words, 1)
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
        _index(self._db, _write(self._db, entry), entry.words)
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
        _count_words(self._db, words, -1)
        return len(numbers)

    def _rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple]:
        try:
            return self._db.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise self._failure("can't be read:", error) from error

    def _failure(self, doing: str, error: sqlite3.Error) -> StoreError:
        return _failure(self.path, error, doing)


def _at(place: str) -> tuple[str, tuple[str, ...]]:
    """The condition that an origin is this place or lies in it, and its values."""
    like = place.rstrip("/").replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    where = "(origin = ? OR origin LIKE ? ESCAPE '\\' OR origin LIKE ? ESCAPE '\\')"
    return where, (place, f"{like}/%", f"{like}::%")


def _connect_to_read(path: Path) -> sqlite3.Connection:
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
    return db


def _connect_to_write(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Made by us, so that nobody else may read it; SQLite gives its side files the same mode.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    return sqlite3.connect(
        path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )


def _prepare(db: sqlite3.Connection) -> None:
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
        _index(db, row[0], found)
        words.update(set(found))
    _count_words(db, words, 1)


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
        _write(db, entry)
    db.execute("DROP TABLE older")
    _reindex(db)


def _write(db: sqlite3.Connection, entry: Entry) -> int | None:
    """A row for the entry; its number."""
    return db.execute(
        f"INSERT INTO entries ({FIELDS}, digest, added) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            entry.name,
            entry.signature,
            json.dumps(entry.wordings),
            json.dumps(entry.steps),
            entry.code,
            json.dumps(entry.examples),
            entry.origin,
            entry.licence,
            entry.digest,
            int(time.time()),
        ),
    ).lastrowid


def _index(db: sqlite3.Connection, number: int | None, words: Iterable[str]) -> None:
    db.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (number, " ".join(words)))


def _count_words(db: sqlite3.Connection, words: Counter[str], sign: int) -> None:
    db.executemany(
        "INSERT INTO frequency (word, entries) VALUES (?, ?)"
        " ON CONFLICT (word) DO UPDATE SET entries = entries + excluded.entries",
        [(word, sign * count) for word, count in words.items()],
    )
    db.execute("DELETE FROM frequency WHERE entries <= 0")


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


def _failure(path: Path, error: sqlite3.Error, doing: str = "can't be used:") -> StoreError:
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
