"""A verified candidate -> one versioned edit of the buffer, in the right place or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from lsprotocol import types

from codeplan_model.extract import ExtractError, SpliceError, edits_for
from codeplan_model.generation import CancelToken
from codeplan_model.values import Candidate, Edit, Task, apply_edits
from codeplan_server.client import Client
from codeplan_server.documents import Document
from codeplan_server.session import Session
from codeplan_server.targets import Lost, Target, find_again, numbered_target

_TRIES = 3
"""How often an edit is made anew because the user typed while it was on its way."""
_ANNOTATION = "codeplan"


class Refused(Exception):
    """Nothing was inserted; the text says why."""


async def insert(
    session: Session, target: Target, candidate: Candidate, label: str, cancel: CancelToken
) -> str:
    """Put the candidate into the document as it is now; the function's text afterwards.

    Raises Refused when the function changed, the document was closed or the editor refuses, and
    Cancelled when `cancel` fires before the edit is sent.
    """
    if session.settings_for(target.document.uri).insert.plan_as_comment:
        candidate = with_plan_comment(candidate, target)
    return await change(session, target, lambda task: edits_for(task, candidate), label, cancel)


async def change(
    session: Session,
    target: Target,
    make: Callable[[Task], tuple[Edit, ...]],
    label: str,
    cancel: CancelToken,
) -> str:
    """Apply the edits that `make` gives for the function as it is then; as `insert`."""
    reason = ""
    for _ in range(_TRIES):
        document = session.documents.get(target.document.uri)
        if document is None:
            raise Refused(f"the file of {target.name} was closed: nothing was inserted")
        current = document

        def prepare(current: Document = current) -> tuple[tuple[Edit, ...], str]:
            again = find_again(target, current)
            edits = make(again.task)
            return edits, _source_after(again, edits)

        try:
            edits, source = await session.readers.submit(prepare, cancel)
        except (Lost, SpliceError, ExtractError) as error:
            raise Refused(str(error)) from error
        if session.documents.get(document.uri) is not document:
            continue  # typed while the edit was made
        cancel.check()
        edit = workspace_edit(
            session.client,
            document,
            edits,
            label,
            confirm=session.settings_for(document.uri).insert.confirm,
        )
        reason = await session.client.apply(edit, label)
        if not reason:
            return source
        later = session.documents.get(document.uri)
        if later is None or later.version == document.version:
            break  # refused for another reason than its version
    raise Refused(f"{target.name}: not inserted: {reason or 'the text keeps changing'}")


def workspace_edit(
    client: Client, document: Document, edits: Sequence[Edit], label: str, *, confirm: bool = False
) -> types.WorkspaceEdit:
    """The edits for one version of a document, as the client takes them: versioned if it can."""
    placed = document.placed(edits)
    if not client.can.document_changes:
        return types.WorkspaceEdit(changes={owner.uri: plain for owner, plain in placed})
    annotate = confirm and client.can.annotations
    changes = [
        types.TextDocumentEdit(
            types.OptionalVersionedTextDocumentIdentifier(owner.uri, owner.version),
            [types.AnnotatedTextEdit(_ANNOTATION, e.range, e.new_text) for e in plain]
            if annotate
            else plain,
        )
        for owner, plain in placed
    ]
    annotations = {_ANNOTATION: types.ChangeAnnotation(label, needs_confirmation=True)}
    return types.WorkspaceEdit(
        document_changes=changes, change_annotations=annotations if annotate else None
    )


def with_plan_comment(candidate: Candidate, target: Target) -> Candidate:
    """The candidate with its plan in front, as a comment that is read as a plan again."""
    if candidate.plan is None or not candidate.plan.steps or target.task.user_plan:
        return candidate
    steps = [re.sub(r"\s+", " ", step).strip() for step in candidate.plan.steps]
    lines = ["# Plan:", *(f"# {number}. {step}" for number, step in enumerate(steps, 1))]
    comment = "\n".join(f"    {line}" for line in lines)
    return replace(candidate, completion=f"{comment}\n{candidate.completion}")


def _source_after(target: Target, edits: tuple[Edit, ...]) -> str:
    """The function's text once the edits are applied, to recognise it by later."""
    document = target.document
    after = replace(document, text=apply_edits(document.text, edits))
    return numbered_target(after, target.name, target.which).source
