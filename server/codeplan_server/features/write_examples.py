"""`codeplan.writeExamples`: examples for a function without any, for the user to confirm.

Argument: {"uri", "position"}. The values are what the function gives in the sandbox; each call ends
with "# confirm". Value: {"function", "outcome": "proposed" | "no_candidate" | ..., "examples":
[{"source", "want"}, ...], "tried", "applied", "message", ...}. Changes nothing but the docstring.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from lsprotocol import types

from codeplan_model.search import Proposed, propose
from codeplan_model.search.docstrings import docstring_edits
from codeplan_server.commands import Command, Result, place_of, run_on_function
from codeplan_server.insertion import Refused, change
from codeplan_server.progress import WorkProgress
from codeplan_server.rpc import Call
from codeplan_server.searching import budget_of, run
from codeplan_server.session import Session
from codeplan_server.targets import Target

NAME = "codeplan.writeExamples"


def write_examples(
    session: Session, params: types.ExecuteCommandParams, call: Call
) -> Awaitable[Result]:
    place = place_of(session, params)
    command = Command(NAME, "examples for", session, call, params.work_done_token)

    async def act(target: Target, progress: WorkProgress) -> Result:
        budget = budget_of(await session.current_settings(target.document.uri))
        found: Proposed = await run(
            session,
            target.document.uri,
            call.cancel,
            progress,
            lambda tools: propose(
                target.task, tools.backend(), tools.sandbox(), budget, call.cancel
            ),
        )
        if not found.examples:
            message = f"{target.name}: none of {found.tried} calls gave a value worth showing"
            session.client.show(message, types.MessageType.Warning)
            return _result(target, found, "no_candidate", message, applied=False)
        lines = [line for example in found.examples for line in example.lines]
        label = f"codeplan: examples for {target.name}"
        try:
            await change(
                session, target, lambda task: docstring_edits(task, lines), label, call.cancel
            )
        except Refused as error:
            session.client.show(str(error), types.MessageType.Warning)
            return _result(target, found, "proposed", str(error), applied=False)
        count = len(found.examples)
        message = (
            f"{target.name}: {count} example{'s' if count != 1 else ''} proposed with what the "
            'code gives now; confirm each by taking its "# confirm" away'
        )
        session.client.show(message)
        return _result(target, found, "proposed", message, applied=True)

    return run_on_function(command, place, act)


def _result(
    target: Target, found: Proposed, outcome: str, message: str, *, applied: bool
) -> dict[str, Any]:
    return {
        "file": target.document.path,
        "function": target.name,
        "outcome": outcome,
        "message": message,
        "applied": applied,
        "examples": [{"source": e.source, "want": e.want} for e in found.examples],
        "tried": found.tried,
        "sandbox": found.sandbox,
        "model": found.model,
        "tokens": found.tokens,
        "seconds": round(found.seconds, 3),
    }
