"""`codeplan.codeFromPlan`: code from a plan that the user chose, edited or wrote.

Argument: {"uri", "position", "plan": [step, ...]}. Without "plan" the plan in the function's body
("# Plan:" and numbered comment lines) is used. Value: as of planThenCode.
"""

from __future__ import annotations

from collections.abc import Awaitable

from lsprotocol import types

from codeplan_model.values import Plan
from codeplan_server.commands import Command, Place, Result, place_of, run_on_function
from codeplan_server.offering import offer
from codeplan_server.progress import WorkProgress
from codeplan_server.rpc import Call, invalid_params
from codeplan_server.searching import SearchFailed, budget_of, search
from codeplan_server.session import Session
from codeplan_server.targets import Target

NAME = "codeplan.codeFromPlan"


def code_from_plan(
    session: Session, params: types.ExecuteCommandParams, call: Call
) -> Awaitable[Result]:
    place = place_of(session, params)
    plan = _plan_of(place)
    command = Command(NAME, "writing from a plan", session, call, params.work_done_token)

    async def act(target: Target, progress: WorkProgress):
        if plan is None and not target.task.user_plan:
            raise SearchFailed(
                'there is no plan: give one, or write "# Plan:" and numbered comment lines below '
                "it in the function's body"
            )
        budget = budget_of(await session.current_settings(target.document.uri))
        finished = await search(session, target, budget, call.cancel, progress, plan=plan)
        return lambda: offer(session, target, finished, call.cancel)

    return run_on_function(command, place, act)


def _plan_of(place: Place) -> Plan | None:
    steps = place.arguments.get("plan")
    if steps is None:
        return None
    if not isinstance(steps, list) or not all(isinstance(step, str) for step in steps):
        raise invalid_params(f'{NAME}: "plan" must be a list of texts')
    kept = tuple(" ".join(step.split()) for step in steps if step.strip())
    if not kept:
        raise invalid_params(f"{NAME}: the plan has no steps")
    return Plan(kept, origin="user")
