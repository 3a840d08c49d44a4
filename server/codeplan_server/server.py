"""The server of one connection: which feature answers which method, and the loop that runs it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from codeplan_server import __version__
from codeplan_server.features import (
    cancel,
    code_action,
    code_from_plan,
    code_lens,
    configuration,
    diagnostics,
    explain,
    general,
    inline_completion,
    next_candidate,
    notebooks,
    plan_then_code,
    repair,
    run_examples,
    show_plans,
    solve_file,
    status,
    synchronization,
    write_examples,
)
from codeplan_server.greeting import Greeter
from codeplan_server.lifecycle import Lifecycle
from codeplan_server.rpc import Call, Protocol, crash_text, invalid_params
from codeplan_server.session import Session
from codeplan_server.transport import Transport

logger = logging.getLogger(__name__)

COMMANDS: dict[str, Callable[[Session, types.ExecuteCommandParams, Call], Any]] = {
    plan_then_code.NAME: plan_then_code.plan_then_code,
    show_plans.NAME: show_plans.show_plans,
    code_from_plan.NAME: code_from_plan.code_from_plan,
    next_candidate.NAME: next_candidate.next_candidate,
    repair.NAME: repair.repair_function,
    run_examples.NAME: run_examples.run_examples,
    write_examples.NAME: write_examples.write_examples,
    explain.NAME: explain.explain_function,
    solve_file.NAME: solve_file.solve_file,
    cancel.NAME: cancel.cancel,
    status.NAME: status.status,
}

REQUESTS: dict[str, Callable[[Session, Any, Call], Any]] = {
    types.INITIALIZE: general.initialize,
    types.SHUTDOWN: general.shutdown,
    types.TEXT_DOCUMENT_CODE_LENS: code_lens.code_lens,
    types.TEXT_DOCUMENT_CODE_ACTION: code_action.code_action,
    types.TEXT_DOCUMENT_DIAGNOSTIC: diagnostics.document_diagnostic,
    types.TEXT_DOCUMENT_INLINE_COMPLETION: inline_completion.inline_completion,
}

NOTIFICATIONS: dict[str, Callable[[Session, Any], Any]] = {
    types.INITIALIZED: general.initialized,
    types.WINDOW_WORK_DONE_PROGRESS_CANCEL: general.cancel_progress,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: configuration.did_change_configuration,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: configuration.did_change_folders,
    configuration.TRUST: configuration.did_change_trust,
    types.TEXT_DOCUMENT_DID_OPEN: synchronization.did_open,
    types.TEXT_DOCUMENT_DID_CHANGE: synchronization.did_change,
    types.TEXT_DOCUMENT_DID_SAVE: synchronization.did_save,
    types.TEXT_DOCUMENT_DID_CLOSE: synchronization.did_close,
    types.NOTEBOOK_DOCUMENT_DID_OPEN: notebooks.did_open,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE: notebooks.did_change,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE: notebooks.did_close,
}

# What a capability needs beyond its method's name.
OPTIONS: dict[str, Any] = {
    types.TEXT_DOCUMENT_CODE_ACTION: types.CodeActionOptions(
        code_action_kinds=list(code_action.KINDS)
    ),
    types.TEXT_DOCUMENT_INLINE_COMPLETION: types.InlineCompletionOptions(),
}

# Requests whose methods pygls answers by itself when they are not among its features.
_BUILT_IN = frozenset({types.INITIALIZE, types.SHUTDOWN, types.INITIALIZED})


@dataclass(frozen=True, slots=True)
class Logging:
    """How is logged. close: writes what waits. trace: everything, whatever the settings say."""

    close: Callable[[], None]
    file: str | None
    trace: bool


def serve(transport: Transport, greeter: Greeter, logs: Logging) -> None:
    """Serve one client until it leaves. Never returns: the process ends with its exit status."""
    asyncio.run(_serve(transport, greeter, logs))


async def _serve(transport: Transport, greeter: Greeter, logs: Logging) -> None:
    loop = asyncio.get_running_loop()
    server = LanguageServer(
        "codeplan", __version__, protocol_cls=Protocol, notebook_document_sync=notebooks.SYNC
    )
    protocol = server.protocol
    assert isinstance(protocol, Protocol)
    session = Session(protocol)
    session.log_file, session.trace = logs.file, logs.trace
    lifecycle = Lifecycle(session, transport, logs.close)
    register(server, session, lifecycle)
    protocol.on_crash = lambda where, error: session.client.error(crash_text(where, error))

    def receive(body: bytes) -> None:
        try:
            protocol.receive(body)
        finally:
            transport.handled()

    def ended(reason: str) -> None:
        # Behind what was received before it, in case that was an exit.
        loop.call_soon_threadsafe(lifecycle.end, 0 if protocol.was_shut_down else 1, reason)
        lifecycle.watch_loop()

    lifecycle.on_signals()
    protocol.attach(transport, loop)
    protocol.greeted = lambda: greeter.answered
    greeter.hand_over(lambda body: loop.call_soon_threadsafe(receive, body) and None, ended)
    await asyncio.Event().wait()


def register(server: LanguageServer, session: Session, lifecycle: Lifecycle) -> None:
    """Have all features answer the messages of the session's protocol."""
    protocol = session.protocol

    def initialize(params: types.InitializeParams, call: Call) -> types.InitializeResult:
        result = general.initialize(session, params, call)
        lifecycle.watch_parent(params.process_id)
        return result

    def execute(params: types.ExecuteCommandParams, call: Call) -> Any:
        command = COMMANDS.get(params.command)
        if command is None:
            raise invalid_params(f"there is no command {params.command!r}")
        return command(session, params, call)

    def leave(params: None) -> None:
        # The specification's statuses: 0 after a shutdown request, else 1.
        lifecycle.end(0 if protocol.was_shut_down else 1, "exit")

    protocol.requests = {name: partial(act, session) for name, act in REQUESTS.items()}
    protocol.requests |= {types.INITIALIZE: initialize, types.WORKSPACE_EXECUTE_COMMAND: execute}
    protocol.notifications = {name: partial(act, session) for name, act in NOTIFICATIONS.items()}
    protocol.notifications |= {types.EXIT: leave}
    # pygls derives the server's capabilities from these names.
    for name in (*REQUESTS, *NOTIFICATIONS):
        if name not in _BUILT_IN:
            server.feature(name, OPTIONS.get(name))(_unused)
    for name in COMMANDS:
        server.command(name)(_unused)


def _unused(*args: Any) -> None:
    raise AssertionError("messages are dispatched in rpc.py")
