"""Every feature beside the commands under the capabilities of real editors and of a bare client.

Each in its happy way and in at least two unhappy ones. Typing meanwhile is in
test_typing_meanwhile.py.
"""

from __future__ import annotations

import pytest
from lsp_shop import RULES, TEXT, URI, WRITTEN


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

    assert [line for line, _ in titles()] == [3, 14, 29]
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
    assert titles("Shop") == ["Status (codeplan)"]
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


def test_failing_ghost_text_is_never_shown(editor):
    it = editor(RULES[1], (r"<\|code\|>", "\n    return 0<|end|>"))
    if not it.inline:
        return

    params = {**it.at("..."), "context": {"triggerKind": 1}}

    assert it.client.ask("textDocument/inlineCompletion", params)["items"] == []
    assert it.client.edits == []


def test_code_without_examples_is_called_unverified_and_asked_about(editor):
    it = editor(text="def total(numbers):\n    ...\n")

    result = it.command("planThenCode")

    assert (result["outcome"], result["applied"]) == ("untested", False)
    (asked,) = [r for r in it.client.requests if r["method"] == "window/showMessageRequest"]
    assert "no examples: unverified" in asked["params"]["message"]


@pytest.mark.parametrize("choice", ["always", "never"])
def test_a_setting_answers_for_those_who_do_not_want_to_be_asked(editor, choice):
    it = editor(insert={"failing": choice})

    result = it.client.command("planThenCode", it.client.place(it.buffer, "failing("))

    assert (result["outcome"], result["applied"]) == ("failed", choice == "always" and it.edits)
    assert "window/showMessageRequest" not in {r["method"] for r in it.client.requests}


def test_a_plan_whose_code_fails_is_kept_and_the_code_asked_about(editor):
    comment = "    # Plan:\n    # 1. Give zero.\n"
    it = editor(
        (r"Give zero\.<\|code\|>$", "\n    return 0<|end|>"),
        text=TEXT.replace("    ...\n", f"{comment}    ...\n", 1),
    )

    result = it.command("planThenCode")

    assert (result["outcome"], result["applied"]) == ("failed", False)
    assert result["plan"] == ["Give zero."]
    assert comment in it.buffer.text
    it.expect(it.before)


def test_a_plan_without_steps_is_none(editor):
    it = editor(text=TEXT.replace("    ...\n", "    # Plan:\n    ...\n", 1))

    assert "there is no plan" in it.command("codeFromPlan")["message"]
    assert it.command("planThenCode")["plan"] == ["Add."]


def test_a_plan_of_the_user_is_not_written_a_second_time(editor):
    comment = "    # Plan:\n    # 1. Add.\n"
    text = TEXT.replace("    ...\n", f"{comment}    ...\n", 1)
    it = editor(text=text, insert={"planAsComment": True})

    it.command("planThenCode")

    it.expect(text.replace("    ...\n", "    return sum(numbers)\n", 1))


def test_code_that_is_discarded_leaves_no_plan_behind(editor):
    it = editor(insert={"planAsComment": True})

    result = it.client.command("planThenCode", it.client.place(it.buffer, "failing("))

    assert (result["outcome"], result["applied"]) == ("failed", False)
    it.expect(TEXT)


@pytest.mark.parametrize(
    ("old", "new"),
    [("    ", "\t"), ("    ", "  "), ("\n", "\r\n"), ("\n", "\r"), ("Shop", "🍎\f\u2028 é 🎉")],
    ids=["tabs", "two spaces", "CRLF", "CR", "characters of all widths"],
)
def test_what_stands_in_the_file_is_kept(editor, old, new):
    it = editor(text=TEXT.replace(old, new))

    it.command("planThenCode")

    it.expect(WRITTEN.replace(old, new))


def test_edits_are_shown_for_confirmation_where_the_editor_can(editor):
    it = editor(insert={"confirm": True})

    it.command("planThenCode")

    it.expect(WRITTEN)
    for params in it.client.edits:
        notes = params["edit"].get("changeAnnotations") or {}
        assert [n["needsConfirmation"] for n in notes.values()] == [True] * it.annotations


def test_the_cancel_button_of_the_progress_stops_the_work(editor):
    it = editor((".", "\n1. x<|code|>", 100.0))
    number = it.client.begin_command("planThenCode", it.argument("planThenCode"), workDoneToken=7)
    while not it.client.progress():
        assert number not in it.client.responses

    it.client.notify("window/workDoneProgress/cancel", {"token": 7})

    assert it.client.answer(number)["result"]["outcome"] == "cancelled"
    assert it.client.progress()[-1] == {"kind": "end", "message": "cancelled"}
    it.expect(TEXT)


def test_examples_of_a_text_that_was_changed_or_closed_meanwhile_are_not_marked(editor):
    it = editor(text="import time\ntime.sleep(0.5)\n" + TEXT)

    def marks():
        notes = [n for n in it.client.notifications if n["method"].endswith("publishDiagnostics")]
        if it.pulls:
            document = {"textDocument": {"uri": URI}}
            return it.client.ask("textDocument/diagnostic", document)["items"]
        return [mark for n in notes for mark in n["params"]["diagnostics"]]

    number = it.client.begin_command("runExamples", {"uri": URI})
    it.client.replace(it.buffer, "import time", "import  time")
    assert it.client.answer(number)["result"]["outcome"] == "failed"
    assert marks() == []

    number = it.client.begin_command("runExamples", {"uri": URI})
    it.client.close(it.buffer)
    assert it.client.answer(number)["result"]["outcome"] == "failed"
    assert marks() == []


def test_saving_runs_the_examples_only_where_the_setting_says_so(editor):
    it = editor(diagnostics={"onSave": True})
    saved = {"textDocument": {"uri": URI}}

    it.client.notify("textDocument/didSave", saved)

    def failing():
        lenses = it.client.ask("textDocument/codeLens", saved)
        return "Repair" in {lens["command"]["title"] for lens in lenses}

    while not failing():
        assert it.client.messages(1) == []
    it.client.replace(it.buffer, "Shop", "A shop")
    assert not failing()
    it.client.settings["diagnostics"] = {"onSave": False}
    it.client.use(it.client.settings)
    it.client.notify("textDocument/didSave", saved)
    it.client.command("runExamples", it.client.place(it.buffer, "plain("))
    assert not failing()


def test_an_untrusted_workspace_keeps_its_restricted_settings_to_itself(editor):
    it = editor()

    it.client.notify("codeplan/didChangeTrust", {"trusted": False})
    try:
        status = it.client.status()
        assert status["backend"]["kind"] == "llama"
        assert "this workspace is not trusted" in status["message"]
        assert any("backend.kind is ignored" in p for p in status["settingsProblems"])
    finally:
        it.client.notify("codeplan/didChangeTrust", {"trusted": True})
    assert it.client.status()["backend"]["kind"] == "scripted"


def test_settings_that_are_no_object_leave_the_defaults(editor):
    it = editor()
    kept = it.client.settings
    try:
        it.client.settings = ["nothing", 1]
        changed = {"settings": {"codeplan": it.client.settings}}
        it.client.notify("workspace/didChangeConfiguration", changed)
        status = it.client.status()
    finally:
        it.client.use(kept)

    assert status["settings"]["search"]["plans"] == 10
    assert any("must be an object" in text for text in it.client.messages(2))


def test_a_place_in_a_cell_outside_of_functions_is_an_error_in_words(editor):
    it = editor()
    first, _ = it.client.open_notebook("file:///n.ipynb", "import math\n", TEXT)

    result = it.client.command("planThenCode", it.client.place(first, "math"))

    assert result["outcome"] == "error"
    assert "is in no function" in result["message"]


def test_a_notebook_that_is_closed_meanwhile_is_left_alone(editor):
    it = editor(*((pattern, texts, 0.3) for pattern, texts in RULES))
    _, cell = it.client.open_notebook("file:///n.ipynb", "import math\n", TEXT)
    number = it.client.begin_command("planThenCode", it.client.place(cell, "total("))

    it.client.close_notebook("file:///n.ipynb")

    result = it.client.answer(number)["result"]
    assert result["applied"] is False
    assert "was closed" in result["message"]
    assert it.client.applied == []


def test_the_status_action_and_the_lens_for_examples_work(editor):
    it = editor()
    params = {**it.at("Shop"), "context": {"diagnostics": [], "only": ["source.codeplan"]}}
    (about,) = it.client.ask("textDocument/codeAction", params)
    lenses = it.client.ask("textDocument/codeLens", {"textDocument": {"uri": URI}})
    (run,) = [one["command"] for one in lenses if one["command"]["title"] == "Run examples"]

    status = it.client.ask("workspace/executeCommand", about["command"] if it.literals else about)
    examples = it.client.ask("workspace/executeCommand", run)

    assert it.client.messages(3)[0] == status["message"]
    assert (examples["function"], examples["outcome"]) == ("half", "failed")
