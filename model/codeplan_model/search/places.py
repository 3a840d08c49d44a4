"""A body's text and syntax tree together: where its parts stand, and changes of the text there.

Columns of the tree count bytes of UTF-8, so the text is kept as bytes. Parts of f-strings have no
usable place before Python 3.12 and are left alone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from codeplan_model.extract import normalise_body
from codeplan_model.extract.parse import parse

_HEADER = b"def _():\n"
_STEP = b"    "

Change = tuple[tuple[int, int, bytes], ...]
"""Replacements (start, end, new) that belong together, as offsets in `Source.raw`."""

N = TypeVar("N", bound=ast.AST)
Placed = ast.expr | ast.stmt


@dataclass(frozen=True)
class Source:
    """One body in canonical form, below a header line."""

    raw: bytes
    tree: ast.FunctionDef
    starts: tuple[int, ...]
    hidden: frozenset[int]

    @classmethod
    def of(cls, code: str) -> Source | None:
        """None when the body does not parse."""
        tree = _parsed(code)
        if tree is None:
            return None
        raw = _HEADER + code.encode("utf-8", "surrogatepass")
        starts = (0, *(match.end() for match in re.finditer(b"\n", raw)))
        hidden = {
            id(part)
            for node in ast.walk(tree)
            if isinstance(node, ast.JoinedStr)
            for part in ast.walk(node)
            if part is not node
        }
        return cls(raw, tree, starts, frozenset(hidden))

    @property
    def body(self) -> list[ast.stmt]:
        return self.tree.body

    def walk(self, *kinds: type[N]) -> Iterator[N]:
        """Nodes of these kinds in the order of the text, without those inside f-strings."""
        found = [
            n for n in ast.walk(self.tree) if isinstance(n, kinds) and id(n) not in self.hidden
        ]
        return iter(sorted(found, key=_order))

    def span(self, node: Placed) -> tuple[int, int]:
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
        return (
            self.starts[node.lineno - 1] + node.col_offset,
            self.starts[end_line - 1] + end_column,
        )

    def text(self, node: Placed) -> str:
        """The node's own text."""
        start, end = self.span(node)
        return self.raw[start:end].decode("utf-8", "surrogatepass")

    def replace(self, node: Placed, new: str) -> Change:
        start, end = self.span(node)
        return ((start, end, new.encode("utf-8", "surrogatepass")),)

    def between(self, left: Placed, right: Placed, old: str, new: str) -> Iterator[Change]:
        """The operator between two parts exchanged; nothing where a comment stands beside it."""
        start, end = self.span(left)[1], self.span(right)[0]
        gap = self.raw[start:end].decode("utf-8", "surrogatepass")
        pattern = r"\s+".join(re.escape(word) for word in old.split())
        found = list(re.finditer(pattern, gap))
        if len(found) == 1 and "#" not in gap:
            at = start + len(gap[: found[0].start()].encode("utf-8", "surrogatepass"))
            yield ((at, at + len(found[0].group()), new.encode()),)

    def swap(self, first: Placed, second: Placed) -> Iterator[Change]:
        """Two parts exchanged; nothing when they are the same or one lies in the other."""
        one, two = self.span(first), self.span(second)
        if one[1] <= two[0] and self.raw[slice(*one)] != self.raw[slice(*two)]:
            yield ((*one, self.raw[slice(*two)]), (*two, self.raw[slice(*one)]))

    def blocks(self) -> Iterator[list[ast.stmt]]:
        """Every list of statements."""
        for node in ast.walk(self.tree):
            for name in ("body", "orelse", "finalbody"):
                found = getattr(node, name, None)
                if isinstance(found, list) and found and isinstance(found[0], ast.stmt):
                    yield found

    def level(self, node: ast.stmt) -> int:
        """How deep a statement stands; 1 in the function's own body."""
        return node.col_offset // len(_STEP)

    def is_compound(self, node: ast.stmt) -> bool:
        return isinstance(node, ast.For | ast.While | ast.If | ast.With)

    def moved(self, node: ast.stmt, levels: int) -> Change:
        """The statement's lines so many levels further in (or out)."""
        start, end = self._lines(node)
        lines = self.raw[start:end].split(b"\n")
        if levels > 0:
            lines = [_STEP * levels + line if line.strip() else line for line in lines]
        else:
            lines = [line.removeprefix(_STEP * -levels) for line in lines]
        return ((start, end, b"\n".join(lines)),)

    def removed(self, node: ast.stmt) -> Change:
        start, end = self._lines(node)
        return ((start, min(end + 1, len(self.raw)), b""),)

    def appended(self, line: str) -> Change:
        return ((len(self.raw), len(self.raw), b"\n" + _STEP + line.encode("utf-8")),)

    def prepended(self, lines: str) -> Change:
        start = self._lines(self.body[0])[0]
        block = b"".join(_STEP + line.encode() + b"\n" for line in lines.split("\n"))
        return ((start, start, block),)

    def assigned(self) -> list[str]:
        """Local names, in the order of their first assignment."""
        stored = [n for n in self.walk(ast.Name) if isinstance(n.ctx, ast.Store)]
        return list(dict.fromkeys(node.id for node in stored))

    def changed(self, change: Change) -> str | None:
        """The body after a change, None when it does not parse."""
        raw = self.raw
        for start, end, new in sorted(change, reverse=True):
            raw = raw[:start] + new + raw[end:]
        code = raw[len(_HEADER) :].decode("utf-8", "surrogatepass").strip("\n").rstrip()
        # What a model's answer would have to look like too; a docstring in front is not code.
        return code if _parsed(code) is not None and normalise_body(code) == code else None

    def _lines(self, node: ast.stmt) -> tuple[int, int]:
        """From the beginning of a statement's first line to the end of its last."""
        start = self.starts[node.lineno - 1]
        end = self.raw.find(b"\n", self.span(node)[1])
        return start, len(self.raw) if end < 0 else end


def _parsed(code: str) -> ast.FunctionDef | None:
    tree = parse(_HEADER.decode() + code)
    one = tree.body[0] if tree is not None and len(tree.body) == 1 else None
    return one if isinstance(one, ast.FunctionDef) else None


def _order(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
