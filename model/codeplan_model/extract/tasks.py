"""A function of a file -> the Task that describes what to write."""

from __future__ import annotations

import re
from dataclasses import replace

from codeplan_model.values import Example, Task

from .beside import find_tests
from .blocks import Block
from .context import context_of
from .errors import ExtractError
from .examples import example_index
from .outline import Outline, outline_of
from .parse import LINE_END, unix_lines
from .plan_comment import PlanComment, find_plan
from .scan import unclosed_string
from .sites import (
    FunctionSite,
    block_at,
    block_named,
    end_with_comments,
    hole_of,
    site_of,
)
from .unwritten import unwritten

_QUOTES = re.compile(r"[rRuU]?(?:\"\"\"|''')")


def functions_to_write(
    text: str, path: str | None = None, *, with_tests: bool = True
) -> list[Task]:
    """The tasks of all functions that wait for a body, in file order; none in a stub file (.pyi).

    Each task holds the text around its hole, so their memory is the file's size times their number;
    use all_functions where names and places are enough. Never raises.
    """
    if _is_stub(path):
        return []
    outline = outline_of(text)
    blocks = unwritten(outline)
    tests = _tests(path, [block.qualname for block in blocks], with_tests)
    return [_task(outline, block, path, tests) for block in blocks]


def all_functions(text: str, path: str | None = None) -> list[FunctionSite]:
    """Where every function of the text stands, in file order, and whether it waits for a body.

    Cheap: reads no other file and collects no examples. Never raises.
    """
    outline = outline_of(text)
    sites = [site_of(outline, block) for block in outline.functions]
    return [replace(site, to_write=False) for site in sites] if _is_stub(path) else sites


def task_at(
    text: str, offset: int, path: str | None = None, *, with_tests: bool = True
) -> Task | None:
    """The task of the innermost function around `offset`, empty or not; None outside of functions.

    A function reaches from its decorators to its last line, and over the comments of its body that
    follow; one that waits for a body also over the blank line right after it.
    Raises ExtractError when the offset lies outside the text, or the function's header or
    docstring is broken.
    """
    if not 0 <= offset <= len(text):
        raise ExtractError(f"offset {offset} lies outside the text of {len(text)} characters")
    outline = outline_of(text)
    block = block_at(outline, offset)
    return None if block is None else _checked_task(outline, block, path, with_tests)


def task_named(text: str, name: str, path: str | None = None, *, with_tests: bool = True) -> Task:
    """The task of the function with this name: "total", "Cart.total", "outer.<locals>.inner".

    A plain name also finds a method, if it is the only one of that name. Raises ExtractError that
    lists near names when there is none, or the qualified names when there are several, or says what
    is broken about the function's header or docstring.
    """
    outline = outline_of(text)
    return _checked_task(outline, block_named(outline, name), path, with_tests)


def newline_at(text: str, offset: int) -> str:
    """The line end in use around `offset`: that of its line, else the line before, else "\\n"."""
    match = LINE_END.search(text, offset)
    if match is not None:
        return match.group()
    before = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset))
    if before < 0:
        return "\n"
    return "\r\n" if text.startswith("\r\n", before - 1) else text[before]


def _checked_task(outline: Outline, block: Block, path: str | None, with_tests: bool) -> Task:
    problem = outline.header_problem(block) or _docstring_problem(outline, block)
    if problem:
        raise ExtractError(f"{problem}: finish it")
    return _task(outline, block, path, _tests(path, [block.qualname], with_tests))


def _task(
    outline: Outline, block: Block, path: str | None, tests: dict[str, tuple[Example, ...]]
) -> Task:
    text = outline.text
    docstring = outline.docstring(block)
    hole = hole_of(outline, block).span
    plan = _plan(outline, block, docstring.end if docstring else block.header_end)
    examples = example_index(text, path).examples_for(block)
    return Task(
        entry_point=block.qualname,
        header=_dedented(outline.header_text(block), outline.block_indent(block)),
        docstring=docstring.text if docstring else "",
        prefix=text[: hole.start],
        suffix=text[hole.end :],
        hole=hole,
        indent=outline.body_indent(block),
        newline=newline_at(text, outline.lines[block.header].start),
        examples=(*examples, *tests.get(block.qualname, ())),
        context=context_of(outline, block),
        path=path,
        user_plan=plan.steps if plan else (),
        old_body=text[hole.start : hole.end],
    )


def _plan(outline: Outline, block: Block, after: int) -> PlanComment | None:
    """The plan comment after the docstring or header, which ends at `after`, in the body."""
    newline = LINE_END.search(outline.text, after)
    start = newline.end() if newline else len(outline.text)
    end = end_with_comments(outline, block, outline.lines[block.end - 1])
    return find_plan(outline.text, start, end) if start < end else None


def _dedented(header: str, indentation: str) -> str:
    first, *rest = unix_lines(header).split("\n")
    return "\n".join([first, *(line.removeprefix(indentation) for line in rest)])


def _docstring_problem(outline: Outline, block: Block) -> str:
    """Why the docstring can't be read: it is not closed."""
    text = outline.text
    body = outline.body(block)
    if not body or outline.docstring(block) is not None:
        return ""
    opening = _QUOTES.match(text, body[0].start)
    if opening is None or unclosed_string(text[body[0].start : body[0].end]) is None:
        return ""
    line = outline.line_number(body[0].start) + 1
    return f"the docstring of {block.qualname} (line {line}) is not closed"


def _is_stub(path: str | None) -> bool:
    return path is not None and path.endswith(".pyi")


def _tests(path: str | None, names: list[str], with_tests: bool) -> dict[str, tuple[Example, ...]]:
    return find_tests(path, names) if path is not None and with_tests and names else {}
