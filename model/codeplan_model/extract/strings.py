"""Docstring literals in a text: where they stand and what they say.

The value is decoded here rather than by the compiler, because a docstring must be readable in a
file that doesn't compile, and because the compiler warns about `\\d` where the `r` is missing.
"""

from __future__ import annotations

import ast
import inspect
import re
import unicodedata
from dataclasses import dataclass

from .parse import line_starts, offset_of, parse, unix_lines

_LITERAL = re.compile(
    r"""([rRuU]?)(?:
      \"\"\"(?P<a>[^"\\]*+(?>(?:(?:\\.|"(?!""))[^"\\]*+)*))\"\"\"
    | '''(?P<b>[^'\\]*+(?>(?:(?:\\.|'(?!''))[^'\\]*+)*))'''
    | "(?P<c>[^"\\\r\n]*+(?>(?:\\(?:\r\n|.)[^"\\\r\n]*+)*))"
    | '(?P<d>[^'\\\r\n]*+(?>(?:\\(?:\r\n|.)[^'\\\r\n]*+)*))'
    )""",
    re.VERBOSE | re.DOTALL,
)
_AFTER = re.compile(r"[ \t\f]*(?:$|[;#\r\n])")
_START = re.compile(r"\(*[ \t]*[rRuU]?[\"']")
_ESCAPE = re.compile(
    r"\\(?:\n|[\\'\"abfnrtv]|[0-7]{1,3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\})"
)
_SIMPLE = {
    "\n": "", "\\": "\\", "'": "'", '"': '"', "a": "\a", "b": "\b",
    "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Docstring:
    """A docstring literal.

    start, end: of the literal in the text. content_at: of its first character inside the quotes.
    raw: its value as Python would have it in `__doc__`.
    source_lines: for each line of `raw`, the line of the literal that it came from, counted from
        the line of content_at; () when they are the same, which is the case without backslashes.
    """

    start: int
    end: int
    content_at: int
    raw: str
    source_lines: tuple[int, ...] = ()

    def source_line(self, line: int) -> int:
        """The literal's line, counted from that of content_at, for a line of `raw`."""
        return self.source_lines[line] if line < len(self.source_lines) else line

    @property
    def text(self) -> str:
        """The value as `inspect.cleandoc` gives it, without white space at its end."""
        return inspect.cleandoc(self.raw).rstrip()


def read_docstring(text: str, start: int, end: int) -> Docstring | None:
    """The string literal that the statement at start..end consists of or begins with; else None."""
    if _START.match(text, start) is None:
        return None
    match = _LITERAL.match(text, start, end)
    if match is not None and _AFTER.match(text, match.end(), end):
        group = match.lastgroup or "a"
        content = unix_lines(match.group(group))
        if match.group(1) in ("r", "R") or "\\" not in content:
            return Docstring(match.start(), match.end(), match.start(group), content)
        lines = _source_lines(content)
        return Docstring(match.start(), match.end(), match.start(group), unescape(content), lines)
    return _read_odd(text, start, end)


def unescape(content: str) -> str:
    """The value of a string literal's content; unknown escapes stay as they are, as in Python."""
    if "\\" not in content:
        return content
    return _ESCAPE.sub(_escape_value, content)


def _source_lines(content: str) -> tuple[int, ...]:
    """For each line of the value, the line of `content` on which its text begins."""
    lines = [0]
    source_line = at = 0
    blank = True  # nothing but white space yet on this line of the value
    for match in [*_ESCAPE.finditer(content), None]:
        pieces = content[at : match.start() if match else len(content)].split("\n")
        blank = blank and not pieces[0].strip()
        for piece in pieces[1:]:
            source_line += 1
            lines.append(source_line)
            blank = not piece.strip()
        if match is None:
            break
        if match.group() == "\\\n":
            source_line += 1
            if blank:
                lines[-1] = source_line
        elif _escape_value(match) == "\n":
            lines.append(source_line)
            blank = True
        else:
            blank = False
        at = match.end()
    return tuple(lines)


def _escape_value(match: re.Match[str]) -> str:
    code = match.group()[1:]
    if code in _SIMPLE:
        return _SIMPLE[code]
    if code[0] == "N":
        try:
            return unicodedata.lookup(code[2:-1])
        except KeyError:
            return match.group()
    number = int(code, 8) if code[0] not in "xuU" else int(code[1:], 16)
    return chr(number) if number < 0x110000 else match.group()


def _read_odd(text: str, start: int, end: int) -> Docstring | None:
    """Docstrings of several adjacent literals or in parentheses."""
    source = text[start:end]
    tree = parse(source)
    if tree is None or not tree.body:
        return None
    node = tree.body[0]
    match node:
        case ast.Expr(value=ast.Constant(value=str(value))):
            starts = line_starts(source)
            stop = offset_of(source, starts, node.end_lineno or 1, node.end_col_offset or 0)
            return Docstring(start, start + stop, start, value)
    return None
