"""Where missing imports go in a file: an existing `from` line, or a new line after the last import."""

from __future__ import annotations

import ast
import re
import sys

from codeplan_model.values import Edit, Span

from .imports import Import
from .outline import Outline
from .parse import line_starts, offset_of, parse
from .scan import Line

_IMPORT = re.compile(r"(?:import|from)\b(?![ \t]*[=.,(\[])")
_FUTURE = re.compile(r"from[ \t]+__future__\b")
_STAR = re.compile(r"from\b[^#\n]*\bimport[ \t]*\*")
_TRY = re.compile(r"try[ \t]*:")
_GOES_ON = re.compile(r"(?:except|else|finally|elif)\b")
_TYPE_CHECKING = re.compile(r"if[ \t]+(?:\w+\.)?TYPE_CHECKING\b")
_DUNDER = re.compile(r"__\w+__[ \t]*(?::[^=]*)?=[^=]")
_DEFINITION = re.compile(r"@|(?:async|def|class)\b")
_HEAD_COMMENT = re.compile(r"#!|#.*coding[:=]")
_MAX_WIDTH = 99


def import_edits(outline: Outline, missing: list[Import], newline: str) -> list[Edit]:
    """The edits that add `missing` to the file."""
    left: list[Import] = []
    edits: dict[int, Edit] = {}
    extended: dict[int, list[str]] = {}
    head = _Head(outline)
    for item in missing:
        line = head.line_from(item.module) if item.name else None
        if line is None:
            left.append(item)
        else:
            extended.setdefault(line.start, []).append(item.name)
    by_start = {line.start: line for line in head.imports}
    for start, names in extended.items():
        edit = _extension(outline, by_start[start], names)
        if edit is None:
            left += [Import(_module_of(outline, by_start[start]), name) for name in names]
        else:
            edits[start] = edit
    found = list(edits.values())
    if left:
        found += _new_lines(outline, head, sorted(left, key=_order), newline)
    return found


class _Head:
    """The imports at the head of a file.

    imports: the unconditional ones at the top level. after: the last logical line of the head (its
    docstring, imports, guarded imports), None when there is none. star: the first star import.
    """

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self.imports: list[Line] = []
        self.after: Line | None = None
        self.docstring_only = True
        self.star: Line | None = None
        text = outline.text
        lines = outline.lines
        index = 0
        docstring = outline.docstring(None)
        if docstring is not None:
            self.after = lines[0]
            index = 1
        while index < len(lines):
            line = lines[index]
            if _IMPORT.match(text, line.start):
                if _STAR.match(text, line.start, line.end):
                    self.star = self.star or line
                self.imports.append(line)
                self.after = line
                self.docstring_only = False
                index += 1
            elif _DUNDER.match(text, line.start, line.end):
                index += 1
            elif _TRY.match(text, line.start) or _TYPE_CHECKING.match(text, line.start):
                stop = self._block_end(index)
                if not self._only_imports(index, stop):
                    break
                if _TRY.match(text, line.start):
                    self.after = lines[stop - 1]
                    self.docstring_only = False
                index = stop
            else:
                break

    def _block_end(self, index: int) -> int:
        lines = self.outline.lines
        stop = index + 1
        while stop < len(lines) and (
            lines[stop].col > lines[index].col
            or _GOES_ON.match(self.outline.text, lines[stop].start)
        ):
            stop += 1
        return stop

    def _only_imports(self, index: int, stop: int) -> bool:
        return any(
            _IMPORT.match(self.outline.text, line.start) for line in self.outline.lines[index:stop]
        )

    def line_from(self, module: str) -> Line | None:
        """The `from module import ...` line that can take one more name."""
        wanted = re.compile(rf"from[ \t]+{re.escape(module)}[ \t]+import\b(?![ \t]*\*)")
        for line in self.imports:
            if wanted.match(self.outline.text, line.start, line.end):
                return line
        return None


def _module_of(outline: Outline, line: Line) -> str:
    return outline.text[line.start : line.end].split()[1]


def _order(item: Import) -> tuple[bool, str, str]:
    return bool(item.name), item.module, item.name


def _extension(outline: Outline, line: Line, names: list[str]) -> Edit | None:
    """One more name, or several, in a `from` line; None where a new line is the better way."""
    source = outline.text[line.start : line.end]
    tree = parse(source)
    match tree:
        case ast.Module(body=[ast.ImportFrom(names=aliases)]):
            pass
        case _:
            return None
    if "\\" in source:
        return None
    starts = line_starts(source)
    last = aliases[-1]
    at = offset_of(source, starts, last.end_lineno or 1, last.end_col_offset or 0)
    present = [alias.name for alias in aliases]
    added = [name for name in names if name not in present]
    ascending = present == sorted(present) and len(present) > 1
    if ascending and len(added) == 1 and added[0] < present[-1]:
        before = next(alias for alias in aliases if alias.name > added[0])
        at = offset_of(source, starts, before.lineno, before.col_offset)
        lead = source[:at].rpartition("\n")[2]
        joint = f"{added[0]}, " if lead.strip() else f"{added[0]},\n{lead}"
        new_text = joint
    else:
        lead = source[:at].rpartition("\n")[2]
        one_a_line = "\n" in source and lead[: len(lead) - len(lead.lstrip())]
        between = ",\n" + lead[: len(lead) - len(lead.lstrip())] if one_a_line else ", "
        new_text = "".join(between + name for name in added)
    first_line = source.partition("\n")[0]
    if "\n" not in source and "(" not in source and len(first_line) + len(new_text) > _MAX_WIDTH:
        return None
    new_text = new_text.replace("\n", "\r\n") if "\r\n" in source else new_text
    return Edit(Span(line.start + at, line.start + at), new_text)


def _new_lines(outline: Outline, head: _Head, items: list[Import], newline: str) -> list[Edit]:
    text = outline.text
    block = newline.join(_statements(items))
    if head.star is not None:
        return [Edit(Span(head.star.bol, head.star.bol), block + newline)]
    if head.after is None:
        at, after = _first_code(outline)
        gap = newline * (3 if after else 2)
        if at >= len(text):
            return [Edit(Span(at, at), block + newline)]
        return [Edit(Span(at, at), block + gap)]
    if head.docstring_only:
        return [Edit(Span(head.after.end, head.after.end), newline * 2 + block)]
    place = _place(outline, head, items)
    return [Edit(Span(place.end, place.end), newline + block)]


def _place(outline: Outline, head: _Head, items: list[Import]) -> Line:
    """The line after which new imports go: the last one of the standard library, else the last one."""
    standard = [
        line
        for line in head.imports
        if _module_of(outline, line).partition(".")[0].strip(",;") in sys.stdlib_module_names
        and not _FUTURE.match(outline.text, line.start)
    ]
    if standard:
        return standard[-1]
    assert head.after is not None
    return head.after


def _statements(items: list[Import]) -> list[str]:
    """One statement a module, plain imports first."""
    by_module: dict[tuple[bool, str], list[str]] = {}
    for item in items:
        by_module.setdefault((bool(item.name), item.module), []).append(item.name)
    return [
        f"from {module} import {', '.join(sorted(names))}" if named else f"import {module}"
        for (named, module), names in by_module.items()
    ]


def _first_code(outline: Outline) -> tuple[int, bool]:
    """Where imports go in a file without any, and whether a definition follows.

    After the comments at the top of the file if a blank line sets them off, else before the first
    code with the comments that stand right above it.
    """
    text = outline.text
    lines = outline.lines
    first = lines[0] if lines else None
    begin = 1 if text.startswith("\ufeff") else 0
    limit = first.bol if first else len(text)
    at = begin
    place = begin
    while at < limit:
        match = re.compile(r"([ \t\f]*(?:#[^\r\n]*)?)(?:\r\n|\r|\n|$)").match(text, at)
        if match is None or match.end() == at:
            break
        if not match.group(1).strip() or _HEAD_COMMENT.match(match.group(1)):
            place = match.end()
        at = match.end()
    definition = first is not None and _DEFINITION.match(text, first.start) is not None
    return place, definition
