"""What a reader of one function would want to see of the rest of its file: for prompts.

Imports, constants, the enclosing class with its fields and its `__init__`, and the headers of other
functions, as short Python text with "\\n" line ends. Bounded, so that a long file costs no more than
a short one.
"""

from __future__ import annotations

import re
from functools import lru_cache

from .outline import Block, Outline
from .parse import unix_lines
from .scan import Line, code_end

_IMPORT = re.compile(r"(?:import|from)\b(?![ \t]*[=.,(])")
_CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*[ \t]*(?::[^=\n]+)?=[^=]")
_FIELD = re.compile(r"\w+[ \t]*(?::|=[^=])")
_MAX_IMPORTS = 30
_MAX_CONSTANTS = 12
_MAX_WIDTH = 120
_MAX_HEADERS = 16
_MAX_FIELDS = 16
_MAX_INIT_LINES = 16


def context_of(outline: Outline, block: Block) -> str:
    """The context of one function; "" when there is nothing to show."""
    parts = [_imports_and_constants(outline)]
    outermost = block
    while outermost.owner is not None:
        outermost = outermost.owner
    owner = block.owner
    if owner is not None:
        parts.append(_class_context(outline, owner, block) if owner.kind == "class" else "")
    parts.append(_helpers(outline, outermost))
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
            imports.append(_code(text, line))
        elif _CONSTANT.match(text, line.start) and len(constants) < _MAX_CONSTANTS:
            source = _code(text, line)
            if "\n" not in source and len(source) <= _MAX_WIDTH:
                constants.append(source)
    return "\n\n".join("\n".join(part) for part in (imports, constants) if part)


def _class_context(outline: Outline, cls: Block, block: Block) -> str:
    text = outline.text
    parts = [unix_lines(text[outline.lines[cls.header].start : cls.header_end])]
    body = outline.body(cls)
    if body:
        fields = [
            line for line in body if line.col == body[0].col and _FIELD.match(text, line.start)
        ]
        parts += [
            "    " + _code(text, line)
            for line in fields[:_MAX_FIELDS]
            if "\n" not in _code(text, line)
        ]
    shown = 0
    for child in cls.children:
        if child is block or child.kind != "def" or shown == _MAX_HEADERS:
            continue
        shown += 1
        if child.name == "__init__" and not outline.is_empty(child):
            parts.append(_whole_method(outline, child))
        else:
            parts.append(_header(outline, child, "    "))
    return "\n".join(parts)


def _whole_method(outline: Outline, block: Block) -> str:
    """A short method in full but for its docstring, indented by four; its header when it is long."""
    text = outline.text
    docstring = outline.docstring(block)
    body = outline.body(block)
    lines = [line for line in body if docstring is None or line.start > docstring.start]
    if not lines or len(lines) > _MAX_INIT_LINES:
        return _header(outline, block, "    ")
    columns = sorted({line.col for line in lines})
    parts = [_header(outline, block, "    ").removesuffix(" ...")]
    for line in lines:
        depth = columns.index(line.col) + 2
        parts.append("    " * depth + _code(text, line))
    return "\n".join(parts)


@lru_cache(maxsize=4)
def _top_level(outline: Outline) -> list[Block]:
    return [block for block in outline.blocks if block.kind != "guard" and block.owner is None]


def _helpers(outline: Outline, block: Block) -> str:
    """Headers of the nearest other functions and classes at the top level, in file order."""
    others = _top_level(outline)
    at = others.index(block) if len(others) < 200 else _position(others, block)
    near = others[max(0, at - _MAX_HEADERS // 2) : at] + others[at + 1 : at + 1 + _MAX_HEADERS // 2]
    return "\n".join(_header(outline, other, "") for other in near)


def _position(blocks: list[Block], block: Block) -> int:
    low, high = 0, len(blocks)
    while low < high:
        middle = (low + high) // 2
        if blocks[middle].header < block.header:
            low = middle + 1
        else:
            high = middle
    return low


def _header(outline: Outline, block: Block, indentation: str) -> str:
    source = outline.text[outline.lines[block.header].start : block.header_end]
    words = " ".join(unix_lines(source).split()) if "#" not in source else unix_lines(source)
    return f"{indentation}{words} ..."


def _code(text: str, line: Line) -> str:
    return unix_lines(text[line.start : code_end(text, line.start, line.end)])
