"""`codeplan.planThenCode`: plans, code, verdicts, and the verified code in the buffer.

Argument: {"uri", "position"}. Value: the object of `codeplan solve --json`, with `applied` and
`message`; in `records` its plans as in showPlans, for the document's `version` before the edit.
"""

from __future__ import annotations

from collections.abc import Awaitable

from lsprotocol import types

from codeplan_server.commands import Command, Result, place_of, run_on_function
from codeplan_server.features.show_plans import plan_records
from codeplan_server.offering import offer
from codeplan_server.progress import WorkProgress
from codeplan_server.rpc import Call
from codeplan_server.searching import budget_of, search
from codeplan_server.session import Session
from codeplan_server.targets import Target

NAME = "codeplan.planThenCode"


def plan_then_code(
    session: Session, params: types.ExecuteCommandParams, call: Call
) -> Awaitable[Result]:
    place = place_of(session, params)
    command = Command(NAME, "writing", session, call, params.work_done_token)

    async def act(target: Target, progress: WorkProgress):
        budget = budget_of(await session.current_settings(target.document.uri))
        finished = await search(session, target, budget, call.cancel, progress)
        records = await plan_records(session, target, finished, call.cancel)
        known = {"version": target.document.version, "records": records}

        async def end() -> Result:
            return await offer(session, target, finished, call.cancel) | known

        return end

    return run_on_function(command, place, act)
