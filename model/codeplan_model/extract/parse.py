"""Small pieces of Python -> syntax trees, quietly: no warnings and no exceptions on odd text.

Offsets of the standard `ast` are lines and UTF-8 bytes; `offset_of` turns them into characters.
"""

from __future__ import annotations

import ast
import re
import threading
import warnings

_LOCK = threading.Lock()  # warnings.catch_warnings changes state that all threads share
LINE_END = re.compile(r"\r\n|\r|\n")


def parse(source: str) -> ast.Module | None:
    """The tree of `source`, None when it doesn't parse in this interpreter."""
    tree, _ = try_parse(source)
    return tree


def try_parse(source: str) -> tuple[ast.Module | None, str]:
    """The tree, or None and why not, in words with the line counted from 1."""
    found = tree_or_error(source)
    if isinstance(found, ast.Module):
        return found, ""
    if isinstance(found, SyntaxError):
        return None, f"line {found.lineno}: {found.msg}"
    return None, str(found) or type(found).__name__


def tree_or_error(source: str) -> ast.Module | Exception:
    """The tree, or the exception that says why there is none."""
    try:
        with _LOCK, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in the user's strings are theirs
            return ast.parse(source.removeprefix("\ufeff"))
    # Behind SyntaxError: NUL bytes, absurd nesting.
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return error


def compile_error(source: str) -> str:
    """Why `source` doesn't compile, "" when it does.

    Stricter than parsing: it also finds `await` outside async functions, `break` outside loops.
    """
    try:
        with _LOCK, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "<candidate>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error) or type(error).__name__
    return ""


def line_starts(text: str) -> list[int]:
    """Offsets at which lines begin, with the line ends that Python's tokenizer knows."""
    return [0, *(match.end() for match in LINE_END.finditer(text))]


def offset_of(text: str, starts: list[int], line: int, byte_column: int) -> int:
    """The character offset of a syntax tree's (line counted from 1, column in UTF-8 bytes)."""
    start = starts[line - 1]
    end = starts[line] if line < len(starts) else len(text)
    segment = text[start:end]
    if segment.isascii():
        return start + byte_column
    return start + len(
        segment.encode("utf-8", "surrogatepass")[:byte_column].decode("utf-8", "ignore")
    )


def unix_lines(text: str) -> str:
    """The text with every line end as "\\n"."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
