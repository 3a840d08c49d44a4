"""Bare asserts at module level, with the simple set-up statements in front that they need.

They stand at the top level or directly under `if __name__ == "__main__":`. Asserts inside functions
are tests (beside.py) or part of the code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from codeplan_model.values import Example, ExampleKind

from .blocks import Block
from .outline import Outline
from .scan import Line
from .uses import Uses, uses_of

_ASSERT = re.compile(r"assert\b")
_COMPOUND = re.compile(
    r"@|(?:async|def|class|if|elif|else|for|while|try|except|finally|with|match|case|import|from|del"
    r"|return|raise|global|nonlocal)\b(?![ \t]*[=.,(\[])"
)
_MAX_SETUP = 20  # statements that are looked at before an assert


@dataclass(frozen=True, slots=True, eq=False)
class AssertLine:
    """One assert as an example, and what it and its set-up use."""

    example: Example
    uses: Uses


def assert_lines(outline: Outline, file_name: str) -> list[AssertLine]:
    """Every bare assert of the file, in order. They share one group."""
    text = outline.text
    found: list[AssertLine] = []
    inside = _inside(outline)
    read: dict[int, Uses] = {}
    for index, line in enumerate(outline.lines):
        if not _ASSERT.match(text, line.start, line.end) or not _is_bare(line, inside[index]):
            continue
        statement = outline.code(line)
        uses = uses_of(statement)
        setup = _setup(outline, index, inside, uses.loaded, read)
        for part in setup:
            uses.update(uses_of(part))
        number = outline.line_number(line.start)
        example = Example(
            source="".join(part + "\n" for part in [*setup, statement]),
            want="",
            kind=ExampleKind.ASSERT,
            origin=f"{file_name}:{number + 1}",
            line=number,
            group=f"{file_name} asserts",
        )
        found.append(AssertLine(example, uses))
    return found


def _inside(outline: Outline) -> list[Block | None]:
    """For each logical line the innermost block whose body holds it."""
    inside: list[Block | None] = [None] * len(outline.lines)
    for block in outline.blocks:  # outer blocks come before inner ones
        inside[block.header + 1 : block.end] = [block] * (block.end - block.header - 1)
    return inside


def _is_bare(line: Line, block: Block | None) -> bool:
    if block is None:
        return line.col == 0
    return block.kind == "guard" and block.name == "__name__" and block.parent is None


def _setup(
    outline: Outline,
    index: int,
    inside: list[Block | None],
    loaded: set[str],
    read: dict[int, Uses],
) -> list[str]:
    """The simple statements right before line `index` that its assert depends on, in order.

    loaded: the names that the assert reads. read: what lines use, where that is known already.
    """
    text = outline.text
    needed = set(loaded)
    parts: list[str] = []
    for at in range(index - 1, max(-1, index - 1 - _MAX_SETUP), -1):
        line = outline.lines[at]
        if line.col != outline.lines[index].col or inside[at] is not inside[index]:
            break
        if _COMPOUND.match(text, line.start, line.end):
            break
        if _ASSERT.match(text, line.start, line.end):
            continue
        source = outline.code(line)
        if at not in read:
            read[at] = uses_of(source)
        uses = read[at]
        changes = not uses.bound and uses.loaded & needed and "print" not in uses.called
        if uses.bound & needed or changes:
            parts.append(source)
            needed |= uses.loaded
    return parts[::-1]
