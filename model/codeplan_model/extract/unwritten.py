"""Which functions wait for a body, and which are empty on purpose."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from .blocks import Block
from .outline import Outline
from .parse import parse

_PLACEHOLDER = re.compile(r"(?:pass|\.\.\.|raise[ \t]+NotImplementedError(?:\(\))?)$")
_EMPTY_ON_PURPOSE = frozenset(
    {
        "overload",
        "abstractmethod",
        "abstractproperty",
        "abstractclassmethod",
        "abstractstaticmethod",
    }
)
_MOST_LINES = 4  # a docstring and a few placeholders


def is_empty(outline: Outline, block: Block) -> bool:
    """Whether nothing but placeholders follows the docstring.

    Placeholders: `...`, `pass`, `raise NotImplementedError` with or without a call. A header with
    nothing below it is empty too.
    """
    if block.end - block.header - 1 > _MOST_LINES:
        return False
    return all(_is_placeholder(outline.text[start:end]) for start, end in outline.statements(block))


def is_to_write(outline: Outline, block: Block) -> bool:
    """Whether a function is empty, and not a declaration that is meant to be.

    Never to write: overloads, abstract methods, methods of a Protocol, anything under
    `if TYPE_CHECKING`, a method that raises NotImplementedError in an ABC or where a subclass in
    the same file has its own, and a function whose header doesn't parse.
    """
    return block.header in _unwritten_headers(outline)


def unwritten(outline: Outline) -> list[Block]:
    """The functions that are to write, in file order."""
    return [block for block in outline.functions if is_to_write(outline, block)]


@lru_cache(maxsize=8)
def _unwritten_headers(outline: Outline) -> frozenset[int]:
    empty = [block for block in outline.functions if is_empty(outline, block)]
    overridden = _overridden(outline) if empty else set()
    return frozenset(
        block.header
        for block in empty
        if not _EMPTY_ON_PURPOSE & outline.decorator_names(block)
        and not _is_declaration(outline, block)
        and not (_raises(outline, block) and _is_base(outline, block, overridden))
        and not outline.header_problem(block)
    )


def _is_placeholder(source: str) -> bool:
    if _PLACEHOLDER.match(source):
        return True
    if not any(mark in source for mark in ("NotImplementedError", ";", "...")):
        return False
    tree = parse(source)
    return tree is not None and all(_is_placeholder_node(node) for node in tree.body)


def _is_placeholder_node(node: ast.stmt) -> bool:
    match node:
        case ast.Pass() | ast.Raise(exc=ast.Name(id="NotImplementedError")):
            return True
        case ast.Raise(exc=ast.Call(func=ast.Name(id="NotImplementedError"))):
            return True
        case ast.Expr(value=ast.Constant(value=value)):
            return value is ...
    return False


def _is_declaration(outline: Outline, block: Block) -> bool:
    """In a Protocol, or under `if TYPE_CHECKING`."""
    parent = block.parent
    while parent is not None:
        if parent.kind == "guard" and parent.name == "TYPE_CHECKING":
            return True
        if parent.kind == "class" and "Protocol" in _bases(outline, parent):
            return True
        parent = parent.parent
    return False


def _raises(outline: Outline, block: Block) -> bool:
    statements = outline.statements(block)
    return bool(statements) and outline.text.startswith("raise", statements[-1][0])


def _is_base(outline: Outline, block: Block, overridden: set[tuple[str, str]]) -> bool:
    owner = block.owner
    if owner is None or owner.kind != "class":
        return False
    return (owner.name, block.name) in overridden or bool(
        {"ABC", "ABCMeta"} & _bases(outline, owner)
    )


def _bases(outline: Outline, cls: Block) -> set[str]:
    """Every name in the parentheses of a class header, type arguments and keywords included."""
    return set(re.findall(r"\w+", outline.header_text(cls).partition("(")[2]))


def _overridden(outline: Outline) -> set[tuple[str, str]]:
    """(class, method) for the methods that a subclass in the same file defines too."""
    return {
        (base, child.name)
        for cls in outline.classes
        for base in _bases(outline, cls)
        for child in cls.children
        if child.kind == "def"
    }
