"""Evaluation keeps hidden checks hidden and counts only what is right."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from codeplan_model.backends.scripted import Rule, ScriptedBackend
from codeplan_model.memory import Store
from codeplan_model.prompts import codeplan1
from codeplan_model.sandbox import Sandbox
from codeplan_model.values import Candidate
from codeplan_training import eval_memory, eval_tasks, evaluate, neighbours, problems
from codeplan_training.cli_evaluate import spread
from codeplan_training.problems import Check, Problem, Solution

DATA = Path(__file__).parents[2] / "training" / "data"
PROBLEM = Problem(
    "t/f",
    "written",
    "Apache-2.0",
    "double",
    "def double(x: int) -> int:",
    (),
    ("Return twice x.",),
    (
        Check("double(2)", "4"),
        Check("double(0)", "0"),
        Check("double(3)", "6"),
        Check("double(None)", "raises TypeError"),
    ),
    (Solution(("S.",), "    return x * 2"),),
)


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as made:
        yield made


def test_the_prompt_shows_the_visible_examples_only():
    task = eval_tasks.exercise_task(PROBLEM)

    prompt = codeplan1.plan_prompt(task.visible)

    assert "double(2)" in prompt
    assert "double(3)" not in prompt
    assert [e.source.strip() for e in task.hidden.examples] == ["double(3)", "double(None)"]


def test_passing_the_visible_examples_is_not_enough(sandbox, tmp_path):
    task = eval_tasks.exercise_task(PROBLEM)
    # x * x passes the two visible examples and fails a hidden one.
    cheat = ScriptedBackend([Rule("", ("\n    return x * x",))])
    right = ScriptedBackend([Rule("", ("\n    return x + x",))])

    def scores(backend, name):
        settings = evaluate.Settings(n=2)
        records = evaluate.evaluate(
            [task], backend, sandbox, settings, ["greedy", "direct", "oracle"], tmp_path / name
        )
        return set(next(iter(records))["scores"].values())

    assert scores(cheat, "a") == {0.0}
    assert scores(right, "b") == {1.0}


def test_the_random_one_of_n_counts_repeated_programs_as_often_as_they_were_drawn(
    sandbox, tmp_path
):
    texts = ("\n    return x + x", "\n    return x + x", "\n    return x + x", "\n    return 0")
    backend = ScriptedBackend([Rule("", texts)])

    (record,) = evaluate.evaluate(
        [eval_tasks.exercise_task(PROBLEM)],
        backend,
        sandbox,
        evaluate.Settings(n=4),
        ["random", "oracle"],
        tmp_path / "records",
    )

    assert record["scores"] == {"random": 0.75, "logprob": 1.0, "oracle": 1.0}


def test_an_evaluation_goes_on_where_it_was_cut(sandbox, tmp_path):
    task = eval_tasks.exercise_task(PROBLEM)
    file = tmp_path / "records.jsonl"
    earlier = {"id": "t/f", "scores": {"greedy": 0.5}, "tokens": {}, "seconds": {}}
    file.write_text(json.dumps(earlier) + "\n" + '{"id": "cut o')
    backend = ScriptedBackend([])

    records = list(
        evaluate.evaluate([task], backend, sandbox, evaluate.Settings(), ["greedy"], file)
    )

    assert records == [earlier]
    assert backend.calls == []


@pytest.mark.parametrize("limit", [1, 3, 7, 10, 19])
def test_a_limit_takes_tasks_from_everywhere(limit):
    tasks: list[Any] = list(range(20))

    picked = list(spread(tasks, limit))

    assert len(picked) == len(set(picked)) == limit
    assert picked[-1] >= 20 - -(-20 // limit)
    assert list(spread(tasks, 0)) == list(spread(tasks, 30)) == tasks


def test_mbpp_shows_one_assert_and_hides_the_others():
    line = (DATA / "mbpp_validation.jsonl").read_text().splitlines()[0]

    task = eval_tasks.mbpp_task(json.loads(line))

    assert len(task.visible.examples) == 1
    assert len(task.hidden.examples) == 2
    assert codeplan1.plan_prompt(task.visible).count("assert ") == 1


def test_reference_solutions_of_the_validation_tenth_pass_their_hidden_examples(sandbox):
    found, _ = problems.read_exercises(DATA / "exercises.jsonl")
    kept = list(problems.validation(found))[::8]
    failed = []
    for problem in kept:
        task = eval_tasks.exercise_task(problem)
        if task is None:
            continue
        verdict = sandbox.judge(task.hidden, Candidate(problem.solutions[0].code))
        if verdict.passed != verdict.total:
            failed.append((problem.id, verdict.detail))

    assert failed == []


def test_the_interval_holds_the_mean():
    records = [
        {
            "scores": {"direct": float(i % 3 == 0)},
            "tokens": {"direct": 10},
            "seconds": {"direct": 0.5},
        }
        for i in range(90)
    ]

    (row,) = evaluate.summarize(records)

    assert row.score == pytest.approx(1 / 3)
    assert row.low < row.score < row.high
    assert "33.3%" in evaluate.table([row], "Title")


def test_near_duplicates_of_a_task_are_counted_apart_and_can_be_hidden(sandbox, tmp_path):
    task = eval_tasks.exercise_task(PROBLEM)
    path = tmp_path / "memory.sqlite"
    with Store(path) as store:
        same = replace(PROBLEM, id="other/words", entry_point="g", signature="def g(x):")
        store.add(neighbours.entries([same]))
        store.compact()
    backend = ScriptedBackend([Rule("", ("\n    return 0",))])
    with Store(path, read_only=True) as store:
        near = eval_memory.near_duplicates(task, [store])
        (record,) = evaluate.evaluate(
            [task],
            backend,
            sandbox,
            evaluate.Settings(n=1, tokens=50),
            ["memory", "memory-apart"],
            tmp_path / "records",
            memory=[store],
        )

    assert near == {"other/words"}
    assert record["near"] == ["other/words"]
    assert record["scores"] == {"memory": 1.0, "memory-apart": 0.0}
    (with_memory, apart) = evaluate.summarize([record])
    assert (with_memory.score, with_memory.apart_tasks) == (1.0, 0)
    assert "1 tasks, 0 without a near duplicate" in evaluate.table([with_memory, apart], "T")


def test_each_use_of_memory_is_measured_alone():
    uses = {
        name: [
            bool(evaluate.WITH_MEMORY[name].get(part))
            for part in ("remembered_plans", "worked", "remembered")
        ]
        for name in ("codeplan+plans", "codeplan+worked", "codeplan+adapted")
    }

    assert uses == {
        "codeplan+plans": [True, False, False],
        "codeplan+worked": [False, True, False],
        "codeplan+adapted": [False, False, True],
    }
