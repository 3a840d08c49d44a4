"""From a ledger to problems with plans: verified plans first, and why each stands where it does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from codeplan_model.values import Outcome
from codeplan_training.distill import prompts
from codeplan_training.distill.ledger import Ledger
from codeplan_training.distill.run import Job, key_of, solution_of, wanted_plans
from codeplan_training.distill.teacher import Settings
from codeplan_training.problems import Problem


@dataclass(frozen=True, slots=True)
class RankedPlan:
    """A plan and its standing. kept: code written from it passed the tests. rank: from 1 for a
    problem. reason: why it is kept or not, in words. code: what was written from it."""

    problem: str
    solution: int | None
    sample: int
    steps: tuple[str, ...]
    kept: bool
    rank: int
    reason: str
    code: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def ranked_plans(
    problems: Sequence[Problem], job: Job, settings: Settings, ledger: Ledger
) -> Iterator[tuple[Problem, list[RankedPlan]]]:
    """Each problem with the plans that the ledger has for it, best first."""
    found: dict[str, list[tuple[float, RankedPlan]]] = {problem.id: [] for problem in problems}
    for wanted in wanted_plans(problems, job):
        key = key_of("plan", settings, wanted.messages)
        record = ledger.get(key)
        if record is None:
            continue
        plan = prompts.parse_plan(record["text"], finished=record["finished"])
        verdict = ledger.get(f"verdict {job.round_trip} {key}")
        share, reason = _standing(plan.problems, verdict, job)
        ranked = RankedPlan(
            wanted.problem.id,
            wanted.solution,
            wanted.sample,
            plan.steps,
            verdict is not None and verdict["outcome"] == Outcome.PASSED.value,
            0,
            reason,
            "" if verdict is None else verdict.get("code", ""),
        )
        found[wanted.problem.id].append((share, ranked))
    for problem in problems:
        # Equal ones: the shorter plan says the same in fewer words.
        order = sorted(found[problem.id], key=lambda p: (-p[0], len(" ".join(p[1].steps))))
        yield problem, [replace(plan, rank=n) for n, (_, plan) in enumerate(order, 1)]


def with_plans(
    problem: Problem, plans: Sequence[RankedPlan], *, unverified: bool = False
) -> Problem | None:
    """The problem with its plans as solutions, best first; None when there is none.

    unverified: also plans that did not pass, behind those that did.
    """
    solutions = []
    seen: set[tuple[str, ...]] = set()
    for plan in plans:
        usable = plan.kept or (unverified and plan.steps and plan.solution is not None)
        if usable and plan.steps not in seen:
            seen.add(plan.steps)
            solutions.append(solution_of(problem, plan.solution, plan.steps, plan.code))
    return replace(problem, solutions=tuple(solutions)) if solutions else None


def _standing(
    problems: Sequence[str], verdict: dict[str, Any] | None, job: Job
) -> tuple[float, str]:
    """From 2 (verified) to -1 (no plan), and the reason."""
    if problems:
        return -1.0, "; ".join(problems)
    if verdict is None:
        return 0.0, "not tried" if job.round_trip == "none" else "not tried yet"
    if verdict["outcome"] == Outcome.PASSED.value:
        return 2.0, f"code written from it by the {verdict['by']} passed {verdict['total']} tests"
    share = verdict.get("passed", 0) / max(verdict.get("total", 0), 1)
    return share, f"code written from it by the {verdict['by']} {verdict['outcome']}: " + str(
        verdict.get("detail", "")
    )
