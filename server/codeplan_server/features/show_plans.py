"""`codeplan.showPlans`: every sampled plan with its record on the examples and its code.

Argument: {"uri", "position"}. Never edits. Value: {"function", "outcome", "version", "plans":
[{"steps", "origin", "outcome", "passed", "total", "verdict", "detail", "code", "code_origin",
"edits"}, ...], ...}, best plan first. A plan's "edits" put its code into that version of the
document; there are none when no code was written or it does not fit.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

from lsprotocol import types

from codeplan_model.extract import SpliceError, edits_for
from codeplan_model.generation import CancelToken
from codeplan_model.search import Finished, PlanRecord
from codeplan_model.search.wording import verdict_words
from codeplan_model.values import Candidate
from codeplan_server.commands import Command, Result, place_of, run_on_function
from codeplan_server.offering import remember
from codeplan_server.progress import WorkProgress
from codeplan_server.rpc import Call
from codeplan_server.searching import budget_of, search
from codeplan_server.session import Session
from codeplan_server.targets import Target

NAME = "codeplan.showPlans"


def show_plans(
    session: Session, params: types.ExecuteCommandParams, call: Call
) -> Awaitable[Result]:
    place = place_of(session, params)
    command = Command(NAME, "planning", session, call, params.work_done_token)

    async def act(target: Target, progress: WorkProgress) -> Result:
        # One program for each plan, however the first ones fare; none from the best plan.
        budget = replace(
            budget_of(await session.current_settings(target.document.uri)),
            strategy="codeplan",
            samples=0,
            early_stop=False,
            remembered=0,
            remembered_plans=0,
        )
        finished = await search(session, target, budget, call.cancel, progress)
        remember(session, target, finished, None, target.source)
        plans = await plan_records(session, target, finished, call.cancel)
        count = len(plans)
        return {
            "file": target.document.path,
            "function": target.name,
            "outcome": finished.outcome,
            "message": f"{target.name}: {count} plan{'s' if count != 1 else ''}",
            "applied": False,
            "version": target.document.version,
            "plans": plans,
            "seconds": round(finished.seconds, 3),
            "tokens": finished.tokens,
            "sandbox": finished.sandbox,
            "model": finished.model.name,
        }

    return run_on_function(command, place, act)


async def plan_records(
    session: Session, target: Target, finished: Finished, cancel: CancelToken
) -> list[dict[str, Any]]:
    """Every plan of a search, for a client to show. Raises Cancelled."""
    # Made where long texts are read: each plan's edits parse the document again.
    return await session.readers.submit(
        lambda: [record_json(record, target) for record in finished.plans], cancel
    )


def record_json(record: PlanRecord, target: Target) -> dict[str, Any]:
    best = record.best
    return {
        "steps": list(record.plan.steps),
        "origin": record.plan.origin,
        "code_origin": best.candidate.origin if best else "",
        "problems": list(record.plan.problems),
        "outcome": best.outcome.value if best else "no_candidate",
        "passed": best.passed if best else 0,
        "total": best.total if best else 0,
        "verdict": verdict_words(best) if best else "no code was written from it",
        "detail": best.detail if best else "",
        "code": best.candidate.completion if best else "",
        "edits": _edits(target, best.candidate) if best else [],
    }


def _edits(target: Target, candidate: Candidate) -> list[types.TextEdit]:
    codec = target.document.codec
    try:
        edits = edits_for(target.task, candidate)
    except SpliceError:
        return []
    if not all(target.document.owns(edit.span) for edit in edits):
        return []  # an import that belongs into another cell
    return [types.TextEdit(codec.range(edit.span), edit.new_text) for edit in edits]
