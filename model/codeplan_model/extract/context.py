"""What a reader of one function would want to see of the rest of its file: for prompts.

Imports, constants, the enclosing class with its fields and its `__init__`, and the headers of other
functions, as short Python text with "\\n" line ends. Bounded, so that a long file costs no more
than a short one.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache

from .blocks import Block
from .layout import STEP
from .outline import Outline
from .parse import unix_lines
from .unwritten import is_empty

_IMPORT = re.compile(r"(?:import|from)\b(?![ \t]*[=.,(])")
_CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*[ \t]*(?::[^=\n]+)?=[^=]")
_FIELD = re.compile(r"\w+[ \t]*(?::|=[^=])")
_SHOWN_DECORATORS = frozenset({"property", "staticmethod", "classmethod", "cached_property"})
_MAX_IMPORTS = 30
_MAX_CONSTANTS = 12
_MAX_WIDTH = 120
_MAX_HEADERS = 16
_MAX_FIELDS = 16
_MAX_INIT_LINES = 16


def context_of(outline: Outline, block: Block) -> str:
    """The context of one function; "" when there is nothing to show."""
    parts = [_imports_and_constants(outline)]
    owner = block.owner
    if owner is not None and owner.kind == "class":
        parts.append(_class_context(outline, owner, block))
    outermost = block
    while outermost.owner is not None:
        outermost = outermost.owner
    parts.append(_neighbours(outline, outermost))
    return "\n\n".join(part for part in parts if part)


@lru_cache(maxsize=4)
def _imports_and_constants(outline: Outline) -> str:
    text = outline.text
    imports: list[str] = []
    constants: list[str] = []
    for line in outline.lines:
        if line.col:
            continue
        if _IMPORT.match(text, line.start) and len(imports) < _MAX_IMPORTS:
            imports.append(outline.code(line))
        elif _CONSTANT.match(text, line.start) and len(constants) < _MAX_CONSTANTS:
            source = outline.code(line)
            if "\n" not in source and len(source) <= _MAX_WIDTH:
                constants.append(source)
    return "\n\n".join("\n".join(part) for part in (imports, constants) if part)


def _class_context(outline: Outline, cls: Block, block: Block) -> str:
    parts = [unix_lines(outline.header_text(cls))]
    parts += [STEP + field for field in _fields(outline, cls)]
    methods = [child for child in cls.children if child.kind == "def" and child is not block]
    for method in methods[:_MAX_HEADERS]:
        if method.name == "__init__" and not is_empty(outline, method):
            parts += _whole_method(outline, method)
        else:
            parts += [STEP + line for line in _header(outline, method)]
    return "\n".join(parts)


def _fields(outline: Outline, cls: Block) -> list[str]:
    """The one-line assignments and annotations directly in a class."""
    body = outline.body(cls)
    fields = [
        outline.code(line)
        for line in body
        if line.col == body[0].col and _FIELD.match(outline.text, line.start)
    ]
    return [field for field in fields if "\n" not in field][:_MAX_FIELDS]


def _whole_method(outline: Outline, block: Block) -> list[str]:
    """The lines of a short method without its docstring; its header when it is long."""
    docstring = outline.docstring(block)
    lines = [
        line for line in outline.body(block) if docstring is None or line.start > docstring.start
    ]
    header = [STEP + line for line in _header(outline, block)]
    if not lines or len(lines) > _MAX_INIT_LINES:
        return header
    header[-1] = header[-1].removesuffix(" ...")
    columns = sorted({line.col for line in lines})
    body = [
        STEP * (2 + columns.index(line.col)) + outline.code(line).replace("\n", "\n" + STEP)
        for line in lines
    ]
    return [*header, *body]


def _neighbours(outline: Outline, block: Block) -> str:
    """Headers of the nearest other functions and classes at the top level, in file order."""
    others = _top_level(outline)
    at = bisect_left(others, block.header, key=lambda other: other.header)
    half = _MAX_HEADERS // 2
    near = others[max(0, at - half) : at] + others[at + 1 : at + 1 + half]
    return "\n".join(line for other in near for line in _header(outline, other))


@lru_cache(maxsize=4)
def _top_level(outline: Outline) -> list[Block]:
    return [block for block in outline.blocks if block.kind != "guard" and block.owner is None]


def _header(outline: Outline, block: Block) -> list[str]:
    """A header as a stub, "def f(x): ...", with the decorators that say how it is called."""
    source = unix_lines(outline.header_text(block))
    header = source if "#" in source else " ".join(source.split())
    shown = sorted(_SHOWN_DECORATORS & outline.decorator_names(block))
    return [*(f"@{name}" for name in shown), f"{header} ..."]
