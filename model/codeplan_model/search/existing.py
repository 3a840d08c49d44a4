"""The code that a function has now, in canonical form: where repair and explain begin."""

from __future__ import annotations

import textwrap

from codeplan_model.extract import normalise_body
from codeplan_model.extract.plan_comment import find_plan
from codeplan_model.values import Task


def existing_code(task: Task) -> str:
    """The body as it stands, "" when there is none; it may not parse.

    Without a plan comment between its statements, which the edit of a file keeps by itself.
    """
    old = task.old_body
    plan = find_plan(old, 0, len(old))
    if plan is not None:
        old = old[: plan.start] + old[plan.end :]
    code = normalise_body(old, task.name)
    if "".join(code.split()) != "".join(old.split()):
        # Made for what models write, it leaves out what does not parse; here that is the mistake.
        return textwrap.indent(textwrap.dedent(old.expandtabs(4)), "    ").strip("\n").rstrip()
    return code
