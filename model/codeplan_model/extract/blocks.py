"""Logical lines -> the functions, classes and guards of a file, nested by their indentation.

A guard is an `if` whose block doesn't run on import as usual: `if TYPE_CHECKING:` and
`if __name__ == "__main__":`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from .scan import Line, code_end, header_end

_DEFINITION = re.compile(r"(?:(async)[ \t\f\\\r\n]+)?(def|class)[ \t\f\\\r\n]+(\w+)")
_GUARD = re.compile(r"if[ \t]*\(?[ \t]*(?:(?:\w+\.)?(TYPE_CHECKING)\b|(__name__)[ \t]*==)")
_COMPOUND = re.compile(
    r"(?:async|def|class|if|elif|else|for|while|try|except|finally|with|match|case)\b"
)
_METHOD = re.compile(r"@|(?:async|def)\b")
_INTERESTING = re.compile(r"@|(?:async|def|class|if)\b")


@dataclass(slots=True, eq=False)
class Block:
    """A function, a class or a guard.

    qualname: as Python's `__qualname__`; "" for a guard, whose name is "TYPE_CHECKING" or
        "__name__".
    parent: the block around it, guards included; children: functions and classes directly inside,
        through guards.
    header, decorators: indices in the file's logical lines of the header and of the first decorator
        (the header when there is none); end: the index after the last line of the body.
    col: the header's indentation as a width. header_end: the offset after the header's colon.
    name_at: the offset of the name.
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
    end: int = 0
    children: list[Block] = field(default_factory=list)

    @property
    def owner(self) -> Block | None:
        """The nearest function or class around it."""
        block = self.parent
        while block is not None and block.kind == "guard":
            block = block.parent
        return block


def blocks_of(text: str, lines: list[Line]) -> list[Block]:
    """Every block, in file order, outer ones before inner ones."""
    blocks: list[Block] = []
    stack: list[Block] = []
    closed: list[Block] = []  # by the line `stray`, while the lines after it are indented further
    stray = Line(0, 0, 0, 0)
    decorators: int | None = None
    for index, line in enumerate(lines):
        if closed and (line.col <= stray.col or (stack and stack[-1].col >= closed[0].col)):
            closed = []
        if closed and (reopened := _reopened(text, closed, stray, line)):
            stack += reopened
            closed = []
        if stack and line.col <= stack[-1].col:
            stray, closed = line, []
            while stack and line.col <= stack[-1].col:
                stack[-1].end = index
                closed.insert(0, stack.pop())
            if _opens_block(text, line):
                closed = []
        if _INTERESTING.match(text, line.start) is None:
            decorators = None
            continue
        if decorators is not None and lines[decorators].col != line.col:
            decorators = None
        if text[line.start] == "@":
            decorators = index if decorators is None else decorators
            continue
        block = _definition(text, line, index, stack) or _guard(text, line, index, stack)
        if block is not None:
            if block.kind != "guard":
                block.decorators = index if decorators is None else decorators
                if block.owner is not None:
                    block.owner.children.append(block)
            blocks.append(block)
            stack.append(block)
        decorators = None
    for block in stack:
        block.end = len(lines)
    return blocks


def _definition(text: str, line: Line, index: int, stack: list[Block]) -> Block | None:
    match = _DEFINITION.match(text, line.start, line.end)
    end = header_end(text, line) if match else None
    if match is None or end is None:
        return None
    name = match.group(3)
    block = Block(
        kind="def" if match.group(2) == "def" else "class",
        name=name,
        qualname=name,
        parent=stack[-1] if stack else None,
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
        block.qualname = owner.qualname + joint + name
    return block


def _guard(text: str, line: Line, index: int, stack: list[Block]) -> Block | None:
    match = _GUARD.match(text, line.start, line.end)
    end = header_end(text, line) if match else None
    if match is None or end is None:
        return None
    name = match.group(1) or match.group(2)
    parent = stack[-1] if stack else None
    return Block("guard", name, "", parent, index, index, line.col, end, line.start)


def _opens_block(text: str, line: Line) -> bool:
    """Whether a block follows the line, as far as the line itself tells."""
    return text[code_end(text, line.start, line.end) - 1] == ":"


def _reopened(text: str, closed: list[Block], stray: Line, line: Line) -> list[Block]:
    """Those of the blocks that line `stray` closed which `line`, indented further, goes on with.

    An indent that nothing opens means that the line before it was a stray piece of text; when it
    may be the broken header of the lines that follow, only methods go back to their class.
    """
    inner = [block for block in closed if block.col < line.col]
    if _COMPOUND.match(text, stray.start):
        is_method = _METHOD.match(text, line.start) is not None
        return [block for block in inner if block.kind == "class" and is_method]
    return inner
