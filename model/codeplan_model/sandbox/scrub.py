"""Taking out of a file's text whatever could tell a candidate what its examples expect.

Docstrings hold the examples, comments may, and so may bare asserts, the `__main__` block and
`__test__`. Lines keep their numbers, so that a traceback still points into the user's file.
"""

from __future__ import annotations

import ast
import io
import tokenize


def scrub(text: str) -> str:
    """The text without docstrings, comments, module-level asserts, `__test__` and `__main__` block.

    Raises SyntaxError when the text doesn't parse.
    """
    text = _newlines(text)
    tree = ast.parse(text)
    nodes: list[ast.stmt] = [n for n in tree.body if _tells(n)]
    nodes += [n for n in ast.walk(tree) if _is_text_statement(n)]  # type: ignore[misc]
    return _without_comments(_blank(text, nodes))


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
        comments = [
            token.start
            for token in tokenize.generate_tokens(io.StringIO(text).readline)
            if token.type == tokenize.COMMENT
        ]
    except (tokenize.TokenError, SyntaxError):
        # Parsed, yet not tokenised (odd indentation of comments): the tree has no comments.
        return ast.unparse(ast.parse(text))
    for row, column in comments:
        lines[row - 1] = lines[row - 1][:column].rstrip()
    return "\n".join(lines)
