"""The user goes on typing while code is generated: the right edit or none, never a wrong one."""

from __future__ import annotations

import pytest
from lsp_editors import PROFILES, capabilities

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
WRITTEN = TEXT.replace("    ...\n", "    return sum(numbers)\n")
FUNCTION = TEXT[TEXT.index("def total") : TEXT.index("def other")]
URI = "file:///shop/cart.py"
# Seconds that a plan takes. Where a busy machine could not change the text before the edit came,
# it is tried again with the next.
SLOWNESS = (0.15, 2.0, 30.0)


@pytest.fixture
def typing(ready):
    """typing(change): the command, and `change` made in mid-generation; (client, value, document).

    change(client, document): what the user does. where(document): the command's position.
    """

    def run(change, text=TEXT, where=lambda buffer: buffer.of("total"), can=None):
        for seconds in SLOWNESS:
            rules = ((r"<\|plan\|>$", PLAN, seconds), (r"<\|code\|>$", GOOD, seconds))
            client = ready(*rules, capabilities=can, encoding="")
            buffer = client.open(URI, text)
            place = {"uri": URI, "position": where(buffer)}
            # With a token of its own a client is told of the progress, whatever else it can.
            number = client.begin_command("planThenCode", place, workDoneToken=f"{seconds} s")
            client.wait_progress(r"sampling|\d of 3")
            with client.typing:  # no edit is applied while this is held
                in_time = number not in client.responses and not client.applied
                if in_time:
                    change(client, buffer)
            result = client.answer(number)["result"]
            if in_time:
                return client, result, buffer
            client.reset()
        raise AssertionError("the machine was too slow to type in time")

    return run


# The five ways, in every editor: above the function, in its docstring, in its body, deleting it,
# closing the file.


@pytest.mark.parametrize("profile", PROFILES)
def test_typing_above_the_function_moves_the_edit(typing, profile):
    can = capabilities(profile)
    above = '"""Shop."""\n\nX = "🎉"\nimport os'

    client, result, buffer = typing(
        lambda client, b: client.replace(b, '"""Shop."""', above), can=can
    )

    edits = bool(can)
    assert (result["outcome"], result["applied"]) == ("passed", edits)
    expected = WRITTEN if edits else TEXT
    assert buffer.text == expected.replace('"""Shop."""', above)
    for params in client.applied:
        for change in params["edit"].get("documentChanges", ()):
            assert change["textDocument"]["version"] == 2


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("The sum.", "The sum of all.", "was changed meanwhile"),
        ("    ...\n", "    return 5\n", "was changed meanwhile"),
        (FUNCTION, "", "no longer in the file"),
    ],
    ids=["in its docstring", "in its body", "deleting it"],
)
def test_a_function_that_was_changed_or_deleted_is_left_alone(typing, profile, old, new, words):
    client, result, buffer = typing(
        lambda client, b: client.replace(b, old, new), can=capabilities(profile)
    )

    assert buffer.text == TEXT.replace(old, new, 1)
    assert client.applied == []
    assert result["applied"] is False
    assert words in result["message"]
    assert any(words in message for message in client.messages(2))


@pytest.mark.parametrize("profile", PROFILES)
def test_a_file_that_was_closed_is_left_alone(typing, profile):
    client, result, _ = typing(lambda client, b: client.close(b), can=capabilities(profile))

    assert client.applied == []
    assert result["applied"] is False
    assert "was closed" in result["message"]


# Others


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("    6\n", "    7\n", "was changed meanwhile"),
        ("def total(numbers)", "def total(numbers, start)", "was changed meanwhile"),
        ("def total(", "@cache\ndef total(", "was changed meanwhile"),
        ("def total(", "def sum_of(", "no longer in the file"),
    ],
    ids=["an example", "a parameter", "a decorator", "its name"],
)
def test_every_change_of_the_function_counts(typing, old, new, words):
    client, result, buffer = typing(lambda client, b: client.replace(b, old, new))

    assert buffer.text == TEXT.replace(old, new, 1)
    assert client.applied == []
    assert words in result["message"]


def test_typing_below_the_function_changes_nothing_about_the_edit(typing):
    _, result, buffer = typing(lambda client, b: client.replace(b, "return 1", "return (1"))

    assert result["applied"] is True
    assert buffer.text == WRITTEN.replace("return 1", "return (1")


def test_the_function_is_found_where_it_was_moved_to(typing):
    def move(client, buffer):
        client.replace(buffer, FUNCTION, "")
        client.replace(buffer, "    return 1\n", "    return 1\n\n\n" + FUNCTION)

    _, result, buffer = typing(move)

    assert result["applied"] is True
    assert buffer.text.index("def other") < buffer.text.index("    return sum(numbers)\n")


def test_a_file_that_was_closed_and_opened_again_unchanged_gets_its_edit(typing):
    def reopen(client, buffer):
        client.close(buffer)
        client.open(URI, TEXT)

    client, result, _ = typing(reopen)

    assert result["applied"] is True
    assert client.buffers[URI].text == WRITTEN


def test_an_assert_elsewhere_that_checks_the_function_counts_as_its_example(typing):
    text = TEXT + "\n\nassert total([4]) == 4\n"

    _, result, buffer = typing(
        lambda client, b: client.replace(b, "total([4]) == 4", "total([4]) == 5"), text
    )

    assert "examples of total were changed" in result["message"]
    assert buffer.text == text.replace("== 4", "== 5")


def test_of_two_functions_with_one_name_the_right_one_is_written(typing):
    text = TEXT + "\n\n" + TEXT.replace('"""Shop."""', "if True:\n    pass")

    _, _, buffer = typing(
        lambda client, b: client.replace(b, '"""Shop."""', '"""A shop."""'),
        text,
        where=lambda b: b.position(text.rindex("def total")),
    )

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
    client = ready((r"<\|plan\|>$", PLAN), (r"<\|code\|>$", GOOD))
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
    assert buffer.text == WRITTEN.replace("Shop.", "A shop.")
