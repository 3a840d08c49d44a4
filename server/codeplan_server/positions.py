"""Positions of the protocol <-> character offsets. The only place that knows position encodings.

The protocol counts lines, ended by "\\n", "\\r\\n" or "\\r" and nothing else (a form feed or U+2028
ends no line), and inside a line code units of the negotiated encoding. Everything behind the border
counts Python characters (code points).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from enum import StrEnum
from functools import cached_property

from lsprotocol import types

from codeplan_model.values import Span

_LINE_END = re.compile(r"\r\n|\n|\r")


class Encoding(StrEnum):
    """What a position's `character` counts."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"

    def units(self, text: str) -> int:
        """The length of `text` in code units."""
        if self is Encoding.UTF32 or text.isascii():
            return len(text)
        if self is Encoding.UTF16:
            return len(text) + sum(character > "\uffff" for character in text)
        return len(text.encode("utf-8", "surrogatepass"))

    def width(self, character: str) -> int:
        """The code units of one character."""
        return 1 if character < "\x80" or self is Encoding.UTF32 else self.units(character)


class PositionCodec:
    """Converts for one text. Immutable; safe to share between threads."""

    def __init__(self, text: str, encoding: Encoding) -> None:
        self.text = text
        self.encoding = encoding

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    def offset(self, position: types.Position) -> int:
        """The offset of a position; one behind its line's end or the text's end is moved there.

        A position inside of a character (between surrogates) is moved to its beginning.
        """
        if position.line >= len(self._starts):
            return len(self.text)
        start, end = self._line(position.line)
        line = self.text[start:end]
        if position.character <= 0:
            return start
        if line.isascii() or self.encoding is Encoding.UTF32:
            return start + min(position.character, len(line))
        left = position.character
        for index, character in enumerate(line):
            left -= self.encoding.width(character)
            if left < 0:
                return start + index
        return end

    def position(self, offset: int) -> types.Position:
        """The position of an offset from 0 to the text's length."""
        if not 0 <= offset <= len(self.text):
            raise ValueError(
                f"offset {offset} lies outside the text of {len(self.text)} characters"
            )
        line = bisect_right(self._starts, offset) - 1
        return types.Position(line, self.encoding.units(self.text[self._starts[line] : offset]))

    def range(self, span: Span) -> types.Range:
        return types.Range(self.position(span.start), self.position(span.end))

    def span(self, range: types.Range) -> Span:
        """The span of a range; one that ends before it starts is taken from end to start."""
        ends = self.offset(range.start), self.offset(range.end)
        return Span(min(ends), max(ends))

    def line_range(self, line: int) -> types.Range:
        """The code of one line, without its indentation and its end."""
        if line >= len(self._starts):
            return self.range(Span(len(self.text), len(self.text)))
        start, end = self._line(line)
        content = self.text[start:end]
        begin = start + len(content) - len(content.lstrip())
        return self.range(Span(min(begin, end), max(begin, start + len(content.rstrip()))))

    def _line(self, line: int) -> tuple[int, int]:
        """The offsets of a line's beginning and of its end without the line ending."""
        start = self._starts[line]
        if line + 1 == len(self._starts):
            return start, len(self.text)
        end = self._starts[line + 1] - 1
        if end > start and self.text[end] == "\n" and self.text[end - 1] == "\r":
            end -= 1
        return start, end
