"""Backward reasoning: from code to the plan that it follows (CodePLAN's teacher, in the small).

A chat model is asked for the plan. A model of our own format only knows the way from problem to
plan to code: plans are sampled, code is written from each, and a plan is taken when the code it
leads to is the code that is there, but for names. Else the plan is read off the syntax tree, which
is always true. Nothing is run.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from codeplan_model.extract.parse import parse
from codeplan_model.generation import Backend, Cancelled, CancelToken, Request
from codeplan_model.prompts import chat
from codeplan_model.prompts.existing import explain_prompt
from codeplan_model.search.events import Budget, Event, Progress
from codeplan_model.search.existing import existing_code
from codeplan_model.search.sampling import Sampler
from codeplan_model.search.solve import deadline
from codeplan_model.search.telling import plan_of_code
from codeplan_model.values import Plan, Task

ALIKE = 0.92
"""Likeness of two bodies' syntax from which on one plan stands for both."""


class NothingToExplain(ValueError):
    """The function has no code, or none that parses; the text says which."""


@dataclass(frozen=True, slots=True)
class Explained:
    """The end of `explain`.

    plan: origin "user" (it stood there), "sampled" (by the model), "syntax" (read off the code).
    likeness: 0.0 to 1.0, of the code that the plan led to, where code was written from it.
    """

    plan: Plan
    model: str
    tokens: int
    seconds: float
    likeness: float = 0.0


def explain(
    task: Task, backend: Backend, budget: Budget = Budget(), cancel: CancelToken | None = None
) -> Generator[Event | Explained, None, None]:
    """Find the plan of the task's own code; ends with one Explained.

    Raises NothingToExplain, Cancelled, BackendError.
    """
    code = existing_code(task)
    if not code.strip():
        raise NothingToExplain(f"{task.entry_point} has no code yet: nothing to explain")
    told = plan_of_code(code)
    if not told:
        raise NothingToExplain(f"the code of {task.entry_point} does not parse: mend it first")
    plan, like = Plan(told, origin="syntax"), 0.0
    with deadline(cancel, budget.time_limit) as (token, ran_out):
        sampler = Sampler(backend, budget, token)
        try:
            if task.user_plan:
                plan = Plan(task.user_plan, origin="user")
            else:
                yield Progress("loading", 0, 1, "loading the model")
                sampler.load()
                way = _asked if sampler.format.NAME == chat.NAME else _led_to
                found, like = yield from way(sampler, task, code)
                plan = found or plan
        except Cancelled:
            if not ran_out():
                raise
    yield Explained(plan, sampler.info.name, sampler.tokens, sampler.seconds, like)


def likeness(one: str, other: str) -> float:
    """How alike two bodies are by their syntax, 0.0 to 1.0; local names don't matter."""
    first, second = _shape(one), _shape(other)
    if not first or not second:
        return 0.0
    return difflib.SequenceMatcher(None, first, second, autojunk=False).ratio()


def _asked(
    sampler: Sampler, task: Task, code: str
) -> Generator[Event, None, tuple[Plan | None, float]]:
    """The plan that a chat model tells, None when its answer holds none."""
    yield Progress("planning", 0, 1, "asking for the plan of the code")
    sampling = sampler.sampling(sampler.budget.plan_tokens, sampler.format.PLAN_STOP)
    request = Request(explain_prompt(task, code), 1, sampling)
    for completion in sampler.generate([request]):
        plan = sampler.format.parse_plan(
            completion.text,
            logprob=completion.logprob,
            tokens=completion.tokens,
            finished=completion.finish == "stop",
        )
        if plan.steps and not plan.problems:
            return plan, 0.0
    return None, 0.0


def _led_to(
    sampler: Sampler, task: Task, code: str
) -> Generator[Event, None, tuple[Plan | None, float]]:
    """The sampled plan whose code is most like the code that is there, if it is like enough."""
    plans = yield from _plans(sampler, task)
    sampling = sampler.sampling(sampler.budget.code_tokens, sampler.format.CODE_STOP)
    requests = [Request(sampler.format.code_prompt(task, plan), 1, sampling) for plan in plans]
    best: Plan | None = None
    most = 0.0
    for done, completion in enumerate(sampler.generate(requests), 1):
        candidate = sampler.format.parse_code(
            completion.text,
            task,
            plans[completion.request],
            logprob=completion.logprob,
            tokens=completion.tokens,
            finished=completion.finish == "stop",
        )
        like = likeness(candidate.completion, code)
        if like > most:
            best, most = plans[completion.request], like
        yield Progress("coding", done, len(plans), f"comparing code {done} of {len(plans)}")
    return (best, most) if most >= ALIKE else (None, most)


def _plans(sampler: Sampler, task: Task) -> Generator[Event, None, list[Plan]]:
    count = sampler.budget.plans
    yield Progress("planning", 0, count, f"sampling {count} plans")
    sampling = sampler.sampling(sampler.budget.plan_tokens, sampler.format.PLAN_STOP)
    request = Request(sampler.format.plan_prompt(task), count, sampling)
    plans: dict[tuple[str, ...], Plan] = {}
    for completion in sampler.generate([request]):
        plan = sampler.format.parse_plan(
            completion.text,
            logprob=completion.logprob,
            tokens=completion.tokens,
            finished=completion.finish == "stop",
        )
        if plan.steps and not plan.problems:
            plans.setdefault(plan.steps, plan)
    return list(plans.values())


def _shape(code: str) -> list[str]:
    """The syntax as a list of words, local names numbered in their order."""
    tree = parse(f"def _():\n{code}")
    if tree is None:
        return []
    stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and _is_stored(n)}
    numbers: dict[str, str] = {}
    return list(_flat(tree, stored, numbers))


def _is_stored(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


def _flat(node: ast.AST, stored: set[str], numbers: dict[str, str]) -> Iterator[str]:
    match node:
        case ast.Name(id=name):
            yield numbers.setdefault(name, f"local {len(numbers)}") if name in stored else name
            return
        case ast.Attribute(attr=name):
            yield f".{name}"
        case ast.Constant(value=value):
            yield repr(value)
            return
        case ast.expr_context():
            return
        case _:
            yield type(node).__name__
    for child in ast.iter_child_nodes(node):
        yield from _flat(child, stored, numbers)
