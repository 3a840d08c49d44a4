"""The capabilities of real editors and of a bare client, and a client that has them."""

from __future__ import annotations

from typing import Any

from lsp_client import RawClient
from pygls.protocol import default_converter
from pytest_lsp import client_capabilities

PROFILES = ("visual_studio_code", "neovim", "emacs", "bare")


def capabilities(name: str) -> dict[str, Any]:
    """What the editor says that it can do; the bare client can do nothing."""
    if name == "bare":
        return {}
    can = default_converter().unstructure(client_capabilities(name))
    can["textDocument"]["inlineCompletion"] = {}  # as their newer versions have it
    return can


class Editor:
    """A client with the capabilities of one editor, and one document.

    functions: a command's name -> the function of the document that it is tried on.
    """

    def __init__(
        self,
        client: RawClient,
        can: dict[str, Any],
        uri: str,
        text: str,
        functions: dict[str, str],
    ) -> None:
        self.client, self.uri, self.before, self.functions = client, uri, text, functions
        workspace, document = can.get("workspace", {}), can.get("textDocument", {})
        self.edits = bool(workspace.get("applyEdit"))
        self.versions = bool(workspace.get("workspaceEdit", {}).get("documentChanges"))
        annotates = "changeAnnotationSupport" in workspace.get("workspaceEdit", {})
        self.annotations = self.versions and annotates
        self.literals = "codeActionLiteralSupport" in document.get("codeAction", {})
        self.progress = bool(can.get("window", {}).get("workDoneProgress"))
        refreshes = workspace.get("diagnostics", {}).get("refreshSupport")
        self.pulls = "diagnostic" in document and bool(refreshes)
        self.inline = "inlineCompletion" in document
        self.buffer = client.open(uri, text)

    def argument(self, name: str) -> dict[str, Any]:
        """Where the command is tried."""
        if name == "solveFile":
            return {"uri": self.uri}
        return self.client.place(self.buffer, f"{self.functions[name]}(")

    def begin(self, name: str, **more: Any) -> int:
        return self.client.begin_command(name, {**self.argument(name), **more})

    def command(self, name: str, **more: Any) -> Any:
        return self.client.command(name, {**self.argument(name), **more})

    def expect(self, text: str) -> None:
        """The document's text, if the editor takes edits; else it is as it was."""
        assert self.buffer.text == (text if self.edits else self.before)
        for params in self.client.edits:
            assert ("documentChanges" in params["edit"]) is self.versions

    def at(self, needle: str) -> dict[str, Any]:
        """A place for requests about the document."""
        position = self.buffer.of(needle)
        document = {"textDocument": {"uri": self.uri}}
        return {**document, "range": {"start": position, "end": position}, "position": position}
