"""A completion's text: assembled from token bytes, ended before its first stop string."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

_Search = Callable[[bytearray, int], re.Match[bytes] | None]


class TextBuilder:
    """Collects the bytes of one completion. Works on UTF-8 bytes, decodes once at the end."""

    __slots__ = ("_data", "_find", "_longest")

    def __init__(self, stops: tuple[str, ...]) -> None:
        self._longest, self._find = _finder(stops)
        self._data = bytearray()

    def add(self, piece: bytes) -> bool:
        """Append; True when a stop string is complete, which then ends the text before it."""
        data = self._data
        start = len(data) - self._longest
        data += piece
        if self._find is None:
            return False
        found = self._find(data, start if start > 0 else 0)
        if found is None:
            return False
        del data[found.start() :]
        return True

    def text(self) -> str:
        """What was collected; bytes that are no UTF-8 become U+FFFD."""
        return self._data.decode("utf-8", errors="replace")


def before_stop(text: str, stops: tuple[str, ...]) -> tuple[str, bool]:
    """A whole text up to its first stop string, and whether there was one."""
    found = [at for stop in stops if stop and (at := text.find(stop)) >= 0]
    return (text[: min(found)], True) if found else (text, False)


@functools.lru_cache(maxsize=64)
def _finder(stops: tuple[str, ...]) -> tuple[int, _Search | None]:
    """How many earlier bytes may belong to a stop string, and the search for the first of them."""
    encoded = [stop.encode() for stop in stops if stop]
    if not encoded:
        return 0, None
    pattern = re.compile(b"|".join(map(re.escape, encoded)))
    return max(map(len, encoded)) - 1, pattern.search
