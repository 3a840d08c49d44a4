"""`textDocument/codeAction`: codeplan's commands for the function at the cursor.

The last of them, outside of functions too, tells what the server is and does; its kind is one of
source actions, which editors that know kinds keep out of the way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass

from lsprotocol import types

from codeplan_model.extract import ExtractError, all_functions
from codeplan_model.values import Example, ExampleResult
from codeplan_server.commands import command_at
from codeplan_server.documents import Document
from codeplan_server.features import (
    cancel,
    code_from_plan,
    explain,
    next_candidate,
    plan_then_code,
    repair,
    run_examples,
    show_plans,
    solve_file,
    status,
    write_examples,
)
from codeplan_server.features.diagnostics import SOURCE
from codeplan_server.rpc import Call
from codeplan_server.session import Outcome, Session
from codeplan_server.targets import Target, target_at

KIND = types.CodeActionKind.RefactorRewrite
FIX = types.CodeActionKind.QuickFix
ABOUT = f"{types.CodeActionKind.Source.value}.codeplan"
KINDS: tuple[types.CodeActionKind | str, ...] = (KIND, FIX, ABOUT)
Action = types.CodeAction | types.Command


@dataclass(frozen=True, slots=True)
class Offer:
    """A command that makes sense here."""

    title: str
    name: str
    kind: types.CodeActionKind | str = KIND


@dataclass(frozen=True, slots=True)
class Known:
    """What the session knows about a document's functions.

    kept: what was written. failing: what failed. working: those that are being worked on, "" for
    the whole file.
    """

    kept: dict[str, Outcome]
    failing: tuple[ExampleResult, ...]
    working: frozenset[str]


def code_action(
    session: Session, params: types.CodeActionParams, call: Call
) -> Awaitable[list[Action]] | list[Action]:
    document = session.documents.get(params.text_document.uri)
    only = params.context.only
    if document is None or not document.is_python or not any(_wanted(only, k) for k in KINDS):
        return []
    known = Known(
        {name: k for (uri, name), k in session.outcomes.items() if uri == document.uri},
        session.failing.get(document.uri, ()),
        frozenset(work.function for work in session.works if work.uri == document.uri),
    )
    literals = session.client.can.action_literals

    def work() -> list[Action]:
        actions: list[Action] = []
        offers = offers_at(document, params.range.start, known)
        for offer in [*offers, Offer("Status", status.NAME, ABOUT)]:
            if not _wanted(only, offer.kind):
                continue
            command = command_at(
                f"{offer.title} (codeplan)", offer.name, document.uri, params.range.start
            )
            if offer.name == status.NAME:
                command.arguments = [{"uri": document.uri, "show": True}]
            if not literals:
                actions.append(command)
                continue
            fixes = [d for d in params.context.diagnostics if d.source == SOURCE]
            actions.append(
                types.CodeAction(
                    title=command.title,
                    kind=offer.kind,
                    command=command,
                    diagnostics=fixes if offer.kind is FIX and fixes else None,
                )
            )
        return actions

    return session.readers.submit(work, call.cancel)


def offers_at(document: Document, position: types.Position, known: Known) -> list[Offer]:
    try:
        target = target_at(document, position)
    except ExtractError:
        return []
    if target is None:
        return []
    offered: list[Offer] = []
    if target.name in known.working or "" in known.working:
        offered.append(Offer("Cancel what runs", cancel.NAME))
    if target.to_write:
        offered.append(Offer("Plan then code", plan_then_code.NAME))
        offered.append(Offer("Show plans", show_plans.NAME))
        if target.task.user_plan:
            offered.append(Offer("Code from the plan in the comment", code_from_plan.NAME))
        count = sum(s.to_write and document.owns(s.header) for s in all_functions(document.text))
        if count > 1:
            offered.append(Offer(f"Write all {count} empty functions", solve_file.NAME))
    else:
        name = target.task.name
        if _fails(target, known.failing):
            offered.append(Offer(f"Repair {name}", repair.NAME, FIX))
        if target.task.examples:
            offered.append(Offer(f"Run the examples of {name}", run_examples.NAME))
        else:
            offered.append(Offer(f"Propose examples for {name}", write_examples.NAME))
        offered.append(Offer(f"Explain {name} as a plan", explain.NAME))
    mine = known.kept.get(target.name)
    if mine is not None and mine.source == target.source and next_candidate.following(mine):
        offered.append(Offer("Next candidate", next_candidate.NAME))
    return offered


def _fails(target: Target, failing: Sequence[ExampleResult]) -> bool:
    """Whether one of the function's examples is among those that failed."""
    wrong = {_key(result.example) for result in failing}
    return any(_key(example) in wrong for example in target.task.examples)


def _key(example: Example) -> tuple[str, int, str, str]:
    return example.origin, example.line, example.source, example.name


def _wanted(
    only: Sequence[types.CodeActionKind | str] | None, kind: types.CodeActionKind | str
) -> bool:
    """Whether the client's filter lets this kind through: its own name or a prefix of it."""
    if only is None:
        return True
    own = str(getattr(kind, "value", kind))
    return any(
        name == "" or own == name or own.startswith(f"{name}.")
        for name in (getattr(entry, "value", entry) for entry in only)
    )
