"""Functions by name and by position, and the hole that each leaves in its file."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from codeplan_model.values import Span

from .errors import ExtractError
from .outline import Block, Outline
from .scan import Line, code_end


@dataclass(frozen=True, slots=True)
class FunctionSite:
    """Where a function stands, for lists and code lenses.

    entry_point: its qualified name ("Cart.total"). name, header: the spans of its name and of the
    `def` line or lines up to the colon. extent: from its first decorator to its body's last line.
    line: 0-based line of the `def`. to_write: whether it waits for a body.
    """

    entry_point: str
    name: Span
    header: Span
    extent: Span
    line: int
    to_write: bool


@dataclass(frozen=True, slots=True)
class Hole:
    """What an edit of a function's body replaces.

    span: the old body with comments between its statements, without the docstring and the comments
        in front of the first statement; empty when there is no statement. In a block it begins at
        the beginning of a line and ends before a line end; otherwise it follows the colon or the
        docstring directly.
    starts_line: True when the span begins at the beginning of a line.
    """

    span: Span
    starts_line: bool


def site_of(outline: Outline, block: Block) -> FunctionSite:
    line = outline.lines[block.header]
    return FunctionSite(
        entry_point=block.qualname,
        name=Span(block.name_at, block.name_at + len(block.name)),
        header=Span(line.start, block.header_end),
        extent=Span(*outline.extent(block)),
        line=outline.line_number(line.start),
        to_write=outline.to_write(block),
    )


def block_at(outline: Outline, offset: int) -> Block | None:
    """The innermost function around `offset`.

    A function reaches from the beginning of its first decorator's line to the end of its last line,
    and over comments of its body that follow; one that is to write also over one blank line.
    """
    best: Block | None = None
    for block in outline.functions:
        begin = outline.lines[block.decorators].bol
        if begin > offset:
            break
        if offset <= _reach(outline, block):
            best = block
    return best


def block_named(outline: Outline, name: str) -> Block:
    """The function with this qualified name, or the only one with this plain name.

    Of several definitions with the same qualified name: the first that is to write, else the last,
    which is the one in force.
    """
    wanted = [block for block in outline.functions if block.qualname == name]
    if not wanted and name and "." not in name:
        wanted = [block for block in outline.functions if block.name == name]
        names = list(dict.fromkeys(block.qualname for block in wanted))
        if len(names) > 1:
            raise ExtractError(f"{name!r} is not unique here: say {_either(names)}")
    if not wanted:
        raise ExtractError(_not_found(outline, name))
    return next((block for block in wanted if outline.to_write(block)), wanted[-1])


def hole_of(outline: Outline, block: Block) -> Hole:
    """The span that a new body replaces."""
    text = outline.text
    docstring = outline.docstring(block)
    same_line = outline.same_line_body(block)
    if same_line is not None and not outline.body(block):
        start = docstring.end if docstring else block.header_end
        return Hole(Span(start, max(start, code_end(text, start, same_line[1]))), False)
    statements = outline.statements(block)
    if not statements:
        line = _last_line_before_hole(outline, block)
        end = _end_with_comments(outline, block, line)
        return Hole(Span(end, end), False)
    first, last = statements[0], statements[-1]
    lines = outline.body(block)
    if (
        docstring is not None
        and docstring.start <= first[0]
        and _same_line(lines, docstring.end, first[0])
    ):
        return Hole(Span(docstring.end, _line_of(lines, last[0]).end), False)
    return Hole(Span(_line_of(lines, first[0]).bol, _line_of(lines, last[0]).end), True)


def _line_of(lines: list[Line], offset: int) -> Line:
    return next(line for line in lines if line.start <= offset <= line.end)


def _same_line(lines: list[Line], one: int, other: int) -> bool:
    return any(line.start <= one and other <= line.end for line in lines)


def _last_line_before_hole(outline: Outline, block: Block) -> Line:
    """The docstring's line, or the header's when the function has nothing at all below it."""
    body = outline.body(block)
    return body[-1] if body else outline.lines[block.header]


def _end_with_comments(outline: Outline, block: Block, line: Line) -> int:
    """The end of the comment lines of the body that follow `line` directly, or of `line` itself."""
    from .scan import column

    text = outline.text
    end = line.end
    at = end
    while at < len(text):
        at = _after_newline(text, at)
        start = at
        while start < len(text) and text[start] in " \t\f":
            start += 1
        if start >= len(text) or text[start] != "#" or column(text[at:start]) <= block.col:
            return end
        at = start
        while at < len(text) and text[at] not in "\r\n":
            at += 1
        end = at
    return end


def _after_newline(text: str, at: int) -> int:
    return at + 2 if text.startswith("\r\n", at) else at + 1


def _reach(outline: Outline, block: Block) -> int:
    text = outline.text
    end = _end_with_comments(outline, block, outline.lines[block.end - 1])
    if end >= len(text) or not outline.to_write(block):
        return end
    start = _after_newline(text, end)
    stop = start
    while stop < len(text) and text[stop] in " \t\f":
        stop += 1
    return stop if stop == len(text) or text[stop] in "\r\n" else end


def _not_found(outline: Outline, name: str) -> str:
    names = list(dict.fromkeys(block.qualname for block in outline.functions))
    if not names:
        return f"no function {name!r}: there is no function in this file"
    by_plain = {name: name for name in names} | {n.rpartition(".")[2]: n for n in names}
    near = [by_plain[match] for match in difflib.get_close_matches(name, by_plain, n=3)]
    near = list(dict.fromkeys(near))
    if near:
        return f"no function {name!r} here; did you mean {_either(near)}?"
    shown = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
    return f"no function {name!r} here; there are: {shown}"


def _either(names: list[str]) -> str:
    shown = [repr(name) for name in names[:8]]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"
