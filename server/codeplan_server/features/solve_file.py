"""`codeplan.solveFile`: every function of the file that is to write, one after the other.

Argument: {"uri"}. Only verified code is inserted, each function in an edit of its own; nothing is
asked. Value: {"outcome", "written", "total", "functions": [as of planThenCode, ...], "message"}.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from lsprotocol import types

from codeplan_model.extract import ExtractError, all_functions
from codeplan_model.generation import Cancelled
from codeplan_model.search.wording import finished_words
from codeplan_model.values import Outcome
from codeplan_server.commands import Command, Result, document_of, working
from codeplan_server.documents import Document
from codeplan_server.offering import ended, put, remember
from codeplan_server.progress import WorkProgress
from codeplan_server.rpc import Call
from codeplan_server.searching import SearchFailed, budget_of, search
from codeplan_server.session import Session
from codeplan_server.targets import Target, numbered_target

NAME = "codeplan.solveFile"


def solve_file(
    session: Session, params: types.ExecuteCommandParams, call: Call
) -> Awaitable[Result]:
    document = document_of(session, params)
    return _solve(session, document, call, params.work_done_token)


async def _solve(
    session: Session, document: Document, call: Call, token: types.ProgressToken | None
) -> Result:
    results: list[dict[str, Any]] = []
    outcome, message = "passed", ""
    names: list[tuple[str, int]] = []
    try:
        names = await session.readers.submit(lambda: _to_write(document), call.cancel)
        command = Command(NAME, "the file", session, call, token)
        with working(command, document.uri) as progress:
            for done, (name, which) in enumerate(names):
                progress.report(f"{name}: {done + 1} of {len(names)}", done, len(names))
                results.append(await _solve_one(session, document, name, which, call, progress))
    except Cancelled:
        if call.withdrawn:
            raise
        outcome = "cancelled"
    except (SearchFailed, ExtractError) as error:
        outcome, message = "error", str(error)
        session.client.error(message)
    written = sum(bool(result["applied"]) for result in results)
    if outcome == "passed" and written < len(names):
        outcome = "failed"
    message = message or f"wrote {written} of {len(names)} functions"
    if outcome in ("passed", "failed"):
        session.client.show(message)
    return {
        "file": document.path,
        "outcome": outcome,
        "written": written,
        "total": len(names),
        "functions": results,
        "message": message,
    }


async def _solve_one(
    session: Session,
    document: Document,
    name: str,
    which: int,
    call: Call,
    progress: WorkProgress,
) -> Result:
    current = session.documents.get(document.uri)
    if current is None:
        raise SearchFailed("the file was closed: the rest was not written")
    try:
        target: Target = await session.readers.submit(
            lambda: numbered_target(current, name, which), call.cancel
        )
    except ExtractError as error:
        return {"function": name, "outcome": "error", "message": str(error), "applied": False}
    budget = budget_of(await session.current_settings(target.document.uri))
    finished = await search(session, target, budget, call.cancel, progress)
    remember(session, target, finished, None, target.source)
    best = finished.best
    if best is None or best.outcome is not Outcome.PASSED:
        words = f"{finished_words(finished)}; not inserted"
        return ended(finished, applied=False, message=words)
    return await put(session, target, finished, best, call.cancel, quietly=True)


def _to_write(document: Document) -> list[tuple[str, int]]:
    """(qualified name, number among those of that name) of the functions to write."""
    seen: dict[str, int] = {}
    found: list[tuple[str, int]] = []
    for site in all_functions(document.text):
        which = seen.get(site.entry_point, 0)
        seen[site.entry_point] = which + 1
        if site.to_write and document.owns(site.header):
            found.append((site.entry_point, which))
    return found
