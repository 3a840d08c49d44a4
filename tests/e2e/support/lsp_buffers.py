"""A document as the client has it, with its own conversion of positions."""

from __future__ import annotations

import re
from typing import Any


class Buffer:
    """A document as the client has it."""

    def __init__(self, uri: str, text: str, encoding: str) -> None:
        self.uri, self.text, self.encoding, self.version = uri, text, encoding, 1
        self.notebook: str | None = None

    def offset(self, position: dict[str, int]) -> int:
        starts = [0, *(m.end() for m in re.finditer(r"\r\n|\r|\n", self.text))]
        if position["line"] >= len(starts):
            return len(self.text)
        start = starts[position["line"]]
        line = re.split(r"\r\n|\r|\n", self.text[start:], maxsplit=1)[0]
        width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[self.encoding]
        name = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[self.encoding]
        raw = line.encode(name)[: position["character"] * width]
        return start + len(raw.decode(name, "ignore"))

    def position(self, offset: int) -> dict[str, int]:
        before = self.text[:offset]
        if before.endswith("\r") and self.text[offset : offset + 1] == "\n":
            raise AssertionError("between carriage return and line feed")
        lines = re.split(r"\r\n|\r|\n", before)
        width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[self.encoding]
        name = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[self.encoding]
        character = len(lines[-1].encode(name)) // width
        return {"line": len(lines) - 1, "character": character}

    def of(self, needle: str) -> dict[str, int]:
        """The position of a text that stands in the document."""
        return self.position(self.text.index(needle))

    def apply(self, edits: list[dict[str, Any]]) -> None:
        spans = [
            (self.offset(e["range"]["start"]), self.offset(e["range"]["end"]), e["newText"])
            for e in edits
        ]
        for start, end, new in sorted(spans, reverse=True):
            self.text = self.text[:start] + new + self.text[end:]
