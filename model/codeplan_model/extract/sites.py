"""Functions by name and by position, and the hole that each leaves in its file."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from codeplan_model.values import Span

from .blocks import Block
from .errors import ExtractError
from .outline import Outline
from .scan import Line, column
from .unwritten import is_empty, is_to_write

_NEXT_COMMENT = re.compile(
    r"(?>(?:(?>\r\n|\r|\n)([ \t\f]*+))+)(?P<comment>#)[^\r\n]*"
)  # blank lines before it too
_BLANK_LINE = re.compile(r"(?:\r\n|\r|\n)[ \t\f]*(?=[\r\n]|\Z)")
_HEADER_START = re.compile(r"(?:async[ \t]+)?def[ \t]+(\w+)")


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

    span: the old body without the docstring. Comments around placeholders are notes for what is to
        be written and stay outside; comments around written code go with it. Empty when there is
        no statement. In a block it begins at the beginning of a line and ends before a line end;
        otherwise it follows the colon or the docstring directly and takes the rest of the line.
    starts_line: True when the span begins at the beginning of a line.
    """

    span: Span
    starts_line: bool


def site_of(outline: Outline, block: Block) -> FunctionSite:
    """Where one function of an outline stands."""
    line = outline.lines[block.header]
    return FunctionSite(
        entry_point=block.qualname,
        name=Span(block.name_at, block.name_at + len(block.name)),
        header=Span(line.start, block.header_end),
        extent=Span(*outline.extent(block)),
        line=outline.line_number(line.start),
        to_write=is_to_write(outline, block),
    )


def block_at(outline: Outline, offset: int) -> Block | None:
    """The innermost function around `offset`.

    A function reaches from the beginning of its first decorator's line to the end of its last line,
    and over comments of its body that follow; one that is to write also over one blank line.
    Raises ExtractError on a `def` line that is too broken to be a function.
    """
    best: Block | None = None
    for block in outline.functions:
        begin = outline.lines[block.decorators].bol
        if begin > offset:
            break
        if offset <= _reach(outline, block):
            best = block
    for line in outline.lines:
        if line.bol <= offset <= line.end:
            _check_header_line(outline, line)
            break
    return best


def block_named(outline: Outline, name: str) -> Block:
    """The function with this qualified name, or the only one with this plain name.

    Of several definitions with the same qualified name: the first that is to write, else the last,
    which is the one in force. Raises ExtractError.
    """
    found = [block for block in outline.functions if block.qualname == name]
    if not found and "." not in name:
        found = [block for block in outline.functions if block.name == name]
        names = list(dict.fromkeys(block.qualname for block in found))
        if len(names) > 1:
            raise ExtractError(f"{name!r} is not unique in this file: say {_either(names)}")
    if not found:
        for line in outline.lines:
            match = _HEADER_START.match(outline.text, line.start, line.end)
            if match and match.group(1) == name.rpartition(".")[2]:
                _check_header_line(outline, line)
        raise ExtractError(_not_found(outline, name))
    return next((block for block in found if is_to_write(outline, block)), found[-1])


def hole_of(outline: Outline, block: Block) -> Hole:
    """The span that a new body replaces. Raises ExtractError."""
    docstring = outline.docstring(block)
    lines = outline.body(block)
    same_line = outline.same_line_body(block)
    if same_line is not None and lines:
        number = outline.line_number(block.header_end) + 1
        raise ExtractError(
            f"{block.qualname} has code on its header's line ({number}) and below it: finish it"
        )
    if same_line is not None:
        start = docstring.end if docstring else block.header_end
        return Hole(Span(start, outline.lines[block.header].end), False)
    statements = outline.statements(block)
    if not statements:
        last_line = lines[-1] if lines else outline.lines[block.header]
        end = end_with_comments(outline, block, last_line)
        return Hole(Span(end, end), False)
    first = _line_of(lines, statements[0][0])
    end = _line_of(lines, statements[-1][0]).end
    if docstring is not None and first.start <= docstring.start:  # joined by a semicolon
        return Hole(Span(docstring.end, end), False)
    begin = first.bol
    if not is_empty(outline, block):
        begin = _first_comment(outline, block, first)
        end = end_with_comments(outline, block, _line_of(lines, statements[-1][0]))
    return Hole(Span(begin, end), True)


def end_with_comments(outline: Outline, block: Block, line: Line) -> int:
    """The end of `line`, or of the last comment line after it that still belongs to the body."""
    text = outline.text
    end = line.end
    while match := _NEXT_COMMENT.match(text, end):
        if column(match.group(1)) <= block.col:
            break
        end = match.end()
    return end


def _first_comment(outline: Outline, block: Block, first: Line) -> int:
    """Where the comment lines begin that stand between a docstring or header and line `first`."""
    before = outline.lines[block.header]
    for line in outline.body(block):
        if line == first:
            break
        before = line
    comment = _NEXT_COMMENT.match(outline.text, before.end, first.bol)
    if comment is None:
        return first.bol
    return comment.start("comment") - len(comment.group(1))


def _line_of(lines: list[Line], offset: int) -> Line:
    return next(line for line in lines if line.start <= offset <= line.end)


def _reach(outline: Outline, block: Block) -> int:
    end = end_with_comments(outline, block, outline.lines[block.end - 1])
    if not is_to_write(outline, block):
        return end
    blank = _BLANK_LINE.match(outline.text, end)
    return blank.end() if blank else end


def _check_header_line(outline: Outline, line: Line) -> None:
    """Raise ExtractError when the line starts a function that can't be one."""
    text = outline.text
    match = _HEADER_START.match(text, line.start, line.end)
    if match is None:
        return
    number = outline.line_number(line.start) + 1
    block = next((b for b in outline.functions if outline.lines[b.header] == line), None)
    if block is None:
        raise ExtractError(
            f"the header of {match.group(1)} (line {number}) has no colon at its end: finish it"
        )
    problem = outline.header_problem(block)
    if problem:
        raise ExtractError(f"{problem}: finish it")


def _not_found(outline: Outline, name: str) -> str:
    names = list(dict.fromkeys(block.qualname for block in outline.functions))
    if not names:
        return f"no function {name!r}: there are no functions in this file"
    known = {full.rpartition(".")[2]: full for full in reversed(names)} | {n: n for n in names}
    near = list(
        dict.fromkeys(known[match] for match in difflib.get_close_matches(name, known, n=3))
    )
    if near:
        return f"no function {name!r} in this file; did you mean {_either(near)}?"
    shown = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
    return f"no function {name!r} in this file; it has {shown}"


def _either(names: list[str]) -> str:
    shown = [repr(name) for name in names[:8]]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"
