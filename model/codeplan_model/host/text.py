"""Assemble a completion's text from token bytes and find its stop strings, across token borders."""

from __future__ import annotations


class TextBuilder:
    """Collects the bytes of one completion. Works on UTF-8 bytes, decodes once at the end."""

    __slots__ = ("_data", "_longest", "_stops")

    def __init__(self, stops: tuple[str, ...]) -> None:
        self._stops = tuple(stop.encode() for stop in stops if stop)
        self._longest = max(map(len, self._stops), default=0)
        self._data = bytearray()

    def add(self, piece: bytes) -> bool:
        """Append; True when a stop string is complete, which then ends the text before it."""
        before = len(self._data)
        self._data += piece
        if not self._longest:
            return False
        start = max(0, before - self._longest + 1)
        found = [at for stop in self._stops if (at := self._data.find(stop, start)) >= 0]
        if not found:
            return False
        del self._data[min(found) :]
        return True

    def text(self) -> str:
        """What was collected; bytes that are no UTF-8 become U+FFFD."""
        return self._data.decode("utf-8", errors="replace")
