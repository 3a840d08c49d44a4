"""Python text -> logical lines, without a parser: the ground that extraction stands on.

One pass of one regular expression over strings, comments, brackets and line ends. A syntax error
elsewhere in the file does not matter, because nothing is parsed: what a line says is found out
later, and only for the lines that are asked about. An unclosed bracket ends at the next line that
starts with a word that no expression can contain (`def`, `class`, `return`, ...); an unclosed
triple quote is closed where the code seems to go on. Syntax that is newer than the running
interpreter passes.

Why not a parser: ten thousand lines take about 20 ms, a fifth of what `ast.parse` takes, and one
random break in a file hid 0.1 % of its other functions, where the error-tolerant parsers that were
tried hid 8 % (parso) and 12 % (tree-sitter). tests/extract bound both: test_speed.py the time,
test_scan.py what a break hides, which varies with the places that are drawn (0.1 to 2 %).

Not covered: what statements mean, names, nesting of blocks (see outline.py).
"""

from __future__ import annotations

import re
from typing import NamedTuple

BOM = "\ufeff"
TAB = 8  # the width that the Python tokenizer gives a tab in indentation

# Each branch starts with a literal character, so that the search for the next one runs in C; the
# empty group at its end tells which branch matched. Possessive repeats keep it linear; repeated
# groups are made atomic instead, since Python 3.11.2 never matches `(?:...)*+`.
_BRANCHES = r"""
      \n()                                                      # 1 line end
    | \r\n?()                                                   # 2 line end
    | \#[^\r\n]*+()                                             # 3 comment
    | \(() | \[() | \{()                                        # 4, 5, 6 open
    | \)() | \]() | \}()                                        # 7, 8, 9 close
    | \"\"\"[^"\\]*+(?>(?:(?:\\.|"(?!""))[^"\\]*+)*)\"\"\"()    # 10 triple-quoted string
    | \'\'\'[^'\\]*+(?>(?:(?:\\.|'(?!''))[^'\\]*+)*)\'\'\'()    # 11 triple-quoted string
    | \"\"\"()                                                  # 12 unclosed triple quote
    | \'\'\'()                                                  # 13 unclosed triple quote
    | "[^"\\\r\n]*+(?>(?:\\(?:\r\n|.)[^"\\\r\n]*+)*)"?+()       # 14 string, or to the line's end
    | '[^'\\\r\n]*+(?>(?:\\(?:\r\n|.)[^'\\\r\n]*+)*)'?+()       # 15 string, or to the line's end
    | \\(?:\r\n|\r|\n)()                                        # 16 line continued
"""
_TOKEN = re.compile(_BRANCHES, re.VERBOSE | re.DOTALL)
_TOKEN_OR_COLON = re.compile(_BRANCHES + "| :()", re.VERBOSE | re.DOTALL)  # 17
_COMMENT = 3
_OPEN = (4, 5, 6)
_CLOSE = (7, 8, 9)
_TRIPLE = (10, 11)
_UNCLOSED = (12, 13)
_STRING = (14, 15)
_COLON = 17

# Words that start a statement and never stand inside an expression.
_STATEMENT = re.compile(
    r"(?:async[ \t]+def|def|class|return|import|while|try|except|finally|raise|assert|del|pass"
    r"|break|continue|global|nonlocal|elif)\b"
)
_INDENT = re.compile(r"[ \t\f]*")
# A line inside a swallowed "string" that looks like the code after an unclosed docstring.
_CODE_AGAIN = re.compile(
    r"^[ \t]*(?:(?:async[ \t]+)?def[ \t]+\w+|class[ \t]+\w+[ \t]*[(:]|@\w"
    r"|from[ \t]+[\w.]+[ \t]+import\b)",
    re.MULTILINE,
)
_MAX_REPAIRS = 8


class Line(NamedTuple):
    """One logical line with code on it.

    bol: where its first physical line begins (before the indentation).
    start: its first character after the indentation.
    end: after its last character, a trailing comment included, before the line end.
    col: the indentation's width, tabs to the next multiple of eight.
    """

    bol: int
    start: int
    end: int
    col: int


def logical_lines(text: str) -> list[Line]:
    """The logical lines of `text` that hold code, in order; no blank and comment lines."""
    lines, unclosed = _scan(text, frozenset())
    repairs: set[int] = set()
    while unclosed is not None and len(repairs) < _MAX_REPAIRS:
        opener = _likely_unclosed(text, lines, unclosed, repairs)
        if opener is None:
            break
        repairs.add(opener)
        lines, unclosed = _scan(text, frozenset(repairs))
    return lines


def column(indentation: str) -> int:
    """The width of white space in front of a line, as the Python tokenizer counts it."""
    if "\t" not in indentation and "\f" not in indentation:
        return len(indentation)
    width = 0
    for char in indentation:
        if char == "\t":
            width = (width // TAB + 1) * TAB
        elif char == "\f":
            width = 0
        else:
            width += 1
    return width


def header_end(text: str, line: Line) -> int | None:
    """The offset after the colon that ends a compound statement's header, None when it has none."""
    depth = 0
    for match in _TOKEN_OR_COLON.finditer(text, line.start, line.end):
        kind = match.lastindex or 0
        if kind == _COLON:
            if depth == 0:
                return match.end()
        elif kind in _OPEN:
            depth += 1
        elif kind in _CLOSE:
            depth = max(0, depth - 1)
    return None


def code_end(text: str, start: int, end: int) -> int:
    """The offset in start..end after the last code, that is before a trailing comment."""
    last = end
    for match in _TOKEN.finditer(text, start, end):
        if match.lastindex == _COMMENT and match.end() == end:
            last = match.start()
    return start + len(text[start:last].rstrip(" \t\f"))


def multiline_strings(text: str) -> list[tuple[int, int]]:
    """The (start, end) of every string literal in `text` that crosses a line end."""
    return [
        match.span()
        for match in _TOKEN.finditer(text)
        if match.lastindex in (*_TRIPLE, *_STRING)
        and ("\n" in match.group() or "\r" in match.group())
    ]


def unclosed_string(text: str) -> int | None:
    """Where a triple quote opens that nothing closes, None when all are closed."""
    return next((m.start() for m in _TOKEN.finditer(text) if m.lastindex in _UNCLOSED), None)


def _scan(text: str, closed_early: frozenset[int]) -> tuple[list[Line], int | None]:
    """Logical lines, and where an unclosed triple quote opens.

    closed_early: offsets of triple quotes to be read as ending with their own line.
    """
    lines: list[Line] = []
    bol = 1 if text.startswith(BOM) else 0
    start = _after_indent(text, bol)
    depth = 0
    at = 0
    unclosed: int | None = None
    size = len(text)
    append = lines.append
    while True:  # once, and again after each string that is closed early
        restart: int | None = None
        for match in _TOKEN.finditer(text, at):
            kind = match.lastindex or 0
            if kind <= 2:
                end = match.start()
                after = match.end()
                if depth:
                    if _STATEMENT.match(text, _after_indent(text, after)) is None:
                        continue
                    depth = 0
                if start < end and text[start] != "#":
                    indentation = text[bol:start]
                    append(Line(bol, start, end, column(indentation)))
                bol = after
                start = _after_indent(text, after)
            elif kind in _OPEN:
                depth += 1
            elif kind in _CLOSE:
                if depth:
                    depth -= 1
            elif kind in _TRIPLE or kind in _UNCLOSED:
                if match.start() in closed_early:
                    restart = _line_end(text, match.start())
                    break
                if kind in _UNCLOSED:
                    unclosed = match.start()
                    break
        if restart is None:
            break
        at = restart
        depth = 0
    if start < size and text[start] != "#":
        append(Line(bol, start, size, column(text[bol:start])))
    return lines, unclosed


def _likely_unclosed(text: str, lines: list[Line], unclosed: int, repairs: set[int]) -> int | None:
    """Which triple quote was most likely left open, when the text ends inside a string.

    The first one whose text goes on with something that looks like code again; quotes after the
    real one have code and text swapped, so the first is the right one.
    """
    for match in _TOKEN.finditer(text):
        if match.lastindex in _TRIPLE and match.start() not in repairs:
            line_end = _line_end(text, match.start())
            if line_end < match.end() and _CODE_AGAIN.search(text, line_end, match.end()):
                return match.start()
        elif match.lastindex in _UNCLOSED:
            break
    line_end = _line_end(text, unclosed)
    if unclosed not in repairs and _CODE_AGAIN.search(text, line_end):
        return unclosed
    return None


def _after_indent(text: str, bol: int) -> int:
    match = _INDENT.match(text, bol)
    return match.end() if match else bol


def _line_end(text: str, at: int) -> int:
    ends = [end for end in (text.find("\n", at), text.find("\r", at)) if end >= 0]
    return min(ends, default=len(text))
