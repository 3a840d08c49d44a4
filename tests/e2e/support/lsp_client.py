"""A client under exact control: documents and notebooks, commands, what it was told."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

from lsp_buffers import Buffer
from lsp_protocol import PATIENCE, ProtocolClient


class RawClient(ProtocolClient):
    """A person with an editor: its settings are `settings`, its documents `buffers`.

    edits: all that the server sent; applied: those of them that fitted the documents' versions.
    """

    def __init__(
        self, reader: Any, writer: Any, process: subprocess.Popen[bytes] | None = None
    ) -> None:
        self.buffers: dict[str, Buffer] = {}
        self.edits: list[dict[str, Any]] = []
        self.applied: list[dict[str, Any]] = []
        self.settings: dict[str, Any] = {}
        self.folder_settings: dict[str, Any] = {}
        self.typing = threading.RLock()  # a document's text and what is sent about it change as one
        super().__init__(reader, writer, process)

    def own_answers(self) -> dict[str, Callable[[Any], Any]]:
        return super().own_answers() | {
            "workspace/configuration": lambda params: [
                self.folder_settings.get(item.get("scopeUri"), self.settings)
                for item in params["items"]
            ],
            "workspace/applyEdit": self.apply_edit,
        }

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
        self.applied.clear()
        self.silent.clear()
        self.answers = self.own_answers()
        return True

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
            self.applied.append(params)
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
