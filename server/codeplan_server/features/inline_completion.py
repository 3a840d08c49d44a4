"""`textDocument/inlineCompletion`: the verified candidate as ghost text in a function to write.

Asked for by hand, it searches; while typing it only shows what an earlier search found, unless the
setting inlineCompletion.automatic says otherwise. Candidates that need an import are left to the
command, because ghost text is one piece of text in one place.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable

from lsprotocol import types

from codeplan_model.extract import ExtractError, SpliceError, edits_for
from codeplan_model.values import Outcome, Verdict
from codeplan_server.commands import Command, working
from codeplan_server.documents import Document
from codeplan_server.offering import remember
from codeplan_server.rpc import Call, RequestFailed
from codeplan_server.searching import SearchFailed, budget_of, search
from codeplan_server.session import Outcome as Kept
from codeplan_server.session import Session
from codeplan_server.targets import Target, target_at

logger = logging.getLogger(__name__)
_NONE = types.InlineCompletionList([])


def inline_completion(
    session: Session, params: types.InlineCompletionParams, call: Call
) -> Awaitable[types.InlineCompletionList] | types.InlineCompletionList:
    document = session.documents.get(params.text_document.uri)
    if document is None or not document.is_python:
        return _NONE
    return _complete(session, document, params, call)


def _by_hand(params: types.InlineCompletionParams) -> bool:
    """Whether a person asked, who waits for an answer or for the reason why there is none."""
    return params.context.trigger_kind is types.InlineCompletionTriggerKind.Invoked


async def _complete(
    session: Session,
    document: Document,
    params: types.InlineCompletionParams,
    call: Call,
) -> types.InlineCompletionList:
    settings = (await session.current_settings(document.uri)).inline_completion
    if not settings.enable:
        return _NONE
    may_search = _by_hand(params) or settings.automatic
    try:
        target = await session.readers.submit(
            lambda: _target(document, params.position), call.cancel
        )
    except ExtractError:
        return _NONE
    if target is None:
        return _NONE
    verdict = _known(session.outcomes.get((document.uri, target.name)), target)
    if verdict is None and may_search:
        verdict = await _searched(session, target, params, call)
    if verdict is None:
        return _NONE
    item = await session.readers.submit(
        lambda: _item(target, verdict, params.position), call.cancel
    )
    return types.InlineCompletionList([item]) if item else _NONE


def _target(document: Document, position: types.Position) -> Target | None:
    """The function around the position, if it is to write."""
    target = target_at(document, position)
    return target if target is not None and target.to_write else None


def _known(kept: Kept | None, target: Target) -> Verdict | None:
    """What an earlier search found for the function as it is now."""
    if kept is None or kept.source != target.source or kept.inserted is not None:
        return None
    best = kept.finished.best
    return best if best is not None and best.outcome is Outcome.PASSED else None


async def _searched(
    session: Session, target: Target, params: types.InlineCompletionParams, call: Call
) -> Verdict | None:
    budget = budget_of(await session.current_settings(target.document.uri))
    command = Command(call.method, "writing", session, call, params.work_done_token)
    try:
        with working(command, target.document.uri, target.name) as progress:
            finished = await search(session, target, budget, call.cancel, progress)
    except (SearchFailed, RequestFailed) as error:
        logger.warning("no inline completion: %s", error)
        if _by_hand(params):
            session.client.error(f"{target.name}: {error}")
        return None
    remember(session, target, finished, None, target.source)
    best = finished.best
    return best if best is not None and best.outcome is Outcome.PASSED else None


def _item(
    target: Target, verdict: Verdict, position: types.Position
) -> types.InlineCompletionItem | None:
    try:
        edits = edits_for(target.task, verdict.candidate)
    except SpliceError:
        return None
    if len(edits) != 1 or not target.document.owns(edits[0].span):
        return None
    text, span = edits[0].new_text, edits[0].span
    codec = target.document.codec
    # Editors show ghost text only where its range is one line, the cursor's: the indentation, when
    # the text begins with what already stands there, is left out of the range.
    old = target.document.text[span.start : span.end]
    kept = len(old) - len(old.lstrip(" \t"))
    if kept and text.startswith(old[:kept]):
        text = text[kept:]
        where = codec.range(type(span)(span.start + kept, span.end))
    else:
        where = codec.range(span)
    if where.start.line != where.end.line or where.start.line != position.line:
        return None
    return types.InlineCompletionItem(insert_text=text, range=where)
