"""JSON-RPC byte by byte with one server: messages, answers, waiting, the session's begin and end.

What documents and commands are is not known here; see lsp_client.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
from collections.abc import Callable, Sequence
from typing import Any

FULL = {
    "general": {"positionEncodings": ["utf-16"]},
    "window": {"workDoneProgress": True, "showMessage": {}},
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {"documentChanges": True, "changeAnnotationSupport": {}},
        "configuration": True,
        "didChangeConfiguration": {"dynamicRegistration": True},
        "codeLens": {"refreshSupport": True},
    },
    "notebookDocument": {"synchronization": {}},
    "textDocument": {
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": [""]}}},
        "publishDiagnostics": {},
        "inlineCompletion": {},
    },
}

# Limits are written as on a quiet machine; a busy one gets so many times as long. What has to be
# quick is compared with work that takes minutes, never with a stopwatch.
PATIENCE = 15.0


class ServerGone(AssertionError):
    """The server ended while something was expected of it."""


class ProtocolClient:
    """One connection. Requests of the server are answered by `answers[method]`."""

    def __init__(
        self, reader: Any, writer: Any, process: subprocess.Popen[bytes] | None = None
    ) -> None:
        self.process = process
        self._reader, self._writer = reader, writer
        self.encoding = "utf-16"
        self.notifications: list[dict[str, Any]] = []
        self.requests: list[dict[str, Any]] = []
        self.responses: dict[Any, list[dict[str, Any]]] = {}
        self.silent: set[str] = set()
        self.result: dict[str, Any] = {}
        self.answers = self.own_answers()
        self._numbers = iter(range(1, 10**9))
        self._changed = threading.Condition()
        self._sending = threading.Lock()
        self._ended = False
        threading.Thread(target=self._read, daemon=True).start()

    def own_answers(self) -> dict[str, Callable[[Any], Any]]:
        """How the server's requests are answered where a test says nothing else."""
        return {
            "window/workDoneProgress/create": lambda params: None,
            "client/registerCapability": lambda params: None,
            "window/showMessageRequest": lambda params: None,
            "workspace/codeLens/refresh": lambda params: None,
            "workspace/diagnostic/refresh": lambda params: None,
        }

    # Messages

    def send_bytes(self, data: bytes) -> None:
        with self._sending:
            self._writer.write(data)
            self._writer.flush()

    def send_body(self, body: bytes) -> None:
        self.send_bytes(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def send(self, message: dict[str, Any]) -> None:
        self.send_body(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def notify(self, method: str, params: Any = None) -> None:
        self.send({"method": method, "params": params})

    def begin(self, method: str, params: Any = None) -> int:
        """Send a request; its id."""
        number = next(self._numbers)
        self.send({"id": number, "method": method, "params": params})
        return number

    def answer(self, number: Any, seconds: float = 15.0) -> dict[str, Any]:
        """The whole response to a request, an error or a result."""
        self.wait(lambda: number in self.responses, seconds, f"the answer to request {number}")
        return self.responses[number][0]

    def ask(self, method: str, params: Any = None, seconds: float = 15.0) -> Any:
        """A request's result; an error is an AssertionError."""
        response = self.answer(self.begin(method, params), seconds)
        assert "error" not in response, response["error"]
        return response["result"]

    def wait(self, condition: Callable[[], Any], seconds: float, what: str) -> Any:
        with self._changed:
            found = self._changed.wait_for(lambda: condition() or self._ended, seconds * PATIENCE)
            value = condition()
        if value:
            return value
        if found and self._ended:
            raise ServerGone(f"the server ended before {what}")
        raise AssertionError(f"no {what} in {seconds * PATIENCE} s")

    def _read(self) -> None:
        while (message := self._read_message()) is not None:
            if "method" in message and "id" in message:
                with contextlib.suppress(OSError, ValueError):  # the test has closed the pipe
                    self._answer_server(message)
            with self._changed:
                if "method" in message and "id" in message:
                    self.requests.append(message)
                elif "method" in message:
                    self.notifications.append(message)
                else:
                    self.responses.setdefault(message["id"], []).append(message)
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _read_message(self) -> dict[str, Any] | None:
        length = None
        while True:
            line = self._reader.readline()
            if not line:
                return None
            if line == b"\r\n" and length is not None:
                return json.loads(self._reader.read(length))
            name, _, value = line.partition(b":")
            assert name == b"Content-Length", f"not the protocol: {line!r}"
            length = int(value)

    def _answer_server(self, message: dict[str, Any]) -> None:
        method = message["method"]
        if method in self.silent:
            return
        if method not in self.answers:
            error = {"code": -32601, "message": "not known"}
            self.send({"id": message["id"], "error": error})
            return
        result = self.answers[method](message["params"])
        self.send({"id": message["id"], "result": result})

    # Sessions

    def initialize(
        self,
        capabilities: dict[str, Any] | None = None,
        options: Any = None,
        process_id: int | None = None,
        encoding: str = "utf-16",
        folders: Sequence[str] = (),
    ) -> dict[str, Any]:
        """encoding: the one to ask for; "" leaves it to the capabilities."""
        capabilities = json.loads(json.dumps(FULL if capabilities is None else capabilities))
        if encoding not in ("", "utf-16"):
            capabilities["general"] = {"positionEncodings": [encoding]}
        params = {
            "processId": process_id,
            "rootUri": None,
            "workspaceFolders": [{"uri": uri, "name": uri} for uri in folders] or None,
            "capabilities": capabilities,
            "initializationOptions": options,
        }
        self.result = self.ask("initialize", params)
        self.encoding = self.result["capabilities"]["positionEncoding"]
        assert self.encoding == (encoding or self.encoding)
        self.notify("initialized", {})
        return self.result

    def end(self, seconds: float = 2.0) -> int:
        """shutdown and exit; the server's exit status."""
        self.ask("shutdown", seconds=seconds)
        self.notify("exit")
        assert self.process is not None
        return self.process.wait(seconds * PATIENCE)

    def stop(self) -> None:
        """Kill the server."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
