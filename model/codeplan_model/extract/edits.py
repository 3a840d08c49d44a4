"""A candidate -> the edit of its file: the function's body, and the imports that it needs.

Nothing else changes, byte for byte. An edit exists only if the result parses; when the rest of the
file was broken before, or is newer than this interpreter, if the function by itself does.
"""

from __future__ import annotations

from functools import lru_cache

from codeplan_model.values import Candidate, Edit, Span, Task, apply_edits

from .blocks import Block
from .bodies import reindent
from .errors import SpliceError
from .import_edits import import_edits
from .imports import missing_imports
from .layout import levels_of
from .outline import Outline, outline_of
from .parse import compile_error, parse, try_parse, unix_lines
from .plan_comment import find_plan
from .scan import code_end, logical_lines, unclosed_string
from .sites import Hole, hole_of


def edits_for(task: Task, candidate: Candidate) -> tuple[Edit, ...]:
    """The edits that put `candidate` into the file of `task`, in file order.

    Raises SpliceError when the candidate is empty or reaches outside of the function, or when the
    result would not parse.
    """
    text = task.text
    outline = outline_of(text)
    block, hole = _place(outline, task)
    body = unix_lines(candidate.completion).strip("\n").rstrip()
    problem = _body_problem(outline, block, body)
    if problem:
        raise SpliceError(f"the candidate for {task.entry_point} {problem}")
    edits = _body_edits(outline, block, hole, task, body)
    edits += import_edits(outline, missing_imports(outline, block, body), task.newline)
    found = tuple(sorted(edits, key=lambda edit: (edit.span.start, edit.span.end)))
    _check_result(task, apply_edits(text, found))
    return found


def splice(task: Task, candidate: Candidate) -> str:
    """The file's text with `candidate` in it. Raises SpliceError as edits_for does."""
    return apply_edits(task.text, edits_for(task, candidate))


def _place(outline: Outline, task: Task) -> tuple[Block, Hole]:
    """The function of `task` in its file, found again by its hole."""
    for block in outline.functions:
        if block.qualname == task.entry_point:
            hole = hole_of(outline, block)
            if hole.span == task.hole:
                return block, hole
    raise SpliceError(f"{task.entry_point} does not stand where its task says: extract it again")


def _body_edits(outline: Outline, block: Block, hole: Hole, task: Task, body: str) -> list[Edit]:
    laid = reindent(body, task.indent, outline.indent_unit(block), task.newline)
    if hole.starts_line:
        return [Edit(hole.span, _kept_plan(task) + laid)]
    if outline.same_line_body(block) is None or outline.body(block):
        return [Edit(hole.span, task.newline + laid)]
    comment_at = code_end(outline.text, hole.span.start, hole.span.end)
    comment = outline.text[comment_at : hole.span.end].rstrip()  # it stays on its line
    edits = [Edit(hole.span, comment + task.newline + laid)]
    docstring = outline.docstring(block)
    if docstring is not None:  # a block can't begin behind the colon: the docstring moves down
        edits.append(Edit(Span(block.header_end, docstring.start), task.newline + task.indent))
    return edits


def _kept_plan(task: Task) -> str:
    """The lines of a plan comment between the old statements: it stays, above the new body."""
    plan = find_plan(task.old_body, 0, len(task.old_body))
    if plan is None:
        return ""
    lines = unix_lines(task.old_body[plan.start : plan.end]).split("\n")
    return "".join(task.indent + line.strip() + task.newline for line in lines)


def _body_problem(outline: Outline, block: Block, body: str) -> str:
    """What about a body would break its function or let it out of it; "" when nothing does."""
    lines = logical_lines(body)
    if not lines:
        return "has no code in it"
    if lines[0].col == 0:
        return "is not indented"
    levels, consistent = levels_of(lines)
    if 0 in levels:
        outside = body[lines[levels.index(0)].start :].partition("\n")[0]
        return f"goes on outside of the function: {outside[:60]!r}"
    if not consistent:
        return "is indented inconsistently"
    if unclosed_string(body) is not None or body.endswith("\\"):
        return "does not end: a string or a line is left open"
    header = outline.plain_header(block)
    if parse(header + " pass") is None:
        header = "async def _():" if block.is_async else "def _():"
    source = f"{header}\n{body}\n"
    tree, error = try_parse(source)
    if tree is not None and len(tree.body) != 1:
        error = "it does not end with the function"
    is_nested = ".<locals>." in block.qualname  # `nonlocal` compiles only in the outer function
    if not error and not is_nested:
        error = compile_error(source)
    return f"does not parse: {error}" if error else ""


def _check_result(task: Task, after: str) -> None:
    tree, error = try_parse(after)
    if tree is None and _parses(task.text):
        raise SpliceError(f"the file would not parse with the new {task.entry_point}: {error}")


@lru_cache(maxsize=4)
def _parses(text: str) -> bool:
    return parse(text) is not None
