"""Taking out of a file's text whatever could tell a candidate what its examples expect.

Docstrings hold the examples, comments may, and so may bare asserts, the `__main__` block and
`__test__`. Lines keep their numbers, so that a traceback still points into the user's file.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass

from ..values import Edit

# Stands in a frame for each character that was taken out, so that offsets stay right. Unicode
# promises that it is no character.
_GONE = "\ufdd0"


def scrub(text: str) -> str:
    """The text without docstrings, comments, module-level asserts, `__test__` and `__main__` block.

    Raises SyntaxError when the text doesn't parse.
    """
    text = _newlines(text)
    return _without_comments(_blank(text, _telling(ast.parse(text))))


@dataclass(frozen=True, slots=True)
class Frame:
    """A file's text, scrubbed once for many candidates.

    text: as long as the original, so that edits of that fit. statements: the ranges that were
    taken out of it, comments not among them.
    """

    text: str
    statements: tuple[tuple[int, int], ...]

    def edited(self, edits: Sequence[Edit]) -> str | None:
        """The scrubbed text with edits of the original in it; None when they fit none of it.

        What the edits insert keeps its own docstrings and loses its comments: these may be the
        user's, moved along with the code.
        """
        pieces: list[str] = []
        at = 0
        for edit in edits:
            start, end = edit.span.start, edit.span.end
            if any(a < end and start < b and not start <= a < b <= end for a, b in self.statements):
                return None
            new = _uncommented(edit.new_text)
            if start < at or new is None:
                return None
            pieces += [self.text[at:start].replace(_GONE, ""), new]
            at = end
        return "".join([*pieces, self.text[at:].replace(_GONE, "")])


def frame_of(text: str) -> Frame | None:
    """A frame of the file's text; None when it doesn't parse or its offsets can't be kept."""
    if "\r" in text or "\ufeff" in text or _GONE in text:
        return None
    try:
        nodes = _telling(ast.parse(text))
        comments = _comments(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError):
        return None
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    lines = text.split("\n")

    def offset(line: int, byte_column: int) -> int:
        return starts[line - 1] + len(lines[line - 1].encode()[:byte_column].decode())

    ranges = [
        (offset(n.lineno, n.col_offset), offset(n.end_lineno or 0, n.end_col_offset or 0))
        for n in nodes
    ]
    outermost: list[tuple[int, int]] = []
    for start, end in sorted(ranges, key=lambda r: (r[0], -r[1])):
        if not outermost or start >= outermost[-1][1]:
            outermost.append((start, end))
    kept = list(text)
    for row, column in comments:
        end = starts[row] - 1
        start = starts[row - 1] + column
        kept[start:end] = _GONE * (end - start)
    for start, end in outermost:
        # `0` or, over several lines, `(0` and `)`: a statement as before.
        lines_inside = [c if c == "\n" else _GONE for c in kept[start:end]]
        lines_inside[0] = "0"
        if "\n" in lines_inside:
            lines_inside[:2] = "(0"
            lines_inside[-1] = ")"
        kept[start:end] = lines_inside
    return Frame("".join(kept), tuple(outermost))


def _telling(tree: ast.Module) -> list[ast.stmt]:
    """Statements that could tell what examples expect."""
    nodes: list[ast.stmt] = [n for n in tree.body if _tells(n)]
    return nodes + [n for n in ast.walk(tree) if _is_text_statement(n)]  # type: ignore[misc]


def without_asserts(text: str) -> str:
    """The text without its module-level asserts, which are judged as examples of their own."""
    text = _newlines(text)
    return _blank(text, [n for n in ast.parse(text).body if isinstance(n, ast.Assert)])


def _newlines(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _tells(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assert):
        return True
    if isinstance(node, ast.If):
        return "__main__" in ast.unparse(node.test)
    if isinstance(node, ast.Assign):
        return any(isinstance(t, ast.Name) and t.id == "__test__" for t in node.targets)
    if isinstance(node, ast.AnnAssign):
        return isinstance(node.target, ast.Name) and node.target.id == "__test__"
    return False


def _is_text_statement(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, (str, bytes))
    )


def _blank(text: str, nodes: list[ast.stmt]) -> str:
    """Put `(...)` in the place of statements, over as many lines as they took."""
    lines = [line.encode() for line in text.split("\n")]
    # From the end, so that the places of earlier statements stay right. Statements within blanked
    # ones (a docstring in the `__main__` block) are gone by then.
    covered = len(lines) + 1
    for node in sorted(nodes, key=lambda n: (n.end_lineno or 0, n.end_col_offset or 0))[::-1]:
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        if first >= covered:
            continue
        covered_by_outer = any(
            other is not node
            and (other.lineno, other.col_offset) <= (node.lineno, node.col_offset)
            and (node.end_lineno, node.end_col_offset) <= (other.end_lineno, other.end_col_offset)  # type: ignore[operator]
            for other in nodes
        )
        if covered_by_outer:
            continue
        head = lines[first][: node.col_offset]
        tail = lines[last][node.end_col_offset or 0 :]
        if first == last:
            lines[first] = head + b"(...)" + tail
        else:
            lines[first] = head + b"(..."
            for middle in range(first + 1, last):
                lines[middle] = b""
            lines[last] = b")" + tail
    return b"\n".join(lines).decode()


def _without_comments(text: str) -> str:
    lines = text.split("\n")
    try:
        comments = _comments(text)
    except (tokenize.TokenError, SyntaxError):
        # Parsed, yet not tokenised (odd indentation of comments): the tree has no comments.
        return ast.unparse(ast.parse(text))
    for row, column in comments:
        lines[row - 1] = lines[row - 1][:column].rstrip()
    return "\n".join(lines)


def _comments(text: str) -> list[tuple[int, int]]:
    """Where comments start: (line counted from 1, column in characters)."""
    return [
        token.start
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT
    ]


def _uncommented(text: str) -> str | None:
    """A piece of a file without its comments; None when it can't be read by itself."""
    if "#" not in text:
        return text
    lines = text.split("\n")
    try:
        comments = _comments(text)
    except (tokenize.TokenError, SyntaxError):
        return None
    for row, column in comments:
        lines[row - 1] = lines[row - 1][:column]
    return "\n".join(lines)
