"""What stands for standard output inside."""

from __future__ import annotations

import io


class Printed(io.TextIOBase):
    """Standard output as text in memory, at most `limit` characters between two messages."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts: list[str] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        room = self._limit - self._size
        if room > 0:
            self._parts.append(str(text[:room]))
            self._size += min(len(text), room)
        return len(text)

    def drain(self) -> str:
        text = "".join(self._parts)
        self._parts.clear()
        self._size = 0
        return text
