"""The editor on the other side: what it can do, and requests to it that never wait for ever.

Every capability is asked before it is used. A client that does not answer costs the time limit of
the request and nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lsprotocol import types

from codeplan_server.rpc import ClientError, ClientTimeout, Protocol

logger = logging.getLogger(__name__)

ANSWER_SECONDS = 5.0
"""For requests that a program answers."""
EDIT_SECONDS = 30.0
"""For edits, which some editors show for confirmation."""
QUESTION_SECONDS = 120.0
"""For questions that a person answers."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """The client's capabilities that matter here."""

    progress: bool = False
    apply_edit: bool = False
    document_changes: bool = False
    annotations: bool = False
    configuration: bool = False
    register_configuration: bool = False
    pull_diagnostics: bool = False
    refresh_diagnostics: bool = False
    refresh_lenses: bool = False
    action_literals: bool = False
    inline_completion: bool = False


def abilities_of(capabilities: types.ClientCapabilities) -> Abilities:
    workspace = capabilities.workspace or types.WorkspaceClientCapabilities()
    document = capabilities.text_document or types.TextDocumentClientCapabilities()
    window = capabilities.window or types.WindowClientCapabilities()
    edits = workspace.workspace_edit or types.WorkspaceEditClientCapabilities()
    changed = workspace.did_change_configuration
    actions = document.code_action
    refresh = bool(workspace.diagnostics and workspace.diagnostics.refresh_support)
    return Abilities(
        progress=bool(window.work_done_progress),
        apply_edit=bool(workspace.apply_edit),
        document_changes=bool(edits.document_changes),
        annotations=edits.change_annotation_support is not None,
        configuration=bool(workspace.configuration),
        register_configuration=bool(changed and changed.dynamic_registration),
        # A client that can't be told to pull again would never see what `runExamples` found.
        pull_diagnostics=document.diagnostic is not None and refresh,
        refresh_diagnostics=refresh,
        refresh_lenses=bool(workspace.code_lens and workspace.code_lens.refresh_support),
        action_literals=actions is not None and actions.code_action_literal_support is not None,
        inline_completion=document.inline_completion is not None,
    )


class Client:
    """Sends to the client what it can take."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self.can = Abilities()

    def show(self, message: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """A message for the person at the keyboard."""
        self._protocol.tell(types.WINDOW_SHOW_MESSAGE, types.ShowMessageParams(kind, message))

    def error(self, message: str) -> None:
        self.show(message, types.MessageType.Error)

    async def choose(self, message: str, choices: Sequence[str]) -> str | None:
        """Ask the person; None when nothing was chosen in time."""
        params = types.ShowMessageRequestParams(
            types.MessageType.Warning, message, [types.MessageActionItem(c) for c in choices]
        )
        try:
            answer = await self._protocol.ask(
                types.WINDOW_SHOW_MESSAGE_REQUEST, params, QUESTION_SECONDS
            )
        except (ClientTimeout, ClientError) as error:
            logger.warning("%s", error)
            return None
        title = answer.get("title") if isinstance(answer, dict) else None
        return title if title in choices else None

    async def apply(self, edit: types.WorkspaceEdit, label: str) -> str:
        """Have the edit applied. Returns "" when it was, else why not, in words."""
        if not self.can.apply_edit:
            return "this editor does not take edits from a language server (workspace/applyEdit)"
        params = types.ApplyWorkspaceEditParams(edit, label)
        try:
            raw = await self._protocol.ask(types.WORKSPACE_APPLY_EDIT, params, EDIT_SECONDS)
            result = self._protocol.structure(raw, types.ApplyWorkspaceEditResult)
        except (ClientTimeout, ClientError) as error:
            return str(error)
        except ValueError as error:
            return f"the editor gave no usable answer to the edit: {error}"
        if result.applied:
            return ""
        return result.failure_reason or "the editor refused the edit"

    async def configuration(self, scopes: Sequence[str]) -> list[Any] | None:
        """The section "codeplan" for everything, then for each scope, None for what is left out.

        None in place of it all when the client can't say.
        """
        if not self.can.configuration:
            return None
        items = [types.ConfigurationItem(section="codeplan")]
        items += [types.ConfigurationItem(scope_uri=uri, section="codeplan") for uri in scopes]
        params = types.ConfigurationParams(items)
        try:
            answer = await self._protocol.ask(types.WORKSPACE_CONFIGURATION, params, ANSWER_SECONDS)
        except (ClientTimeout, ClientError) as error:
            logger.warning("no configuration: %s", error)
            return None
        if not isinstance(answer, list) or not answer:
            return None
        return (answer + [None] * len(items))[: len(items)]

    async def register_configuration(self) -> None:
        """Ask to be told when the configuration changes, where that has to be asked for."""
        if not self.can.register_configuration:
            return
        registration = types.Registration(
            "codeplan-configuration",
            types.WORKSPACE_DID_CHANGE_CONFIGURATION,
            {"section": "codeplan"},
        )
        await self._ask_quietly(
            types.CLIENT_REGISTER_CAPABILITY, types.RegistrationParams([registration])
        )

    async def create_progress(self, token: str) -> bool:
        """Whether the client shows progress under this token."""
        if not self.can.progress:
            return False
        params = types.WorkDoneProgressCreateParams(token)
        return await self._ask_quietly(types.WINDOW_WORK_DONE_PROGRESS_CREATE, params)

    async def refresh_diagnostics(self) -> None:
        if self.can.pull_diagnostics and self.can.refresh_diagnostics:
            await self._ask_quietly(types.WORKSPACE_DIAGNOSTIC_REFRESH, None)

    async def refresh_lenses(self) -> None:
        if self.can.refresh_lenses:
            await self._ask_quietly(types.WORKSPACE_CODE_LENS_REFRESH, None)

    def progress(self, token: types.ProgressToken, value: Any) -> None:
        self._protocol.tell(types.PROGRESS, types.ProgressParams(token, value))

    def diagnostics(self, uri: str, version: int, found: Sequence[types.Diagnostic]) -> None:
        params = types.PublishDiagnosticsParams(uri, list(found), version)
        self._protocol.tell(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, params)

    async def _ask_quietly(self, method: str, params: Any) -> bool:
        try:
            await self._protocol.ask(method, params, ANSWER_SECONDS)
        except (ClientTimeout, ClientError) as error:
            logger.warning("%s", error)
            return False
        return True
