"""What becomes of a search's best candidate: inserted, asked about, or dropped; and said in words.

Code that fails the user's examples, or that no example could verify, is never inserted unless the
user says so, in an answer or in the settings.
"""

from __future__ import annotations

from dataclasses import replace

from lsprotocol import types

from codeplan_model.generation import CancelToken
from codeplan_model.memory import StoreError
from codeplan_model.memory.remembering import remember_insertion
from codeplan_model.search import Finished
from codeplan_model.search.wording import (
    finished_words,
    plans_words,
    untested_words,
    verdict_words,
)
from codeplan_model.values import Outcome as Ending
from codeplan_model.values import Verdict
from codeplan_server.commands import Result
from codeplan_server.insertion import Refused, insert
from codeplan_server.rpc import unless_cancelled
from codeplan_server.sections import Choice
from codeplan_server.session import Outcome, Session
from codeplan_server.targets import Target

INSERT, SHOW_PLANS, DISCARD = "Insert anyway", "Show plans", "Discard"


async def offer(
    session: Session, target: Target, finished: Finished, cancel: CancelToken
) -> Result:
    """Insert the best candidate if it may be, and say what happened. Raises Cancelled."""
    words = finished_words(finished)
    remember(session, target, finished, None, target.source)
    best = finished.best
    if best is None:
        session.client.show(words, types.MessageType.Warning)
        return ended(finished, applied=False, message=words)
    if best.outcome is not Ending.PASSED and not await _allowed(
        session, target, finished, words, cancel
    ):
        session.client.show(f"{words}; not inserted", types.MessageType.Warning)
        return ended(finished, applied=False, message=f"{words}; not inserted")
    return await put(session, target, finished, best, cancel)


async def put(
    session: Session,
    target: Target,
    finished: Finished,
    verdict: Verdict,
    cancel: CancelToken,
    *,
    quietly: bool = False,
) -> Result:
    """Insert this verdict's candidate and remember that it stands there.

    quietly: success is not told, because a larger piece of work will tell it.
    """
    words = f"{target.name}: {verdict_words(verdict)}"
    untested = untested_words(target.task, verdict)
    if untested:
        words += f"; {untested}"
    label = f"codeplan: write {target.name}"
    try:
        source = await insert(session, target, verdict.candidate, label, cancel)
    except Refused as error:
        session.client.show(str(error), types.MessageType.Warning)
        return ended(finished, applied=False, message=str(error), verdict=verdict)
    remember(session, target, finished, verdict, source)
    await _remember_for_later(session, target, verdict)
    if not quietly:
        session.client.show(words)
    return ended(finished, applied=True, message=words, verdict=verdict)


def ended(
    finished: Finished, *, applied: bool, message: str, verdict: Verdict | None = None
) -> Result:
    """The command's value: the search's object, for this candidate, and what was done with it."""
    result = finished.to_json()
    if verdict is not None and verdict is not finished.best:
        plan = verdict.candidate.plan
        result |= {
            "outcome": verdict.outcome.value,
            "passed": verdict.passed,
            "total": verdict.total,
            "plan": list(plan.steps) if plan else [],
            "code": verdict.candidate.completion,
            "detail": verdict.detail,
            "weak": verdict.weak,
            "origin": verdict.candidate.origin,
            "plan_origin": plan.origin if plan else "",
        }
    return result | {"applied": applied, "message": message}


def remember(
    session: Session, target: Target, finished: Finished, inserted: Verdict | None, source: str
) -> None:
    """Keep what was found for `nextCandidate` and inline completion."""
    key = (target.document.uri, target.name)
    if target.document.uri in {document.uri for document in session.documents}:
        session.outcomes[key] = Outcome(finished, inserted, source)


async def _remember_for_later(session: Session, target: Target, verdict: Verdict) -> None:
    """Add what was inserted to the memory that the user chose for it; none by default."""
    choice = session.settings_for(target.document.uri).memory.remember
    if choice == "never":
        return
    task = replace(target.task, path=target.document.path)
    try:
        await session.readers.submit(
            lambda: remember_insertion(task, verdict, everywhere=choice == "user"), CancelToken()
        )
    except StoreError as error:
        session.client.show(str(error), types.MessageType.Warning)


async def _allowed(
    session: Session, target: Target, finished: Finished, words: str, cancel: CancelToken
) -> bool:
    """Whether to insert a candidate that is not verified."""
    untested = finished.best is not None and finished.best.outcome is Ending.UNTESTED
    insert = session.settings_for(target.document.uri).insert
    choice: Choice = insert.unverified if untested else insert.failing
    if choice != "ask":
        return choice == "always"
    choices = [INSERT, DISCARD]
    if finished.plans:
        choices.insert(1, SHOW_PLANS)
    question = f"{words}. Insert it all the same?"
    while True:
        answer = await unless_cancelled(session.client.choose(question, choices), cancel)
        if answer != SHOW_PLANS:
            return answer == INSERT
        choices = [INSERT, DISCARD]
        question = f"{plans_words(finished.plans)}\n\n{words}. Insert it all the same?"
