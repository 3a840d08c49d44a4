"""Distilling, against a real server on the loopback address that misbehaves as real ones do."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from codeplan_model.backends.scripted import Rule, ScriptedBackend
from codeplan_model.sandbox import Limits, Sandbox
from codeplan_training import problems, programs, readers
from codeplan_training.distill.ledger import Ledger
from codeplan_training.distill.loopback import LoopbackTeacher
from codeplan_training.distill.results import ranked_plans, with_plans
from codeplan_training.distill.run import Job, Report, distill, estimate, new_budget
from codeplan_training.distill.teacher import (
    Price,
    Settings,
    Teacher,
    TeacherError,
    retry_after,
)
from codeplan_training.problems import Check, Problem, Solution
from codeplan_training.programs import ProgramJudge

DATA = Path(__file__).parents[2] / "training" / "data"
JOB = Job(plans=1, solutions=1, concurrency=2)


@pytest.fixture(scope="module")
def known() -> list[Problem]:
    """Problems with plans: what the teacher knows."""
    found, _ = problems.read_exercises(DATA / "exercises.jsonl")
    return [p for p in found if not p.imports][:6]


@pytest.fixture(scope="module")
def unplanned(known: list[Problem]) -> list[Problem]:
    """The same with solutions only: what the run gets."""
    return [
        replace(p, solutions=tuple(replace(s, steps=()) for s in p.solutions[:1])) for p in known
    ]


@pytest.fixture(scope="module")
def judge():
    with Sandbox(limits=Limits(wall_seconds=60)) as sandbox:
        yield ProgramJudge(sandbox)


def run(
    folder: Path,
    teacher: LoopbackTeacher,
    found: list[Problem],
    judge: ProgramJudge | None,
    job: Job = JOB,
    *,
    budget: Any = None,
    student: Any = None,
    **changes: Any,
) -> Report:
    options: dict[str, Any] = {"timeout": 20.0, "backoff": 0.01, "base_url": teacher.url}
    settings = Settings("m", api_key="k", **{**options, **changes})

    async def go() -> Report:
        async with Teacher(settings, budget or new_budget(Price(), None, None)) as asked:
            return await distill(found, job, asked, ledger, judge, student=student)

    with Ledger(folder / "answers.jsonl") as ledger:
        return asyncio.run(go())


def plans(folder: Path, found: list[Problem], job: Job = JOB) -> dict[str, list[Any]]:
    with Ledger(folder / "answers.jsonl") as ledger:
        return {p.id: r for p, r in ranked_plans(found, job, Settings("m"), ledger)}


def test_plans_come_back_and_are_kept_because_their_code_passes(tmp_path, known, unplanned, judge):
    with LoopbackTeacher(known) as teacher:
        report = run(tmp_path, teacher, unplanned, judge)

    found = plans(tmp_path, unplanned)
    assert (report.calls, report.passed, report.stopped) == (12, 6, "done")
    for problem in known:
        (plan,) = found[problem.id]
        assert plan.steps == problem.solutions[0].steps
        assert plan.kept
        assert "passed" in plan.reason
        assert with_plans(problem, [plan]).solutions[0].code == problem.solutions[0].code


def test_plans_of_whole_programs_are_kept_because_the_program_passes(tmp_path, judge):
    shape = {"source": "apps", "licence": "MIT", "entry_point": programs.NAME, "imports": ()}
    known = [
        Problem(
            id=f"apps/{name}",
            signature=programs.HEADER,
            wordings=(f"Print the number {name}.",),
            examples=(Check("4\n", f"{want}\n", "stdin"),),
            solutions=(Solution((f"Read it and print it {name}.",), programs.body_of(text)),),
            form="program",
            **shape,
        )
        for name, want, text in (
            ("doubled", "8", "print(int(input()) * 2)\n"),
            ("squared", "16", "print(int(input()) ** 2)\n"),
        )
    ]
    bare = [replace(p, solutions=(replace(p.solutions[0], steps=()),)) for p in known]
    with LoopbackTeacher(known) as teacher:
        report = run(tmp_path, teacher, bare, judge)

    found = plans(tmp_path, bare)
    assert report.passed == 2
    assert [found[p.id][0].steps for p in known] == [p.solutions[0].steps for p in known]


def test_faults_are_waited_out_and_a_second_run_asks_nothing(tmp_path, known, unplanned, judge):
    faults = ["429", "500", "cut", "garbage", "empty"]
    with LoopbackTeacher(known, faults) as teacher:
        report = run(tmp_path, teacher, unplanned, judge)
        asked = teacher.requests
        again = run(tmp_path, teacher, unplanned, judge)
        assert teacher.requests == asked

    assert (report.calls, report.retries, report.failed) == (12, 5, {})
    assert (again.calls, again.had, again.passed) == (0, 6, 6)


def test_an_answer_that_takes_too_long_is_asked_for_again(tmp_path, known, unplanned):
    job = replace(JOB, round_trip="none", concurrency=1)
    with LoopbackTeacher(known, ["timeout"]) as teacher:
        report = run(tmp_path, teacher, unplanned[:1], None, job, timeout=2.0)

    assert (report.calls, report.retries) == (1, 1)


def test_the_time_that_a_server_asks_for_is_waited(tmp_path, known, unplanned):
    job = replace(JOB, round_trip="none", concurrency=1)
    with LoopbackTeacher(known, ["429"], retry_after=1.5) as teacher:
        began = time.monotonic()
        run(tmp_path, teacher, unplanned[:1], None, job)

    assert time.monotonic() - began >= 1.5


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(headers, seconds):
    assert retry_after(headers) == seconds


def test_nonsense_is_kept_as_an_answer_ranked_last_with_its_reason(tmp_path, known, unplanned):
    job = replace(JOB, round_trip="none", plans=2, concurrency=1)
    with LoopbackTeacher(known, ["nonsense"]) as teacher:
        report = run(tmp_path, teacher, unplanned[:1], None, job)

    first, second = plans(tmp_path, unplanned[:1], job)[unplanned[0].id]
    assert report.calls == 2
    assert (first.reason, first.rank) == ("not tried", 1)
    assert (second.reason, second.rank) == ("no numbered steps in the answer", 2)


def test_a_plan_whose_code_fails_is_ranked_lower_and_left_out(tmp_path, known, unplanned, judge):
    job = replace(JOB, round_trip="student")
    student = ScriptedBackend([Rule("", ("\n    return 'wrong'",))])
    with LoopbackTeacher(known) as teacher:
        report = run(tmp_path, teacher, unplanned[:1], judge, job, student=student)

    (plan,) = plans(tmp_path, unplanned[:1], job)[unplanned[0].id]
    assert report.passed == 0
    assert not plan.kept
    assert plan.reason.startswith("code written from it by the student failed: ")
    assert with_plans(unplanned[0], [plan]) is None
    assert with_plans(unplanned[0], [plan], unverified=True) is not None


def test_forward_plans_go_with_the_code_that_was_written_from_them(
    tmp_path, known, unplanned, judge
):
    job = replace(JOB, mode="forward")
    with LoopbackTeacher(known) as teacher:
        run(tmp_path, teacher, unplanned[:2], judge, job)

    for problem in unplanned[:2]:
        made = with_plans(problem, plans(tmp_path, unplanned[:2], job)[problem.id])
        assert made.solutions[0].code == problem.solutions[0].code


def test_the_budget_ends_a_run_before_it_is_overspent(tmp_path, known, unplanned):
    job = replace(JOB, round_trip="none", concurrency=1)
    budget = new_budget(Price(1.0, 2.0), 1200, None)
    with LoopbackTeacher(known) as teacher:
        report = run(tmp_path, teacher, unplanned, None, job, budget=budget)

    assert report.stopped == "the budget of 1,200 tokens is spent"
    assert 0 < report.calls < len(unplanned)
    used = budget.prompt_tokens + budget.completion_tokens
    assert used <= 1200
    assert budget.spent == pytest.approx(
        (budget.prompt_tokens + 2 * budget.completion_tokens) / 1e6
    )


def test_the_estimate_counts_only_what_is_not_there(tmp_path, known, unplanned, judge):
    with LoopbackTeacher(known) as teacher:
        run(tmp_path, teacher, unplanned[:2], judge)
    with Ledger(tmp_path / "answers.jsonl") as ledger:
        rest = estimate(unplanned, JOB, Settings("m"), Price(1, 1), ledger)
        done = estimate(unplanned[:2], JOB, Settings("m"), Price(1, 1), ledger)

    assert rest.calls == 8
    assert rest.cost > 0
    assert (done.calls, done.cost) == (0, 0)


def test_a_refused_key_ends_the_run_in_words(tmp_path, known, unplanned):
    with (
        LoopbackTeacher(known, ["401"] * 20) as teacher,
        pytest.raises(TeacherError, match="OPENAI_API_KEY"),
    ):
        run(tmp_path, teacher, unplanned, None, replace(JOB, round_trip="none"))


def test_a_teacher_that_never_answers_is_given_up(tmp_path, known, unplanned):
    with (
        LoopbackTeacher(known, ["500"] * 100) as teacher,
        pytest.raises(TeacherError, match="no answer in 2 tries"),
    ):
        run(tmp_path, teacher, unplanned, None, replace(JOB, round_trip="none"), attempts=2)


def test_problems_that_are_held_out_are_never_sent(tmp_path, known, unplanned):
    held = replace(unplanned[0], id="mbpp/11")
    with LoopbackTeacher(known) as teacher:
        with pytest.raises(ValueError, match="held out"):
            run(tmp_path, teacher, [held], None)
        assert teacher.requests == 0


def test_a_full_disk_is_said_and_nothing_is_lost(tmp_path, known, unplanned):
    (tmp_path / "answers.jsonl").symlink_to("/dev/full")
    with (
        LoopbackTeacher(known) as teacher,
        pytest.raises(OSError, match="free some space and run the same command again"),
    ):
        run(tmp_path, teacher, unplanned, None, replace(JOB, round_trip="none"))


def test_a_line_that_was_cut_by_a_kill_is_dropped_and_others_are_an_error(tmp_path):
    path = tmp_path / "answers.jsonl"
    path.write_text('{"key": "a"}\n{"key": "b", "te')
    with Ledger(path) as ledger:
        ledger.append({"key": "c"})
        assert [r["key"] for r in ledger.records()] == ["a", "c"]
    assert path.read_text() == '{"key": "a"}\n{"key": "c"}\n'
    path.write_text('{"key": "a"\n{"key": "b"}\n')
    with pytest.raises(ValueError, match=r"answers\.jsonl:1 is broken"):
        Ledger(path)


def test_two_runs_do_not_write_one_ledger(tmp_path):
    with Ledger(tmp_path / "a"), pytest.raises(ValueError, match="another run"):
        Ledger(tmp_path / "a")


def test_a_run_that_was_killed_goes_on_and_pays_for_nothing_twice(tmp_path, known, unplanned):
    source = tmp_path / "problems.jsonl"
    problems.write_jsonl(source, unplanned)
    log = tmp_path / "log.jsonl"

    def command(folder: str) -> list[str]:
        options = ["--model", "m", "--plans", "2", "--solutions", "1", "--concurrency", "2"]
        program = [sys.executable, "-m", "codeplan_training", "distill", str(source)]
        return [*program, "--out", str(tmp_path / folder), *options]

    with LoopbackTeacher(known, log=log) as teacher:
        environment = {**os.environ, "OPENAI_BASE_URL": teacher.url, "OPENAI_API_KEY": "k"}
        process = subprocess.Popen(command("cut"), env=environment)
        answers = tmp_path / "cut" / "answers.jsonl"
        while process.poll() is None and not (answers.exists() and answers.stat().st_size):
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
        paid_before = answers.read_bytes().count(b"\n")
        subprocess.run(command("cut"), env=environment, check=True, capture_output=True)
        first = Counter(json.loads(line)["asked"] for line in log.read_text().splitlines())
        log.write_text("")
        subprocess.run(command("whole"), env=environment, check=True, capture_output=True)
        whole = Counter(json.loads(line)["asked"] for line in log.read_text().splitlines())

    assert 0 < paid_before < 36
    assert set(first) == set(whole)
    assert sum(first.values()) <= sum(whole.values()) + 2, "more than the calls in flight were lost"
    names = ("distilled.jsonl", "plans.jsonl")
    cut, uncut = ([(tmp_path / f / n).read_text() for n in names] for f in ("cut", "whole"))
    assert cut == uncut
    assert len(readers.read(tmp_path / "cut" / "distilled.jsonl")[0]) == len(unplanned)
