"""The life of a session: initialize, initialized, shutdown, progress cancel."""

from __future__ import annotations

from lsprotocol import types

from codeplan_server.client import abilities_of
from codeplan_server.features import configuration
from codeplan_server.positions import Encoding
from codeplan_server.rpc import Call
from codeplan_server.session import Session
from codeplan_server.workers import cancel_aside


def initialize(
    session: Session, params: types.InitializeParams, call: Call
) -> types.InitializeResult:
    result = session.protocol.initialize(params)
    encoding = result.capabilities.position_encoding or types.PositionEncodingKind.Utf16
    session.documents.encoding = Encoding(getattr(encoding, "value", encoding))
    session.client.can = abilities_of(params.capabilities)
    if not session.client.can.pull_diagnostics:
        result.capabilities.diagnostic_provider = None
    if not session.client.can.inline_completion:
        result.capabilities.inline_completion_provider = None
    session.folders = tuple(folder.uri for folder in params.workspace_folders or ())
    if not session.folders and params.root_uri:
        session.folders = (params.root_uri,)
    configuration.take_initial_options(session, params.initialization_options)
    session.protocol.initialized = True
    return result


def initialized(session: Session, params: types.InitializedParams) -> None:
    configuration.ask_again(session)
    session.spawn(session.client.register_configuration())


def shutdown(session: Session, params: None, call: Call) -> None:
    """Stop all work; what is still unanswered is answered as cancelled."""
    session.protocol.begin_shutdown()
    cancel_aside(session.cancel_everything)


def cancel_progress(session: Session, params: types.WorkDoneProgressCancelParams) -> None:
    session.progress_tokens.cancel(params.token)
