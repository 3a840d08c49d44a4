"""The steps that a user wrote under "# Plan:" in a function's body."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PLAN = re.compile(r"#+[ \t]*plan[ \t]*:?[ \t]*$", re.IGNORECASE)
_LINE = re.compile(r"[ \t\f]*(#[^\r\n]*)?([^\r\n]*)(?:\r\n|\r|\n|\Z)")
_STEP = re.compile(r"#+[ \t]*(?:\d+[.):]|[-*•])[ \t]+(.*\S)")
_CONTINUED = re.compile(r"#+[ \t]+(.*\S)")


@dataclass(frozen=True, slots=True)
class PlanComment:
    """start, end: of the comment lines in the text, from the first "#" to the end of the last."""

    start: int
    end: int
    steps: tuple[str, ...]


def find_plan(text: str, start: int, end: int) -> PlanComment | None:
    """The first "# Plan:" comment with steps among the lines of text[start:end].

    `start` must be the beginning of a line. Steps are numbered ("1.", "1)") or have bullets; a
    comment line without goes on with the step before it; a blank line, an empty comment or code
    ends the plan.
    """
    first: int | None = None
    last = start
    steps: list[str] = []
    at = start
    while at < end:
        match = _LINE.match(text, at, end)
        if match is None or match.end() == at:
            break
        at = match.end()
        comment = (match.group(1) or "").rstrip()
        if first is None:
            if _PLAN.match(comment):
                first = match.start(1)
            continue
        step = _STEP.match(comment)
        more = _CONTINUED.match(comment)
        if step:
            steps.append(step.group(1))
        elif more and steps:
            steps[-1] += " " + more.group(1)
        elif steps:
            break
        else:  # a heading without steps
            first = match.start(1) if _PLAN.match(comment) else None
            continue
        last = match.end(1)
    if first is None or not steps:
        return None
    return PlanComment(first, last, tuple(steps))
