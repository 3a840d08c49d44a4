"""An append-only file of results: what stands in it was paid for and is never asked again.

A line is on disk before `append` returns, so a kill loses the calls in flight and nothing else.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any


class Ledger:
    """Records by their "key". One process at a time; a context manager.

    Raises ValueError when another process holds the file, or when a line before the last is broken:
    then something other than a kill has happened to it. A broken last line is cut off.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._file = path.open("a+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise ValueError(
                f"another run writes {path}: wait for it, or choose another folder"
            ) from None
        self._records: dict[str, dict[str, Any]] = {}
        try:
            self._read()
        except ValueError:
            self._file.close()
            raise

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __contains__(self, key: str) -> bool:
        return key in self._records

    def get(self, key: str) -> dict[str, Any] | None:
        """The record with this key."""
        return self._records.get(key)

    def records(self) -> list[dict[str, Any]]:
        """Every record, in the order in which they were written."""
        return list(self._records.values())

    def append(self, record: dict[str, Any]) -> None:
        """Write a record through to the disk. Raises OSError in words; nothing else is lost."""
        line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
        try:
            written = os.write(self._file.fileno(), line)
            if written < len(line):
                raise OSError(28, "no space left on device")
            if self._path.is_file():
                os.fsync(self._file.fileno())
        except OSError as error:
            raise OSError(
                error.errno,
                f"can't write {self._path} ({error.strerror}): free some space and run the same "
                "command again, it goes on from here",
            ) from error
        self._records[record["key"]] = record

    def close(self) -> None:
        """Let go of the file. Safe to call twice."""
        self._file.close()

    def _read(self) -> None:
        if not self._path.is_file():
            return
        self._file.seek(0)
        at = 0
        for number, line in enumerate(self._file, 1):
            try:
                record = json.loads(line)
                self._records[record["key"]] = record
            except (ValueError, KeyError, TypeError):
                if self._file.read(1):
                    raise ValueError(
                        f"{self._path}:{number} is broken: mend or remove it"
                    ) from None
                self._file.truncate(at)
                break
            at += len(line)
            if not line.endswith(b"\n"):
                self._file.write(b"\n")
                self._file.flush()
