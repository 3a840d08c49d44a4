"""The answer to `initialize`, given before the protocol's types are loaded.

Loading lsprotocol and pygls takes several times as long as all that an answer needs. So the first
message is read by itself: an `initialize` in its usual form is answered at once from plain values,
and is then handled as every message is, with its answer left out. Anything else waits for the
server. What the answer says must be what pygls would say of this server; a test compares the two.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

from codeplan_server import __version__
from codeplan_server.transport import Transport

COMMANDS = (
    "codeplan.planThenCode",
    "codeplan.showPlans",
    "codeplan.codeFromPlan",
    "codeplan.nextCandidate",
    "codeplan.repair",
    "codeplan.runExamples",
    "codeplan.writeExamples",
    "codeplan.explain",
    "codeplan.solveFile",
    "codeplan.cancel",
    "codeplan.status",
)
WAIT_SECONDS = 0.3
"""How long the loading of the rest waits for the client's first message."""

_ENCODINGS = ("utf-8", "utf-16", "utf-32")
_ACTION_KINDS = ["refactor.rewrite", "quickfix", "source.codeplan"]
_TEXT: tuple[type, ...] = (str, type(None))
_PARAMETERS: dict[str, Callable[[Any], bool]] = {
    "processId": lambda value: isinstance(value, int | None),
    "rootPath": lambda value: isinstance(value, _TEXT),
    "rootUri": lambda value: isinstance(value, _TEXT),
    "locale": lambda value: isinstance(value, str),
    "trace": lambda value: value in ("off", "messages", "verbose"),
    "capabilities": lambda value: isinstance(value, dict),
    "initializationOptions": lambda value: True,
    "workspaceFolders": lambda value: value is None or _folders(value),
    "clientInfo": lambda value: (
        isinstance(_at(value, "name"), str) and isinstance(_at(value, "version"), _TEXT)
    ),
    "workDoneToken": lambda value: isinstance(value, str | int),
}


class Greeter:
    """Takes the client's messages until the server is there, and answers the first of them.

    answered: whether the first message was an `initialize` that has its answer.
    """

    def __init__(self, transport: Transport) -> None:
        self.answered = False
        self._transport = transport
        self._lock = threading.Lock()
        self._waiting: list[bytes] = []
        self._reason: str | None = None
        self._heard = threading.Event()
        self._receive: Callable[[bytes], None] | None = None
        self._end: Callable[[str], None]
        transport.start(self._take, self._ended)

    def wait(self) -> None:
        """Until the first message is there, or long enough: loading would slow its answer down."""
        self._heard.wait(WAIT_SECONDS)

    def hand_over(self, receive: Callable[[bytes], None], ended: Callable[[str], None]) -> None:
        """Give all messages to `receive`, those first that have come, and the end to `ended`."""
        with self._lock:
            for body in self._waiting:
                receive(body)
            self._waiting.clear()
            self._receive, self._end = receive, ended
            if self._reason is not None:
                ended(self._reason)

    def _take(self, body: bytes) -> None:
        if not self._heard.is_set() and self._receive is None:
            answer = answer_to(body)
            if answer is not None:
                self._transport.write(b"Content-Length: %d\r\n\r\n%b" % (len(answer), answer))
                self.answered = True
        with self._lock:
            if self._receive is None:
                self._waiting.append(body)
            else:
                self._receive(body)
        self._heard.set()

    def _ended(self, reason: str) -> None:
        with self._lock:
            if self._receive is None:
                self._reason = reason
            else:
                self._end(reason)
        self._heard.set()


def answer_to(body: bytes) -> bytes | None:
    """The answer to a usual `initialize`; None for everything else."""
    try:
        message = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or set(message) != {"jsonrpc", "id", "method", "params"}:
        return None
    id, parameters = message["id"], message["params"]
    if message["jsonrpc"] != "2.0" or message["method"] != "initialize":
        return None
    if type(id) not in (int, str):
        return None
    if not isinstance(parameters, dict) or "capabilities" not in parameters:
        return None
    for name, value in parameters.items():
        if name not in _PARAMETERS or not _PARAMETERS[name](value):
            return None
    result = {
        "capabilities": capabilities(parameters["capabilities"]),
        "serverInfo": {"name": "codeplan", "version": __version__},
    }
    answer = {"jsonrpc": "2.0", "id": id, "result": result}
    return json.dumps(answer, separators=(",", ":")).encode("ascii")


def capabilities(client: dict[str, Any]) -> dict[str, Any]:
    """What the server can do for a client with these capabilities."""
    offered = _at(client, "general", "positionEncodings")
    encodings = offered if isinstance(offered, list) else []
    found: dict[str, Any] = {
        "positionEncoding": next((e for e in encodings if e in _ENCODINGS), "utf-16"),
        "textDocumentSync": {"openClose": True, "change": 2, "save": True},
        "codeActionProvider": {"codeActionKinds": _ACTION_KINDS},
        "codeLensProvider": {"resolveProvider": False},
        "executeCommandProvider": {"commands": list(COMMANDS)},
        "workspace": {"workspaceFolders": {"supported": True, "changeNotifications": True}},
    }
    if client.get("notebookDocument") is not None:
        cells = [{"language": "python"}]
        found["notebookDocumentSync"] = {"notebookSelector": [{"cells": cells}]}
    # A client that can't be told to pull again would never see what `runExamples` found.
    pulls = _at(client, "textDocument", "diagnostic") is not None
    if pulls and _at(client, "workspace", "diagnostics", "refreshSupport"):
        found["diagnosticProvider"] = {
            "interFileDependencies": False,
            "workspaceDiagnostics": False,
        }
    if _at(client, "textDocument", "inlineCompletion") is not None:
        found["inlineCompletionProvider"] = {}
    return found


def _folders(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(_at(folder, "uri"), str) and isinstance(_at(folder, "name"), str)
        for folder in value
    )


def _at(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
