"""The features under the capabilities of real editors (from pytest-lsp), and of a bare one."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).parents[2]
TEXT = '''\
"""Shop 🎉."""


def total(numbers):
    """The sum.

    >>> total([1, 2, 3])
    6
    """
    ...


def slow(numbers):
    """The sum, slowly.

    >>> slow([1, 2, 3])
    6
    """
    ...


def wrong(numbers):
    """The sum, wrongly.

    >>> wrong([1, 2, 3])
    6
    """
    ...
'''
RULES = [
    {"pattern": r"def slow.*<\|plan\|>$", "texts": ["\n1. Wait.<|code|>"], "seconds": 100.0},
    {"pattern": r"<\|plan\|>$", "texts": ["\n1. Add.<|code|>"]},
    {"pattern": r"def wrong.*<\|code\|>$", "texts": ["\n    return 0<|end|>"]},
    {"pattern": r"<\|code\|>$", "texts": ["\n    return sum(numbers)<|end|>"]},
]
PROFILES = ["visual_studio_code", "neovim", "emacs", "bare"]


def start_server() -> list[str]:
    return [sys.executable, "-m", "codeplan_server"]


@pytest_lsp.fixture(
    config=ClientServerConfig(
        server_command=start_server(),
        server_env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT / "model"), str(ROOT / "server")]),
        },
    ),
    params=PROFILES,
    scope="module",
)
async def client(request, lsp_client: LanguageClient):
    bare = request.param == "bare"
    capabilities = types.ClientCapabilities() if bare else client_capabilities(request.param)
    script = Path(tempfile.mkdtemp(prefix="codeplan-")) / "answers.json"
    script.write_text(json.dumps({"rules": RULES}))
    settings = {
        "backend": {"kind": "scripted", "model": str(script)},
        "search": {"strategy": "codeplan", "plans": 2, "samples": 2, "memory": False},
    }
    lsp_client.edits = []
    lsp_client.questions = []
    lsp_client.texts = {}

    @lsp_client.feature(types.WORKSPACE_APPLY_EDIT)
    def apply_edit(params: types.ApplyWorkspaceEditParams):
        lsp_client.edits.append(params.edit)
        return types.ApplyWorkspaceEditResult(applied=True)

    @lsp_client.feature(types.WINDOW_SHOW_MESSAGE_REQUEST)
    def show_message_request(params: types.ShowMessageRequestParams):
        lsp_client.questions.append(params.message)
        return types.MessageActionItem("Discard")

    @lsp_client.feature(types.WORKSPACE_CODE_LENS_REFRESH)
    def refresh(params: None):
        return None

    @lsp_client.feature(types.CLIENT_REGISTER_CAPABILITY)
    def register(params: types.RegistrationParams):
        return None

    await lsp_client.initialize_session(
        types.InitializeParams(
            capabilities=capabilities, initialization_options={"settings": settings}
        )
    )
    yield
    await lsp_client.shutdown_session()
    script.unlink()
    script.parent.rmdir()


def open_document(client: LanguageClient, name: str) -> str:
    uri = f"file:///a%20shop/{name}.py"
    client.text_document_did_open(
        types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "python", 1, TEXT))
    )
    client.edits.clear()
    client.questions.clear()
    client.messages.clear()
    return uri


def run(client: LanguageClient, command: str, uri: str, line: int):
    """Begin a command at the beginning of a line's name."""
    place = {"uri": uri, "position": {"line": line, "character": 4}}
    return client.workspace_execute_command_async(
        types.ExecuteCommandParams(f"codeplan.{command}", arguments=[place])
    )


def execute(client: LanguageClient, command: str):
    """Begin a command without a place."""
    return client.workspace_execute_command_async(types.ExecuteCommandParams(f"codeplan.{command}"))


async def test_the_verified_code_arrives_as_the_client_can_take_it(client: LanguageClient):
    uri = open_document(client, "one")

    result = await run(client, "planThenCode", uri, 3)

    assert result["outcome"] == "passed"
    workspace = client.capabilities.workspace
    if workspace is None:
        assert result["applied"] is False
        assert client.edits == []
        assert result["code"] == "    return sum(numbers)"
        return
    assert result["applied"] is True
    (edit,) = client.edits
    if workspace.workspace_edit and workspace.workspace_edit.document_changes:
        (change,) = edit.document_changes
        assert (change.text_document.uri, change.text_document.version) == (uri, 1)
        edits = change.edits
    else:
        edits = edit.changes[uri]
    assert [(e.range.start.line, e.new_text) for e in edits] == [(9, "    return sum(numbers)")]
    assert [m.message for m in client.messages] == ["total: passed your one example"]


async def test_progress_is_shown_where_the_client_shows_it(client: LanguageClient):
    uri = open_document(client, "two")
    client.progress_reports.clear()

    await run(client, "planThenCode", uri, 3)

    window = client.capabilities.window
    if window is None or not window.work_done_progress:
        assert client.progress_reports == {}
        return
    (values,) = client.progress_reports.values()
    kinds = [value.kind for value in values]
    assert kinds[0] == "begin"
    assert kinds[-1] == "end"


async def test_failing_code_is_asked_about(client: LanguageClient):
    uri = open_document(client, "three")

    result = await run(client, "planThenCode", uri, 21)

    assert result["outcome"] == "failed"
    assert result["applied"] is False
    assert client.edits == []
    (question,) = client.questions
    assert question.startswith("wrong: failed your one example")


async def test_a_cancelled_command_leaves_the_text_and_the_server_alone(client: LanguageClient):
    uri = open_document(client, "four")
    work = asyncio.ensure_future(run(client, "planThenCode", uri, 12))
    while not (await execute(client, "status"))["works"]:
        assert not work.done()

    stopped = await client.workspace_execute_command_async(
        types.ExecuteCommandParams("codeplan.cancel", arguments=[{"uri": uri}])
    )

    assert stopped == {"cancelled": 1}
    assert (await work)["outcome"] == "cancelled"
    assert client.edits == []


async def test_lenses_and_actions_are_offered(client: LanguageClient):
    uri = open_document(client, "five")
    document = types.TextDocumentIdentifier(uri)

    lenses = await client.text_document_code_lens_async(types.CodeLensParams(document))
    actions = await client.text_document_code_action_async(
        types.CodeActionParams(
            document,
            types.Range(types.Position(4, 0), types.Position(4, 0)),
            types.CodeActionContext([]),
        )
    )

    assert lenses is not None
    assert [lens.range.start.line for lens in lenses] == [3, 12, 21]
    assert actions is not None
    assert actions[0].title == "Plan then code (codeplan)"


async def test_plans_and_examples_are_shown_without_edits(client: LanguageClient):
    uri = open_document(client, "six")

    plans = await run(client, "showPlans", uri, 3)
    examples = await run(client, "runExamples", uri, 3)

    assert [plan["steps"] for plan in plans["plans"]] == [["Add."]]
    assert examples["outcome"] == "failed"
    assert client.edits == []


async def test_failing_examples_are_pushed_or_pulled(client: LanguageClient):
    uri = open_document(client, "seven")
    client.diagnostics.pop(uri, None)

    await run(client, "runExamples", uri, 3)

    known, workspace = client.capabilities.text_document, client.capabilities.workspace
    pulls = known is not None and known.diagnostic is not None
    refreshes = workspace is not None and workspace.diagnostics is not None
    # A client that pulls and can't be told to pull again gets them pushed.
    if pulls and refreshes and workspace.diagnostics.refresh_support:
        report = await client.text_document_diagnostic_async(
            types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
        )
        found = report.items
        assert uri not in client.diagnostics
    else:
        await execute(client, "status")  # what was pushed before has arrived before its answer
        found = client.diagnostics[uri]
    assert [d.range.start.line for d in found] == [6]
    assert found[0].message == "expected 6, got nothing"
