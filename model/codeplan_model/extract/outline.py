"""A file's functions and classes, and what their bodies consist of: docstring and statements.

Built once per text and kept for the last few texts, because every question about a file starts
here. Works on broken files: what can't be read is left out, the rest stands.

Not covered: which functions are to write (unwritten.py), examples (examples.py), imports.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from functools import cached_property, lru_cache

from .blocks import Block, blocks_of
from .parse import line_starts, try_parse, unix_lines
from .scan import Line, code_end, column, logical_lines
from .strings import Docstring, read_docstring

_DECORATOR_NAME = re.compile(r"@[ \t]*([\w.]+)")
_TYPE_PARAMETERS = re.compile(r"(def[ \t]+\w+[ \t]*)\[(?:[^\[\]]|\[(?:[^\[\]]|\[[^\[\]]*\])*\])*\]")
_CACHED_OUTLINES = 8


class Outline:
    """The definitions of one text. Read-only once built, so threads may share it.

    lines: its logical lines. blocks: functions, classes and guards, outer ones before inner ones.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines: list[Line] = logical_lines(text)
        self.blocks: list[Block] = blocks_of(text, self.lines)
        self.functions = [block for block in self.blocks if block.kind == "def"]
        self.classes = [block for block in self.blocks if block.kind == "class"]
        self._docstrings: dict[int, Docstring | None] = {}

    @cached_property
    def line_starts(self) -> list[int]:
        return line_starts(self.text)

    def line_number(self, offset: int) -> int:
        """The 0-based line that holds `offset`."""
        return bisect_right(self.line_starts, offset) - 1

    def header_text(self, block: Block) -> str:
        """The header from `def` or `class` to the colon, as in the file."""
        return self.text[self.lines[block.header].start : block.header_end]

    def code(self, line: Line) -> str:
        """The code of a logical line, without a trailing comment, with "\\n" line ends."""
        return unix_lines(self.text[line.start : code_end(self.text, line.start, line.end)])

    def body(self, block: Block) -> list[Line]:
        """The logical lines below the header, nested ones included; [] for a one-line body."""
        return self.lines[block.header + 1 : block.end]

    def extent(self, block: Block) -> tuple[int, int]:
        """From the first decorator to the end of the last line of the body."""
        return self.lines[block.decorators].start, self.lines[block.end - 1].end

    def same_line_body(self, block: Block) -> tuple[int, int] | None:
        """The (start, end) of the code after the header's colon on its line, if there is any."""
        line = self.lines[block.header]
        end = code_end(self.text, block.header_end, line.end)
        start = block.header_end
        while start < end and self.text[start] in " \t\f\\\r\n":
            start += 1
        return (start, end) if start < end else None

    def docstring(self, block: Block | None) -> Docstring | None:
        """The docstring of a function or class, or of the module for None."""
        key = -1 if block is None else block.header
        if key not in self._docstrings:
            first = self._first_statement(block)
            self._docstrings[key] = read_docstring(self.text, *first) if first else None
        return self._docstrings[key]

    def _first_statement(self, block: Block | None) -> tuple[int, int] | None:
        same_line = self.same_line_body(block) if block is not None else None
        if same_line is not None:
            return same_line
        body = self.lines[:1] if block is None else self.body(block)[:1]
        return (body[0].start, body[0].end) if body else None

    def statements(self, block: Block) -> list[tuple[int, int]]:
        """The (start, end) of what follows the docstring, a logical line each, without comments.

        Several statements on one line, joined by semicolons, are one entry.
        """
        docstring = self.docstring(block)
        after = docstring.end if docstring else block.header_end
        same_line = self.same_line_body(block)
        spans = [same_line] if same_line else []
        spans += [(line.start, line.end) for line in self.body(block)]
        found: list[tuple[int, int]] = []
        for span_start, span_end in spans:
            if span_end <= after:
                continue
            start = max(span_start, after)
            end = code_end(self.text, start, span_end)
            if span_start < after:  # what a semicolon joins to the docstring
                while start < end and self.text[start] in " \t\f;":
                    start += 1
            if start < end:
                found.append((start, end))
        return found

    def decorator_names(self, block: Block) -> set[str]:
        """The last parts of the decorators' names: {"overload"} for `@typing.overload`."""
        names: set[str] = set()
        for line in self.lines[block.decorators : block.header]:
            match = _DECORATOR_NAME.match(self.text, line.start, line.end)
            if match:
                names.add(match.group(1).rpartition(".")[2])
        return names

    def plain_header(self, block: Block) -> str:
        """A function's header in one piece that older interpreters parse: no type parameters."""
        return _TYPE_PARAMETERS.sub(r"\1", self.header_text(block), count=1)

    def header_problem(self, block: Block) -> str:
        """Why a function's header doesn't parse, in words; "" when it does."""
        tree, error = try_parse(self.plain_header(block) + " pass")
        if tree is not None:
            return ""
        line = self.line_number(self.lines[block.header].start) + 1
        reason = error.partition(": ")[2] or error
        return f"the header of {block.qualname} (line {line}) does not parse: {reason}"

    @cached_property
    def last_definitions(self) -> dict[str, Block]:
        """Per qualified name the definition in force: the last, setters and overloads left out."""
        return {
            block.qualname: block
            for block in self.blocks
            if block.kind != "guard"
            and not {"setter", "deleter", "overload"} & self.decorator_names(block)
        }

    def block_indent(self, block: Block) -> str:
        """The white space in front of the block's header."""
        return self._indentation(self.lines[block.header])

    def body_indent(self, block: Block) -> str:
        """The white space in front of a line of the block's body, written or not."""
        body = self.body(block)
        if body:
            return self._indentation(body[0])
        return self.block_indent(block) + self.indent_unit(block)

    def indent_unit(self, block: Block) -> str:
        """One step of indentation: the body's, else the outer block's, else the file's."""
        for inner in (block, block.owner):
            step = self._step(inner) if inner is not None else ""
            if step:
                return step
        return self._usual_step

    @cached_property
    def _usual_step(self) -> str:
        steps = Counter(step for block in self.blocks if (step := self._step(block)))
        return steps.most_common(1)[0][0] if steps else "    "

    def _step(self, block: Block) -> str:
        body = self.body(block)
        if not body:
            return ""
        outer, inner = self.block_indent(block), self._indentation(body[0])
        if inner.startswith(outer):
            return inner[len(outer) :]
        return " " * max(0, column(inner) - column(outer))

    def _indentation(self, line: Line) -> str:
        return self.text[line.bol : line.start].rpartition("\f")[2]


@lru_cache(maxsize=_CACHED_OUTLINES)
def outline_of(text: str) -> Outline:
    """The outline of `text`; the last few are kept."""
    return Outline(text)
