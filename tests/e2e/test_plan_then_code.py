"""The main command over stdio: progress, one versioned edit, the result, the unhappy ways."""

from __future__ import annotations

import re

import pytest

PLAN = "\n1. Add the numbers up.<|code|>"
GOOD = "\n    return sum(numbers)<|end|>"
BAD = "\n    return 0<|end|>"
TEXT = '''\
"""Shop."""


def total(numbers: list[int]) -> int:
    """The sum of the numbers.

    >>> total([1, 2, 3])
    6
    >>> total([])
    0
    """
    ...


def other():
    return 1
'''
RULES = ((r"<\|plan\|>$", PLAN), (r"<\|code\|>$", GOOD))
FAILING = ((r"<\|plan\|>$", PLAN), (r"<\|code\|>$", BAD))
URI = "file:///shop/cart.py"


def test_the_buffer_holds_the_verified_code_after_one_versioned_edit(ready):
    client = ready(*RULES)
    buffer = client.open(URI, TEXT)

    result = client.command("planThenCode", client.place(buffer, "total"))

    assert buffer.text == TEXT.replace("    ...\n", "    return sum(numbers)\n")
    assert len(client.edits) == 1
    (change,) = client.edits[0]["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": URI, "version": 1}
    assert result["outcome"] == "passed"
    assert (result["passed"], result["total"]) == (2, 2)
    assert result["function"] == "total"
    assert result["plan"] == ["Add the numbers up."]
    assert result["code"] == "    return sum(numbers)"
    assert result["applied"] is True
    assert result["file"] == "/shop/cart.py"
    assert result["sandbox"][0] in "AB"
    assert result["version"] == 1
    (record,) = result["records"]
    assert (record["steps"], record["outcome"]) == (["Add the numbers up."], "passed")
    assert [edit["newText"].strip() for edit in record["edits"]] == ["return sum(numbers)"]
    assert "total: passed 2 of 2 of your examples" in client.messages(3)


def test_progress_begins_counts_and_ends(ready):
    client = ready((r"<\|plan\|>$", PLAN, 0.15), (r"<\|code\|>$", GOOD))
    buffer = client.open(URI, TEXT)

    client.command("planThenCode", client.place(buffer, "total"))

    values = client.progress()
    assert [v["kind"] for v in values][:1] + [v["kind"] for v in values][-1:] == ["begin", "end"]
    assert values[0]["title"] == "codeplan: writing total"
    assert values[0]["cancellable"] is True
    # Which of them is told depends on when they come: of several in a moment it is the last.
    assert any(re.search(r"\d of 3", v.get("message") or "") for v in values)
    tokens = {n["params"]["token"] for n in client.notifications if n["method"] == "$/progress"}
    assert len(tokens) == 1


def test_a_token_of_the_client_is_used_without_asking(ready):
    client = ready(*RULES)
    buffer = client.open(URI, TEXT)

    number = client.begin_command(
        "planThenCode", client.place(buffer, "total"), workDoneToken="mine"
    )
    client.answer(number)

    tokens = {n["params"]["token"] for n in client.notifications if n["method"] == "$/progress"}
    assert tokens == {"mine"}
    assert "window/workDoneProgress/create" not in {r["method"] for r in client.requests}


def test_a_client_that_never_answers_about_progress_still_gets_its_edit(ready):
    client = ready(*RULES)
    client.silent.add("window/workDoneProgress/create")
    buffer = client.open(URI, TEXT)

    result = client.command("planThenCode", client.place(buffer, "total"), seconds=10)

    assert result["applied"] is True
    assert client.progress() == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_emoji_before_the_function_shift_nothing(ready, encoding):
    client = ready(*RULES, encoding=encoding)
    text = TEXT.replace('"""Shop."""', '"""🍎🍏 Shop ä €."""; X = "🎉🎉"\f\n# \u2028')
    buffer = client.open(URI, text)

    client.command("planThenCode", client.place(buffer, "total"))

    assert buffer.text == text.replace("    ...\n", "    return sum(numbers)\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_a_one_line_body_behind_emoji_is_replaced_where_it_stands(ready, encoding):
    client = ready(*RULES, encoding=encoding)
    text = 'def total(numbers, mark="🎉🎉"): "🍎"; ...\n\n\nassert total([1, 2]) == 3\n'
    buffer = client.open(URI, text)

    client.command("planThenCode", client.place(buffer, "numbers"))

    assert "return sum(numbers)" in buffer.text
    assert '"🍎"' in buffer.text
    compile(buffer.text, "cart.py", "exec")


def test_tabs_and_carriage_returns_of_the_file_are_kept(ready):
    client = ready(*RULES)
    text = TEXT.replace("    ", "\t").replace("\n", "\r\n")
    buffer = client.open(URI, text)

    client.command("planThenCode", client.place(buffer, "total"))

    assert buffer.text == text.replace("\t...\r\n", "\treturn sum(numbers)\r\n")


def test_the_import_that_the_code_needs_comes_in_the_same_edit(ready):
    code = "\n    return math.fsum(numbers)<|end|>"
    client = ready((r"<\|plan\|>$", PLAN), (r"<\|code\|>$", code))
    buffer = client.open(URI, TEXT.replace("    6\n", "    6.0\n").replace("    0\n", "    0.0\n"))

    client.command("planThenCode", client.place(buffer, "total"))

    assert len(client.edits) == 1
    assert "import math\n" in buffer.text
    assert "    return math.fsum(numbers)\n" in buffer.text


def test_a_method_is_written_in_its_class(ready):
    text = '''\
class Cart:
    def __init__(self):
        self.prices = []

    def total(self):
        """The sum.

        >>> cart = Cart()
        >>> cart.prices = [2, 3]
        >>> cart.total()
        5
        """
        raise NotImplementedError
'''
    client = ready((r"<\|plan\|>$", PLAN), (r"<\|code\|>$", "\n    return sum(self.prices)<|end|>"))
    buffer = client.open(URI, text)

    result = client.command("planThenCode", client.place(buffer, "raise"))

    assert result["function"] == "Cart.total"
    assert buffer.text == text.replace("raise NotImplementedError", "return sum(self.prices)")


def test_an_untitled_buffer_is_a_document_like_any_other(ready):
    client = ready(*RULES)
    buffer = client.open("untitled:Untitled-1", TEXT)

    result = client.command("planThenCode", client.place(buffer, "total"))

    assert result["file"] is None
    assert "return sum(numbers)" in buffer.text


def test_a_client_without_versioned_edits_gets_plain_ones(ready):
    capabilities = {"workspace": {"applyEdit": True}}
    client = ready(*RULES, capabilities=capabilities)
    buffer = client.open(URI, TEXT)

    client.command("planThenCode", client.place(buffer, "total"))

    assert list(client.edits[0]["edit"]) == ["changes"]
    assert "return sum(numbers)" in buffer.text
    assert {r["method"] for r in client.requests} == {"workspace/applyEdit"}


def test_a_client_without_edits_gets_the_code_as_value(ready):
    client = ready(*RULES, capabilities={})
    buffer = client.open(URI, TEXT)

    result = client.command("planThenCode", client.place(buffer, "total"))

    assert result["applied"] is False
    assert result["code"] == "    return sum(numbers)"
    assert "does not take edits" in result["message"]
    assert buffer.text == TEXT


def test_an_edit_that_the_editor_refuses_is_said(ready):
    client = ready(*RULES)
    client.answers["workspace/applyEdit"] = lambda params: {
        "applied": False,
        "failureReason": "read-only",
    }
    buffer = client.open(URI, TEXT)

    result = client.command("planThenCode", client.place(buffer, "total"))

    assert result["applied"] is False
    assert "read-only" in result["message"]
    assert any("read-only" in message for message in client.messages(2))


def test_edits_wait_for_confirmation_where_the_setting_asks_for_it(ready):
    client = ready(*RULES, insert={"confirm": True})
    buffer = client.open(URI, TEXT)

    client.command("planThenCode", client.place(buffer, "total"))

    edit = client.edits[0]["edit"]
    (annotation,) = edit["changeAnnotations"].values()
    assert annotation["needsConfirmation"] is True
    assert "return sum(numbers)" in buffer.text


def test_a_position_outside_of_functions_is_an_error_in_words(ready):
    client = ready(*RULES)
    buffer = client.open(URI, TEXT)

    result = client.command("planThenCode", client.place(buffer, "Shop"))

    assert result["outcome"] == "error"
    assert client.messages(1) == ["line 1 is in no function: nothing to do"]


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        (None, "needs"),
        ({"uri": URI}, "needs"),
        ([1], "an object"),
        ("text", "an object"),
        ({"uri": 3, "position": {"line": 0, "character": 0}}, "uri"),
        ({"uri": "file:///absent.py", "position": {"line": 0, "character": 0}}, "not open"),
        ({"uri": URI, "position": {"line": -1, "character": 0}}, "position"),
        ({"uri": URI, "position": "here"}, "position"),
    ],
)
def test_wrong_arguments_are_invalid_params(ready, argument, words):
    client = ready(*RULES)
    client.open(URI, TEXT)

    response = client.answer(client.begin_command("planThenCode", argument))

    assert response["error"]["code"] == -32602
    assert words in response["error"]["message"]


def test_failing_code_is_asked_about_and_discarded_when_nobody_wants_it(ready):
    client = ready(*FAILING)
    buffer = client.open(URI, TEXT)

    result = client.command("planThenCode", client.place(buffer, "total"))

    (question,) = [r for r in client.requests if r["method"] == "window/showMessageRequest"]
    assert "passed 1 of 2 of your examples" in question["params"]["message"]
    titles = [action["title"] for action in question["params"]["actions"]]
    assert titles == ["Insert anyway", "Show plans", "Discard"]
    assert result["outcome"] == "failed"
    assert result["applied"] is False
    assert buffer.text == TEXT


def test_failing_code_is_inserted_when_the_user_says_so(ready):
    client = ready(*FAILING)
    client.answers["window/showMessageRequest"] = lambda params: {"title": "Insert anyway"}
    buffer = client.open(URI, TEXT)

    result = client.command("planThenCode", client.place(buffer, "total"))

    assert result["applied"] is True
    assert "return 0" in buffer.text


def test_the_plans_are_shown_before_the_question_comes_again(ready):
    client = ready(*FAILING)
    answers = iter([{"title": "Show plans"}, {"title": "Discard"}])
    client.answers["window/showMessageRequest"] = lambda params: next(answers)
    buffer = client.open(URI, TEXT)

    client.command("planThenCode", client.place(buffer, "total"))

    questions = [r for r in client.requests if r["method"] == "window/showMessageRequest"]
    assert len(questions) == 2
    assert "Plan 1: passed 1 of 2" in questions[1]["params"]["message"]
    assert "Add the numbers up." in questions[1]["params"]["message"]
    assert buffer.text == TEXT


@pytest.mark.parametrize(("choice", "applied"), [("always", True), ("never", False)])
def test_a_setting_answers_for_those_who_do_not_want_to_be_asked(ready, choice, applied):
    client = ready(*FAILING, insert={"failing": choice})
    buffer = client.open(URI, TEXT)

    result = client.command("planThenCode", client.place(buffer, "total"))

    assert result["applied"] is applied
    assert "window/showMessageRequest" not in {r["method"] for r in client.requests}


def test_code_without_examples_is_called_unverified_and_asked_about(ready):
    client = ready(*RULES)
    buffer = client.open(URI, "def total(numbers):\n    ...\n")

    result = client.command("planThenCode", client.place(buffer, "total"))

    (question,) = [r for r in client.requests if r["method"] == "window/showMessageRequest"]
    assert "no examples: unverified" in question["params"]["message"]
    assert result["outcome"] == "untested"
    assert result["applied"] is False


def test_a_plan_in_a_comment_is_used_and_kept(ready):
    text = TEXT.replace("    ...\n", "    # Plan:\n    # 1. Use the built-in sum.\n    ...\n")
    client = ready((r"Use the built-in sum\.<\|code\|>$", GOOD), (".", "\n    return None<|end|>"))
    buffer = client.open(URI, text)

    result = client.command("planThenCode", client.place(buffer, "total"))

    assert result["outcome"] == "passed"
    assert result["plan"] == ["Use the built-in sum."]
    assert buffer.text == text.replace("    ...\n", "    return sum(numbers)\n")


def test_the_plan_is_left_in_the_code_where_the_setting_asks_for_it(ready):
    client = ready(*RULES, insert={"planAsComment": True})
    buffer = client.open(URI, TEXT)

    client.command("planThenCode", client.place(buffer, "total"))

    comment = "    # Plan:\n    # 1. Add the numbers up.\n"
    assert buffer.text == TEXT.replace("    ...\n", f"{comment}    return sum(numbers)\n")


def test_a_model_that_fails_is_an_error_in_words_and_the_next_command_works(ready):
    client = ready((r"def total.*<\|plan\|>$", PLAN), (r"def total.*<\|code\|>$", GOOD))
    buffer = client.open(URI, TEXT + "\n\ndef unknown(x):\n    ...\n")

    failed = client.command("planThenCode", client.place(buffer, "unknown"))
    result = client.command("planThenCode", client.place(buffer, "total"))

    assert failed["outcome"] == "error"
    assert "No rule of the script fits" in client.messages(1)[0]
    assert result["outcome"] == "passed"


def test_a_missing_file_of_answers_is_an_error_in_words(servers):
    client = servers.start()
    client.initialize(options={"backend": {"kind": "scripted", "model": "/nowhere.json"}})
    buffer = client.open(URI, TEXT)

    result = client.command("planThenCode", client.place(buffer, "total"))

    assert result["outcome"] == "error"
    assert "/nowhere.json" in result["message"]


def test_the_same_function_is_not_worked_on_twice_at_a_time(ready):
    client = ready((r"<\|plan\|>$", PLAN, 100.0), (r"<\|code\|>$", GOOD))
    buffer = client.open(URI, TEXT)

    first = client.begin_command("planThenCode", client.place(buffer, "total"))
    client.wait_progress(r"sampling|plan \d")
    second = client.answer(client.begin_command("planThenCode", client.place(buffer, "total")))

    assert second["error"]["code"] == -32803
    assert "already working on total" in second["error"]["message"]
    client.command("cancel", {"uri": URI})
    assert client.answer(first)["result"]["outcome"] == "cancelled"


def test_without_isolation_and_consent_nothing_is_run(ready):
    client = ready(*RULES, sandbox={"level": "C"})
    buffer = client.open(URI, TEXT)

    result = client.command("planThenCode", client.place(buffer, "total"))
    examples = client.command("runExamples", {"uri": URI})

    assert result["outcome"] == examples["outcome"] == "error"
    assert "generated code is not run" in client.messages(1)[0]
    assert buffer.text == TEXT
