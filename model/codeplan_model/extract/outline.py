"""Logical lines -> the functions and classes of a file, with the spans that tasks and edits need.

Built once per text and cached, because every question about a file starts here. Works on broken
files: what can't be read is left out, the rest stands.

Not covered: what a function's body does; examples (examples.py); imports (imports.py).
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Literal

from .parse import line_starts, parse
from .scan import Line, code_end, column, header_end, logical_lines
from .strings import Docstring, read_docstring

_HEADER = re.compile(r"(?:(async)[ \t\f\\\r\n]+)?(def|class)[ \t\f\\\r\n]+(\w+)")
_INTERESTING = re.compile(r"@|(?:async|def|class|if)\b")
_GUARD = re.compile(r"if[ \t]*\(?[ \t]*(?:(?:\w+\.)?(TYPE_CHECKING)\b|(__name__)[ \t]*==)")
_EMPTY_STATEMENT = re.compile(r"(?:pass|\.\.\.|raise[ \t]+NotImplementedError(?:\(\))?)$")
_DECORATOR_NAME = re.compile(r"@[ \t]*([\w.]+)")
_BASES = re.compile(r"[(,][ \t]*(?:\w+\.)*(Protocol)\b")
_NEVER_TO_WRITE = frozenset(
    {
        "overload",
        "abstractmethod",
        "abstractproperty",
        "abstractclassmethod",
        "abstractstaticmethod",
    }
)
_CACHED_OUTLINES = 8


@dataclass(slots=True, eq=False)
class Block:
    """A function, a class, or an `if` that guards its block from running on import.

    lines: the logical lines of the header and the body, as a range of indices into Outline.lines;
        decorators: index of the first decorator's line (the header's when there is none).
    header_end: offset after the header's colon.
    """

    kind: Literal["def", "class", "guard"]
    name: str
    qualname: str
    parent: Block | None
    header: int
    decorators: int
    col: int
    header_end: int
    name_at: int
    is_async: bool = False
    end: int = 0  # index after the last line of the body
    children: list[Block] = field(default_factory=list)

    @property
    def owner(self) -> Block | None:
        """The nearest enclosing function or class."""
        block = self.parent
        while block is not None and block.kind == "guard":
            block = block.parent
        return block


class Outline:
    """The definitions of one text. Immutable once built; safe to share between threads."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines: list[Line] = logical_lines(text)
        self.blocks: list[Block] = _blocks(text, self.lines)
        self.functions = [block for block in self.blocks if block.kind == "def"]
        self.classes = [block for block in self.blocks if block.kind == "class"]
        self._docstrings: dict[int, Docstring | None] = {}

    @cached_property
    def line_starts(self) -> list[int]:
        return line_starts(self.text)

    def line_number(self, offset: int) -> int:
        """The 0-based line that holds `offset`."""
        return bisect_right(self.line_starts, offset) - 1

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
            self._docstrings[key] = self._read_docstring(block)
        return self._docstrings[key]

    def _read_docstring(self, block: Block | None) -> Docstring | None:
        if block is None:
            first = self.lines[0] if self.lines else None
        else:
            same_line = self.same_line_body(block)
            if same_line is not None:
                return read_docstring(self.text, *same_line)
            body = self.body(block)
            first = body[0] if body else None
        return None if first is None else read_docstring(self.text, first.start, first.end)

    def statements(self, block: Block) -> list[tuple[int, int]]:
        """The (start, end) of what follows the docstring, a logical line each, without comments.

        Several statements on one line, joined by semicolons, are one entry.
        """
        docstring = self.docstring(block)
        after = docstring.end if docstring else block.header_end
        spans: list[tuple[int, int]] = []
        same_line = self.same_line_body(block)
        if same_line is not None:
            spans.append(same_line)
        spans += [(line.start, line.end) for line in self.body(block)]
        found: list[tuple[int, int]] = []
        for start, end in spans:
            if end <= after:
                continue
            if start < after:
                start = after
                while start < end and self.text[start] in " \t\f;":
                    start += 1
            end = code_end(self.text, start, end)
            if start < end:
                found.append((start, end))
        return found

    def is_empty(self, block: Block) -> bool:
        """Whether the body is only `...`, `pass`, `raise NotImplementedError`, or nothing."""
        body = self.body(block)
        if len(body) > 4:  # a docstring and a few placeholders at most
            return False
        return all(_is_placeholder(self.text[start:end]) for start, end in self.statements(block))

    def to_write(self, block: Block) -> bool:
        """Whether this function waits for a body: empty, and not a stub that is meant to be empty."""
        return (
            block.kind == "def"
            and self.is_empty(block)
            and not _NEVER_TO_WRITE & self.decorator_names(block)
            and not self._is_declaration(block)
            and not self._is_overridden(block)
        )

    def decorator_names(self, block: Block) -> set[str]:
        """The last parts of the decorators' names: {"overload"} for `@typing.overload`."""
        names: set[str] = set()
        for line in self.lines[block.decorators : block.header]:
            match = _DECORATOR_NAME.match(self.text, line.start, line.end)
            if match:
                names.add(match.group(1).rpartition(".")[2])
        return names

    def _is_declaration(self, block: Block) -> bool:
        """In a Protocol, or under `if TYPE_CHECKING`."""
        parent = block.parent
        while parent is not None:
            if parent.kind == "guard" and parent.name == "TYPE_CHECKING":
                return True
            if parent.kind == "class" and _BASES.search(
                self.text, self.lines[parent.header].start, parent.header_end
            ):
                return True
            parent = parent.parent
        return False

    def _is_overridden(self, block: Block) -> bool:
        """A method that raises NotImplementedError while a subclass in this file has its own."""
        owner = block.owner
        if owner is None or owner.kind != "class":
            return False
        statements = self.statements(block)
        if not statements or not self.text.startswith("raise", statements[-1][0]):
            return False
        return (owner.name, block.name) in self._overrides

    @cached_property
    def last_definitions(self) -> dict[str, Block]:
        """Per qualified name the definition in force: the last one, setters and overloads left out."""
        return {
            block.qualname: block
            for block in self.blocks
            if block.kind != "guard"
            and not {"setter", "deleter", "overload"} & self.decorator_names(block)
        }

    @cached_property
    def _overrides(self) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for cls in self.classes:
            header = self.text[self.lines[cls.header].start : cls.header_end]
            bases = re.findall(r"\w+", header.partition("(")[2])
            found |= {
                (base, child.name)
                for base in bases
                for child in cls.children
                if child.kind == "def"
            }
        return found


@lru_cache(maxsize=_CACHED_OUTLINES)
def outline_of(text: str) -> Outline:
    """The outline of `text`; the last few are kept."""
    return Outline(text)


def _blocks(text: str, lines: list[Line]) -> list[Block]:
    blocks: list[Block] = []
    open_blocks: list[Block] = []
    decorators: int | None = None
    for index, line in enumerate(lines):
        while open_blocks and line.col <= open_blocks[-1].col:
            open_blocks.pop().end = index
        if _INTERESTING.match(text, line.start) is None:
            decorators = None
            continue
        if text[line.start] == "@":
            if decorators is None or lines[decorators].col != line.col:
                decorators = index
            continue
        parent = open_blocks[-1] if open_blocks else None
        block = _definition(text, line, index, parent) or _guard(text, line, index, parent)
        if block is not None:
            if block.kind != "guard":
                if decorators is not None and lines[decorators].col == line.col:
                    block.decorators = decorators
                if block.owner is not None:
                    block.owner.children.append(block)
            blocks.append(block)
            open_blocks.append(block)
        decorators = None
    for block in open_blocks:
        block.end = len(lines)
    return blocks


def _definition(text: str, line: Line, index: int, parent: Block | None) -> Block | None:
    match = _HEADER.match(text, line.start, line.end)
    if match is None:
        return None
    end = header_end(text, line)
    if end is None:
        return None
    kind: Literal["def", "class"] = "def" if match.group(2) == "def" else "class"
    block = Block(
        kind=kind,
        name=match.group(3),
        qualname=match.group(3),
        parent=parent,
        header=index,
        decorators=index,
        col=line.col,
        header_end=end,
        name_at=match.start(3),
        is_async=match.group(1) is not None,
    )
    owner = block.owner
    if owner is not None:
        joint = ".<locals>." if owner.kind == "def" else "."
        block.qualname = owner.qualname + joint + block.name
    return block


def _guard(text: str, line: Line, index: int, parent: Block | None) -> Block | None:
    match = _GUARD.match(text, line.start, line.end)
    end = header_end(text, line) if match else None
    if match is None or end is None:
        return None
    name = match.group(1) or match.group(2)
    return Block("guard", name, "", parent, index, index, line.col, end, line.start)


def _is_placeholder(source: str) -> bool:
    if _EMPTY_STATEMENT.match(source):
        return True
    if "NotImplementedError" not in source and ";" not in source and "..." not in source:
        return False
    tree = parse(source)
    return tree is not None and all(_is_placeholder_node(node) for node in tree.body)


def _is_placeholder_node(node: ast.stmt) -> bool:
    match node:
        case ast.Pass() | ast.Raise(exc=ast.Name(id="NotImplementedError")):
            return True
        case ast.Raise(exc=ast.Call(func=ast.Name(id="NotImplementedError"))):
            return True
        case ast.Expr(value=ast.Constant(value=value)):
            return value is ...
    return False


def block_indent(outline: Outline, block: Block) -> str:
    """The white space in front of the block's header line."""
    line = outline.lines[block.header]
    return outline.text[line.bol : line.start].rpartition("\f")[2]


def indent_unit(outline: Outline, block: Block | None = None) -> str:
    """One step of indentation: that of the block's own body, else of the nearest block, else 4 spaces."""
    if block is not None:
        body = outline.body(block)
        if body:
            unit = _step(block_indent(outline, block), _indentation(outline, body[0]))
            if unit:
                return unit
    at = block.header if block is not None else 0
    order = (
        sorted(outline.blocks, key=lambda other: abs(other.header - at)) if outline.blocks else []
    )
    for other in order:
        body = outline.body(other)
        if body:
            unit = _step(block_indent(outline, other), _indentation(outline, body[0]))
            if unit:
                return unit
    return "\t" if block is not None and "\t" in block_indent(outline, block) else "    "


def _indentation(outline: Outline, line: Line) -> str:
    return outline.text[line.bol : line.start].rpartition("\f")[2]


def _step(outer: str, inner: str) -> str:
    if inner.startswith(outer) and len(inner) > len(outer):
        return inner[len(outer) :]
    width = column(inner) - column(outer)
    return " " * width if width > 0 else ""
