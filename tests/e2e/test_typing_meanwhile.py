"""The user goes on typing while code is generated: the right edit or none, never a wrong one."""

from __future__ import annotations

import pytest

PLAN = "\n1. Add the numbers up.<|code|>"
GOOD = "\n    return sum(numbers)<|end|>"
TEXT = '''\
"""Shop."""


def total(numbers):
    """The sum.

    >>> total([1, 2, 3])
    6
    """
    ...


def other():
    return 1
'''
SLOW = ((r"<\|plan\|>$", PLAN, 0.15), (r"<\|code\|>$", GOOD, 0.15))
URI = "file:///shop/cart.py"


def run_while(client, change, text=TEXT, needle="total"):
    """Begin the command, change the document in mid-generation; (the command's value, document)."""
    buffer = client.open(URI, text)
    number = client.begin_command("planThenCode", client.place(buffer, needle))
    client.wait_progress("plan 1 of 3")
    change(buffer)
    return client.answer(number)["result"], buffer


def test_typing_above_the_function_moves_the_edit(ready):
    client = ready(*SLOW)

    result, buffer = run_while(
        client, lambda b: client.replace(b, '"""Shop."""', '"""Shop."""\n\nX = "🎉"\nimport os')
    )

    expected = TEXT.replace("    ...\n", "    return sum(numbers)\n")
    assert buffer.text == expected.replace('"""Shop."""', '"""Shop."""\n\nX = "🎉"\nimport os')
    assert result["applied"] is True
    assert client.edits[-1]["edit"]["documentChanges"][0]["textDocument"]["version"] == 2


def test_typing_below_the_function_changes_nothing_about_the_edit(ready):
    client = ready(*SLOW)

    result, buffer = run_while(client, lambda b: client.replace(b, "return 1", "return (1"))

    assert result["applied"] is True
    expected = TEXT.replace("    ...\n", "    return sum(numbers)\n")
    assert buffer.text == expected.replace("return 1", "return (1")


def test_the_function_is_found_where_it_was_moved_to(ready):
    client = ready(*SLOW)
    function = TEXT[TEXT.index("def total") : TEXT.index("def other")]

    def move(buffer):
        client.replace(buffer, function, "")
        client.replace(buffer, "    return 1\n", "    return 1\n\n\n" + function)

    result, buffer = run_while(client, move)

    assert result["applied"] is True
    assert buffer.text.index("def other") < buffer.text.index("    return sum(numbers)\n")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("The sum.", "The sum of all.", "was changed meanwhile"),
        ("    6\n", "    7\n", "was changed meanwhile"),
        ("    ...\n", "    return 5\n", "was changed meanwhile"),
        ("def total(numbers)", "def total(numbers, start)", "was changed meanwhile"),
        ("def total(", "@cache\ndef total(", "was changed meanwhile"),
        ("def total(", "def sum_of(", "no longer in the file"),
    ],
)
def test_a_function_that_was_changed_is_left_alone(ready, old, new, words):
    client = ready(*SLOW)

    result, buffer = run_while(client, lambda b: client.replace(b, old, new))

    assert buffer.text == TEXT.replace(old, new, 1)
    assert client.edits == []
    assert result["applied"] is False
    assert words in result["message"]
    assert any(words in message for message in client.messages(2))


def test_a_function_that_was_deleted_is_left_alone(ready):
    client = ready(*SLOW)
    function = TEXT[TEXT.index("def total") : TEXT.index("def other")]

    result, buffer = run_while(client, lambda b: client.replace(b, function, ""))

    assert buffer.text == TEXT.replace(function, "")
    assert client.edits == []
    assert "no longer in the file" in result["message"]


def test_a_file_that_was_closed_is_left_alone(ready):
    client = ready(*SLOW)

    result, _ = run_while(client, client.close)

    assert client.edits == []
    assert "was closed" in result["message"]


def test_a_file_that_was_closed_and_opened_again_unchanged_gets_its_edit(ready):
    client = ready(*SLOW)

    def reopen(buffer):
        client.close(buffer)
        client.open(URI, TEXT)

    result, _ = run_while(client, reopen)

    assert result["applied"] is True
    expected = TEXT.replace("    ...\n", "    return sum(numbers)\n")
    assert client.buffers[URI].text == expected


def test_an_assert_elsewhere_that_checks_the_function_counts_as_its_example(ready):
    client = ready(*SLOW)
    text = TEXT + "\n\nassert total([4]) == 4\n"

    result, buffer = run_while(
        client, lambda b: client.replace(b, "total([4]) == 4", "total([4]) == 5"), text
    )

    assert "examples of total were changed" in result["message"]
    assert buffer.text == text.replace("== 4", "== 5")


def test_of_two_functions_with_one_name_the_right_one_is_written(ready):
    client = ready(*SLOW)
    twin = TEXT.replace('"""Shop."""', "if True:\n    pass")
    text = TEXT + "\n\n" + twin
    second = text.rindex("def total")
    buffer = client.open(URI, text)
    number = client.begin_command("planThenCode", {"uri": URI, "position": buffer.position(second)})
    client.wait_progress("plan 1 of 3")

    client.replace(buffer, '"""Shop."""', '"""A shop."""')
    client.answer(number)

    assert buffer.text.count("return sum(numbers)") == 1
    assert buffer.text.index("return sum(numbers)") > buffer.text.rindex("def total")


def test_the_position_counts_in_the_text_that_the_client_had_when_it_asked(ready):
    client = ready((r"def total.*<\|plan\|>$", PLAN), (r"def total.*<\|code\|>$", GOOD))
    buffer = client.open(URI, TEXT)

    # The command and the change behind it may well arrive together.
    number = client.begin_command("planThenCode", client.place(buffer, "total"))
    client.replace(buffer, '"""Shop."""', "def first():\n    ...\n" * 5)

    assert client.answer(number)["result"]["function"] == "total"
    assert "return sum(numbers)" in buffer.text


def test_a_change_that_crosses_the_edit_on_its_way_is_not_overwritten(ready):
    client = ready(*SLOW)
    buffer = client.open(URI, TEXT)
    apply = client.apply_edit
    tries = []

    def type_first(params):
        if not tries:
            client.replace(buffer, '"""Shop."""', '"""A shop."""')
        tries.append(params)
        return apply(params)

    client.answers["workspace/applyEdit"] = type_first
    result = client.command("planThenCode", client.place(buffer, "total"))

    assert len(tries) == 2
    assert result["applied"] is True
    expected = TEXT.replace("    ...\n", "    return sum(numbers)\n")
    assert buffer.text == expected.replace("Shop.", "A shop.")
