"""The prompt format of our own models."""

from __future__ import annotations

import pytest

from codeplan_model.extract import task_named
from codeplan_model.prompts import UnknownFormat, codeplan1, format_named
from codeplan_model.values import Plan

SOURCE = '''
class Cart:
    @property
    def total(self) -> float:
        """Sum of the
        prices.

        >>> Cart([1]).total
        1
        """
        pass

assert Cart([2]).total == 2
'''


def total():
    return task_named(SOURCE, "Cart.total")


def test_a_plan_prompt_holds_header_docstring_and_checks_and_ends_with_the_marker():
    assert codeplan1.plan_prompt(total()) == (
        "def total(self) -> float:\n"
        '    """Sum of the prices.\n'
        "\n"
        "    >>> Cart([1]).total\n"
        "    1\n"
        "\n"
        "    assert Cart([2]).total == 2\n"
        '    """\n'
        "<|plan|>"
    )


def test_a_sampled_plan_is_continued_by_its_code_word_for_word():
    sampled = "\n1. Add the prices.\n2. Return the sum."

    plan = codeplan1.parse_plan(sampled)

    assert codeplan1.code_prompt(total(), plan) == (
        codeplan1.plan_prompt(total()) + sampled + codeplan1.CODE
    )


@pytest.mark.parametrize(
    ("text", "steps", "problems"),
    [
        ("\n1. A.\n2. B.", ("A.", "B."), 0),
        ("\n1) A.\n   more of A\n2) B.", ("A. more of A", "B."), 0),
        ("", (), 1),
        ("\nchatter\n1. A.", ("A.",), 1),
        ("\n1.\n2. B.", ("B.",), 0),
    ],
)
def test_plans_are_read_tolerantly_and_what_is_odd_is_said(text, steps, problems):
    plan = codeplan1.parse_plan(text)

    assert plan.steps == steps
    assert len(plan.problems) == problems


def test_a_cut_plan_and_cut_code_say_so():
    assert codeplan1.parse_plan("\n1. A", finished=False).problems
    assert codeplan1.parse_code("\n    return 1", total(), finished=False).problems


def test_code_is_read_in_canonical_form():
    candidate = codeplan1.parse_code("\n    x = 1  \n    return x\n", total(), Plan(("A",)))

    assert candidate.completion == "    x = 1\n    return x"
    assert candidate.plan == Plan(("A",))
    assert not candidate.problems


def test_empty_code_is_a_problem_not_an_exception():
    assert codeplan1.parse_code("\n", total()).problems == ("no code",)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("One two\nthree.", "One two three."),
        ("One.\n\n>>> f(1)\n2\n>>> f(2)\n3", "One.\n\n>>> f(1)\n2\n>>> f(2)\n3"),
        ("One.\n\nArgs:\n    x: a\n        number", "One.\n\nArgs:\n    x: a\n        number"),
        ("Do:\n- a\n- b", "Do:\n- a\n- b"),
        ("One\ntwo.\n\nThree\nfour.", "One two.\n\nThree four."),
    ],
)
def test_only_plain_paragraphs_are_joined(written, shown):
    assert codeplan1.reflow(written) == shown


def test_a_very_long_docstring_is_cut_at_a_line():
    text = codeplan1.problem(
        "def f():", "Words.\n\n" + "\n".join(f">>> f({i})" for i in range(999))
    )

    assert len(text) < codeplan1.MAX_DOCSTRING * 2
    assert text.endswith('    """\n')
    assert all(
        line.strip().startswith((">>> f(", '"""', "def", "Words")) or not line.strip()
        for line in text.splitlines()
    )


def test_quotes_in_a_docstring_can_not_end_the_prompts_docstring():
    assert codeplan1.problem("def f():", 'Say """hi""" now.').count('"""') == 2


def test_an_unknown_format_says_what_to_do():
    with pytest.raises(UnknownFormat, match="update codeplan"):
        format_named("codeplan-99")
