"""The steps that a user wrote under "# Plan:" in a function's body."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PLAN = re.compile(r"#+[ \t]*plan[ \t]*:?[ \t]*$", re.IGNORECASE)
_COMMENT = re.compile(r"[ \t\f]*(#[^\r\n]*)?(?:\r\n|\r|\n|$)")
_STEP = re.compile(r"#+[ \t]*(?:\d+[.):]|[-*•])[ \t]+(.*\S)")
_MORE = re.compile(r"#+[ \t]*(.*\S)")


@dataclass(frozen=True, slots=True)
class PlanComment:
    """start, end: of the comment lines in the text, from the first "#" to the end of the last."""

    start: int
    end: int
    steps: tuple[str, ...]


def find_plan(text: str, start: int, end: int) -> PlanComment | None:
    """The first "# Plan:" comment with steps among the lines of text[start:end].

    start must be the beginning of a line. A comment line without a number goes on with the step
    before it; a blank line, code or anything else ends the plan.
    """
    at = start
    first: int | None = None
    last = start
    steps: list[str] = []
    while at < end:
        match = _COMMENT.match(text, at, end)
        comment = match.group(1) if match else None
        if match is None or comment is None:  # code or a blank line
            if steps:
                break
            first = None
        elif first is None:
            if _PLAN.match(comment.rstrip()):
                first = match.start(1)
        else:
            step = _STEP.match(comment)
            more = _MORE.match(comment)
            if step:
                steps.append(step.group(1))
            elif more and steps:
                steps[-1] += " " + more.group(1)
            elif steps:
                break
        if first is not None and match is not None and comment is not None:
            last = match.end(1)
        at = match.end() if match and match.end() > at else _next_line(text, at, end)
    if first is None or not steps:
        return None
    return PlanComment(first, last, tuple(steps))


def _next_line(text: str, at: int, end: int) -> int:
    match = re.compile(r"\r\n|\r|\n").search(text, at, end)
    return match.end() if match else end
