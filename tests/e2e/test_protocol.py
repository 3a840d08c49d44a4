"""Messages that are wrong in some way get the error that the specification names, and no more."""

from __future__ import annotations

import json

import pytest

URI = "file:///shop/cart.py"


@pytest.fixture
def client(ready):
    return ready((".", "\n1. x<|code|>"))


def last_error(client, body):
    """The error that answers a body whose id can't be told."""
    before = len(client.responses.get(None, []))
    client.send_body(body)
    client.wait(lambda: len(client.responses.get(None, [])) > before, 10.0, "an error")
    return client.responses[None][-1]["error"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b'{"jsonrpc": "2.0", "id": 1,}',
        b"[" * 100_000,
        b'{"a": "\xed\xa0\x80"}',
    ],
    ids=["empty", "cut", "binary", "comma", "deep", "lone surrogate"],
)
def test_what_is_not_json_is_a_parse_error(client, body):
    assert last_error(client, body)["code"] == -32700


@pytest.mark.parametrize(
    "message",
    [
        1,
        "text",
        None,
        [{"jsonrpc": "2.0", "id": 1, "method": "shutdown"}],
        {},
        {"jsonrpc": "1.0", "method": "shutdown"},
        {"jsonrpc": "2.0", "id": 1.5, "method": "shutdown"},
        {"jsonrpc": "2.0", "id": True, "method": "shutdown"},
        {"jsonrpc": "2.0", "id": {}, "method": "shutdown"},
        {"jsonrpc": "2.0", "id": None, "method": "shutdown"},
        {"jsonrpc": "2.0", "id": [], "method": 4},
    ],
)
def test_what_is_no_request_is_an_invalid_request(client, message):
    assert last_error(client, json.dumps(message).encode())["code"] == -32600


def test_an_unknown_method_is_not_found(client):
    assert client.answer(client.begin("textDocument/hover", {}))["error"]["code"] == -32601
    assert client.answer(client.begin("$/unknown", {}))["error"]["code"] == -32601
    assert client.answer(client.begin("$/cancelRequest", {"id": 1}))["error"]["code"] == -32601


@pytest.mark.parametrize(
    "params",
    [
        None,
        7,
        [],
        {"textDocument": 1},
        {"textDocument": {"uri": URI}, "range": {}, "context": {}},
        {
            "textDocument": {"uri": URI},
            "range": {"start": {"line": "a", "character": 0}, "end": {"line": 0, "character": 0}},
            "context": {"diagnostics": []},
        },
    ],
)
def test_wrong_parameters_are_invalid_params(client, params):
    response = client.answer(client.begin("textDocument/codeAction", params))

    assert response["error"]["code"] == -32602


def test_an_unknown_command_is_invalid_params(client):
    number = client.begin("workspace/executeCommand", {"command": "codeplan.fly"})

    assert client.answer(number)["error"]["code"] == -32602


def test_wrong_notifications_are_ignored(client):
    buffer = client.open(URI, "x = 1\n")
    for method, params in [
        ("textDocument/didChange", None),
        ("textDocument/didChange", {"textDocument": {"uri": URI}}),
        ("textDocument/didChange", {"textDocument": {"uri": "a:b", "version": 1}}),
        ("textDocument/didClose", {"textDocument": {"uri": "file:///never.py"}}),
        ("textDocument/didSave", {"textDocument": {"uri": "file:///never.py"}}),
        ("textDocument/didOpen", {"textDocument": []}),
        ("$/cancelRequest", {"id": []}),
        ("$/setTrace", {"value": "loud"}),
        ("window/workDoneProgress/cancel", None),
        ("unknown/notification", {"a": 1}),
        ("initialized", 3),
    ]:
        client.notify(method, params)

    (document,) = client.status()["documents"]
    assert document["version"] == 1
    assert document["length"] == len(buffer.text)
    assert client.messages(1) == []


def test_answers_to_nothing_are_ignored(client):
    for id in (1, "codeplan-1", "codeplan-999999", None, [], {}):
        client.send({"id": id, "result": {"applied": True}})
        client.send({"id": id, "error": {"code": 1, "message": "no"}})
        client.send({"id": id, "error": 3})

    client.status()


def test_a_request_with_the_id_of_a_running_one_is_refused(ready):
    client = ready((".", "\n1. x<|code|>", 2.0))
    buffer = client.open(URI, "def f():\n    ...\n")
    number = client.begin_command("planThenCode", client.place(buffer, "f()"))
    client.wait_progress("sampling")

    client.send({"id": number, "method": "textDocument/codeLens", "params": {}})

    assert client.answer(number)["error"]["code"] == -32600
    client.command("cancel")
    client.wait(lambda: len(client.responses[number]) == 2, 5.0, "the command's own answer")


def test_texts_as_ids_are_answered_as_texts(client):
    client.send({"id": "a/1", "method": "textDocument/hover"})

    assert client.answer("a/1")["error"]["code"] == -32601


def test_before_initialize_nothing_is_served(servers):
    client = servers.start()
    client.open(URI, "x = 1\n")

    early = client.answer(client.begin("textDocument/codeLens", {"textDocument": {"uri": URI}}))
    client.initialize()
    again = client.answer(client.begin("initialize", {"processId": None, "capabilities": {}}))

    assert early["error"]["code"] == -32002
    assert again["error"]["code"] == -32600
    assert client.status()["documents"] == []


def test_a_wrong_initialize_can_be_followed_by_a_right_one(servers):
    client = servers.start()

    response = client.answer(client.begin("initialize", {"capabilities": 7}))

    assert response["error"]["code"] == -32602
    client.initialize()
    client.status()


def test_after_shutdown_nothing_but_exit_is_served(servers):
    client = servers.start()
    client.initialize()
    client.ask("shutdown")

    late = client.answer(client.begin("shutdown"))

    assert late["error"]["code"] == -32600
    client.notify("exit")
    assert client.process.wait(20.0) == 0


def test_headers_in_any_case_and_order_are_read(client):
    body = b'{"jsonrpc":"2.0","id":"h","method":"nothing"}'
    kind = b"Content-Type: application/vscode-jsonrpc; charset=utf-8"
    client.send_bytes(b"%b\r\ncontent-length:%d\r\n\r\n%b" % (kind, len(body), body))

    assert client.answer("h")["error"]["code"] == -32601


@pytest.mark.parametrize("value", [b"-1", b"many", b"99999999999999", b"1e3"])
def test_a_length_that_makes_no_sense_ends_the_connection(servers, value):
    client = servers.start()
    client.initialize()

    client.send_bytes(b"Content-Length: " + value + b"\r\n\r\n{}")

    assert client.process.wait(20.0) == 1
    assert "Content-Length is not a usable number" in servers.log()


def test_a_message_that_is_cut_by_the_end_of_input_ends_the_server(servers):
    client = servers.start()
    client.initialize()

    client.send_bytes(b'Content-Length: 100\r\n\r\n{"jsonrpc"')
    client.process.stdin.close()

    assert client.process.wait(20.0) == 1


def test_the_capabilities_fit_the_client(servers):
    full = servers.start().initialize()["capabilities"]
    bare = servers.start().initialize(capabilities={})["capabilities"]

    assert full["executeCommandProvider"]["commands"] == [
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
    ]
    assert full["textDocumentSync"] == {
        "openClose": True,
        "change": 2,
        "save": True,
    }
    assert "codeLensProvider" in full
    assert "codeActionProvider" in full
    assert "inlineCompletionProvider" in full
    assert "inlineCompletionProvider" not in bare
    assert "diagnosticProvider" not in full
    assert bare["positionEncoding"] == "utf-16"
