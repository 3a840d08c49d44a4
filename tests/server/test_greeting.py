"""The answer to `initialize` from plain values is the one that pygls would give."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from pygls.lsp.server import LanguageServer

from codeplan_server import __version__, greeting, server
from codeplan_server.features import notebooks
from codeplan_server.lifecycle import Lifecycle
from codeplan_server.rpc import Protocol
from codeplan_server.session import Session
from codeplan_server.transport import Transport

PARTS: tuple[dict[str, Any], ...] = (
    {"general": {"positionEncodings": ["utf-7", "utf-8", "utf-16"]}},
    {"notebookDocument": {"synchronization": {"dynamicRegistration": True}}},
    {"textDocument": {"diagnostic": {}, "rename": {"prepareSupport": True}}},
    {"textDocument": {"inlineCompletion": {}, "synchronization": {"willSave": True}}},
    {"workspace": {"diagnostics": {"refreshSupport": True}}},
    {"workspace": {"fileOperations": {"willCreate": True}}},
)
FORM = {"processId": None, "rootUri": None, "capabilities": {}}


def merged(parts: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for part in parts:
        for name, section in part.items():
            whole[name] = {**whole.get(name, {}), **section}
    return whole


def body_of(parameters: Any, **changes: Any) -> bytes:
    message = {"jsonrpc": "2.0", "id": 7, "method": "initialize", "params": parameters}
    return json.dumps({**message, **changes}).encode()


def said_in_full(body: bytes) -> dict[str, Any]:
    """The answer of the server itself."""

    class Kept:
        def __init__(self) -> None:
            self.data = b""

        def write(self, data: bytes) -> None:
            self.data += data

        def close(self) -> None:
            return

    made = LanguageServer(
        "codeplan", __version__, protocol_cls=Protocol, notebook_document_sync=notebooks.SYNC
    )
    protocol = made.protocol
    assert isinstance(protocol, Protocol)
    session = Session(protocol)
    nothing = open("/dev/null", "r+b", buffering=0)  # noqa: SIM115 - never read nor written
    lifecycle = Lifecycle(session, Transport(nothing, nothing), lambda: None)  # type: ignore[arg-type]
    server.register(made, session, lifecycle)
    kept = Kept()
    protocol.set_writer(kept)
    protocol.receive(body)
    nothing.close()
    session.engine.close()
    return json.loads(kept.data.partition(b"\r\n\r\n")[2])


def without_what_is_not_offered(value: Any) -> Any:
    """Where a server may leave out what it can't do, pygls sometimes says so."""
    if isinstance(value, dict):
        kept = {name: without_what_is_not_offered(v) for name, v in value.items()}
        return {k: v for k, v in kept.items() if v is not False and k != "fileOperations"}
    return value


@pytest.mark.parametrize("count", range(len(PARTS) + 1))
def test_for_every_client_the_early_answer_is_that_of_the_server(count: int):
    for parts in itertools.combinations(PARTS, count):
        body = body_of({**FORM, "capabilities": merged(parts)})
        early = greeting.answer_to(body)
        assert early is not None

        found = without_what_is_not_offered(json.loads(early))

        assert found == without_what_is_not_offered(said_in_full(body))


def test_the_commands_are_those_of_the_server():
    assert tuple(server.COMMANDS) == greeting.COMMANDS


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff",
        body_of(FORM, id=None),
        body_of(FORM, id=True),
        body_of(FORM, method="shutdown"),
        body_of(FORM, jsonrpc="1.0"),
        body_of(FORM, more=1),
        body_of([]),
        body_of({"processId": None}),
        body_of({**FORM, "capabilities": 7}),
        body_of({**FORM, "processId": "one"}),
        body_of({**FORM, "rootUri": 5}),
        body_of({**FORM, "trace": "loud"}),
        body_of({**FORM, "clientInfo": {}}),
        body_of({**FORM, "workspaceFolders": [{"uri": "file:///a"}]}),
        body_of({**FORM, "unheardOf": 1}),
    ],
)
def test_what_is_no_usual_initialize_is_left_to_the_server(body: bytes):
    assert greeting.answer_to(body) is None


@pytest.mark.parametrize(
    "more",
    [
        {"processId": 12, "rootPath": "/a", "rootUri": "file:///a", "locale": "de"},
        {"clientInfo": {"name": "an editor", "version": "1"}, "trace": "off"},
        {"initializationOptions": {"settings": {}}, "workDoneToken": 3},
        {"workspaceFolders": [{"uri": "file:///a", "name": "a"}]},
        {"workspaceFolders": None},
    ],
)
def test_what_editors_send_is_answered_early(more: dict[str, Any]):
    body = body_of({**FORM, **more})
    early = greeting.answer_to(body)

    assert early is not None
    assert json.loads(early)["id"] == 7
    assert "error" not in said_in_full(body)
