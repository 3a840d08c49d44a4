"""`codeplan.repair`: the failing function mended in one undo step, or left as it is."""

from __future__ import annotations

import pytest

URI = "file:///shop/cart.py"
TEXT = '''\
"""Shop."""


def total(numbers):
    """The sum of the positive ones.

    >>> total([1, -2, 3])
    4
    >>> total([])
    0
    """
    result = 0
    for number in numbers:  # all of them
        if number < 0:
            result += number
    return result


def other():
    return 1
'''
MENDED = (TEXT.replace("number < 0", "number > 0"), TEXT.replace("number < 0", "number >= 0"))
# No small change of the code gives texts.
ODD = TEXT.replace("    4\n", "    '1 and 3'\n").replace("    0\n    ", "    'none'\n    ")
RIGHT = "\n    return ' and '.join(str(n) for n in numbers if n > 0) or 'none'<|end|>"


def test_the_function_is_mended_in_one_versioned_edit(ready):
    client = ready((".", "x"))
    buffer = client.open(URI, TEXT)

    result = client.command("repair", client.place(buffer, "total"))

    assert result["outcome"] == "passed"
    assert result["applied"] is True
    assert result["message"] == "total: passed 2 of 2 of your examples"
    assert result["origin"] == "repaired"
    assert (result["rounds"], result["tokens"]) == (0, 0)
    before = result["before"]
    assert (before["outcome"], before["passed"], before["total"]) == ("failed", 1, 2)
    assert "expected 4" in before["detail"]
    assert buffer.text in MENDED
    (edit,) = client.edits
    (change,) = edit["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": URI, "version": 1}


def test_the_model_gets_the_failing_examples_when_nothing_smaller_helps(ready):
    client = ready((".", RIGHT))
    buffer = client.open(URI, ODD)

    result = client.command("repair", client.place(buffer, "total"))

    assert (result["outcome"], result["rounds"]) == ("passed", 1)
    assert RIGHT.removesuffix("<|end|>") in buffer.text


def test_what_can_not_be_repaired_is_left_as_it_is_and_nothing_is_asked(ready):
    client = ready((".", "\n    return 1<|end|>"), search={"repairRounds": 1, "samples": 1})
    buffer = client.open(URI, ODD)

    result = client.command("repair", client.place(buffer, "total"))

    assert (result["outcome"], result["applied"], result["rounds"]) == ("failed", False, 1)
    assert "no repair was found; the code failed all of your examples" in result["message"]
    assert buffer.text == ODD
    assert client.edits == []
    assert "window/showMessageRequest" not in {r["method"] for r in client.requests}


def test_a_partial_repair_is_asked_about(ready):
    better = "\n    return 'none'<|end|>"
    client = ready((".", better), search={"repairRounds": 1, "samples": 1})
    client.answers["window/showMessageRequest"] = lambda params: {"title": "Discard"}
    buffer = client.open(URI, ODD)

    result = client.command("repair", client.place(buffer, "total"))

    assert (result["outcome"], result["passed"], result["applied"]) == ("failed", 1, False)
    (question,) = [r for r in client.requests if r["method"] == "window/showMessageRequest"]
    assert "passed 1 of 2" in question["params"]["message"]
    assert buffer.text == ODD


def test_examples_that_pass_leave_nothing_to_repair(ready):
    client = ready((".", "x"))
    buffer = client.open(URI, MENDED[0])

    result = client.command("repair", client.place(buffer, "total"))

    assert (result["outcome"], result["applied"]) == ("passed", False)
    assert result["message"] == ("total: passed 2 of 2 of your examples already: nothing to repair")
    assert client.edits == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TEXT[: TEXT.index("    result")] + "    ...\n", "total has no code yet"),
        ("def total():\n    return 1\n", "total has no examples"),
    ],
)
def test_a_function_without_code_or_examples_is_an_error_in_words(ready, text, words):
    client = ready((".", "x"))
    buffer = client.open(URI, text)

    result = client.command("repair", client.place(buffer, "total"))

    assert result["outcome"] == "error"
    assert words in result["message"]
    assert any(words in message for message in client.messages(1))


def test_a_function_that_the_user_changes_meanwhile_is_left_alone(ready):
    client = ready((".", RIGHT, 0.3))
    buffer = client.open(URI, ODD)
    number = client.begin_command("repair", client.place(buffer, "total"))
    client.wait_progress("repairing, round 1")

    client.replace(buffer, "result = 0", "result = 5")

    result = client.answer(number)["result"]
    assert result["applied"] is False
    assert "was changed meanwhile" in result["message"]
    assert client.edits == []


def test_a_repair_can_be_cancelled_by_both_routes(ready):
    client = ready((".", RIGHT, 100.0))
    buffer = client.open(URI, ODD)
    number = client.begin_command("repair", client.place(buffer, "total"))
    client.wait_progress("repairing, round 1")
    client.notify("$/cancelRequest", {"id": number})
    assert client.answer(number)["error"]["code"] == -32800

    client.wait_idle()
    client.notifications.clear()
    number = client.begin_command("repair", client.place(buffer, "total"))
    progress = client.wait_progress("repairing, round 1")
    client.notify("window/workDoneProgress/cancel", {"token": progress["token"]})
    assert client.answer(number)["result"]["outcome"] == "cancelled"
    assert buffer.text == ODD


def test_a_repair_is_offered_where_examples_have_failed_and_only_there(ready):
    client = ready((".", "x"))
    buffer = client.open(URI, TEXT)

    def offered(needle, diagnostics=(), only=None):
        position = buffer.of(needle)
        context = {"diagnostics": list(diagnostics), **({"only": only} if only else {})}
        params = {
            "textDocument": {"uri": URI},
            "range": {"start": position, "end": position},
            "context": context,
        }
        return client.ask("textDocument/codeAction", params)

    def lenses():
        found = client.ask("textDocument/codeLens", {"textDocument": {"uri": URI}})
        return [lens["command"]["title"] for lens in found]

    assert "Repair total (codeplan)" not in {a["title"] for a in offered("total")}
    assert lenses() == ["Run examples"]
    client.command("runExamples", {"uri": URI})
    (published,) = [
        n["params"] for n in client.notifications if n["method"].endswith("publishDiagnostics")
    ]

    (fix,) = offered("total", published["diagnostics"], only=["quickfix"])
    assert (fix["title"], fix["kind"]) == ("Repair total (codeplan)", "quickfix")
    assert fix["command"]["command"] == "codeplan.repair"
    assert fix["diagnostics"] == published["diagnostics"]
    assert offered("other", only=["quickfix"]) == []
    assert lenses() == ["Repair"]
    client.replace(buffer, '"""Shop."""', '"""A shop."""')
    assert lenses() == ["Run examples"]
