"""Notebooks: every cell is a document, seen together with the definitions of the other cells.

A command on a cell works on one text: all cells in order, of the others only what defines something
(imports, functions, classes, plain values), so that examples run without the rest of the notebook.
What is left out, and magics, is blanked with as many characters and lines, so that offsets stay.
Edits go back to the cells that they touch.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from lsprotocol import types

from codeplan_model.extract.parse import LINE_END, line_starts, offset_of, parse
from codeplan_model.values import Edit, Span
from codeplan_server.documents import Document
from codeplan_server.positions import PositionCodec

_BETWEEN = "\n"
_MAGIC = re.compile(r"^([ \t]*)[%!?]", re.M)
_ASKING = re.compile(r"^[^\s#'\"][^#'\"\n]*\?[ \t]*$", re.M)
_DEFINES = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_MAKERS = frozenset("compile namedtuple TypeVar NewType getLogger Decimal Fraction".split())


@dataclass(frozen=True)
class CellView(Document):
    """One cell, with the text of its whole notebook.

    cells: all cells in order. starts: where each begins in `text`. own: which of them this is.
    """

    cells: tuple[Document, ...] = ()
    starts: tuple[int, ...] = ()
    own: int = 0

    @cached_property
    def codec(self) -> PositionCodec:
        return _CellCodec(self.cells[self.own], self.starts[self.own], self._first_line)

    @cached_property
    def _first_line(self) -> int:
        return len(LINE_END.findall(self.text[: self.starts[self.own]]))

    def owns(self, span: Span) -> bool:
        start = self.starts[self.own]
        return start <= span.start and span.end <= start + len(self.cells[self.own].text)

    def own_line(self, line: int) -> int | None:
        local = line - self._first_line
        lines = len(LINE_END.findall(self.cells[self.own].text)) + 1
        return local if 0 <= local < lines else None

    def placed(self, edits: Sequence[Edit]) -> list[tuple[Document, list[types.TextEdit]]]:
        found: list[tuple[Document, list[types.TextEdit]]] = []
        for number, (cell, start) in enumerate(zip(self.cells, self.starts, strict=True)):
            end = self.starts[number + 1] if number + 1 < len(self.starts) else len(self.text) + 1
            mine = [
                types.TextEdit(
                    cell.codec.range(Span(edit.span.start - start, edit.span.end - start)),
                    edit.new_text,
                )
                for edit in edits
                if start <= edit.span.start < end
            ]
            if mine:
                found.append((cell, mine))
        return found


def view_of(cells: Sequence[Document], own: int) -> CellView:
    """The cell number `own` with its notebook around it."""
    texts = [
        _definitions(cell.text, asserts=number == own) if cell.is_python else _blank(cell.text)
        for number, cell in enumerate(cells)
    ]
    starts: list[int] = []
    at = 0
    for text in texts:
        starts.append(at)
        at += len(text) + len(_BETWEEN)
    cell = cells[own]
    return CellView(
        cell.uri,
        cell.language_id,
        cell.version,
        _BETWEEN.join(texts),
        cell.encoding,
        tuple(cells),
        tuple(starts),
        own,
    )


class _CellCodec(PositionCodec):
    """Positions in one cell, offsets and lines of the notebook's text."""

    def __init__(self, cell: Document, start: int, first_line: int) -> None:
        super().__init__(cell.text, cell.encoding)
        self._cell = cell.codec
        self._start, self._first_line = start, first_line

    def offset(self, position: types.Position) -> int:
        return self._cell.offset(position) + self._start

    def position(self, offset: int) -> types.Position:
        return self._cell.position(offset - self._start)

    def line_range(self, line: int) -> types.Range:
        return self._cell.line_range(line - self._first_line)


@lru_cache(maxsize=256)
def _definitions(text: str, *, asserts: bool) -> str:
    """The text with everything blanked that is no definition, character for character.

    asserts: they stay, as the examples that they are; and so does a text that does not parse,
    because it is being written.
    """
    if text.lstrip().startswith("%%"):
        return _blank(text)
    plain = text
    tree = parse(plain)
    if tree is None:
        plain = _ASKING.sub(lambda found: "#" + found.group()[1:], _MAGIC.sub(r"\1#", text))
        tree = parse(plain)
    if tree is None:
        return plain if asserts else _blank(text)
    starts = line_starts(plain)
    pieces: list[str] = []
    at = 0
    for node in tree.body:
        if _defines(node) or (asserts and isinstance(node, ast.Assert)):
            continue
        start = offset_of(plain, starts, node.lineno, node.col_offset)
        end = offset_of(plain, starts, node.end_lineno or node.lineno, node.end_col_offset or 0)
        # A statement stays in its place, for the semicolons around it.
        pieces += [plain[at:start], "0", _blank(plain[start + 1 : end])]
        at = end
    return "".join(pieces) + plain[at:]


def _defines(node: ast.stmt) -> bool:
    if isinstance(node, _DEFINES):
        return True
    if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
        return False
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    if not all(isinstance(target, ast.Name) for target in targets):
        return False
    return all(_is_harmless(part) for part in ast.walk(node.value))


def _is_harmless(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        return name in _MAKERS
    return not isinstance(node, ast.Await | ast.Yield | ast.NamedExpr | ast.Subscript)


def _blank(text: str) -> str:
    return re.sub(r"[^\r\n]", " ", text)
