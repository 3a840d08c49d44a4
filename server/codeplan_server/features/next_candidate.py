"""`codeplan.nextCandidate`: the next best verified candidate in place of the inserted one.

Argument: {"uri", "position"} in a function that codeplan has written since the file was opened and
that was not edited since. Goes round: after the last comes the first. Value: as of planThenCode.
"""

from __future__ import annotations

from collections.abc import Awaitable

from lsprotocol import types

from codeplan_model.values import Outcome, Verdict
from codeplan_server.commands import Command, Result, place_of, run_on_function
from codeplan_server.offering import put
from codeplan_server.progress import WorkProgress
from codeplan_server.rpc import Call
from codeplan_server.searching import SearchFailed
from codeplan_server.session import Outcome as Kept
from codeplan_server.session import Session
from codeplan_server.targets import Target

NAME = "codeplan.nextCandidate"


def next_candidate(
    session: Session, params: types.ExecuteCommandParams, call: Call
) -> Awaitable[Result]:
    place = place_of(session, params)
    command = Command(NAME, "next candidate for", session, call, params.work_done_token)

    async def act(target: Target, progress: WorkProgress) -> Result:
        kept = session.outcomes.get((target.document.uri, target.name))
        if kept is None or kept.inserted is None:
            raise SearchFailed("codeplan has inserted nothing here: run Plan then code first")
        if kept.source != target.source:
            raise SearchFailed("the function was edited since: run Plan then code again")
        verdict = following(kept)
        if verdict is None:
            raise SearchFailed("there is no other verified candidate")
        return await put(session, target, kept.finished, verdict, call.cancel)

    return run_on_function(command, place, act)


def following(kept: Kept) -> Verdict | None:
    """The verified candidate after the inserted one, in the order of ranking."""
    verified = [v for v in kept.finished.ranked if v.outcome is Outcome.PASSED]
    others = [v for v in verified if v is not kept.inserted]
    if not others:
        return None
    if kept.inserted not in verified:
        return others[0]
    return verified[(verified.index(kept.inserted) + 1) % len(verified)]
