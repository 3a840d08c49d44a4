"""Every command and feature under the capabilities of real editors and of a bare client.

Each in its happy way and in unhappy ones; what an editor can't do is left out, never demanded.
"""

from __future__ import annotations

import itertools

import pytest
from pygls.protocol import default_converter
from pytest_lsp import client_capabilities

PROFILES = ("visual_studio_code", "neovim", "emacs", "bare")
URI = "file:///a%20shop/cart.py"
TEXT = '''\
"""Shop 🎉."""


def total(numbers):
    """The sum.

    >>> total([1, 2, 3])
    6
    >>> total([])
    0
    """
    ...


def half(number):
    """
    >>> half(4)
    2
    >>> half(10)
    5
    """
    return 2 // number


def plain(text: str):
    """Shout."""
    return text.upper()


def failing(numbers):
    """
    >>> failing([1])
    5
    """
    ...
'''
WRITTEN = TEXT.replace("    ...\n", "    return sum(numbers)\n", 1)
RULES = (
    (r"def failing.*<\|code\|>", "\n    return 0<|end|>"),
    (r"<\|plan\|>$", "\n1. Add.<|code|>"),
    (r"<\|code\|>", ["\n    return sum(numbers)<|end|>", "\n    return 0 + sum(numbers)<|end|>"]),
)
# Command -> the function that it is tried on.
ON_FUNCTIONS = {
    "planThenCode": "total",
    "showPlans": "total",
    "codeFromPlan": "total",
    "nextCandidate": "total",
    "repair": "half",
    "writeExamples": "plain",
    "explain": "plain",
    "runExamples": "total",
}
COMMANDS = (*ON_FUNCTIONS, "solveFile", "cancel", "status")


def capabilities(name):
    if name == "bare":
        return {}
    can = default_converter().unstructure(client_capabilities(name))
    can["textDocument"]["inlineCompletion"] = {}  # as their newer versions have it
    return can


class Editor:
    """A client with the capabilities of one editor, and one document."""

    def __init__(self, client, can):
        self.client = client
        workspace, text = can.get("workspace", {}), can.get("textDocument", {})
        self.edits = bool(workspace.get("applyEdit"))
        self.versions = bool(workspace.get("workspaceEdit", {}).get("documentChanges"))
        self.literals = "codeActionLiteralSupport" in text.get("codeAction", {})
        self.progress = bool(can.get("window", {}).get("workDoneProgress"))
        self.pulls = "diagnostic" in text and workspace.get("diagnostics", {}).get("refreshSupport")
        self.buffer = client.open(URI, TEXT)

    def command(self, name, **more):
        place = self.client.place(self.buffer, f"{ON_FUNCTIONS[name]}(")
        return self.client.command(name, {**place, **more})

    def expect(self, text):
        """The document's text, if the editor takes edits; else it is as it was."""
        assert self.buffer.text == (text if self.edits else TEXT)
        for params in self.client.edits:
            assert ("documentChanges" in params["edit"]) is self.versions

    def at(self, needle):
        position = self.buffer.of(needle)
        document = {"textDocument": {"uri": URI}}
        return {**document, "range": {"start": position, "end": position}, "position": position}


@pytest.fixture(params=PROFILES)
def editor(request, ready):
    def start(*rules, **sections):
        can = capabilities(request.param)
        return Editor(ready(*(rules or RULES), capabilities=can, encoding="", **sections), can)

    return start


# Commands, the happy way


def test_plan_then_code(editor):
    it = editor()

    result = it.command("planThenCode")

    assert (result["outcome"], result["applied"]) == ("passed", it.edits)
    assert result["code"] == "    return sum(numbers)"
    it.expect(WRITTEN)


def test_show_plans(editor):
    it = editor()

    result = it.command("showPlans")

    assert [plan["steps"] for plan in result["plans"]] == [["Add."]]
    assert result["plans"][0]["verdict"] == "passed 2 of 2 of your examples"
    assert it.buffer.text == TEXT


def test_code_from_plan(editor):
    it = editor()

    result = it.command("codeFromPlan", plan=["Add."])

    assert (result["outcome"], result["plan"]) == ("passed", ["Add."])
    it.expect(WRITTEN)


def test_next_candidate(editor):
    recital = "\n    return 6 if numbers == [1, 2, 3] else 0<|end|>"
    it = editor(RULES[1], (r"<\|code\|>$", [recital, "\n    return sum(numbers)<|end|>"]))
    it.command("planThenCode")

    result = it.command("nextCandidate")

    if not it.edits:
        assert (result["outcome"], result["applied"]) == ("error", False)
        return
    assert result["applied"] is True
    it.expect(TEXT.replace("    ...\n", recital[1:].removesuffix("<|end|>") + "\n", 1))


def test_repair(editor):
    it = editor()

    result = it.command("repair")

    assert (result["outcome"], result["applied"]) == ("passed", it.edits)
    assert result["before"]["passed"] == 0
    it.expect(TEXT.replace("2 // number", "number // 2"))


def test_write_examples(editor):
    it = editor()

    result = it.command("writeExamples")

    assert (result["outcome"], result["applied"]) == ("proposed", it.edits)
    lines = "".join(
        f"    >>> {e['source']}  # confirm\n    {e['want']}" for e in result["examples"]
    )
    it.expect(TEXT.replace('"""Shout."""', f'"""Shout.\n\n{lines}    """'))


def test_explain(editor):
    it = editor()

    told = it.command("explain")
    inserted = it.command("explain", insert="comment")

    assert told["plan"] == inserted["plan"] == ["Return text.upper()."]
    assert (told["applied"], inserted["applied"]) == (False, it.edits)
    it.expect(
        TEXT.replace(
            "    return text", "    # Plan:\n    # 1. Return text.upper().\n    return text"
        )
    )


def test_run_examples(editor):
    it = editor()

    result = it.client.command("runExamples", {"uri": URI})

    assert (result["outcome"], result["passed"], result["total"]) == ("failed", 0, 5)
    assert it.buffer.text == TEXT


def test_solve_file(editor):
    it = editor()

    result = it.client.command("solveFile", {"uri": URI})

    outcomes = {f["function"]: f["outcome"] for f in result["functions"]}
    assert outcomes == {"total": "passed", "failing": "failed"}
    assert result["written"] == int(it.edits)
    it.expect(WRITTEN)


def test_cancel(editor):
    it = editor((".", "\n1. x<|code|>", 100.0))
    number = it.client.begin_command("planThenCode", it.client.place(it.buffer, "total("))
    while not it.client.status()["works"]:
        assert number not in it.client.responses

    assert it.client.command("cancel", {"uri": URI}) == {"cancelled": 1}

    result = it.client.answer(number)["result"]
    assert (result["outcome"], result["applied"]) == ("cancelled", False)
    it.expect(TEXT)


def test_status(editor):
    it = editor()

    status = it.client.status()

    assert [d["uri"] for d in status["documents"]] == [URI]
    assert status["positionEncoding"] == it.client.encoding


# Commands, the unhappy ways


def test_a_document_that_is_not_open_is_invalid_params(editor):
    it = editor()
    argument = {"uri": "file:///never.py", "position": {"line": 0, "character": 0}}

    for name in (*ON_FUNCTIONS, "solveFile"):
        response = it.client.answer(it.client.begin_command(name, argument))

        assert response["error"]["code"] == -32602
        assert "is not open" in response["error"]["message"]


def test_arguments_of_another_shape_are_invalid_params(editor):
    it = editor()

    shapes = (["x"], [{}, {}], [{"uri": 3, "position": "x"}])
    for name, arguments in itertools.product(COMMANDS, shapes):
        number = it.client.begin(
            "workspace/executeCommand", {"command": f"codeplan.{name}", "arguments": arguments}
        )
        response = it.client.answer(number)
        if name == "cancel" and arguments == shapes[2]:
            assert response["result"] == {"cancelled": 0}
            continue
        assert response["error"]["code"] == -32602
    assert [m for m in it.client.messages(1) if "bug" in m] == []


def test_a_place_outside_of_functions_is_an_error_in_words(editor):
    it = editor()
    place = {"uri": URI, "position": {"line": 0, "character": 0}}

    for name in ON_FUNCTIONS:
        result = it.client.command(name, place)

        assert result["outcome"] == "error"
        assert "is in no function" in result["message"]
        assert it.client.messages(1)[-1] == result["message"]
    assert it.client.edits == []


def test_a_function_that_does_not_fit_the_command_is_an_error_in_words(editor):
    it = editor()

    for name, needle, words in (
        ("nextCandidate", "half(", "has inserted nothing here"),
        ("codeFromPlan", "total(", "there is no plan"),
        ("repair", "total(", "has no code yet"),
        ("repair", "plain(", "has no examples"),
        ("writeExamples", "half(", "has examples already"),
        ("explain", "total(", "has no code yet"),
    ):
        result = it.client.command(name, it.client.place(it.buffer, needle))

        assert (result["outcome"], result["applied"]) == ("error", False)
        assert words in result["message"]
    assert it.buffer.text == TEXT


def test_a_model_that_is_not_there_is_an_error_in_words(editor):
    it = editor()
    backend = {"kind": "scripted", "model": "/nowhere/answers.json"}
    it.client.settings = {**it.client.settings, "backend": backend}
    changed = {"settings": {"codeplan": it.client.settings}}
    it.client.notify("workspace/didChangeConfiguration", changed)

    for name in ("planThenCode", "showPlans", "codeFromPlan", "solveFile", "explain"):
        place = it.client.place(it.buffer, f"{ON_FUNCTIONS.get(name, 'total')}(")
        result = it.client.command(name, {**place, "plan": ["Add."]})

        assert result["outcome"] == "error"
        assert "/nowhere/answers.json" in result["message"]
    assert it.buffer.text == TEXT


def test_without_a_sandbox_nothing_is_run_and_it_is_said(editor):
    it = editor(sandbox={"level": "C"})

    for name in ("planThenCode", "showPlans", "runExamples", "repair", "writeExamples"):
        result = it.command(name)

        assert result["outcome"] == "error"
        assert result["message"].startswith("Sandbox not in force: not run.")
    assert it.buffer.text == TEXT


# Features


def test_an_edit_that_the_editor_refuses_is_said(editor):
    it = editor()
    it.client.answers["workspace/applyEdit"] = lambda params: {
        "applied": False,
        "failureReason": "read-only",
    }

    result = it.command("planThenCode")

    assert result["applied"] is False
    assert ("read-only" in result["message"]) is it.edits
    assert it.buffer.text == TEXT


def test_an_edit_is_made_anew_when_the_user_typed_meanwhile(editor):
    slow = [(pattern, texts, 0.1) for pattern, texts in RULES]
    it = editor(*slow)
    number = it.client.begin_command("planThenCode", it.client.place(it.buffer, "total("))
    while not it.client.status()["works"]:
        assert number not in it.client.responses

    it.client.replace(it.buffer, "Shop", "Ye 🎉 olde shop")

    result = it.client.answer(number)["result"]
    assert (result["outcome"], result["applied"]) == ("passed", it.edits)
    expected = WRITTEN if it.edits else TEXT
    assert it.buffer.text == expected.replace("Shop", "Ye 🎉 olde shop")


@pytest.mark.parametrize("answer", ["Insert anyway", "Discard", None])
def test_failing_code_is_asked_about(editor, answer):
    it = editor()
    it.client.answers["window/showMessageRequest"] = lambda params: answer and {"title": answer}

    place = it.client.place(it.buffer, "failing(")
    result = it.client.command("planThenCode", place)

    inserted = answer == "Insert anyway"
    assert (result["outcome"], result["applied"]) == ("failed", inserted and it.edits)
    asked = [r for r in it.client.requests if r["method"] == "window/showMessageRequest"]
    assert "failing: failed your one example" in asked[0]["params"]["message"]
    head, tail = TEXT.rsplit("    ...\n", 1)
    it.expect(f"{head}    return 0\n{tail}" if inserted else TEXT)


def test_progress_is_shown_where_the_editor_shows_it(editor):
    it = editor()

    it.command("planThenCode")

    kinds = [value["kind"] for value in it.client.progress()]
    assert (kinds[:1], kinds[-1:]) == ((["begin"], ["end"]) if it.progress else ([], []))


def test_a_client_that_never_answers_about_progress_is_not_waited_for(editor):
    it = editor()
    it.client.silent.add("window/workDoneProgress/create")

    assert it.command("planThenCode")["outcome"] == "passed"


def test_failing_examples_are_pushed_or_pulled_and_cleared(editor):
    it = editor()
    it.command("runExamples")
    document = {"textDocument": {"uri": URI}}

    def found():
        if it.pulls:
            return it.client.ask("textDocument/diagnostic", document)["items"]
        pushed = [n for n in it.client.notifications if n["method"].endswith("publishDiagnostics")]
        return pushed[-1]["params"]["diagnostics"] if pushed else []

    assert [d["message"] for d in found()] == ["expected 6, got nothing", "expected 0, got nothing"]
    it.client.replace(it.buffer, "Shop", "A shop")
    it.client.status()
    assert found() == []


def test_there_are_no_diagnostics_where_the_setting_says_so(editor):
    it = editor(diagnostics={"enable": False})

    it.command("runExamples")

    assert [n for n in it.client.notifications if n["method"].endswith("publishDiagnostics")] == []


def test_lenses(editor):
    it = editor()

    def titles(uri=URI):
        found = it.client.ask("textDocument/codeLens", {"textDocument": {"uri": uri}})
        return [(lens["range"]["start"]["line"], lens["command"]["title"]) for lens in found]

    assert [line for line, _ in titles()] == [3, 29]
    it.client.command("runExamples", {"uri": URI})
    assert (14, "Repair") in titles()
    assert titles("file:///never.py") == []


def test_lenses_of_a_text_that_is_not_python(editor):
    it = editor()
    item = {"uri": "file:///x.md", "languageId": "markdown", "version": 1, "text": TEXT}
    it.client.notify("textDocument/didOpen", {"textDocument": item})

    params = {"textDocument": {"uri": "file:///x.md"}}
    assert it.client.ask("textDocument/codeLens", params) == []
    it.client.notify("textDocument/didClose", params)


def test_actions(editor):
    it = editor()

    def titles(needle, only=None):
        context = {"diagnostics": [], **({"only": only} if only else {})}
        found = it.client.ask("textDocument/codeAction", {**it.at(needle), "context": context})
        assert all(("kind" in action) is it.literals for action in found)
        return [action["title"] for action in found]

    assert titles("total(")[0] == "Plan then code (codeplan)"
    assert "Propose examples for plain (codeplan)" in titles("plain(")
    assert "Explain half as a plan (codeplan)" in titles("half(")
    assert titles("Shop") == []
    assert titles("total(", ["source.organizeImports"]) == []


def test_ghost_text(editor):
    it = editor()
    if "inlineCompletionProvider" not in it.client.result["capabilities"]:
        assert not it.edits  # the bare client
        return
    context = {"context": {"triggerKind": 1}}

    def ghosts(needle):
        found = it.client.ask("textDocument/inlineCompletion", {**it.at(needle), **context})
        return [item["insertText"] for item in found["items"]]

    assert ghosts("...") == ["return sum(numbers)"]
    assert ghosts("return 2") == []


def test_a_plan_in_a_comment_is_used_and_kept(editor):
    it = editor()
    comment = "    # Plan:\n    # 1. Add.\n"
    it.client.replace(it.buffer, "    ...\n", f"{comment}    ...\n")

    result = it.command("planThenCode")

    assert result["plan"] == ["Add."]
    expected = WRITTEN if it.edits else TEXT
    body = "    return sum(numbers)\n" if it.edits else "    ...\n"
    assert it.buffer.text == expected.replace(body, comment + body, 1)


def test_the_plan_is_left_in_the_code_where_the_setting_says_so(editor):
    it = editor(insert={"planAsComment": True})

    it.command("planThenCode")

    it.expect(WRITTEN.replace("    return sum", "    # Plan:\n    # 1. Add.\n    return sum"))


def test_a_wrong_setting_is_reported_by_name_and_the_default_used(editor):
    it = editor(diagnostics={"enable": "perhaps"})

    assert it.client.status()["settings"]["diagnostics"]["enable"] is True
    told = it.client.messages(2)
    assert any("codeplan.diagnostics.enable must be true or false" in text for text in told)


def test_a_function_of_a_notebook_is_written_in_its_cell(editor):
    it = editor()
    _, cell = it.client.open_notebook("file:///n.ipynb", "import math\n", TEXT)

    result = it.client.command("planThenCode", it.client.place(cell, "total("))

    assert (result["outcome"], result["applied"]) == ("passed", it.edits)
    assert cell.text == (WRITTEN if it.edits else TEXT)
