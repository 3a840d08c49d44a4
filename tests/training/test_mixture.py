"""Mixtures: which plans they show, and texts that ask for the value of a call."""

from __future__ import annotations

import random

import pytest

from codeplan_model.prompts import codeplan1
from codeplan_training import mixture, render
from codeplan_training.problems import Check, Problem, Solution

STEPS = ("Split it at spaces.", "Drop short words.", "Count the others.")
PROBLEM = Problem(
    "t/f",
    "written",
    "Apache-2.0",
    "long_words",
    "def long_words(text: str) -> int:",
    (),
    ("Count the words of more than three letters.",),
    (
        Check("long_words('a long word')", "2"),
        Check("long_words('')", "0"),
        Check("long_words(None)", "raises AttributeError"),
        Check("assert long_words('a') == 0", "", "assert"),
    ),
    (
        Solution(STEPS, "    return len([w for w in text.split() if len(w) > 3])"),
        Solution(("Add one for each.",), "    return sum(len(w) > 3 for w in text.split())"),
    ),
)
PROGRAM = Problem(
    "t/p",
    "apps",
    "MIT",
    "solution",
    "def solution():",
    (),
    ("Print one.",),
    (Check("", "1", "stdin"),),
    (Solution((), "    print(1)"),),
    form="program",
)


def rendered(plans: str, exercises: int = 40) -> list[render.Sample]:
    chosen = mixture.Mixture(exercises, 60, seed=4, plans=plans)
    return mixture.problem_samples([PROBLEM], chosen, frozenset())


def plan_of(sample: render.Sample) -> tuple[str, ...]:
    plan, code, _ = sample.completion.partition(codeplan1.CODE)
    return codeplan1.parse_plan(plan).steps if code else ()


def test_joined_plans_have_two_steps_and_every_word():
    written, joined = rendered("all"), rendered("joined")

    assert any(len(plan_of(sample)) > 2 for sample in written)
    for before, after in zip(written, joined, strict=True):
        assert len(plan_of(after)) == min(2, len(plan_of(before)))
        assert " ".join(plan_of(before)) == " ".join(plan_of(after))


def test_ends_of_plans_are_their_first_and_last_step():
    for before, after in zip(rendered("all"), rendered("ends"), strict=True):
        steps = plan_of(before)
        assert plan_of(after) == (steps if len(steps) < 3 else (steps[0], steps[-1]))


def test_without_plans_every_rendering_goes_from_problem_to_code():
    assert not any(plan_of(sample) for sample in rendered("none"))
    assert all(sample.prompt.endswith(codeplan1.CODE) for sample in rendered("none"))


def test_the_first_solution_alone():
    first = [sample for sample in rendered("first") if "long_words" in sample.prompt]

    assert all("len([w for w" in sample.completion for sample in first)
    assert {plan_of(sample) for sample in first} <= {(), STEPS}


def test_unknown_plans_are_an_error_in_words():
    with pytest.raises(ValueError, match="unknown plans 'short': one of all, first"):
        rendered("short")


def test_executions_ask_for_the_value_of_each_example_once_a_solution():
    samples = mixture.execution_samples([PROBLEM, PROGRAM], 100, seed=1)

    assert len(samples) == len(set(samples)) == 4  # two values, two solutions
    assert (
        render.Sample(
            "def long_words(text: str) -> int:\n"
            "    return sum(len(w) > 3 for w in text.split())\n\n"
            ">>> long_words('')\n",
            "0<|end|>",
        )
        in samples
    )
    for sample in samples:
        names: dict = {}
        source, _, call = sample.prompt.partition("\n>>> ")
        exec(source, names)
        assert repr(eval(call, names)) + codeplan1.END == sample.completion


def test_executions_are_at_most_so_many_and_follow_the_seed():
    few = mixture.execution_samples([PROBLEM], 2, seed=1)

    assert len(few) == 2
    assert few == mixture.execution_samples([PROBLEM], 2, seed=1)
    assert mixture.execution_samples([PROBLEM], 0, seed=1) == []


def test_a_seed_gives_the_renderings_that_it_always_gave():
    rng = random.Random(4)
    expected = [render.sample(PROBLEM, rng) for _ in range(5)]
    chosen = mixture.Mixture(5, 0, seed=4, executions=3)
    rng.shuffle(expected)

    assert mixture.problem_samples([PROBLEM], chosen, frozenset()) == expected
