"""Code lenses, code actions, ghost text and settings, as editors ask for them."""

from __future__ import annotations

import json

import pytest

PLAN = "\n1. Add the numbers up.<|code|>"
GOOD = "\n    return sum(numbers)<|end|>"
RULES = ((r"<\|plan\|>$", PLAN), (r"<\|code\|>$", GOOD))
TEXT = '''\
"""Shop 🎉."""


def total(numbers):
    """The sum.

    >>> total([1, 2, 3])
    6
    """
    ...


class Cart:
    def size(self): ...

    def first(self):
        """
        >>> 1
        1
        """
        return self.items[0]
'''
URI = "file:///shop/cart.py"


def lenses(client, uri=URI):
    return client.ask("textDocument/codeLens", {"textDocument": {"uri": uri}})


def actions(client, buffer, needle, **context):
    position = buffer.of(needle)
    return client.ask(
        "textDocument/codeAction",
        {
            "textDocument": {"uri": buffer.uri},
            "range": {"start": position, "end": position},
            "context": {"diagnostics": [], **context},
        },
    )


# Code lenses


def test_a_lens_stands_above_each_function_to_write_and_its_command_writes_it(ready):
    client = ready(*RULES)
    buffer = client.open(URI, TEXT)

    found = lenses(client)

    assert [(lens["range"]["start"]["line"], lens["command"]["title"]) for lens in found] == [
        (3, "Plan then code"),
        (13, "Plan then code"),
        (15, "Run examples"),
    ]
    command = found[0]["command"]
    result = client.ask(
        "workspace/executeCommand",
        {"command": command["command"], "arguments": command["arguments"]},
    )
    assert result["function"] == "total"
    assert "return sum(numbers)" in buffer.text
    # What is written has examples to run; so the lens that stood there is another one now.
    assert [lens["command"]["title"] for lens in lenses(client)] == [
        "Run examples",
        "Plan then code",
        "Run examples",
    ]


def test_the_lens_of_a_written_function_runs_its_examples(ready):
    client = ready(*RULES)
    client.open(URI, TEXT)

    command = lenses(client)[-1]["command"]
    result = client.ask(
        "workspace/executeCommand",
        {"command": command["command"], "arguments": command["arguments"]},
    )

    assert (result["function"], result["outcome"]) == ("Cart.first", "passed")
    assert (result["passed"], result["total"]) == (1, 1)


def test_there_are_no_lenses_where_the_setting_or_the_file_says_so(ready):
    client = ready(*RULES, codeLens={"enable": False})
    client.open(URI, TEXT)
    assert lenses(client) == []

    client = ready(*RULES)
    item = {"uri": "file:///notes.txt", "languageId": "plaintext", "version": 1, "text": TEXT}
    client.notify("textDocument/didOpen", {"textDocument": item})
    assert lenses(client, "file:///notes.txt") == []
    assert lenses(client, "file:///never-opened.py") == []
    client.notify("textDocument/didClose", {"textDocument": {"uri": "file:///notes.txt"}})


def test_lenses_are_asked_for_again_when_their_setting_changes(ready, script):
    def asked():
        return [r for r in client.requests if r["method"] == "workspace/codeLens/refresh"]

    client = ready(*RULES)
    client.use(script(*RULES, search={"plans": 2}))
    assert asked() == []

    client.use(script(*RULES, codeLens={"enable": False}))

    client.wait(asked, 5.0, "a refresh")


def test_an_untitled_python_buffer_and_a_notebook_cell_have_lenses(ready):
    client = ready(*RULES)

    for uri in ("untitled:Untitled-1", "vscode-notebook-cell:/a.ipynb#W0"):
        client.open(uri, TEXT)
        assert len(lenses(client, uri)) == 3


def test_a_broken_file_still_has_its_lenses(ready):
    client = ready(*RULES)
    client.open(URI, "if (:\n" + TEXT)

    assert len(lenses(client)) == 3


# Code actions


def test_actions_on_a_function_to_write(ready):
    client = ready(*RULES)
    buffer = client.open(URI, TEXT)

    found = actions(client, buffer, "The sum")

    assert [(a["title"], a["command"]["command"], a["kind"]) for a in found] == [
        ("Plan then code (codeplan)", "codeplan.planThenCode", "refactor.rewrite"),
        ("Show plans (codeplan)", "codeplan.showPlans", "refactor.rewrite"),
        ("Write all 2 empty functions (codeplan)", "codeplan.solveFile", "refactor.rewrite"),
        ("Status (codeplan)", "codeplan.status", "source.codeplan"),
    ]


def test_actions_on_a_written_function_with_examples(ready):
    client = ready(*RULES)
    buffer = client.open(URI, TEXT)

    titles = [a["title"] for a in actions(client, buffer, "return self")]

    assert titles == [
        "Run the examples of first (codeplan)",
        "Explain first as a plan (codeplan)",
        "Status (codeplan)",
    ]


def test_the_status_is_an_action_everywhere_and_told_in_words(ready):
    client = ready(*RULES)
    buffer = client.open(URI, TEXT)

    for needle in ("Shop", "The sum"):
        (about,) = actions(client, buffer, needle, only=["source"])
        assert about["title"] == "Status (codeplan)"
    result = client.ask("workspace/executeCommand", about["command"])

    assert client.messages(3) == [result["message"]]
    assert "nothing is running" in result["message"]
    client.status()
    assert len(client.messages(3)) == 1


def test_an_action_for_the_plan_in_a_comment(ready):
    client = ready(*RULES)
    buffer = client.open(URI, TEXT.replace("    ...\n", "    # Plan:\n    # 1. Add.\n    ...\n"))

    commands = [a["command"]["command"] for a in actions(client, buffer, "The sum")]

    assert "codeplan.codeFromPlan" in commands


def test_an_action_cancels_what_runs_on_the_function(ready):
    client = ready((r"<\|plan\|>$", PLAN, 100.0))
    buffer = client.open(URI, TEXT)
    number = client.begin_command("planThenCode", client.place(buffer, "total"))
    client.wait_progress("sampling")

    (stop,) = [a for a in actions(client, buffer, "The sum") if a["title"].startswith("Cancel")]
    client.ask("workspace/executeCommand", stop["command"])

    assert client.answer(number)["result"]["outcome"] == "cancelled"
    assert not [a for a in actions(client, buffer, "The sum") if a["title"].startswith("Cancel")]


def test_there_are_no_actions_outside_of_functions_or_of_another_kind(ready):
    client = ready(*RULES)
    buffer = client.open(URI, TEXT)

    assert [a["kind"] for a in actions(client, buffer, "Shop")] == ["source.codeplan"]
    assert actions(client, buffer, "The sum", only=["quickfix"]) == []
    assert actions(client, buffer, "The sum", only=["refactor.rewrite.other"]) == []
    assert len(actions(client, buffer, "The sum", only=["refactor"])) == 3
    assert len(actions(client, buffer, "The sum", only=["refactor.rewrite"])) == 3


def test_a_client_that_knows_only_commands_gets_commands(ready):
    client = ready(*RULES, capabilities={})
    buffer = client.open(URI, TEXT)

    found = actions(client, buffer, "The sum")

    assert found[0]["command"] == "codeplan.planThenCode"
    assert found[0]["arguments"] == [{"uri": URI, "position": buffer.of("The sum")}]


# Inline completion


def ghost(client, buffer, needle, kind=1):
    return client.ask(
        "textDocument/inlineCompletion",
        {
            "textDocument": {"uri": buffer.uri},
            "position": buffer.of(needle),
            "context": {"triggerKind": kind},
        },
    )["items"]


def test_ghost_text_asked_for_by_hand_is_the_verified_code(ready):
    client = ready(*RULES)
    buffer = client.open(URI, TEXT)

    (item,) = ghost(client, buffer, "...\n")

    assert item["insertText"] == "return sum(numbers)"
    start = buffer.of("...\n")
    end = {"line": start["line"], "character": start["character"] + 3}
    assert item["range"] == {"start": start, "end": end}
    assert client.edits == []
    buffer.apply([{"range": item["range"], "newText": item["insertText"]}])
    assert buffer.text == TEXT.replace("...\n", "return sum(numbers)\n", 1)


def test_while_typing_only_what_is_known_is_shown(ready):
    client = ready(*RULES)
    buffer = client.open(URI, TEXT)

    assert ghost(client, buffer, "...\n", kind=2) == []
    assert len(ghost(client, buffer, "...\n", kind=1)) == 1
    assert len(ghost(client, buffer, "...\n", kind=2)) == 1
    client.replace(buffer, "The sum", "The big sum")
    assert ghost(client, buffer, "...\n", kind=2) == []


def test_failing_code_is_never_ghost_text(ready):
    client = ready((r"<\|plan\|>$", PLAN), (r"<\|code\|>$", "\n    return 0<|end|>"))
    buffer = client.open(URI, TEXT)

    assert ghost(client, buffer, "...\n") == []
    assert client.messages() == []


def test_ghost_text_asked_for_by_hand_shows_its_progress(ready):
    client = ready((r"<\|plan\|>$", PLAN, 0.15), RULES[1])
    buffer = client.open(URI, TEXT)

    assert len(ghost(client, buffer, "...\n")) == 1

    values = client.progress()
    assert values[0]["title"] == "codeplan: writing total"
    assert values[-1]["kind"] == "end"


def test_a_model_that_fails_is_told_to_who_asked_by_hand(ready):
    client = ready(("nothing fits this", PLAN), inlineCompletion={"automatic": True})
    buffer = client.open(URI, TEXT)

    assert ghost(client, buffer, "...\n", kind=2) == []
    assert client.messages() == []
    assert ghost(client, buffer, "...\n", kind=1) == []
    (message,) = client.messages(1)
    assert message.startswith("total: No rule of the script fits")


def test_there_is_no_ghost_text_elsewhere(ready):
    client = ready(*RULES)
    buffer = client.open(URI, TEXT)

    assert ghost(client, buffer, "Shop") == []
    assert ghost(client, buffer, "return self") == []
    client = ready(*RULES, inlineCompletion={"enable": False})
    buffer = client.open(URI, TEXT)
    assert ghost(client, buffer, "...\n") == []


def test_ghost_text_can_be_cancelled(ready):
    client = ready((r"<\|plan\|>$", PLAN, 100.0))
    buffer = client.open(URI, TEXT)
    number = client.begin(
        "textDocument/inlineCompletion",
        {
            "textDocument": {"uri": URI},
            "position": buffer.of("...\n"),
            "context": {"triggerKind": 1},
        },
    )
    while not client.status()["works"]:
        assert number not in client.responses

    client.notify("$/cancelRequest", {"id": number})

    assert client.answer(number, 3.0)["error"]["code"] == -32800


# Settings


def test_a_wrong_setting_is_reported_by_name_and_the_default_used(ready):
    client = ready(*RULES, search={"plans": "many", "temprature": 1})

    status = client.status()

    assert status["settings"]["search"]["plans"] == 10
    assert status["settingsProblems"] == [
        'codeplan.search.plans must be a whole number, not "many"; 10 is used',
        "codeplan.search.temprature: there is no such setting; "
        "did you mean codeplan.search.temperature?",
    ]
    assert 'codeplan.search.plans must be a whole number, not "many"' in client.messages(2)[0]


def test_settings_of_initialize_are_kept_beside_those_of_the_client(servers, script):
    client = servers.start()
    client.settings = {"search": {"samples": 4}}
    client.initialize(options={"settings": script(*RULES)})

    buffer = client.open(URI, TEXT)
    client.command("planThenCode", client.place(buffer, "total"))

    search = client.status()["settings"]["search"]
    assert (search["plans"], search["samples"]) == (3, 4)


def test_a_client_without_configuration_sends_it_with_the_notification(ready):
    client = ready(*RULES, capabilities={}, search={"plans": 7})

    assert client.status()["settings"]["search"]["plans"] == 7
    assert client.requests == []


def test_a_client_that_is_silent_about_its_settings_holds_up_nobody_for_long(servers, script):
    client = servers.start()
    client.silent.add("workspace/configuration")
    client.initialize(options={"settings": script(*RULES)})
    buffer = client.open(URI, TEXT)

    result = client.command("planThenCode", client.place(buffer, "total"), seconds=20.0)

    assert result["applied"] is True


@pytest.mark.parametrize("given", [7, "text", [1], {"search": 7}])
def test_settings_of_another_shape_leave_the_defaults(servers, given):
    client = servers.start()
    client.settings = given
    client.initialize()

    client.wait(lambda: client.messages(2), 20.0, "a report")

    assert client.status()["settings"]["search"]["plans"] == 10


def test_in_an_untrusted_workspace_what_could_run_code_is_ignored(servers, script):
    client = servers.start()
    client.initialize(options={"settings": script(*RULES), "trusted": False})
    buffer = client.open(URI, TEXT)

    status = client.status()

    assert status["trusted"] is False
    assert status["backend"]["kind"] == "llama"
    assert status["backend"]["model"] == "embedded"
    assert status["settings"]["search"]["plans"] == 3
    assert any("codeplan.backend.kind is ignored" in p for p in status["settingsProblems"])
    assert buffer.text == TEXT


def test_the_schema_is_printed_for_the_extension(servers):
    process = servers.process("--settings", "json")
    schema = json.loads(process.stdout.read())

    assert process.wait(60.0) == 0
    assert schema["codeplan.search.plans"] == {
        "type": "integer",
        "default": 10,
        "description": "Plans that are sampled.",
        "minimum": 1,
        "maximum": 200,
        "scope": "resource",
    }
    assert schema["codeplan.insert.failing"]["enum"] == ["ask", "always", "never"]
