"""The first two stages of the paper: plans, and a program from each, judged as they come.

Where the format allows it, the model writes the program in the same batch as soon as the plan is
finished, and so does the sandbox its part: nobody waits for the slowest plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from codeplan_model.generation import Completion, Request, Then
from codeplan_model.search.events import Event, PlanSampled, Progress, Stage
from codeplan_model.values import Plan

if TYPE_CHECKING:
    from codeplan_model.search.solve import Search

_WRITING = "writing code for each plan"


def plan_and_code(search: Search, count: int, more: str = "") -> Iterator[Event]:
    """Sample plans and write a program from each; ends early when one of them solves the task.

    more: a word for the progress of a further round.
    """
    before = len(search.plans)
    if search.format.JOINT is None:
        yield from _plans(search, count, more)
        yield from _remembered(search)
        if not search.over:
            prompts = [
                (search.format.code_prompt(search.task, p, search.worked), p)
                for p in search.plans[before:]
            ]
            yield from search.code("coding", prompts, 1, _WRITING)
    else:
        yield from _remembered(search)
        yield from _together(search, search.format.JOINT, count, search.plans[before:], more)


def _plans(search: Search, count: int, more: str) -> Iterator[Event]:
    """All plans, before any code: for formats whose code needs a prompt of its own."""
    yield Progress("planning", 0, count, f"sampling {count} {more}plans")
    sampling = search.sampling(search.budget.plan_tokens, search.format.PLAN_STOP)
    request = Request(search.format.plan_prompt(search.task, search.worked), count, sampling)
    done = 0
    for completion in search.generate("planning", [request]):
        done += 1
        yield from _keep(search, _parsed(search, completion))
        yield Progress("planning", done, count, f"plan {done} of {count}")


def _together(
    search: Search, joint: str, count: int, known: Sequence[Plan], more: str
) -> Iterator[Event]:
    """Each plan goes on with its code; the known ones are coded beside them."""
    task, total = search.task, count + len(known)
    yield Progress("planning", 0, count, f"sampling {count} {more}plans")
    planning = search.sampling(search.budget.plan_tokens, search.format.PLAN_STOP)
    # Plans and code draw from random streams of their own.
    search.round += 1
    coding = search.sampling(search.budget.code_tokens, search.format.CODE_STOP)
    requests = [
        Request(
            search.format.plan_prompt(task, search.worked), count, planning, Then(joint, 1, coding)
        ),
        *(
            Request(search.format.code_prompt(task, plan, search.worked), 1, coding)
            for plan in known
        ),
    ]
    plans: dict[int, Plan] = {}
    planned = coded = 0
    for completion in search.generate(_stage, requests):
        if _stage(completion) == "planning":
            planned += 1
            plan = plans[completion.sample] = _parsed(search, completion)
            yield from _keep(search, plan)
            yield Progress("planning", planned, count, f"plan {planned} of {count}")
            continue
        coded += 1
        after = completion.after
        plan = known[completion.request - 1] if after is None else plans[after]
        # A text without any step is no plan, and what follows it is not code from one.
        if plan.steps:
            yield from search.written(completion, plan)
        if search.over:
            return
        yield Progress("coding", coded, total, search.so_far(f"{_WRITING}: {coded} of {total}"))


def _stage(completion: Completion) -> Stage:
    return "planning" if completion.request == 0 and completion.after is None else "coding"


def _parsed(search: Search, completion: Completion) -> Plan:
    return search.format.parse_plan(
        completion.text,
        logprob=completion.logprob,
        tokens=completion.tokens,
        finished=completion.finish == "stop",
    )


def _keep(search: Search, plan: Plan) -> Iterator[Event]:
    """The same plan twice is one plan."""
    if plan.steps and all(plan.steps != other.steps for other in search.plans):
        search.plans.append(plan)
        yield PlanSampled(plan)


def _remembered(search: Search) -> Iterator[Event]:
    """Plans of solved problems near this one stand beside the sampled ones."""
    for entry in search.neighbours:
        if sum(p.origin == "memory" for p in search.plans) >= search.budget.remembered_plans:
            return
        yield from _keep(search, Plan(entry.steps, origin="memory"))
