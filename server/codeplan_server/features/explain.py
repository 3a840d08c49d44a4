"""`codeplan.explain`: the plan that existing code follows.

Argument: {"uri", "position", "insert": "never" | "comment" | "docstring"}; without "insert" the
setting insert.explanation says whether the plan goes into the file. Value: {"function", "outcome":
"explained", "plan": [step, ...], "origin": "sampled" | "syntax" | "user", "likeness", "applied",
"message", ...}.
"""

from __future__ import annotations

import typing
from collections.abc import Awaitable
from typing import Any

from lsprotocol import types

from codeplan_model.search import Explained, explain
from codeplan_model.search.docstrings import docstring_edits, plan_comment_edits, plan_lines
from codeplan_model.values import Edit, Task
from codeplan_server.commands import Command, Result, place_of, run_on_function
from codeplan_server.insertion import Refused, change
from codeplan_server.progress import WorkProgress
from codeplan_server.rpc import Call, invalid_params
from codeplan_server.searching import budget_of, run
from codeplan_server.sections import Explanation
from codeplan_server.session import Session
from codeplan_server.targets import Target

NAME = "codeplan.explain"
_PLACES = typing.get_args(Explanation)


def explain_function(
    session: Session, params: types.ExecuteCommandParams, call: Call
) -> Awaitable[Result]:
    place = place_of(session, params)
    asked = place.arguments.get("insert")
    if asked is not None and asked not in _PLACES:
        raise invalid_params(f'{NAME}: "insert" must be one of {", ".join(_PLACES)}')
    command = Command(NAME, "explaining", session, call, params.work_done_token)

    async def act(target: Target, progress: WorkProgress) -> Result:
        settings = await session.current_settings(target.document.uri)
        found: Explained = await run(
            session,
            target.document.uri,
            call.cancel,
            progress,
            lambda tools: explain(target.task, tools.backend(), budget_of(settings), call.cancel),
        )
        words = f"{target.name}: {_told(found)}"
        where = asked or settings.insert.explanation
        if where == "never" or (where == "comment" and found.plan.origin == "user"):
            session.client.show(words)
            return _result(target, found, words, applied=False)

        def make(task: Task) -> tuple[Edit, ...]:
            if where == "comment":
                return plan_comment_edits(task, found.plan.steps)
            first, *steps = plan_lines(found.plan.steps)
            return docstring_edits(task, [first, *(f"    {step}" for step in steps)])

        label = f"codeplan: the plan of {target.name}"
        try:
            await change(session, target, make, label, call.cancel)
        except Refused as error:
            session.client.show(str(error), types.MessageType.Warning)
            return _result(target, found, str(error), applied=False)
        session.client.show(words)
        return _result(target, found, words, applied=True)

    return run_on_function(command, place, act)


def _told(found: Explained) -> str:
    steps = "\n".join(f"{number}. {step}" for number, step in enumerate(found.plan.steps, 1))
    whence = {
        "user": "the plan that stands there",
        "sampled": "the plan that its code follows",
        "syntax": "the plan as its code reads",
    }
    return f"{whence.get(found.plan.origin, 'the plan')}:\n{steps}"


def _result(target: Target, found: Explained, message: str, *, applied: bool) -> dict[str, Any]:
    return {
        "file": target.document.path,
        "function": target.name,
        "outcome": "explained",
        "message": message,
        "applied": applied,
        "plan": list(found.plan.steps),
        "origin": found.plan.origin,
        "likeness": round(found.likeness, 3),
        "model": found.model,
        "tokens": found.tokens,
        "seconds": round(found.seconds, 3),
    }
