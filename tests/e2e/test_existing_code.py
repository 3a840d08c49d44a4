"""`codeplan.writeExamples` and `codeplan.explain`: about code that exists."""

from __future__ import annotations

import pytest

URI = "file:///shop/cart.py"
TEXT = '''\
"""Shop."""


def total(numbers):
    """The sum of the positive ones."""
    result = 0
    for number in numbers:  # all of them
        if number > 0:
            result += number
    return result


def todo(numbers):
    ...
'''
STEPS = [
    "Set result to 0.",
    "For each number in numbers: if number > 0, add number to result.",
    "Return result.",
]
ELSEWHERE = ((r"<\|plan\|>$", "\n1. Use sum.<|code|>"), (".", "\n    return sum(numbers)<|end|>"))


# writeExamples


def test_examples_are_proposed_with_computed_values_and_a_mark(ready):
    client = ready(*ELSEWHERE)
    buffer = client.open(URI, TEXT)

    result = client.command("writeExamples", client.place(buffer, "total"))

    assert (result["outcome"], result["applied"]) == ("proposed", True)
    first = result["examples"][0]
    assert first == {"source": "total([3, 1, 2])", "want": "6\n"}
    expected = "".join(
        f"    >>> {e['source']}  # confirm\n    {e['want']}" for e in result["examples"]
    )
    assert buffer.text == TEXT.replace(
        '"""The sum of the positive ones."""',
        f'"""The sum of the positive ones.\n\n{expected}    """',
    )
    assert len(client.edits) == 1
    assert "confirm" in client.messages(3)[-1]
    place = client.place(buffer, "total")
    assert client.command("runExamples", place)["outcome"] == "passed"
    assert "has examples already" in client.command("writeExamples", place)["message"]


def test_examples_are_not_proposed_for_what_is_not_written(ready):
    client = ready(*ELSEWHERE)
    buffer = client.open(URI, TEXT)

    result = client.command("writeExamples", client.place(buffer, "todo"))

    assert (result["outcome"], result["applied"]) == ("error", False)
    assert "no code yet" in result["message"]
    assert buffer.text == TEXT


def test_a_function_whose_calls_give_nothing_gets_no_examples(ready):
    client = ready(*ELSEWHERE)
    buffer = client.open(URI, "def gone(numbers):\n    numbers.clear()\n")

    result = client.command("writeExamples", client.place(buffer, "gone"))

    assert (result["outcome"], result["applied"]) == ("no_candidate", False)
    assert client.edits == []


def test_proposing_can_be_cancelled_and_leaves_the_text_alone(ready):
    client = ready(*ELSEWHERE, sandbox={"wallSeconds": 20})
    text = "def slow(numbers):\n    while True: pass\n"
    buffer = client.open(URI, text)
    number = client.begin_command("writeExamples", client.place(buffer, "slow"))
    client.wait_progress("calls")

    client.notify("$/cancelRequest", {"id": number})

    assert client.answer(number)["error"]["code"] == -32800
    assert buffer.text == text


def test_a_function_that_changes_meanwhile_gets_no_examples(ready):
    client = ready(*ELSEWHERE)
    buffer = client.open(URI, TEXT)
    apply = client.answers["workspace/applyEdit"]

    def type_first(params):
        client.answers["workspace/applyEdit"] = apply
        client.replace(buffer, "result = 0", "result = 1")
        return {"applied": False}

    client.answers["workspace/applyEdit"] = type_first
    result = client.command("writeExamples", client.place(buffer, "total"))

    assert result["applied"] is False
    assert "was changed meanwhile" in result["message"]
    assert buffer.text == TEXT.replace("result = 0", "result = 1")


# explain


def test_the_plan_of_code_is_told_and_nothing_edited(ready):
    client = ready(*ELSEWHERE)
    buffer = client.open(URI, TEXT)

    result = client.command("explain", client.place(buffer, "total"))

    assert (result["outcome"], result["applied"]) == ("explained", False)
    assert (result["plan"], result["origin"]) == (STEPS, "syntax")
    assert client.edits == []
    assert "3. Return result." in client.messages(3)[-1]


def test_the_plan_that_leads_to_the_code_is_preferred(ready):
    code = TEXT[TEXT.index("    result") : TEXT.index("\n\n\ndef todo")]
    client = ready((r"<\|plan\|>$", "\n1. Add them.<|code|>"), (".", f"\n{code}<|end|>"))
    buffer = client.open(URI, TEXT)

    result = client.command("explain", client.place(buffer, "total"))

    assert (result["plan"], result["origin"], result["likeness"]) == (["Add them."], "sampled", 1)


COMMENT = "".join(f"    # {i}. {step}\n" for i, step in enumerate(STEPS, 1))


@pytest.mark.parametrize("way", ["argument", "setting"])
def test_the_plan_becomes_a_comment_where_it_is_asked_for(ready, way):
    insert = {"explanation": "comment"} if way == "setting" else {}
    client = ready(*ELSEWHERE, insert=insert)
    buffer = client.open(URI, TEXT)
    argument = {"insert": "comment"} if way == "argument" else {}

    result = client.command("explain", {**client.place(buffer, "total"), **argument})

    assert result["applied"] is True
    commented = TEXT.replace("    result = 0", f"    # Plan:\n{COMMENT}    result = 0")
    assert buffer.text == commented
    again = client.command("explain", {**client.place(buffer, "total"), **argument})
    assert (again["origin"], again["applied"]) == ("user", False)
    assert buffer.text == commented


def test_the_plan_becomes_a_section_of_the_docstring_where_it_is_asked_for(ready):
    client = ready(*ELSEWHERE)
    buffer = client.open(URI, TEXT)

    client.command("explain", {**client.place(buffer, "total"), "insert": "docstring"})

    steps = "".join(f"        {i}. {step}\n" for i, step in enumerate(STEPS, 1))
    assert buffer.text == TEXT.replace('ones."""', f'ones.\n\n    Plan:\n{steps}    """')


def test_an_odd_place_for_the_plan_is_invalid_params(ready):
    client = ready(*ELSEWHERE)
    buffer = client.open(URI, TEXT)
    argument = {**client.place(buffer, "total"), "insert": "everywhere"}

    response = client.answer(client.begin_command("explain", argument))

    assert response["error"]["code"] == -32602


def test_what_is_not_written_is_not_explained(ready):
    client = ready(*ELSEWHERE)
    buffer = client.open(URI, TEXT)

    result = client.command("explain", client.place(buffer, "todo"))

    assert result["outcome"] == "error"
    assert "no code yet" in result["message"]


def test_explaining_can_be_cancelled(ready):
    client = ready((".", "\n1. x<|code|>", 100.0))
    buffer = client.open(URI, TEXT)
    number = client.begin_command("explain", client.place(buffer, "total"))
    client.wait_progress("sampling")

    client.command("cancel", {"uri": URI})

    assert client.answer(number)["result"]["outcome"] == "cancelled"


def test_both_are_offered_where_they_make_sense(ready):
    client = ready(*ELSEWHERE)
    buffer = client.open(URI, TEXT)

    def offered(needle):
        at = buffer.of(needle)
        params = {
            "textDocument": {"uri": URI},
            "range": {"start": at, "end": at},
            "context": {"diagnostics": []},
        }
        return [a["title"] for a in client.ask("textDocument/codeAction", params)]

    assert offered("total") == [
        "Propose examples for total (codeplan)",
        "Explain total as a plan (codeplan)",
        "Status (codeplan)",
    ]
    assert offered("todo") == [
        "Plan then code (codeplan)",
        "Show plans (codeplan)",
        "Status (codeplan)",
    ]
