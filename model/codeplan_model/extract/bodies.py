"""A function's body between its canonical form and the form of its file.

Canonical: four spaces of indentation a level, "\\n" line ends, no docstring, no trailing newline.
Lines inside multi-line strings are text, not code: they keep their characters in both directions.
"""

from __future__ import annotations

import re

from .layout import STEP, levels_of, relay
from .outline import Block, Outline
from .parse import parse, unix_lines
from .scan import BOM, code_end, logical_lines
from .strings import read_docstring

_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[ \t]*[\w+-]*[ \t]*$", re.MULTILINE)
_BEFORE_DEF = re.compile(r"@|(?:import|from)\b")
_DEFINES = re.compile(r"(?:async[ \t]+)?def\b|class\b")
_LEAVES = re.compile(r"(?:return|raise)\b")
_MAX_DROPPED = 40  # lines of trailing text that are tried to be cut off


def normalise_body(raw: str, name: str | None = None) -> str:
    """Whatever a model wrote for a body, in canonical form; "" when there is no code in it.

    Takes away code fences, a repeated header with its docstring, and text after the function; turns
    tabs and any base indentation into four spaces. What can't be made to parse comes back as
    well as it could be read: judging it is someone else's job.

    name: the function's own name, if known; then only a header with that name counts as repeated.
    """
    text = unix_lines(raw.removeprefix(BOM)).replace("\f", "")
    if not parses_as_body(_canonical(text)):  # a fence may also stand in a string of the code
        text = _unfenced(text)
    inner = _repeated_function(text, name)
    if inner is not None:
        imports, body = inner
        return "\n".join(part for part in (_canonical(imports), _finish(body)) if part)
    for variant in _variants(text):
        lines = logical_lines(variant)
        levels, consistent = levels_of(lines)
        if consistent and 0 not in levels and parses_as_body(_canonical(variant)):
            return _finish(variant)
    return _finish(text)


def reindent(body: str, indent: str, unit: str, newline: str) -> str:
    """A canonical body in its file's form.

    indent: what stands in front of the body's first level; unit: one step more; newline: line ends.
    """
    return newline.join(relay(body, lambda level: indent + unit * max(0, level - 1), unit))


def parses_as_body(body: str) -> bool:
    """Whether `body`, in canonical form, is a function's body."""
    return bool(body.strip()) and parse(f"def _():\n{body}\n") is not None


def _unfenced(text: str) -> str:
    """The first fenced block, or everything before a lone closing fence."""
    fences = list(_FENCE.finditer(text))
    if not fences:
        return text
    first = fences[0]
    if text[: first.start()].strip() and (
        len(fences) == 1 or parses_as_body(_canonical(text[: first.start()]))
    ):
        return text[: first.start()]
    stop = fences[1].start() if len(fences) > 1 else len(text)
    return text[first.end() : stop].removeprefix("\n")


def _variants(text: str) -> list[str]:
    """Readings of a text whose first line may have lost (or doubled) its indentation."""
    lines = logical_lines(text)
    variants = [text]
    if len(lines) > 1:
        rest = min(line.col for line in lines[1:])
        if rest > 0 and rest != lines[0].col:
            first = lines[0]
            variants.append(text[: first.bol] + " " * rest + text[first.start :])
    return variants


def _repeated_function(text: str, name: str | None) -> tuple[str, str] | None:
    """The imports before a repeated function and the lines of its body, if the text has one."""
    outline = Outline(text)
    lines = outline.lines
    first = 0
    while first < len(lines) and _BEFORE_DEF.match(text, lines[first].start):
        first += 1
    if first == len(lines) or not _DEFINES.match(text, lines[first].start):
        return None
    beside = [line for line in lines[first + 1 :] if line.col == lines[first].col]
    if any(_LEAVES.match(text, line.start) for line in beside):
        return None  # a helper inside the body
    if lines[first].col > 0 and beside and name is None:
        return None
    block = _pick(outline, first, name)
    if block is None:
        return None
    imports = "\n".join(
        text[line.start : line.end] for line in lines[:first] if text[line.start] != "@"
    )
    return imports, _body_text(outline, block)


def _pick(outline: Outline, first: int, name: str | None) -> Block | None:
    functions = [block for block in outline.functions if block.header >= first]
    if name is not None:
        return next((block for block in functions if block.name == name), None)
    return functions[0] if functions else None


def _body_text(outline: Outline, block: Block) -> str:
    body = outline.body(block)
    if not body:
        same_line = outline.same_line_body(block)
        return outline.text[slice(*same_line)] if same_line else ""
    start = block.header_end
    newline = outline.text.find("\n", start)
    return outline.text[newline + 1 : body[-1].end]


def _canonical(text: str) -> str:
    """`text` with its first line's level at four spaces; lines further left end it."""
    lines = logical_lines(text)
    if not lines:
        return ""
    levels, _ = levels_of(lines)
    if 0 in levels:
        text = text[: lines[levels.index(0)].bol]
    laid = relay(text, lambda level: STEP * max(1, level), STEP)
    return "\n".join(laid).strip("\n").rstrip()


def _finish(text: str) -> str:
    """The canonical form of a body's lines, without docstring and trailing text."""
    text = _without_docstring(_without_dead_end(text.rstrip()))
    body = _canonical(text)
    if parses_as_body(body):
        return body
    lines = logical_lines(body)
    for line in lines[::-1][:_MAX_DROPPED]:
        shorter = body[: line.bol].rstrip()
        if parses_as_body(shorter):
            return shorter
    return body


def _without_docstring(text: str) -> str:
    """The text after the string literals that it begins with."""
    at = 0
    for line in logical_lines(text):
        docstring = read_docstring(text, line.start, line.end)
        if docstring is None or docstring.end < code_end(text, line.start, line.end):
            return text[at:]
        at = line.end
    return ""


def _without_dead_end(text: str) -> str:
    """The text up to a `return` or `raise` at column 0: what follows is another piece of code."""
    for line in logical_lines(text):
        if line.col == 0 and _LEAVES.match(text, line.start):
            return text[: line.end]
    return text
