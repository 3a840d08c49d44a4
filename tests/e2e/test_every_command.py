"""Every command under the capabilities of real editors and of a bare client.

Each in its happy way and in at least two unhappy ones; what an editor can't do is left out, never
demanded.
"""

from __future__ import annotations

import itertools

from lsp_shop import FUNCTIONS, RULES, TEXT, URI, WRITTEN

COMMANDS = (*FUNCTIONS, "solveFile", "cancel", "status")

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

    for name in (*FUNCTIONS, "solveFile"):
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

    for name in FUNCTIONS:
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
        place = it.client.place(it.buffer, f"{FUNCTIONS.get(name, 'total')}(")
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


def test_a_command_that_is_cancelled_changes_nothing(editor):
    """Each that asks the model, by the request's own route: the work would take minutes."""
    it = editor((".", "\n1. x<|code|>", 100.0))
    asking = ("planThenCode", "showPlans", "codeFromPlan", "explain", "solveFile")

    for name in asking:
        number = it.begin(name, plan=["Add."])
        while not it.client.status()["works"]:
            assert number not in it.client.responses
        it.client.notify("$/cancelRequest", {"id": number})

        assert it.client.answer(number)["error"]["code"] == -32800
        it.client.wait_idle()
    it.expect(TEXT)


def test_examples_that_never_end_can_be_cancelled(editor):
    endless = (
        'def slow(number: int):\n    """\n    >>> slow(1)\n    2\n    """\n    while True: pass\n'
    )
    bare = endless.replace("    >>> slow(1)\n    2\n", "")
    it = editor(text=endless, sandbox={"wallSeconds": 600})

    for name, text in (("runExamples", endless), ("repair", endless), ("writeExamples", bare)):
        it.buffer.text = text
        it.client.send_whole(it.buffer)
        number = it.client.begin_command(name, it.client.place(it.buffer, "slow("))
        while not it.client.status()["works"]:
            assert number not in it.client.responses
        it.client.command("cancel", {"uri": URI})

        assert it.client.answer(number)["result"]["outcome"] == "cancelled"
        assert it.buffer.text == text


def test_cancelling_what_does_not_run_cancels_nothing(editor):
    it = editor((".", "\n1. x<|code|>", 100.0))
    assert it.client.command("cancel") == {"cancelled": 0}
    number = it.begin("planThenCode")
    while not it.client.status()["works"]:
        assert number not in it.client.responses

    assert it.client.command("cancel", {"uri": "file:///never.py"}) == {"cancelled": 0}
    assert it.client.command("cancel", {"number": -1}) == {"cancelled": 0}

    assert number not in it.client.responses
    assert it.client.command("cancel") == {"cancelled": 1}
    it.client.answer(number)


def test_the_status_is_told_while_a_command_works_and_when_there_is_no_model(editor):
    it = editor((".", "\n1. x<|code|>", 100.0))
    number = it.begin("planThenCode")
    while not (works := it.client.status()["works"]):
        assert number not in it.client.responses
    assert (works[0]["command"], works[0]["function"]) == ("codeplan.planThenCode", "total")
    assert "running: codeplan.planThenCode total" in it.client.status()["message"]
    it.client.command("cancel")
    it.client.answer(number)

    backend = {"kind": "scripted", "model": "/nowhere/answers.json"}
    it.client.use({**it.client.settings, "backend": backend})
    it.command("planThenCode")

    status = it.client.status()
    assert status["works"] == []
    assert status["backend"]["model"] == "/nowhere/answers.json"
