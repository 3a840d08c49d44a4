"""Whether the rest of a file parses, told before anything is generated."""

from __future__ import annotations

import pytest

from codeplan_model.extract import broken_elsewhere, task_named

WAITING = "def total(numbers):\n    ...\n"
WRITTEN_BADLY = "def total(numbers):\n    return (\n"


@pytest.mark.parametrize("text", [WAITING, "\ufeff" + WAITING, WRITTEN_BADLY, WAITING + "'\\d'\n"])
def test_nothing_is_said_of_a_file_that_parses_but_for_the_body(text: str) -> None:
    assert broken_elsewhere(task_named(text, "total")) == ""


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (WAITING + "x = = 1\n", "at line 3"),
        ("x = = 1\n" + WAITING, "at line 1"),
        ('def total(numbers):\n    """The sum."""\n\n\nx = = 1\n', "at line 5"),
    ],
    ids=["behind", "before", "behind a body that is added"],
)
def test_the_line_is_the_one_of_the_file_as_it_stands(text: str, where: str) -> None:
    assert broken_elsewhere(task_named(text, "total")).startswith(f"doesn't parse {where} (")


def test_lines_are_told_as_they_are_shown() -> None:
    task = task_named(WAITING + "if numbers:\nx = 1\n", "total")

    words = broken_elsewhere(task, lambda line: line + 100)

    assert "doesn't parse at line 104" in words
    assert "on line 103" in words


def test_a_file_that_holds_a_nul_is_told_without_a_line() -> None:
    assert broken_elsewhere(task_named(WAITING + "x = '\0'\n", "total")).startswith("doesn't parse")
