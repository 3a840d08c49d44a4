"""The compositional generator: every problem is right, splits are disjoint, draws repeat."""

from __future__ import annotations

from itertools import combinations

import pytest

from codeplan_training.compose import generate


def outcome(problem: dict, code: str, call: str) -> str:
    scope: dict = {}
    exec("\n".join([*problem["imports"], problem["signature"], code]), scope)
    try:
        return repr(eval(call, scope))
    except ValueError:
        return "raises ValueError"


def test_every_code_passes_every_example_of_its_problem() -> None:
    for problem in generate(11, 1500):
        for plan in problem["plans"]:
            for example in problem["examples"]:
                got = outcome(problem, plan["code"], example["call"])

                assert got == example["want"], (problem["signature"], plan["code"], example)


def test_every_problem_has_the_keys_of_the_exercises_and_useful_examples() -> None:
    for problem in generate(12, 500):
        assert {
            "id", "entry_point", "imports", "signature", "doc", "alt", "examples", "plans", "ops",
        } <= set(problem)  # fmt: skip
        assert problem["signature"].startswith(f"def {problem['entry_point']}(")
        assert 2 <= len(problem["examples"]) <= 5
        assert len({example["want"] for example in problem["examples"]}) > 1
        assert problem["plans"]
        assert all(plan["steps"] for plan in problem["plans"])


def test_the_same_seed_gives_the_same_problems_and_another_seed_others() -> None:
    first = list(generate(3, 60))

    assert first == list(generate(3, 60))
    assert first != list(generate(4, 60))


def test_pairs_of_operations_in_heldout_never_occur_together_in_train() -> None:
    def pairs(split: str, count: int) -> list[set]:
        made = generate(5, count, split=split)
        return [set(combinations(sorted(p["ops"]), 2)) for p in made]

    train = set().union(*pairs("train", 2500))
    for held in pairs("heldout", 150):
        assert not held <= train


def test_ten_thousand_problems_are_almost_all_distinct() -> None:
    problems = list(generate(6, 10_000))

    assert len({(p["doc"], p["signature"]) for p in problems}) > 9_500


def test_an_unknown_split_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown split"):
        next(generate(1, 1, split="test"))
