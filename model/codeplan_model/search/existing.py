"""The code that a function has now, in canonical form: where repair and explain begin."""

from __future__ import annotations

import textwrap

from codeplan_model.extract import all_functions, normalise_body
from codeplan_model.extract.plan_comment import find_plan
from codeplan_model.values import Task


def existing_code(task: Task) -> str:
    """The body as it stands, "" when there is none or only a placeholder; it may not parse.

    Without a plan comment between its statements, which the edit of a file keeps by itself.
    """
    if _waits(task):
        return ""
    old = task.old_body
    plan = find_plan(old, 0, len(old))
    if plan is not None:
        old = old[: plan.start] + old[plan.end :]
    code = normalise_body(old, task.name)
    if "".join(code.split()) != "".join(old.split()):
        # Made for what models write, it leaves out what does not parse; here that is the mistake.
        return textwrap.indent(textwrap.dedent(old.expandtabs(4)), "    ").strip("\n").rstrip()
    return code


def _waits(task: Task) -> bool:
    """Whether the function waits for a body: nothing, `...`, `pass`, or another placeholder."""
    around = [
        site
        for site in all_functions(task.text)
        if site.entry_point == task.entry_point and site.extent.start <= task.hole.start
    ]
    return bool(around) and around[-1].to_write
