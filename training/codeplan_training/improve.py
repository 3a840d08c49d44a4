"""Learning from a model's own samples: plans and programs for problems, and which are right.

The model draws plans and a program from each; the sandbox judges every program on all that is known
of the problem. What is right can be trained on like an author's solution (rejection sampling; with
the better model again: expert iteration). What failed is kept with its failing example.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from codeplan_model.generation import (
    Backend,
    CancelToken,
    Completion,
    ModelInfo,
    Request,
    Sampling,
    Then,
)
from codeplan_model.prompts import PromptFormat, format_named
from codeplan_model.search import Budget, Judge
from codeplan_model.search.ranking import is_solved
from codeplan_model.values import Plan, Status, Task, Verdict
from codeplan_training.distill.ledger import Ledger
from codeplan_training.eval_tasks import eval_task, judged_task
from codeplan_training.problems import Problem, Solution, refuse_held_out, to_record
from codeplan_training.syntax import parse

SETTINGS = "settings"
"""The key of the ledger's record that says how its samples were drawn."""
ROWS = 32
"""Plans that are drawn in one batch: so many problems as that is."""
SHOWN = 2
"""Examples in the prompt. The others only judge, so that a program can't be made to fit them."""


@dataclass(frozen=True, slots=True)
class Settings:
    """n: plans a problem, with one program each. keep: right programs a problem at most."""

    n: int = 10
    temperature: float = 0.8
    keep: int = 4
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.n, self.keep) < 1 or self.temperature <= 0:
            raise ValueError("n, keep and the temperature must be more than 0")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A problem with its two tasks: as the model sees it, and with everything that decides."""

    problem: Problem
    shown: Task
    judged: Task


def sample(
    problems: Sequence[Problem],
    backend: Backend,
    judge: Judge,
    ledger: Ledger,
    settings: Settings,
    cancel: CancelToken | None = None,
) -> Generator[dict[str, Any], None, None]:
    """Yield one record a problem; those that stand in the ledger are not drawn again.

    Raises ValueError for held-out problems and for a ledger of another model or other settings.
    """
    refuse_held_out(problems)
    info = backend.info(cancel)
    _check(ledger, settings, info)
    form = format_named(info.prompt_format)
    together = max(1, ROWS // settings.n)
    # Groups by place: a text depends on its request's number, so a run that goes on draws the same.
    for first in range(0, len(problems), together):
        group = problems[first : first + together]
        new = [problem for problem in group if key_of(problem) not in ledger]
        some = [asked for problem in new if (asked := _asked(problem)) is not None]
        records = _drawn(some, backend, judge, form, settings, cancel) if some else []
        drawn = {key_of(a.problem): r for a, r in zip(some, records, strict=True)}
        for problem in new:
            found = drawn.get(key_of(problem), {"reason": "nothing judges it"})
            ledger.append({"key": key_of(problem), "id": problem.id, **found})
        for problem in group:
            record = ledger.get(key_of(problem))
            if record is not None:
                yield record


def key_of(problem: Problem) -> str:
    """The name under which a ledger has the problem: another one when the problem was changed."""
    told = {**to_record(problem), "plans": []}
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    return f"{problem.id}:{digest[:12]}"


def improved(problems: Sequence[Problem], ledger: Ledger, *, own_only: bool) -> list[Problem]:
    """The problems with their right samples behind the solutions that came with them.

    own_only: without those solutions, and without the problems that have no right sample.
    """
    made: list[Problem] = []
    for problem in problems:
        record = ledger.get(key_of(problem)) or {}
        given = () if own_only else problem.solutions
        known = {_shape(solution.code) for solution in given}
        solutions = [Solution(tuple(s["steps"]), s["code"]) for s in record.get("right", ())]
        new = [s for s in solutions if _shape(s.code) not in known]
        if given or new:
            made.append(replace(problem, solutions=(*given, *new)))
    return made


def _check(ledger: Ledger, settings: Settings, info: ModelInfo) -> None:
    now = asdict(settings) | {"model": info.path or info.name}
    before = ledger.get(SETTINGS)
    if before is None:
        ledger.append({"key": SETTINGS, **now})
        return
    differ = [k for k in now if before.get(k) != now[k]]
    if differ:
        told = ", ".join(f"{k} was {before.get(k)!r} and is {now[k]!r}" for k in differ)
        raise ValueError(f"these samples were drawn in another way ({told}): name another file")


def _asked(problem: Problem) -> _Asked | None:
    judged = judged_task(problem)
    if judged is None or not judged.examples:
        return None
    split = eval_task(problem, SHOWN)
    return _Asked(problem, split.visible if split is not None else judged, judged)


def _drawn(
    some: Sequence[_Asked],
    backend: Backend,
    judge: Judge,
    form: PromptFormat,
    settings: Settings,
    cancel: CancelToken | None,
) -> list[dict[str, Any]]:
    """What was drawn for these problems, in their order."""
    found = [_Samples(asked, judge, settings.keep) for asked in some]
    for place, plan, completion in _texts(some, backend, form, settings, cancel):
        found[place].tokens += completion.tokens
        if plan is not None:
            found[place].add(plan, completion, form, cancel)
    return [samples.record() for samples in found]


def _texts(
    some: Sequence[_Asked],
    backend: Backend,
    form: PromptFormat,
    settings: Settings,
    cancel: CancelToken | None,
) -> Iterator[tuple[int, Plan | None, Completion]]:
    """Every text with its problem's place; a program with the plan before it, a plan with None."""
    coding = [_sampling(asked, settings, form.CODE_STOP, "code") for asked in some]
    requests = [
        Request(
            form.plan_prompt(asked.shown),
            settings.n,
            _sampling(asked, settings, form.PLAN_STOP, "plan"),
            Then(form.JOINT, 1, coded) if form.JOINT is not None else None,
        )
        for asked, coded in zip(some, coding, strict=True)
    ]
    plans: dict[tuple[int, int], Plan] = {}
    for completion in backend.generate(requests, cancel):
        place, after = completion.request, completion.after
        if after is None:
            plans[place, completion.sample] = form.parse_plan(completion.text, **_told(completion))
        yield place, None if after is None else plans[place, after], completion
    if form.JOINT is None:
        planned = [(place, plan) for (place, _), plan in plans.items()]
        followers = [
            Request(form.code_prompt(some[place].shown, plan), 1, coding[place])
            for place, plan in planned
        ]
        for completion in backend.generate(followers, cancel):
            yield *planned[completion.request], completion


def _sampling(asked: _Asked, settings: Settings, stop: tuple[str, ...], part: str) -> Sampling:
    budget = Budget()
    # Each problem draws from a stream of its own; requests of later batches have the same numbers.
    digest = hashlib.sha256(f"{settings.seed}:{asked.problem.id}:{part}".encode()).digest()
    return Sampling(
        temperature=settings.temperature,
        top_p=budget.top_p,
        max_tokens=budget.plan_tokens if part == "plan" else budget.code_tokens,
        stop=stop,
        seed=int.from_bytes(digest[:4]) >> 1,
    )


def _told(completion: Completion) -> dict[str, Any]:
    return {
        "logprob": completion.logprob,
        "tokens": completion.tokens,
        "finished": completion.finish == "stop",
    }


class _Samples:
    """The programs of one problem, judged as they come."""

    def __init__(self, asked: _Asked, judge: Judge, keep: int) -> None:
        self._asked, self._judge, self._keep = asked, judge, keep
        self._verdicts: dict[str, tuple[Plan, Verdict]] = {}
        self._drawn: list[str] = []
        self.tokens = 0

    def add(
        self, plan: Plan, completion: Completion, form: PromptFormat, cancel: CancelToken | None
    ) -> None:
        """Judge a program, unless the same one was judged."""
        task = self._asked.judged
        candidate = form.parse_code(completion.text, task, plan, **_told(completion))
        code = candidate.completion
        if not code:
            return
        self._drawn.append(code)
        if code not in self._verdicts:
            self._verdicts[code] = (plan, self._judge.judge(task, candidate, cancel=cancel))

    def record(self) -> dict[str, Any]:
        """The record for the ledger: right programs without those that differ only in form."""
        right: dict[str, dict[str, Any]] = {}
        wrong: list[dict[str, Any]] = []
        solved: set[str] = set()
        for code, (plan, verdict) in self._verdicts.items():
            steps = list(plan.steps) if not plan.problems else []
            if is_solved(verdict, self._asked.judged):
                solved.add(code)
                right.setdefault(_shape(code), {"steps": steps, "code": code})
            elif verdict.passed < verdict.total:
                wrong.append({"steps": steps, "code": code, **_failure(verdict)})
        return {
            "drawn": len(self._drawn),
            "passed": sum(code in solved for code in self._drawn),
            "right": list(right.values())[: self._keep],
            "wrong": wrong,
            "tokens": self.tokens,
        }


def _failure(verdict: Verdict) -> dict[str, str]:
    for result in verdict.results:
        if result.status not in (Status.PASSED, Status.NOT_JUDGED):
            example = result.example
            return {
                "example": example.source.strip(),
                "want": example.want.strip(),
                "got": result.got.strip(),
            }
    return {"example": "", "want": "", "got": verdict.detail}


def _shape(code: str) -> str:
    """The program without its comments and layout."""
    try:
        return ast.dump(parse(f"def _():\n{code}"))
    except (SyntaxError, ValueError):
        return code
