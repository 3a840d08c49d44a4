"""The other commands: plans, code from a plan, the next candidate, status, the whole file."""

from __future__ import annotations

import hashlib
import os

import pytest

SUM = "\n1. Use the built-in sum.<|code|>"
LOOP = "\n1. Go over the numbers.\n2. Add each one to a result.<|code|>"
WRONG = "\n1. Give zero.<|code|>"
TEXT = '''\
def total(numbers):
    """The sum.

    >>> total([1, 2, 3])
    6
    >>> total([])
    0
    """
    ...
'''
LOOP_CODE = "\n    result = 0\n    for n in numbers:\n        result += n\n    return result<|end|>"
PLANS = (
    (r"<\|plan\|>$", [WRONG, SUM, LOOP]),
    (r"built-in sum\.<\|code\|>$", "\n    return sum(numbers)<|end|>"),
    (r"to a result\.<\|code\|>$", LOOP_CODE),
    (r"Give zero\.<\|code\|>$", "\n    return 0<|end|>"),
)
URI = "file:///shop/cart.py"


# showPlans


def test_every_sampled_plan_is_shown_with_its_record_and_its_code(ready):
    client = ready(*PLANS)
    buffer = client.open(URI, TEXT)

    result = client.command("showPlans", client.place(buffer, "total"))

    assert buffer.text == TEXT
    assert client.edits == []
    assert result["message"] == "total: 3 plans"
    records = {tuple(p["steps"]): (p["outcome"], p["passed"], p["total"]) for p in result["plans"]}
    assert records == {
        ("Use the built-in sum.",): ("passed", 2, 2),
        ("Go over the numbers.", "Add each one to a result."): ("passed", 2, 2),
        ("Give zero.",): ("failed", 1, 2),
    }
    last = result["plans"][-1]
    assert last["steps"] == ["Give zero."]
    assert last["code"] == "    return 0"
    assert last["verdict"] == "passed 1 of 2 of your examples"
    assert result["version"] == buffer.version
    buffer.apply(last["edits"])
    assert buffer.text == TEXT.replace("    ...\n", "    return 0\n")


def test_show_plans_can_be_cancelled(ready):
    client = ready((r"<\|plan\|>$", SUM, 100.0))
    buffer = client.open(URI, TEXT)
    number = client.begin_command("showPlans", client.place(buffer, "total"))
    client.wait_progress("sampling")

    client.notify("$/cancelRequest", {"id": number})

    assert client.answer(number, 3.0)["error"]["code"] == -32800


def test_show_plans_outside_of_functions_is_an_error_in_words(ready):
    client = ready(*PLANS)
    client.open(URI, "x = 1\n" + TEXT)

    result = client.command("showPlans", {"uri": URI, "position": {"line": 0, "character": 0}})

    assert result["outcome"] == "error"


# codeFromPlan


def test_code_is_written_from_a_given_plan(ready):
    client = ready(*PLANS)
    buffer = client.open(URI, TEXT)
    place = client.place(buffer, "total")

    result = client.command("codeFromPlan", {**place, "plan": ["Use  the\nbuilt-in sum.", " "]})

    assert result["plan"] == ["Use the built-in sum."]
    assert result["applied"] is True
    assert buffer.text == TEXT.replace("    ...\n", "    return sum(numbers)\n")


def test_code_is_written_from_the_plan_in_a_comment(ready):
    client = ready(*PLANS)
    comment = "    # Plan:\n    # 1. Use the built-in sum.\n"
    buffer = client.open(URI, TEXT.replace("    ...\n", f"{comment}    ...\n"))

    result = client.command("codeFromPlan", client.place(buffer, "total"))

    assert result["applied"] is True
    assert buffer.text == TEXT.replace("    ...\n", f"{comment}    return sum(numbers)\n")


def test_without_any_plan_code_from_plan_says_what_to_do(ready):
    client = ready(*PLANS)
    buffer = client.open(URI, TEXT)

    result = client.command("codeFromPlan", client.place(buffer, "total"))

    assert result["outcome"] == "error"
    assert '"# Plan:"' in result["message"]


@pytest.mark.parametrize("plan", ["one step", [1], [], ["  "], {"steps": []}])
def test_a_plan_that_is_none_is_invalid_params(ready, plan):
    client = ready(*PLANS)
    buffer = client.open(URI, TEXT)
    place = client.place(buffer, "total")

    response = client.answer(client.begin_command("codeFromPlan", {**place, "plan": plan}))

    assert response["error"]["code"] == -32602


# nextCandidate


def test_the_next_verified_candidate_takes_the_place_of_the_inserted_one(ready):
    # The first verdict that passes ends a search, so a second verified candidate is found only
    # where the first is a recital of the examples, which is passed over.
    recital = (
        "\n    return {str([1, 2, 3]): 6, str([]): 0}[str(numbers)]"
        " if numbers in ([1, 2, 3], []) else 0<|end|>"
    )
    client = ready((r"<\|plan\|>$", [SUM, LOOP]), (r"<\|code\|>$", [recital, LOOP_CODE]))
    buffer = client.open(URI, TEXT)
    place = client.place(buffer, "total")
    first = client.command("planThenCode", place)
    assert "result += n" in buffer.text

    second = client.command("nextCandidate", place)

    assert (first["applied"], second["applied"]) == (True, True)
    assert "if numbers in ([1, 2, 3], []) else 0" in buffer.text
    assert "result += n" not in buffer.text
    assert second["outcome"] == "passed"

    client.command("nextCandidate", place)
    assert buffer.text == TEXT.replace("    ...\n", LOOP_CODE[1:-7] + "\n")


def test_next_candidate_without_an_inserted_one_says_what_to_do(ready):
    client = ready(*PLANS)
    buffer = client.open(URI, TEXT)

    result = client.command("nextCandidate", client.place(buffer, "total"))

    assert result["outcome"] == "error"
    assert "run Plan then code first" in result["message"]


def test_next_candidate_after_an_edit_of_the_function_is_refused(ready):
    client = ready(*PLANS)
    buffer = client.open(URI, TEXT)
    client.command("planThenCode", client.place(buffer, "total"))

    client.replace(buffer, "return sum", "return 1 + sum")
    result = client.command("nextCandidate", client.place(buffer, "total"))

    assert result["outcome"] == "error"
    assert "was edited since" in result["message"]


def test_next_candidate_says_when_there_is_no_other(ready):
    client = ready(*PLANS)
    buffer = client.open(URI, TEXT)
    client.command("planThenCode", client.place(buffer, "total"))
    before = buffer.text

    result = client.command("nextCandidate", client.place(buffer, "total"))

    assert "no other verified candidate" in result["message"]
    assert buffer.text == before


# planThenCode, showPlans, repair


@pytest.mark.parametrize("name", ["planThenCode", "showPlans", "repair"])
def test_a_file_that_is_broken_elsewhere_is_told_before_anything_is_generated(ready, name):
    client = ready(*PLANS)
    body = "return 0" if name == "repair" else "..."
    text = TEXT.replace("...", body) + "\n\ndef unfinished(:\n    ...\n"
    buffer = client.open(URI, text)

    result = client.command(name, client.place(buffer, "total"))

    assert result["outcome"] == "error"
    assert "total: the file doesn't parse at line 12 (" in client.messages(1)[-1]
    assert "mend that first" in result["message"]
    assert "report" not in [value["kind"] for value in client.progress()]
    assert buffer.text == text


# status


def test_the_status_tells_what_the_server_holds(ready):
    client = ready((".", "x"))
    client.open(URI, TEXT + "# 🎉\n")

    status = client.status()

    text = TEXT + "# 🎉\n"
    assert status["documents"] == [
        {
            "uri": URI,
            "version": 1,
            "length": len(text),
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
        }
    ]
    assert status["process"] == client.process.pid
    assert status["positionEncoding"] == "utf-16"
    assert status["backend"]["kind"] == "scripted"
    assert status["works"] == []
    assert os.path.exists(status["backend"]["model"])
    assert (status["backend"]["name"], status["backend"]["device"]) == ("", "")


def test_the_status_tells_the_model_and_its_device_after_a_search(ready):
    client = ready(*PLANS)
    buffer = client.open(URI, TEXT)

    client.command("planThenCode", client.place(buffer, "total"))

    backend = client.status()["backend"]
    assert (backend["name"], backend["device"]) == ("scripted", "no device")


# solveFile

FILE = (
    TEXT
    + '''

class Cart:
    def size(self):
        """
        >>> Cart().size()
        0
        """
        pass

    def name(self):
        """
        >>> Cart().name()
        'cart'
        """
        pass


def done():
    return 1
'''
)
FILE_RULES = (
    (r"<\|plan\|>$", "\n1. x<|code|>"),
    (r"def total.*<\|code\|>$", "\n    return sum(numbers)<|end|>"),
    (r"<\|code\|>$", "\n    return 0<|end|>"),
)


def test_a_file_is_solved_function_by_function_and_only_verified_code_inserted(ready):
    client = ready(*FILE_RULES)
    buffer = client.open(URI, FILE)

    result = client.command("solveFile", {"uri": URI})

    assert (result["outcome"], result["written"], result["total"]) == ("failed", 2, 3)
    assert [(f["function"], f["outcome"], f["applied"]) for f in result["functions"]] == [
        ("total", "passed", True),
        ("Cart.size", "passed", True),
        ("Cart.name", "failed", False),
    ]
    expected = FILE.replace("    ...\n", "    return sum(numbers)\n")
    assert buffer.text == expected.replace("        pass\n", "        return 0\n", 1)
    assert client.messages() == ["wrote 2 of 3 functions"]
    assert [r["method"] for r in client.requests].count("window/showMessageRequest") == 0


def test_solving_a_file_can_be_cancelled_and_keeps_what_is_written(ready):
    client = ready((r"def size.*<\|plan\|>$", "\n1. x<|code|>", 100.0), *FILE_RULES)
    buffer = client.open(URI, FILE)
    number = client.begin_command("solveFile", {"uri": URI})
    client.wait(lambda: client.edits, 20.0, "the first edit")

    client.command("cancel", {"uri": URI})

    result = client.answer(number, 3.0)["result"]
    assert (result["outcome"], result["written"]) == ("cancelled", 1)
    assert buffer.text == FILE.replace("    ...\n", "    return sum(numbers)\n")


def test_a_file_that_is_closed_meanwhile_is_left_alone(ready):
    client = ready((r"<\|plan\|>$", "\n1. x<|code|>", 0.2), *FILE_RULES)
    buffer = client.open(URI, FILE)
    number = client.begin_command("solveFile", {"uri": URI})
    client.wait_progress("plan 1 of 3")

    client.close(buffer)

    result = client.answer(number)["result"]
    assert result["written"] == 0
    assert result["outcome"] == "error"
    assert "was closed" in result["message"]
    assert client.edits == []


def test_a_file_without_functions_to_write_is_done(ready):
    client = ready(*FILE_RULES)
    client.open(URI, "x = 1\n")

    result = client.command("solveFile", {"uri": URI})

    assert (result["outcome"], result["written"], result["total"]) == ("passed", 0, 0)
