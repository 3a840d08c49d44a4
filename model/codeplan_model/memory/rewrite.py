"""Rewriting a remembered program by its syntax tree: other names and literals, same formatting."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Mapping

_LITERAL = re.compile(
    r"""(?<![\w.])-?\d+(?:\.\d+)?(?![\w.]*\w)|'([^'\n]{1,20})'(?!\w)|"([^"\n]{1,20})"(?!\w)"""
    r"""|\b(two|three|four|five|six|seven|eight|nine|ten)\b"""
)
_NUMBERS: tuple[str, ...] = tuple("zero one two three four five six seven eight nine ten".split())


def literals_in(text: str) -> list[object]:
    """Numbers (also as words, from two to ten) and quoted strings of a description, in order."""
    found: list[object] = []
    for match in _LITERAL.finditer(text):
        whole, single, double, word = match.group(0), match.group(1), match.group(2), match.group(3)
        if word:
            value: object = _NUMBERS.index(str(word))
        elif single is not None or double is not None:
            value = single if single is not None else double
        else:
            value = float(whole) if "." in whole else int(whole)
        if value not in found:
            found.append(value)
    return found


def rewrite(code: str, names: Mapping[str, str], literals: Mapping[object, object]) -> str | None:
    """The body `code` (indented by four spaces) with names and literals exchanged.

    A new name may be dotted ("self.lines"). None when the body can't be parsed or a name stands
    where it can't be replaced (`global`, a nested function's own name, inside an f-string).
    """
    try:
        tree = ast.parse("def _():\n" + code)
    except (SyntaxError, ValueError):
        return None
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    used |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    changed = {old: new for old, new in names.items() if old != new and old in used}
    # A new name that the body already uses for something else gets out of the way first.
    taken = {new for new in changed.values() if new in used and new not in changed}
    if any(hasattr(builtins, new) for new in taken):
        return None
    for new in taken:
        changed[new] = f"{new}_"
    if any(_binds(node) & set(changed) for node in ast.walk(tree)):
        return None
    places = [*_names(tree, changed), *_literals(tree, literals)]
    body = _replaced(code, places)
    return body if body is not None and _holds(body, set(changed) - set(changed.values())) else None


def _names(tree: ast.AST, changed: Mapping[str, str]) -> list[tuple[int, int, str, str]]:
    """(line, byte column, old text, new text) of every name to change."""
    places: list[tuple[int, int, str, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in changed:
            places.append((node.lineno, node.col_offset, node.id, changed[node.id]))
        elif isinstance(node, ast.arg) and node.arg in changed:
            places.append((node.lineno, node.col_offset, node.arg, changed[node.arg]))
    return places


def _literals(tree: ast.AST, exchange: Mapping[object, object]) -> list[tuple[int, int, str, str]]:
    """The same for constants; those inside f-strings have no usable place and stay."""
    inside = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
    }
    places: list[tuple[int, int, str, str]] = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in inside or node.value is Ellipsis:
            continue
        if isinstance(node.value, bool) or node.value is None:
            continue
        new = next(
            (n for o, n in exchange.items() if o == node.value and type(o) is type(node.value)),
            None,
        )
        if new is None or node.end_lineno != node.lineno or node.end_col_offset is None:
            continue
        width = node.end_col_offset - node.col_offset
        places.append((node.lineno, node.col_offset, " " * width, repr(new)))
    return places


def _replaced(code: str, places: list[tuple[int, int, str, str]]) -> str | None:
    """Offsets count bytes of UTF-8. An old text of blanks stands for whatever is there."""
    lines = [line.encode() for line in code.split("\n")]
    for line, column, old, new in sorted(places, reverse=True):
        text = lines[line - 2]
        end = column + len(old.encode())
        if old.strip() and text[column:end] != old.encode():
            return None  # inside an f-string, where older parsers give no usable place
        lines[line - 2] = text[:column] + new.encode() + text[end:]
    return b"\n".join(lines).decode()


def _holds(body: str, gone: set[str]) -> bool:
    """Whether the new body parses and none of the old names is left."""
    try:
        tree = ast.parse("def _():\n" + body)
    except SyntaxError:
        return False
    return not gone & {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _binds(node: ast.AST) -> set[str]:
    """Names that a statement binds in a way that renaming does not follow."""
    if isinstance(node, ast.Nonlocal | ast.Global):
        return set(node.names)
    return {node.name} if isinstance(node, ast.FunctionDef) and node.name != "_" else set()
