"""The whole job of distilling: plans for many problems, the round trip, resume.

Every answer is in the ledger before anything is made of it. A run that starts again with the same
settings finds what it has and asks only for the rest.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from codeplan_model.generation import Backend, BackendError, Message, Request, Sampling
from codeplan_model.prompts import format_named
from codeplan_model.values import Candidate, Outcome, Plan, Task
from codeplan_training.distill import prompts
from codeplan_training.distill.ledger import Ledger
from codeplan_training.distill.teacher import (
    Budget,
    OutOfBudget,
    Price,
    Settings,
    Teacher,
    TeacherError,
    TeacherRefused,
    prompt_estimate,
)
from codeplan_training.eval_tasks import judged_task
from codeplan_training.problems import Problem, Solution, refuse_held_out
from codeplan_training.programs import ProgramJudge

MODES = ("backward", "forward")
ROUND_TRIPS = ("teacher", "student", "none")
PLAN_TOKENS = 120
"""What a plan takes, for the estimate."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is wanted. plans: for each solution (backward) or problem (forward). solutions: of each
    problem that are used at most. round_trip: who writes code from a plan to test it."""

    mode: str = "backward"
    plans: int = 2
    solutions: int = 2
    round_trip: str = "teacher"
    concurrency: int = 8

    def __post_init__(self) -> None:
        if self.mode not in MODES or self.round_trip not in ROUND_TRIPS:
            raise ValueError(f"mode is one of {MODES}, round_trip one of {ROUND_TRIPS}")
        if min(self.plans, self.solutions, self.concurrency) < 1:
            raise ValueError("plans, solutions and concurrency must be at least 1")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One plan to be had. solution: its index; None in forward mode."""

    problem: Problem
    solution: int | None
    sample: int

    @property
    def messages(self) -> tuple[Message, ...]:
        if self.solution is None:
            return prompts.forward(self.problem, self.sample)
        return prompts.backward(self.problem, self.problem.solutions[self.solution], self.sample)


@dataclass(slots=True)
class Report:
    """How a run ended. stopped: "done", or why it ended early. calls: paid by this run."""

    wanted: int
    had: int = 0
    calls: int = 0
    retries: int = 0
    passed: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    stopped: str = "done"


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of a whole job, less what the ledger holds."""

    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost: float


def wanted_plans(problems: Sequence[Problem], job: Job) -> Iterator[Wanted]:
    """Every plan of the job, in a fixed order."""
    for problem in problems:
        numbers: Sequence[int | None] = [None]
        if job.mode == "backward":
            numbers = range(min(job.solutions, len(problem.solutions)))
        for solution in numbers:
            for sample in range(job.plans):
                yield Wanted(problem, solution, sample)


def estimate(
    problems: Sequence[Problem], job: Job, settings: Settings, price: Price, ledger: Ledger
) -> Estimate:
    """What the rest of the job will take: prompts by their length, answers by experience."""
    calls = prompt = completion = 0
    for wanted in wanted_plans(problems, job):
        if key_of("plan", settings, wanted.messages) not in ledger:
            calls += 1
            prompt += prompt_estimate(wanted.messages)
            completion += PLAN_TOKENS
            if job.round_trip == "teacher":
                steps = ("x" * PLAN_TOKENS * 3,)
                calls += 1
                prompt += prompt_estimate(prompts.code(wanted.problem, steps))
                longest = max((len(s.code) for s in wanted.problem.solutions), default=400)
                completion += longest // 3 + 20
    return Estimate(calls, prompt, completion, price.of(prompt, completion))


def key_of(kind: str, settings: Settings, messages: tuple[Message, ...]) -> str:
    """The name of a call: the same question to the same model has the same one."""
    asked = [[m.role, m.content] for m in messages]
    told = json.dumps([kind, settings.model, settings.temperature, settings.max_tokens, asked])
    return hashlib.sha256(told.encode()).hexdigest()[:32]


async def distill(
    problems: Sequence[Problem],
    job: Job,
    teacher: Teacher,
    ledger: Ledger,
    judge: ProgramJudge | None,
    *,
    student: Backend | None = None,
    progress: Callable[[Report], None] = lambda _: None,
) -> Report:
    """Ask for every plan that the ledger lacks, and judge it.

    judge: needed unless job.round_trip is "none". student: a backend for the round trip "student".
    Raises TeacherError when the teacher can't be used at all, OSError when the ledger can't be
    written, ValueError for problems that are held out. A call that fails after all its tries is
    counted, and asked again by the next run.
    """
    refuse_held_out(problems)
    wanted = list(wanted_plans(problems, job))
    report = Report(len(wanted))
    for record in ledger.records():
        if "prompt_tokens" in record:
            teacher.budget.add(record["prompt_tokens"], record["completion_tokens"])
    work = _Work(job, teacher, ledger, judge, student, report)
    queue = iter(wanted)
    refused: list[TeacherError] = []

    async def worker() -> None:
        for item in queue:
            if report.stopped != "done":
                return
            try:
                await work.one(item)
            except OutOfBudget as error:
                report.stopped = f"the budget of {error} is spent"
                return
            except TeacherRefused:
                raise
            except TeacherError as error:
                report.failed[f"{item.problem.id} {item.solution} {item.sample}"] = str(error)
                refused.append(error)
                # A teacher that never answered is not asked about everything else.
                if report.calls == 0 and len(refused) >= job.concurrency:
                    report.stopped = "the teacher does not answer"
            report.retries = teacher.retries
            progress(report)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(job.concurrency):
                group.create_task(worker())
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
    report.retries = teacher.retries
    if refused and report.calls == 0 and report.had == 0:
        raise refused[0]
    return report


class _Work:
    """One plan after the other, with what they share."""

    def __init__(
        self,
        job: Job,
        teacher: Teacher,
        ledger: Ledger,
        judge: ProgramJudge | None,
        student: Backend | None,
        report: Report,
    ) -> None:
        self.job, self.teacher, self.ledger = job, teacher, ledger
        self.judge, self.student, self.report = judge, student, report
        self.judging = asyncio.Lock()

    async def one(self, wanted: Wanted) -> None:
        """The plan, the code from it, and the verdict."""
        settings = self.teacher.settings
        key = key_of("plan", settings, wanted.messages)
        place = {
            "problem": wanted.problem.id,
            "solution": wanted.solution,
            "sample": wanted.sample,
        }
        found = self.ledger.get(key)
        if found is None:
            found = await self._ask(key, wanted.messages, {"kind": "plan", **place})
        else:
            self.report.had += 1
        plan = prompts.parse_plan(found["text"], finished=found["finished"])
        if plan.problems or self.job.round_trip == "none":
            return
        judged = self.ledger.get(f"verdict {self.job.round_trip} {key}")
        if judged is None:
            judged = await self._round_trip(wanted.problem, plan, key)
        self.report.passed += judged["outcome"] == Outcome.PASSED.value

    async def _round_trip(self, problem: Problem, plan: Plan, key: str) -> dict[str, Any]:
        task = judged_task(problem)
        verdict: dict[str, Any] = {"outcome": "untested", "detail": "the problem has no tests"}
        if task is not None and task.examples:
            candidate = await self._code(problem, task, plan)
            verdict = await self._judge(task, candidate)
        record = {
            "key": f"verdict {self.job.round_trip} {key}",
            "kind": "verdict",
            "plan": key,
            "by": self.job.round_trip,
            **verdict,
        }
        self.ledger.append(record)
        return record

    async def _code(self, problem: Problem, task: Task, plan: Plan) -> Candidate:
        if self.job.round_trip == "student":
            return await asyncio.to_thread(self._students_code, task, plan)
        messages = prompts.code(problem, plan.steps)
        key = key_of("code", self.teacher.settings, messages)
        found = self.ledger.get(key)
        if found is None:
            found = await self._ask(key, messages, {"kind": "code", "problem": problem.id})
        return prompts.parse_code(found["text"], problem, task, finished=found["finished"])

    def _students_code(self, task: Task, plan: Plan) -> Candidate:
        if self.student is None:
            raise ValueError("the round trip by the student needs a backend")
        form = format_named(self.student.info().prompt_format)
        sampling = Sampling(temperature=0.0, max_tokens=400, stop=form.CODE_STOP)
        request = Request(form.code_prompt(task, plan), 1, sampling)
        try:
            (completion,) = self.student.generate([request])
        except BackendError as error:
            # The others may fit: a prompt that is too long is this plan's own misfortune.
            return Candidate("", plan, problems=(str(error),))
        finished = completion.finish == "stop"
        return form.parse_code(
            completion.text, task, plan, logprob=0.0, tokens=0, finished=finished
        )

    async def _judge(self, task: Task, candidate: Candidate) -> dict[str, Any]:
        if self.judge is None:
            raise ValueError("a round trip needs a judge")
        if not candidate.completion:
            return {"outcome": "failed", "detail": "; ".join(candidate.problems) or "no code"}
        async with self.judging:
            verdict = await asyncio.to_thread(self.judge.judge, task, candidate)
        return {
            "outcome": verdict.outcome.value,
            "passed": verdict.passed,
            "total": verdict.total,
            "detail": verdict.detail,
            "code": candidate.completion,
        }

    async def _ask(
        self, key: str, messages: tuple[Message, ...], place: dict[str, Any]
    ) -> dict[str, Any]:
        answer = await self.teacher.ask(messages)
        record = {
            "key": key,
            **place,
            "model": self.teacher.settings.model,
            "text": answer.text,
            "finished": answer.finished,
            "prompt_tokens": answer.prompt_tokens,
            "completion_tokens": answer.completion_tokens,
        }
        self.ledger.append(record)
        self.report.calls += 1
        return record


def new_budget(price: Price, tokens: int | None, cost: float | None) -> Budget:
    """A budget. Raises ValueError when a cost is limited and no price is known."""
    if cost is not None and price == Price():
        raise ValueError("a limit of cost needs prices: give those of input and output tokens")
    return Budget(price, tokens, cost)


def solution_of(
    problem: Problem, number: int | None, steps: tuple[str, ...], code: str
) -> Solution:
    """The plan with the code that it belongs to: its solution's, or what was written from it."""
    if number is None:
        return Solution(steps, code)
    return replace(problem.solutions[number], steps=steps)
