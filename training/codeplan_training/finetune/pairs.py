"""Problems as prompts and completions of the two tasks, in the words of inference."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from codeplan_model.prompts import codeplan1
from codeplan_training import render
from codeplan_training.finetune.settings import Settings
from codeplan_training.problems import Problem

CODE = "code"
PLAN = "plan"


@dataclass(frozen=True, slots=True)
class Pair:
    """One training sample. task: "code" or "plan"."""

    task: str
    prompt: str
    completion: str


def pairs(problems: Sequence[Problem], settings: Settings) -> Iterator[Pair]:
    """Every solution of every problem, `settings.renderings` times, for the tasks that it serves.

    Both methods see the same renderings of the same problems; the conventional one sees no plan.
    """
    variation = replace(render.Variation(), with_plan=1.0)
    for number in range(settings.renderings):
        for problem in problems:
            for index, solution in enumerate(problem.solutions):
                rng = random.Random(f"{settings.seed}:{number}:{problem.id}:{index}")
                chosen = replace(problem, solutions=(solution,))
                sample = render.sample(chosen, rng, variation)
                yield from _of(sample, bool(solution.steps), rng, settings)


def _of(
    sample: render.Sample, has_plan: bool, rng: random.Random, settings: Settings
) -> Iterator[Pair]:
    told = sample.prompt.removesuffix(codeplan1.PLAN)
    plan, _, code = sample.completion.partition(codeplan1.CODE)
    has_plan = has_plan and settings.method == "codeplan"
    if has_plan and settings.plans:
        # Ends with what inference stops at; the code may follow it in the same text.
        yield Pair(PLAN, told + codeplan1.PLAN, plan + codeplan1.CODE)
    if has_plan and rng.random() < settings.code_with_plan:
        told += codeplan1.PLAN + plan
    yield Pair(CODE, told + codeplan1.CODE, code)
