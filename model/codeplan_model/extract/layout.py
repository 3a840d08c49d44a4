"""Moving code from one indentation to another without touching what is inside its strings."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable

from .parse import line_starts
from .scan import Line, column, logical_lines, multiline_strings

STEP = "    "


def levels_of(lines: list[Line]) -> tuple[list[int], bool]:
    """For each logical line its level of indentation, and whether the levels are consistent.

    The first line's level is 1; lines further left have 0. Inconsistent is what Python calls
    "unindent does not match any outer indentation level".
    """
    found: list[int] = []
    stack: list[int] = []
    consistent = True
    for line in lines:
        if not stack:
            stack.append(line.col)
        popped = False
        while len(stack) > 1 and line.col < stack[-1]:
            stack.pop()
            popped = True
        if line.col < stack[0]:
            found.append(0)
            continue
        if line.col > stack[-1]:
            consistent = consistent and not popped
            stack.append(line.col)
        found.append(len(stack))
    return found, consistent


def relay(source: str, indentation: Callable[[int], str], unit: str) -> list[str]:
    """The physical lines of `source` with each logical line indented by `indentation(level)`.

    unit: what a step of four spaces becomes in continuation lines. Lines that begin inside a string
    stay as they are; comment lines go with the code around them. `source` has "\\n" line ends.
    """
    lines = logical_lines(source)
    levels, _ = levels_of(lines)
    by_start = {line.bol: index for index, line in enumerate(lines)}
    strings = multiline_strings(source)
    starts = line_starts(source)
    laid: list[str] = []
    current: Line | None = None
    at_string = 0
    for number, start in enumerate(starts):
        end = starts[number + 1] - 1 if number + 1 < len(starts) else len(source)
        content = source[start:end]
        while at_string < len(strings) and strings[at_string][1] <= start:
            at_string += 1
        if at_string < len(strings) and strings[at_string][0] < start:
            laid.append(content)
            continue
        index = by_start.get(start)
        if index is not None:
            current = lines[index]
            moved = indentation(levels[index]) + source[current.start : end]
        elif not content.strip():
            moved = ""
        elif current is not None and start < current.end:
            level = levels[by_start[current.bol]]
            moved = _continuation(
                content, source[current.bol : current.start], indentation(level), unit
            )
        else:
            moved = indentation(_comment_level(content, start, lines, levels)) + content.lstrip()
        ends_in_string = any(s < end < e for s, e in strings[at_string : at_string + 8])
        laid.append(moved if ends_in_string else moved.rstrip(" \t"))
    return laid


def _continuation(content: str, old: str, new: str, unit: str) -> str:
    """A further line of a bracketed statement, moved with the statement's first line."""
    code = content.lstrip(" \t\f")
    lead = content[: len(content) - len(code)]
    if lead.startswith(old):
        rest = lead[len(old) :].replace("\t", STEP)
    else:
        rest = " " * max(0, column(lead) - column(old))
    if unit != STEP and len(rest) % len(STEP) == 0:
        rest = unit * (len(rest) // len(STEP))
    return new + rest + code


def _comment_level(content: str, start: int, lines: list[Line], levels: list[int]) -> int:
    """A comment goes with the code after it, or with that before when it is indented further."""
    width = column(content[: len(content) - len(content.lstrip())])
    after = bisect_left(lines, (start,))
    before = after - 1
    if after < len(lines) and (width <= lines[after].col or before < 0):
        return levels[after]
    if before >= 0 and width >= lines[before].col:
        return levels[before]
    if after < len(lines):
        return levels[after]
    inner = [level for line, level in zip(lines, levels, strict=True) if line.col <= width]
    return max(1, inner[-1]) if inner else 1
