"""Real server processes, and a small client that speaks JSON-RPC byte by byte.

The client keeps its own texts with its own conversion of positions, so that the server's can be
compared with them.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).parents[2]
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


class Buffer:
    """A document as the client has it."""

    def __init__(self, uri: str, text: str, encoding: str) -> None:
        self.uri, self.text, self.encoding, self.version = uri, text, encoding, 1
        self.notebook: str | None = None

    def offset(self, position: dict[str, int]) -> int:
        starts = [0, *(m.end() for m in re.finditer(r"\r\n|\r|\n", self.text))]
        if position["line"] >= len(starts):
            return len(self.text)
        start = starts[position["line"]]
        line = re.split(r"\r\n|\r|\n", self.text[start:], maxsplit=1)[0]
        width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[self.encoding]
        name = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[self.encoding]
        raw = line.encode(name)[: position["character"] * width]
        return start + len(raw.decode(name, "ignore"))

    def position(self, offset: int) -> dict[str, int]:
        before = self.text[:offset]
        if before.endswith("\r") and self.text[offset : offset + 1] == "\n":
            raise AssertionError("between carriage return and line feed")
        lines = re.split(r"\r\n|\r|\n", before)
        width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[self.encoding]
        name = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[self.encoding]
        character = len(lines[-1].encode(name)) // width
        return {"line": len(lines) - 1, "character": character}

    def of(self, needle: str) -> dict[str, int]:
        """The position of a text that stands in the document."""
        return self.position(self.text.index(needle))

    def apply(self, edits: list[dict[str, Any]]) -> None:
        spans = [
            (self.offset(e["range"]["start"]), self.offset(e["range"]["end"]), e["newText"])
            for e in edits
        ]
        for start, end, new in sorted(spans, reverse=True):
            self.text = self.text[:start] + new + self.text[end:]


class RawClient:
    """A client under exact control. Requests of the server are answered by `answers[method]`."""

    def __init__(
        self, reader: Any, writer: Any, process: subprocess.Popen[bytes] | None = None
    ) -> None:
        self.process = process
        self._reader, self._writer = reader, writer
        self.encoding = "utf-16"
        self.buffers: dict[str, Buffer] = {}
        self.notifications: list[dict[str, Any]] = []
        self.requests: list[dict[str, Any]] = []
        self.responses: dict[Any, list[dict[str, Any]]] = {}
        self.settings: dict[str, Any] = {}
        self.folder_settings: dict[str, Any] = {}
        self.silent: set[str] = set()
        self.edits: list[dict[str, Any]] = []
        self.result: dict[str, Any] = {}
        self.answers = self._own_answers()
        self._numbers = iter(range(1, 10**9))
        self._changed = threading.Condition()
        self._sending = threading.Lock()
        self.typing = threading.RLock()  # a document's text and what is sent about it change as one
        self._ended = False
        threading.Thread(target=self._read, daemon=True).start()

    def _own_answers(self) -> dict[str, Callable[[Any], Any]]:
        return {
            "window/workDoneProgress/create": lambda params: None,
            "client/registerCapability": lambda params: None,
            "workspace/configuration": lambda params: [
                self.folder_settings.get(item.get("scopeUri"), self.settings)
                for item in params["items"]
            ],
            "workspace/applyEdit": self.apply_edit,
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

    def use(self, settings: dict[str, Any]) -> None:
        """Change the settings, as a user does; every command behind this uses them."""
        self.settings = settings
        self.notify("workspace/didChangeConfiguration", {"settings": {"codeplan": settings}})
        model = settings["backend"]["model"]
        assert self.status()["settings"]["backend"]["model"] == model

    def reset(self) -> bool:
        """Forget everything for the next test; False when the server can't serve another."""
        if self.process is None or self.process.poll() is not None:
            return False
        for buffer in list(self.buffers.values()):
            if buffer.notebook is None:
                self.close(buffer)
        for notebook in {b.notebook for b in self.buffers.values() if b.notebook is not None}:
            self.close_notebook(notebook)
        try:
            self.command("cancel", seconds=5.0)
            self.wait_idle()
        except AssertionError:
            self.stop()
            return False
        self.notifications.clear()
        self.requests.clear()
        self.edits.clear()
        self.silent.clear()
        self.answers = self._own_answers()
        return True

    def stop(self) -> None:
        """Kill the server."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    # Documents

    def open(self, uri: str, text: str) -> Buffer:
        with self.typing:
            return self._open(uri, text)

    def _open(self, uri: str, text: str) -> Buffer:
        buffer = self.buffers[uri] = Buffer(uri, text, self.encoding)
        self.notify("textDocument/didOpen", {"textDocument": self.item(buffer)})
        return buffer

    def replace(self, buffer: Buffer, old: str, new: str) -> None:
        """The user types: an incremental change."""
        with self.typing:
            start = buffer.text.index(old)
            self.change(buffer, start, start + len(old), new)

    def change(self, buffer: Buffer, start: int, end: int, new: str) -> None:
        change = {
            "range": {
                "start": buffer.position(start),
                "end": buffer.position(end),
            },
            "text": new,
        }
        buffer.text = buffer.text[:start] + new + buffer.text[end:]
        buffer.version += 1
        self._send_changes(buffer, [change])

    def close(self, buffer: Buffer) -> None:
        with self.typing:
            del self.buffers[buffer.uri]
            self.notify("textDocument/didClose", {"textDocument": {"uri": buffer.uri}})

    def apply_edit(self, params: dict[str, Any]) -> dict[str, Any]:
        """Apply as an editor does: to the version that the edit names, then tell the server."""
        edit = params["edit"]
        self.edits.append(params)
        with self.typing:
            if "documentChanges" in edit:
                for change in edit["documentChanges"]:
                    buffer = self.buffers.get(change["textDocument"]["uri"])
                    if buffer is None or change["textDocument"]["version"] != buffer.version:
                        return {"applied": False, "failureReason": "another version"}
                changes = {c["textDocument"]["uri"]: c["edits"] for c in edit["documentChanges"]}
            else:
                changes = edit["changes"]
            for uri, edits in changes.items():
                buffer = self.buffers[uri]
                buffer.apply(edits)
                self.send_whole(buffer)
        return {"applied": True}

    def send_whole(self, buffer: Buffer) -> None:
        """Tell the server the whole text, as a change."""
        buffer.version += 1
        self._send_changes(buffer, [{"text": buffer.text}])

    def _send_changes(self, buffer: Buffer, changes: list[dict[str, Any]]) -> None:
        identifier = {"uri": buffer.uri, "version": buffer.version}
        if buffer.notebook is None:
            params = {"textDocument": identifier, "contentChanges": changes}
            self.notify("textDocument/didChange", params)
            return
        content = [{"document": identifier, "changes": changes}]
        self.change_notebook(buffer.notebook, {"textContent": content})

    # Notebooks

    def open_notebook(self, uri: str, *texts: str) -> list[Buffer]:
        """A notebook with these cells of Python."""
        with self.typing:
            cells = [Buffer(f"{uri}#{n}", text, self.encoding) for n, text in enumerate(texts)]
            for cell in cells:
                cell.notebook = uri
                self.buffers[cell.uri] = cell
            notebook = {
                "uri": uri,
                "notebookType": "jupyter-notebook",
                "version": 1,
                "cells": [{"kind": 2, "document": cell.uri} for cell in cells],
            }
            documents = [self.item(cell) for cell in cells]
            params = {"notebookDocument": notebook, "cellTextDocuments": documents}
            self.notify("notebookDocument/didOpen", params)
        return cells

    def item(self, buffer: Buffer) -> dict[str, Any]:
        return {"uri": buffer.uri, "languageId": "python", "version": 1, "text": buffer.text}

    def change_notebook(self, uri: str, cells: dict[str, Any]) -> None:
        params = {"notebookDocument": {"uri": uri, "version": 2}, "change": {"cells": cells}}
        self.notify("notebookDocument/didChange", params)

    def close_notebook(self, uri: str) -> None:
        with self.typing:
            cells = [b for b in self.buffers.values() if b.notebook == uri]
            for cell in cells:
                del self.buffers[cell.uri]
            params = {
                "notebookDocument": {"uri": uri},
                "cellTextDocuments": [{"uri": cell.uri} for cell in cells],
            }
            self.notify("notebookDocument/didClose", params)

    # Commands

    def begin_command(self, name: str, argument: Any = None, **params: Any) -> int:
        arguments = [] if argument is None else [argument]
        return self.begin(
            "workspace/executeCommand",
            {"command": f"codeplan.{name}", "arguments": arguments, **params},
        )

    def command(self, name: str, argument: Any = None, seconds: float = 60.0) -> Any:
        response = self.answer(self.begin_command(name, argument), seconds)
        assert "error" not in response, response["error"]
        return response["result"]

    def place(self, buffer: Buffer, needle: str) -> dict[str, Any]:
        return {"uri": buffer.uri, "position": buffer.of(needle)}

    def status(self) -> dict[str, Any]:
        return self.command("status")

    def wait_idle(self, seconds: float = 2.0) -> None:
        """Wait until no command is running."""
        end = time.monotonic() + seconds * PATIENCE
        while self.status()["works"]:
            assert time.monotonic() < end, "the work goes on"

    def messages(self, kind: int | None = None) -> list[str]:
        """The texts that the server showed; kind 1 is an error, 2 a warning, 3 information."""
        return [
            n["params"]["message"]
            for n in list(self.notifications)
            if n["method"] == "window/showMessage" and kind in (None, n["params"]["type"])
        ]

    def progress(self) -> list[dict[str, Any]]:
        """All values of work-done progress, in order."""
        return [
            n["params"]["value"] for n in list(self.notifications) if n["method"] == "$/progress"
        ]

    def wait_progress(self, pattern: str, seconds: float = 15.0) -> dict[str, Any]:
        """The first progress whose message fits, with its token."""

        def find() -> dict[str, Any] | None:
            for note in list(self.notifications):
                if note["method"] == "$/progress":
                    value = note["params"]["value"]
                    if re.search(pattern, value.get("message") or ""):
                        return note["params"]
            return None

        return self.wait(find, seconds, f"progress like {pattern!r}")


class Servers:
    """Starts servers and sees to it that they and their children are gone at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self._logs: queue.Queue[Path] = queue.Queue()
        self._sockets = tempfile.TemporaryDirectory(prefix="codeplan-")
        self.environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT / "model"), str(ROOT / "server")]),
            # Not below the test's folder, whose name can be longer than a socket's path may be.
            "CODEPLAN_RUNTIME_DIR": self._sockets.name,
            "CODEPLAN_STATE_DIR": str(folder / "state"),
        }

    def start(self, *arguments: str) -> RawClient:
        """A server over stdio, with nothing said to it yet."""
        process = self.process(*arguments)
        return RawClient(process.stdout, process.stdin, process)

    def process(self, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        log = self.folder / f"stderr-{len(self._processes)}.txt"
        with log.open("wb") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-m", "codeplan_server", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                **{"stderr": stderr, "env": self.environment, "cwd": self.folder, **options},
            )
        self._processes.append(process)
        return process

    def adopt(self, process: subprocess.Popen[bytes]) -> None:
        """See to the end of a process that the test started itself."""
        self._processes.append(process)

    def client(self, reader: Any, writer: Any, process: subprocess.Popen[bytes]) -> RawClient:
        """A client of a server that was started with `process`."""
        return RawClient(reader, writer, process)

    def log(self, number: int = 0) -> str:
        return (self.folder / f"stderr-{number}.txt").read_text()

    def end(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    try:
                        stream.close()
                    except OSError:
                        continue
        self._sockets.cleanup()


class SharedClients:
    """One client a key, for as long as it comes back clean."""

    def __init__(self, start: Callable[[], RawClient]) -> None:
        self._start = start
        self._clients: dict[str, RawClient] = {}

    def client(self, key: str) -> RawClient:
        if key not in self._clients:
            self._clients[key] = self._start()
        return self._clients[key]

    def done(self, key: str) -> None:
        client = self._clients.get(key)
        if client is not None and not client.reset():
            del self._clients[key]


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    servers = Servers(tmp_path)
    yield servers
    servers.end()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedClients]:
    """Servers that tests use one after the other, by the client's capabilities and encoding."""
    servers = Servers(tmp_path_factory.mktemp("shared"))
    yield SharedClients(servers.start)
    servers.end()


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Write a file of answers; the settings that use it.

    rules: (pattern, text or texts) or (pattern, texts, seconds).
    """

    def write(*rules: Any, search: dict[str, Any] | None = None, **sections: Any) -> dict[str, Any]:
        entries = []
        for pattern, texts, *seconds in rules:
            entry = {"pattern": pattern, "texts": [texts] if isinstance(texts, str) else texts}
            entries.append({**entry, "seconds": seconds[0] if seconds else 0.0})
        # A file of its own each time: another model is another backend.
        path = tmp_path / f"answers-{len(list(tmp_path.glob('answers-*')))}.json"
        path.write_text(json.dumps({"rules": entries}))
        return {
            "backend": {"kind": "scripted", "model": str(path)},
            "search": {"plans": 3, "samples": 3, "memory": False, **(search or {})},
            **sections,
        }

    return write


@pytest.fixture
def ready(
    shared: SharedClients, script: Callable[..., dict[str, Any]]
) -> Iterator[Callable[..., RawClient]]:
    """A client of an initialized server with scripted answers; see `script`.

    The server has served other tests before, as a server in an editor has.
    """
    used: list[str] = []

    def start(
        *rules: Any,
        capabilities: dict[str, Any] | None = None,
        encoding: str = "utf-16",
        search: dict[str, Any] | None = None,
        **sections: Any,
    ) -> RawClient:
        key = json.dumps([capabilities, encoding])
        used.append(key)
        client = shared.client(key)
        if not client.result:
            client.initialize(capabilities, encoding=encoding)
        client.use(script(*rules, search=search, **sections))
        return client

    yield start
    for key in used:
        shared.done(key)


@pytest.fixture
def fresh(servers: Servers, script: Callable[..., dict[str, Any]]) -> Callable[..., RawClient]:
    """As `ready`, with a server of the test's own."""

    def start(*rules: Any, process_id: int | None = None, **sections: Any) -> RawClient:
        """sections: settings beside the backend, as for `script`."""
        client = servers.start()
        client.initialize(options={"settings": script(*rules, **sections)}, process_id=process_id)
        return client

    return start


@pytest.fixture
def descendants() -> Callable[[int], set[psutil.Process]]:
    """All processes below one, now."""

    def find(pid: int) -> set[psutil.Process]:
        return set(psutil.Process(pid).children(recursive=True))

    return find


@pytest.fixture
def wait_gone() -> Callable[..., None]:
    """Wait until processes have ended; those that have not are an AssertionError."""

    def wait(processes: set[psutil.Process], seconds: float = 2.0) -> None:
        end = time.monotonic() + seconds * PATIENCE
        left = processes
        while left and time.monotonic() < end:
            left = {p for p in left if p.is_running() and p.status() != psutil.STATUS_ZOMBIE}
            time.sleep(0.02)
        assert not left

    return wait
