"""A function of a file -> the Task that describes what to write."""

from __future__ import annotations

import re
from dataclasses import replace

from codeplan_model.values import Example, Span, Task

from .context import context_of
from .errors import ExtractError
from .examples import example_index
from .outline import Block, Outline, block_indent, indent_unit, outline_of
from .parse import unix_lines
from .plan_comment import find_plan
from .sites import FunctionSite, block_at, block_named, hole_of, site_of

_COMMENT_LINES = re.compile(r"[^\r\n]*(?:(?:\r\n|\r|\n)[ \t\f]*#[^\r\n]*)*")
_NEWLINE = re.compile(r"\r\n|\r|\n")


def functions_to_write(
    text: str, path: str | None = None, *, with_tests: bool = True
) -> list[Task]:
    """The tasks of all functions that wait for a body, in file order.

    Each task holds the text around its hole, so a file of many functions takes its size times
    their number in memory; use all_functions for names and places only.
    """
    outline = outline_of(text)
    blocks = [block for block in outline.functions if outline.to_write(block)]
    if path is not None and path.endswith(".pyi"):
        return []
    tests = _tests(path, [block.qualname for block in blocks], with_tests)
    return [task_of(outline, block, path, tests.get(block.qualname, ())) for block in blocks]


def all_functions(text: str, path: str | None = None) -> list[FunctionSite]:
    """Where every function of the text stands, in file order, and whether it waits for a body."""
    outline = outline_of(text)
    stubs = path is not None and path.endswith(".pyi")
    sites = [site_of(outline, block) for block in outline.functions]
    return [replace(site, to_write=False) for site in sites] if stubs else sites


def task_at(
    text: str, offset: int, path: str | None = None, *, with_tests: bool = True
) -> Task | None:
    """The task of the innermost function around `offset`, empty or not; None outside of functions.

    Raises ExtractError when the offset lies outside the text.
    """
    if not 0 <= offset <= len(text):
        raise ExtractError(f"offset {offset} lies outside the text of {len(text)} characters")
    outline = outline_of(text)
    block = block_at(outline, offset)
    if block is None:
        return None
    tests = _tests(path, [block.qualname], with_tests)
    return task_of(outline, block, path, tests.get(block.qualname, ()))


def task_named(text: str, name: str, path: str | None = None, *, with_tests: bool = True) -> Task:
    """The task of the function with this name: "total", "Cart.total", "outer.<locals>.inner".

    A plain name also finds a method, if it is the only one of that name. Raises ExtractError that
    lists near names when there is none, or the qualified names when there are several.
    """
    outline = outline_of(text)
    block = block_named(outline, name)
    tests = _tests(path, [block.qualname], with_tests)
    return task_of(outline, block, path, tests.get(block.qualname, ()))


def task_of(
    outline: Outline, block: Block, path: str | None, tests: tuple[Example, ...] = ()
) -> Task:
    """The task of one function of an outline."""
    text = outline.text
    docstring = outline.docstring(block)
    hole = hole_of(outline, block).span
    line = outline.lines[block.header]
    body_start = _next_line(text, docstring.end if docstring else block.header_end)
    body_end = _through_comments(text, max(outline.lines[block.end - 1].end, hole.end))
    plan = find_plan(text, body_start, body_end) if body_start < body_end else None
    examples = example_index(text, path).examples_for(block)
    return Task(
        entry_point=block.qualname,
        header=dedent_header(text[line.start : block.header_end], block_indent(outline, block)),
        docstring=docstring.text if docstring else "",
        prefix=text[: hole.start],
        suffix=text[hole.end :],
        hole=Span(hole.start, hole.end),
        indent=body_indent(outline, block),
        newline=newline_at(text, line.start),
        examples=(*examples, *tests),
        context=context_of(outline, block),
        path=path,
        user_plan=plan.steps if plan else (),
        old_body=text[hole.start : hole.end],
    )


def dedent_header(header: str, indentation: str) -> str:
    """A header's lines with "\\n" ends and without the indentation of its first line."""
    first, *rest = unix_lines(header).split("\n")
    return "\n".join([first, *(line.removeprefix(indentation) for line in rest)])


def body_indent(outline: Outline, block: Block) -> str:
    """The white space in front of a line of the body, written or not."""
    body = outline.body(block)
    if body:
        line = body[0]
        return outline.text[line.bol : line.start].rpartition("\f")[2]
    return block_indent(outline, block) + indent_unit(outline, block)


def newline_at(text: str, offset: int) -> str:
    """The line end in use around `offset`: that of its line, else the line before, else "\\n"."""
    match = _NEWLINE.search(text, offset)
    if match is not None:
        return match.group()
    before = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset))
    if before < 0:
        return "\n"
    return "\r\n" if text.startswith("\r\n", before - 1) else text[before]


def _through_comments(text: str, end: int) -> int:
    """The end of the comment lines that follow `end` directly."""
    match = _COMMENT_LINES.match(text, end)
    return match.end() if match else end


def _next_line(text: str, at: int) -> int:
    """The beginning of the line after `at`."""
    match = _NEWLINE.search(text, at)
    return match.end() if match else len(text)


def _tests(path: str | None, names: list[str], with_tests: bool) -> dict[str, tuple[Example, ...]]:
    if path is None or not with_tests or not names:
        return {}
    from .beside import find_tests

    return find_tests(path, names)
