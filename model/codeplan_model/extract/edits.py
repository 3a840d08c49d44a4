"""A candidate -> the edit of its file: the function's body, and the imports that it needs.

Nothing else changes, byte for byte. An edit exists only if the result parses; when the rest of the
file was broken before, if the function and the import lines do.
"""

from __future__ import annotations

from codeplan_model.values import Candidate, Edit, Span, Task, apply_edits

from .bodies import reindent
from .errors import SpliceError
from .import_edits import import_edits
from .imports import missing_imports
from .layout import levels_of
from .outline import Block, Outline, indent_unit, outline_of
from .parse import compile_error, parse, try_parse, unix_lines
from .plan_comment import find_plan
from .scan import logical_lines, unclosed_string


def edits_for(task: Task, candidate: Candidate) -> tuple[Edit, ...]:
    """The edits that put `candidate` into the file of `task`, in file order.

    Raises SpliceError when the candidate is empty, reaches outside of the function, or the result
    would not parse.
    """
    text = task.text
    body = unix_lines(candidate.completion).strip("\n").rstrip()
    _check_body(body, task)
    outline = outline_of(text)
    block = _block_of(outline, task)
    edits = _body_edits(outline, block, task, body)
    edits += import_edits(outline, missing_imports(outline, block, body), task.newline)
    found = tuple(sorted(edits, key=lambda edit: (edit.span.start, edit.span.end)))
    _check_result(text, apply_edits(text, found), task)
    return found


def splice(task: Task, candidate: Candidate) -> str:
    """The file's text with `candidate` in it. Raises SpliceError as edits_for does."""
    return apply_edits(task.text, edits_for(task, candidate))


def _block_of(outline: Outline, task: Task) -> Block:
    for block in outline.functions:
        if block.qualname == task.entry_point:
            begin, end = outline.lines[block.header].start, outline.lines[block.end - 1].end
            if begin <= task.hole.start and task.hole.start <= max(end, task.hole.end):
                best = block
                if _holds(outline, block, task.hole):
                    return best
    raise SpliceError(f"{task.entry_point} is no longer where it was in the file: extract it again")


def _holds(outline: Outline, block: Block, hole: Span) -> bool:
    from .sites import hole_of

    return hole_of(outline, block).span == hole


def _body_edits(outline: Outline, block: Block, task: Task, body: str) -> list[Edit]:
    from .sites import hole_of

    hole = hole_of(outline, block)
    text = outline.text
    unit = indent_unit(outline, block)
    laid = reindent(body, task.indent, unit, task.newline)
    plan = find_plan(text, hole.span.start, hole.span.end) if hole.starts_line else None
    if plan is not None:  # a plan between old statements stays, above the new body
        lines = [line.strip() for line in unix_lines(text[plan.start : plan.end]).split("\n")]
        laid = task.newline.join([*(task.indent + line for line in lines), laid])
    if hole.starts_line:
        return [Edit(hole.span, laid)]
    edits: list[Edit] = []
    header_line = outline.lines[block.header]
    docstring = outline.docstring(block)
    same_line = outline.same_line_body(block) is not None and not outline.body(block)
    end = hole.span.end
    comment = ""
    if same_line and docstring is not None:
        edits.append(Edit(Span(block.header_end, docstring.start), task.newline + task.indent))
    if same_line and header_line.end > end:  # a comment behind a one-line body stays on its line
        comment = text[end : header_line.end].rstrip()
        end = header_line.end
    edits.append(Edit(Span(hole.span.start, end), comment + task.newline + laid))
    return edits


def _check_body(body: str, task: Task) -> None:
    """Everything about the body alone that would let it break out of its function."""
    lines = logical_lines(body)
    if not lines:
        raise SpliceError(f"the candidate for {task.entry_point} has no code in it")
    levels, consistent = levels_of(lines)
    if 0 in levels or lines[0].col == 0:
        raise SpliceError(
            f"the candidate for {task.entry_point} goes on outside of the function: "
            f"{body[lines[levels.index(0)].start :][:40]!r}" if 0 in levels
            else f"the candidate for {task.entry_point} is not indented"
        )  # fmt: skip
    if not consistent:
        raise SpliceError(f"the candidate for {task.entry_point} is indented inconsistently")
    if unclosed_string(body) is not None:
        raise SpliceError(f"the candidate for {task.entry_point} has an unclosed string")
    header = "async def" if task.header.startswith("async") else "def"
    source = f"{header} _():\n{body}\n"
    nested = ".<locals>." in task.entry_point
    tree, error = try_parse(source)
    if tree is not None and len(tree.body) != 1:
        error = "it does not end with the function"
    if not error and not nested:  # a nested function may say `nonlocal`
        error = compile_error(source)
    if error or body.endswith("\\"):
        raise SpliceError(f"the candidate for {task.entry_point} does not parse: {error}")


def _check_result(before: str, after: str, task: Task) -> None:
    tree, error = try_parse(after)
    if tree is not None:
        return
    if parse(before) is not None:
        raise SpliceError(f"the file would not parse with the new {task.entry_point}: {error}")
    outline = Outline(after)
    if not any(block.qualname == task.entry_point for block in outline.functions):
        raise SpliceError(f"{task.entry_point} would be lost in the broken file: mend it first")
