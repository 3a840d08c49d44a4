"""`textDocument/codeAction`: codeplan's commands for the function at the cursor."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence

from lsprotocol import types

from codeplan_model.extract import ExtractError
from codeplan_server.commands import command_at
from codeplan_server.documents import Document
from codeplan_server.features import (
    code_from_plan,
    next_candidate,
    plan_then_code,
    run_examples,
    show_plans,
)
from codeplan_server.rpc import Call
from codeplan_server.session import Outcome, Session
from codeplan_server.targets import target_at

KIND = types.CodeActionKind.RefactorRewrite
Action = types.CodeAction | types.Command


def code_action(
    session: Session, params: types.CodeActionParams, call: Call
) -> Awaitable[list[Action]] | list[Action]:
    document = session.documents.get(params.text_document.uri)
    if document is None or not document.is_python or not _wanted(params.context.only):
        return []
    kept = {name: k for (uri, name), k in session.outcomes.items() if uri == document.uri}
    literals = session.client.can.action_literals

    def work() -> list[Action]:
        commands = commands_at(document, params.range.start, kept)
        if not literals:
            return list(commands)
        return [types.CodeAction(title=c.title, kind=KIND, command=c) for c in commands]

    return session.readers.submit(work, call.cancel)


def commands_at(
    document: Document, position: types.Position, kept: dict[str, Outcome]
) -> list[types.Command]:
    try:
        target = target_at(document, position)
    except ExtractError:
        return []
    if target is None:
        return []
    offered: list[tuple[str, str]] = []
    if target.to_write:
        offered.append(("Plan then code", plan_then_code.NAME))
        offered.append(("Show plans", show_plans.NAME))
        if target.task.user_plan:
            offered.append(("Code from the plan in the comment", code_from_plan.NAME))
    elif target.task.examples:
        offered.append((f"Run the examples of {target.task.name}", run_examples.NAME))
    mine = kept.get(target.name)
    if mine is not None and mine.source == target.source and next_candidate.following(mine):
        offered.append(("Next candidate", next_candidate.NAME))
    return [
        command_at(f"{title} (codeplan)", name, document.uri, position) for title, name in offered
    ]


def _wanted(only: Sequence[types.CodeActionKind | str] | None) -> bool:
    """Whether the client's filter lets this kind through: its own name or a prefix of it."""
    if only is None:
        return True
    return any(
        kind == "" or KIND.value == kind or KIND.value.startswith(f"{kind}.")
        for kind in (getattr(entry, "value", entry) for entry in only)
    )
