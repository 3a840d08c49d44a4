"""`codeplan.repair`: code that passes, made from a function whose examples fail.

Argument: {"uri", "position"}. Value: as of planThenCode, with `rounds` (how often the failing
examples were given back to the model) and `before` (the verdict of the code that was there). What
is inserted passes more than what was there, and anything short of everything is asked about first.
"""

from __future__ import annotations

from collections.abc import Awaitable

from lsprotocol import types

from codeplan_model.search import Finished, repair
from codeplan_model.search.wording import verdict_words
from codeplan_model.values import Outcome
from codeplan_server.commands import Command, Result, place_of, run_on_function
from codeplan_server.offering import ended, offer
from codeplan_server.progress import WorkProgress
from codeplan_server.rpc import Call
from codeplan_server.searching import budget_of, search
from codeplan_server.session import Session
from codeplan_server.targets import Target

NAME = "codeplan.repair"


def repair_function(
    session: Session, params: types.ExecuteCommandParams, call: Call
) -> Awaitable[Result]:
    place = place_of(session, params)
    command = Command(NAME, "repairing", session, call, params.work_done_token)

    async def act(target: Target, progress: WorkProgress):
        settings = await session.current_settings(target.document.uri)
        budget = budget_of(settings, repair_rounds=settings.search.repair_rounds)
        finished = await search(session, target, budget, call.cancel, progress, find=repair)
        if finished.best is finished.before:
            return _left_alone(session, target, finished)
        return lambda: offer(session, target, finished, call.cancel)

    return run_on_function(command, place, act)


def _left_alone(session: Session, target: Target, finished: Finished) -> Result:
    """Nothing was better than what is there: said, and nothing else done."""
    before = finished.before
    if before is None:
        words, kind = "the time limit was reached", types.MessageType.Warning
    elif before.outcome is Outcome.PASSED:
        words = f"{verdict_words(before)} already: nothing to repair"
        kind = types.MessageType.Info
    else:
        words = f"no repair was found; the code {verdict_words(before)}"
        kind = types.MessageType.Warning
        if before.detail:
            words += f" ({before.detail})"
    message = f"{target.name}: {words}"
    session.client.show(message, kind)
    return ended(finished, applied=False, message=message)
