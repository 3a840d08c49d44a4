"""Lines for a function's docstring, or a plan comment for its body -> the edit that adds them.

Nothing but the lines is added: what stands there keeps every character but the white space before
the closing quotes. Where that can't be done, SpliceError says why.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from codeplan_model.extract import SpliceError
from codeplan_model.extract.blocks import Block
from codeplan_model.extract.outline import Outline, outline_of
from codeplan_model.extract.parse import LINE_END, parse
from codeplan_model.extract.sites import hole_of
from codeplan_model.extract.strings import Docstring
from codeplan_model.values import Edit, Span, Task, apply_edits

_LITERAL = re.compile(r"([rRuU]?)(\"\"\"|'''|\"|')")


def docstring_edits(task: Task, lines: Sequence[str]) -> tuple[Edit, ...]:
    """Add lines at the end of the docstring, after a blank one; a docstring of them if it has none.

    lines: dedented, as the docstring's value should have them. Raises SpliceError.
    """
    outline, block = _found(task)
    docstring = outline.docstring(block)
    if docstring is None:
        return _checked(task, _new(task, outline, block, lines))
    return _checked(task, _longer(task, docstring, lines))


def plan_comment_edits(task: Task, steps: Sequence[str]) -> tuple[Edit, ...]:
    """Put the plan above the body's code, as the comment that is read as a plan again."""
    outline, block = _found(task)
    hole = hole_of(outline, block)
    if not hole.starts_line:
        raise SpliceError(f"{task.entry_point} stands on one line: no room for a comment")
    lines = plan_lines(steps)
    text = "".join(f"{task.indent}# {line}{task.newline}" for line in lines)
    return _checked(task, Edit(Span(hole.span.start, hole.span.start), text))


def plan_lines(steps: Sequence[str]) -> list[str]:
    """ "Plan:" and the numbered steps, each on a line."""
    kept = [" ".join(step.split()) for step in steps]
    return ["Plan:", *(f"{number}. {step}" for number, step in enumerate(kept, 1))]


def _found(task: Task) -> tuple[Outline, Block]:
    outline = outline_of(task.text)
    for block in outline.functions:
        if block.qualname == task.entry_point and hole_of(outline, block).span == task.hole:
            return outline, block
    raise SpliceError(f"{task.entry_point} does not stand where its task says: extract it again")


def _new(task: Task, outline: Outline, block: Block, lines: Sequence[str]) -> Edit:
    if outline.same_line_body(block) is not None:
        raise SpliceError(f"{task.entry_point} stands on one line: no room for a docstring")
    end = LINE_END.search(task.text, block.header_end)
    if end is None:
        raise SpliceError(f"{task.entry_point} has no line below its header")
    prefix = "r" if any("\\" in line for line in lines) else ""
    text = _laid(task, [f'{prefix}"""', *lines, '"""'], raw=True) + task.newline
    return Edit(Span(end.end(), end.end()), text)


def _longer(task: Task, docstring: Docstring, lines: Sequence[str]) -> Edit:
    literal = task.text[docstring.start : docstring.end]
    opening = _LITERAL.match(literal)
    if opening is None or docstring.content_at != docstring.start + opening.end():
        raise SpliceError(
            f"the docstring of {task.entry_point} is made of several parts: nothing can be added"
        )
    quotes = opening.group(2)
    raw = opening.group(1) in ("r", "R")
    content = literal[opening.end() : -len(quotes)].rstrip()
    if content.endswith("\\"):
        raise SpliceError(f"the docstring of {task.entry_point} ends with a backslash")
    if any(quotes in line for line in lines):
        raise SpliceError(f"what is to be added holds the quotes of {task.entry_point}'s docstring")
    blank = [""] if content else []
    added = task.newline + _laid(task, [*blank, *lines, ""], raw=raw)
    if len(quotes) == 3:
        start = docstring.content_at + len(content)
        return Edit(Span(start, docstring.end - 3), added + task.indent)
    if '"""' in content or any('"""' in line for line in lines):
        raise SpliceError(f"the docstring of {task.entry_point} can't be made longer")
    # Only triple quotes can hold lines.
    text = f'{opening.group(1)}"""{content}{added}{task.indent}"""'
    return Edit(Span(docstring.start, docstring.end), text)


def _laid(task: Task, lines: Sequence[str], *, raw: bool) -> str:
    """The lines as they stand in the literal, in the file's form, without the last line's end."""
    written = [line if raw else line.replace("\\", "\\\\") for line in lines]
    return task.newline.join(f"{task.indent}{line}" if line else "" for line in written)


def _checked(task: Task, edit: Edit) -> tuple[Edit, ...]:
    if parse(task.text) is not None and parse(apply_edits(task.text, (edit,))) is None:
        raise SpliceError(f"the file would not parse with what was to be added to {task.name}")
    return (edit,)
