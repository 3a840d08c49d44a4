"""Rendering: training sees what inference will show, in the variety that users bring."""

from __future__ import annotations

import random

import pytest

from codeplan_model.extract import task_named
from codeplan_model.prompts import codeplan1
from codeplan_training import render
from codeplan_training.problems import Check, Problem, Solution

PROBLEM = Problem(
    "t/f",
    "written",
    "Apache-2.0",
    "count_big",
    "def count_big(values: list[int], limit: int = 3) -> int:",
    (),
    ("Count the values above limit.", "How many values exceed limit?"),
    (
        Check("count_big([1, 5], 3)", "1"),
        Check("count_big([])", "0"),
        Check("count_big(None)", "raises TypeError"),
    ),
    (Solution(("Count the values above limit.",), "    return sum(v > limit for v in values)"),),
)
PLAIN = render.Variation(1.0, 0, 0, 0, 0, 0, 0)


def test_the_training_prompt_is_the_inference_prompt_of_the_same_function():
    sample = render.sample(PROBLEM, random.Random(2), PLAIN)
    file = sample.prompt.removesuffix(codeplan1.PLAN) + "    ...\n"

    task = task_named(file, "count_big")

    assert codeplan1.plan_prompt(task) == sample.prompt


def test_a_sample_with_a_plan_trains_both_tasks_in_one_text():
    sample = render.sample(PROBLEM, random.Random(1), PLAIN)

    assert sample.prompt.endswith(codeplan1.PLAN)
    assert sample.completion == (
        "\n1. Count the values above limit.<|code|>"
        "\n    return sum(v > limit for v in values)<|end|>"
    )


def test_a_sample_without_a_plan_goes_from_problem_to_code():
    variation = render.Variation(0.0, 0, 0, 0, 0, 0, 0)

    sample = render.sample(PROBLEM, random.Random(1), variation)

    assert sample.prompt.endswith(codeplan1.CODE)
    assert sample.completion.endswith(codeplan1.END)
    assert codeplan1.PLAN not in sample.prompt + sample.completion


def test_renaming_an_argument_renames_it_everywhere():
    renamed, solution = render.rename_argument(PROBLEM, PROBLEM.solutions[0], random.Random(5))

    namespace: dict = {}
    exec(renamed.signature + "\n" + solution.code, namespace)
    assert renamed.signature != PROBLEM.signature
    assert namespace["count_big"]([1, 5], 3) == 1


def test_an_argument_that_may_be_data_is_not_renamed():
    tricky = Problem(
        "t/g",
        "written",
        "Apache-2.0",
        "g",
        "def g(name):",
        (),
        ("Greet name.",),
        (Check("g('a')", "'a'"),),
        (Solution(("S.",), "    return {'name': 1}[name]"),),
    )

    for seed in range(20):
        assert render.rename_argument(tricky, tricky.solutions[0], random.Random(seed))[0] is tricky


@pytest.mark.parametrize(
    ("signature", "expected"),
    [
        (
            "def f(a: int, b: str = 'x', *c: int, d: bool = True, **e: int) -> int:",
            "def f(a, b='x', *c, d=True, **e):",
        ),
        ("def f():", "def f():"),
        ("def f(:", "def f(:"),
    ],
)
def test_hints_are_stripped_and_nothing_else(signature, expected):
    assert render.strip_hints(signature) == expected


def test_the_same_seed_renders_the_same():
    assert render.sample(PROBLEM, random.Random(9)) == render.sample(PROBLEM, random.Random(9))


def test_an_expected_exception_is_shown_as_a_traceback():
    assert render.doctest_lines(PROBLEM.examples[2]).endswith("...\nTypeError")
    assert render.assert_line(PROBLEM.examples[2]) is None
