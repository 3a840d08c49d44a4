"""`codeplan.showPlans`: every sampled plan with its record on the examples and its code.

Argument: {"uri", "position"}. Never edits. Value: {"function", "outcome", "plans": [{"steps",
"outcome", "passed", "total", "verdict", "detail", "code"}, ...], ...}, best plan first.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

from lsprotocol import types

from codeplan_model.search import PlanRecord
from codeplan_server.commands import Command, Result, place_of, run_on_function
from codeplan_server.offering import remember
from codeplan_server.progress import WorkProgress
from codeplan_server.rpc import Call
from codeplan_server.searching import budget_of, search
from codeplan_server.session import Session
from codeplan_server.targets import Target
from codeplan_server.wording import verdict_words

NAME = "codeplan.showPlans"


def show_plans(
    session: Session, params: types.ExecuteCommandParams, call: Call
) -> Awaitable[Result]:
    place = place_of(session, params)
    command = Command(NAME, "planning", session, call, params.work_done_token)

    async def act(target: Target, progress: WorkProgress) -> Result:
        # One program for each plan, however the first ones fare; none from the best plan.
        budget = replace(
            budget_of(await session.current_settings()),
            strategy="codeplan",
            samples=0,
            early_stop=False,
            remembered=0,
            remembered_plans=0,
        )
        finished = await search(session, target, budget, call.cancel, progress)
        remember(session, target, finished, None, target.source)
        count = len(finished.plans)
        return {
            "file": target.document.path,
            "function": target.name,
            "outcome": finished.outcome,
            "message": f"{target.name}: {count} plan{'s' if count != 1 else ''}",
            "applied": False,
            "plans": [record_json(record) for record in finished.plans],
            "seconds": round(finished.seconds, 3),
            "tokens": finished.tokens,
            "sandbox": finished.sandbox,
            "model": finished.model.name,
        }

    return run_on_function(command, place, act)


def record_json(record: PlanRecord) -> dict[str, Any]:
    best = record.best
    return {
        "steps": list(record.plan.steps),
        "origin": record.plan.origin,
        "problems": list(record.plan.problems),
        "outcome": best.outcome.value if best else "no_candidate",
        "passed": best.passed if best else 0,
        "total": best.total if best else 0,
        "verdict": verdict_words(best) if best else "no code was written from it",
        "detail": best.detail if best else "",
        "code": best.candidate.completion if best else "",
    }
