"""Where missing imports go in a file, and the smallest edits that put them there.

A name joins an existing `from` line of its module; anything else gets a line of its own, among the
imports of the standard library in their order if they have one, else after the last import, else
after the module's docstring, else before the first code.
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass, field

from codeplan_model.values import Edit, Span

from .imports import Import
from .outline import Outline
from .parse import line_starts, offset_of, parse
from .scan import BOM, Line

_IMPORT = re.compile(r"(?:import|from)\b(?![ \t]*[=.,(\[])")
_MODULE = re.compile(r"(import|from)[ \t]+([\w.]+)")
_STAR = re.compile(r"from\b[^#\n]*\bimport[ \t]*\*")
_TRY = re.compile(r"try[ \t]*:")
_TYPE_CHECKING = re.compile(r"if[ \t]+(?:\w+\.)?TYPE_CHECKING\b")
_GOES_ON = re.compile(r"(?:except|else|finally|elif)\b")
_DUNDER = re.compile(r"__\w+__[ \t]*(?::[^=]*)?=[^=]")
_DEFINITION = re.compile(r"@|(?:async|def|class)\b")
_TOP_LINE = re.compile(r"([ \t\f]*(?:#[^\r\n]*)?)(?:\r\n|\r|\n)")
_BLANK = re.compile(r"[ \t\f]*(?:[\r\n]|\Z)")
_FILE_COMMENT = re.compile(r"#!|#.*coding[:=]")
_MAX_WIDTH = 99


@dataclass(slots=True)
class _Head:
    """The imports at the head of a file.

    imports: the unconditional ones at the top level. last: the last line of the docstring, the
    imports and guarded imports like `try: import ...`; None when there are none.
    """

    imports: list[Line] = field(default_factory=list)
    last: Line | None = None


def import_edits(outline: Outline, missing: list[Import], newline: str) -> list[Edit]:
    """The edits that add `missing` to the file."""
    head = _head(outline)
    new_lines: dict[tuple[bool, str], list[str]] = {}
    joined: dict[Line, list[str]] = {}
    for item in missing:
        line = _line_from(outline, head, item.module) if item.name else None
        if line is None:
            new_lines.setdefault((bool(item.name), item.module), []).append(item.name)
        else:
            joined.setdefault(line, []).append(item.name)
    edits: list[Edit] = []
    for line, names in joined.items():
        extension = _extension(outline, line, names)
        if extension:
            edits += extension
        else:
            new_lines.setdefault(_key(outline, line), []).extend(names)
    return edits + _line_edits(outline, head, new_lines, newline)


def _head(outline: Outline) -> _Head:
    text, lines = outline.text, outline.lines
    head = _Head()
    index = 0
    if outline.docstring(None) is not None:
        head.last = lines[0]
        index = 1
    while index < len(lines):
        line = lines[index]
        stop = index + 1
        if _IMPORT.match(text, line.start):
            head.imports.append(line)
            head.last = line
        elif _TRY.match(text, line.start) or _TYPE_CHECKING.match(text, line.start):
            stop = _block_end(outline, index)
            if not any(_IMPORT.search(text, part.start, part.end) for part in lines[index:stop]):
                break
            if _TRY.match(text, line.start):
                head.last = lines[stop - 1]
        elif not _DUNDER.match(text, line.start, line.end):
            break
        index = stop
    return head


def _block_end(outline: Outline, index: int) -> int:
    """The index after a compound statement with all its parts."""
    lines = outline.lines
    stop = index + 1
    while stop < len(lines) and (
        lines[stop].col > lines[index].col or _GOES_ON.match(outline.text, lines[stop].start)
    ):
        stop += 1
    return stop


def _key(outline: Outline, line: Line) -> tuple[bool, str]:
    """(whether it is a `from` import, its module): the usual order of imports."""
    match = _MODULE.match(outline.text, line.start, line.end)
    return (match.group(1) == "from", match.group(2)) if match else (True, "")


def _line_from(outline: Outline, head: _Head, module: str) -> Line | None:
    """The `from module import ...` line that can take one more name."""
    for line in head.imports:
        if _key(outline, line) == (True, module) and not _STAR.match(outline.text, line.start):
            return line
    return None


def _extension(outline: Outline, line: Line, names: list[str]) -> list[Edit]:
    """Insertions of names into a `from` line; [] where a line of their own is the better way."""
    source = outline.text[line.start : line.end]
    tree = parse(source)
    match tree.body if tree is not None else []:
        case [ast.ImportFrom(names=aliases)]:
            pass
        case _:
            return []
    one_line = "\n" not in source and "\r" not in source
    if "\\" in source or (one_line and len(source) + sum(len(n) + 2 for n in names) > _MAX_WIDTH):
        return []
    starts = line_starts(source)
    in_order = [_sort_key(alias.name) for alias in aliases]
    is_sorted = in_order == sorted(in_order)
    insertions: dict[int, str] = {}
    for name in sorted(names, key=_sort_key):
        after = next(
            (a for a in aliases if is_sorted and _sort_key(a.name) > _sort_key(name)), None
        )
        if after is not None:
            at = offset_of(source, starts, after.lineno, after.col_offset)
            lead = source[starts[after.lineno - 1] : at]
            piece = f"{name}, " if lead.strip() else f"{name},{_line_break(source)}{lead}"
        else:
            last = aliases[-1]
            at = offset_of(source, starts, last.end_lineno or 1, last.end_col_offset or 0)
            first = offset_of(source, starts, last.lineno, last.col_offset)
            lead = source[starts[last.lineno - 1] : first]
            piece = f", {name}" if lead.strip() else f",{_line_break(source)}{lead}{name}"
        insertions[at] = insertions.get(at, "") + piece
    return [Edit(Span(line.start + at, line.start + at), piece) for at, piece in insertions.items()]


def _sort_key(name: str) -> tuple[int, str]:
    """The usual order of imported names: constants, classes, functions."""
    if name.isupper() and len(name) > 1:
        return 0, name
    return (1, name) if name[:1].isupper() else (2, name)


def _line_break(source: str) -> str:
    return "\r\n" if "\r\n" in source else "\n" if "\n" in source else "\r"


def _line_edits(
    outline: Outline, head: _Head, new_lines: dict[tuple[bool, str], list[str]], newline: str
) -> list[Edit]:
    """Insertions of whole import statements."""
    statements = {
        key: f"from {key[1]} import {', '.join(sorted(names, key=_sort_key))}"
        if key[0]
        else f"import {key[1]}"
        for key, names in sorted(new_lines.items())
    }
    if not statements:
        return []
    star = next((x for x in head.imports if _STAR.match(outline.text, x.start, x.end)), None)
    if star is not None:  # before it, so that it may overwrite them as it may have done all along
        block = "".join(statement + newline for statement in statements.values())
        return [Edit(Span(star.bol, star.bol), block)]
    standard = [line for line in head.imports if _is_standard(outline, line)]
    if standard:
        return _among(outline, standard, statements, newline)
    return [_at_head(outline, head, newline.join(statements.values()), newline)]


def _is_standard(outline: Outline, line: Line) -> bool:
    package = _key(outline, line)[1].partition(".")[0]
    return package in sys.stdlib_module_names and package != "__future__"


def _among(
    outline: Outline,
    standard: list[Line],
    statements: dict[tuple[bool, str], str],
    newline: str,
) -> list[Edit]:
    """Insertions among the imports of the standard library, in order if those are in order."""
    keys = [_key(outline, line) for line in standard]
    in_order = keys == sorted(keys)
    pieces: dict[int, str] = {}
    for key, statement in statements.items():
        before = [
            line for line, its in zip(standard, keys, strict=True) if not in_order or its <= key
        ]
        if before:
            pieces[before[-1].end] = pieces.get(before[-1].end, "") + newline + statement
        else:
            bol = standard[0].bol
            pieces[bol] = pieces.get(bol, "") + statement + newline
    return [Edit(Span(at, at), piece) for at, piece in pieces.items()]


def _at_head(outline: Outline, head: _Head, block: str, newline: str) -> Edit:
    """One insertion in a file that imports nothing of the standard library."""
    text = outline.text
    last = head.last
    if last is not None:
        end = last.end
        follows = _next_line(text, end)
        is_docstring = outline.docstring(None) is not None and last == outline.lines[0]
        apart = is_docstring or _key(outline, last) == (True, "__future__")
        crowded = is_docstring and follows < len(text) and not _BLANK.match(text, follows)
        block = (newline * 2 if apart else newline) + block + (newline if crowded else "")
        return Edit(Span(end, end), block)
    at = _first_place(outline)
    definition = _DEFINITION.match(text, outline.lines[0].start) if outline.lines else None
    if at >= len(text):
        return Edit(Span(at, at), block + newline)
    return Edit(Span(at, at), block + newline * (3 if definition else 2))


def _next_line(text: str, end: int) -> int:
    if text.startswith("\r\n", end):
        return end + 2
    return min(end + 1, len(text))


def _first_place(outline: Outline) -> int:
    """Where imports go in a file that has neither docstring nor imports.

    After the comments at the top of the file that a blank line sets off, so before the first code
    with the comments that stand right above it.
    """
    text = outline.text
    limit = outline.lines[0].bol if outline.lines else len(text)
    at = place = len(BOM) if text.startswith(BOM) else 0
    while at < limit and (match := _TOP_LINE.match(text, at)):
        at = match.end()
        if not match.group(1).strip() or _FILE_COMMENT.match(match.group(1)):
            place = at
    return min(place, limit)
