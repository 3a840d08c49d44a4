"""The generic format for models that are not ours: instructions as chat messages.

The backend renders the messages with the model's own chat template. Answers are read tolerantly:
numbered lines for plans, the first code block (or the whole text) for code.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from codeplan_model.extract import normalise_body
from codeplan_model.generation import Message
from codeplan_model.prompts import codeplan1
from codeplan_model.prompts.worked import Worked
from codeplan_model.values import Candidate, Plan, Task

NAME: str = "chat"
PLAN_STOP: tuple[str, ...] = ()
CODE_STOP: tuple[str, ...] = ()
JOINT: str | None = None
"""Code is asked for in a conversation of its own."""
MAX_WORKED: int = 4000
"""Characters of worked examples before a problem."""

_SYSTEM = "You are an expert Python programmer. You answer exactly in the form that is asked for."
_FENCE = re.compile(r"```[^\n`]*\n(.*?)(?:```|\Z)", re.S)
_STEP = re.compile(r"^\s*(?:\d+[.)]|[-*])\s+(.*)$")


def plan_prompt(task: Task, worked: Sequence[Worked] = ()) -> tuple[Message, ...]:
    """Ask for a short numbered plan. worked: solved problems, the nearest one last."""
    return (
        Message("system", _SYSTEM),
        Message(
            "user",
            f"{_worked(worked)}{_problem(task)}\nWrite a plan for the body of `{task.name}`: "
            "two to six numbered steps, each one plain sentence. "
            "Write the numbered steps only, no code.",
        ),
    )


def code_prompt(
    task: Task, plan: Plan | None = None, worked: Sequence[Worked] = ()
) -> tuple[Message, ...]:
    """Ask for the function in one code block, with the plan if there is one.

    worked: solved problems, the nearest one last.
    """
    follow = ""
    if plan is not None:
        follow = f"Follow this plan:\n{codeplan1.plan_text(plan.steps).strip()}\n"
    return (
        Message("system", _SYSTEM),
        Message(
            "user",
            f"{_worked(worked)}{_problem(task)}\n{follow}Write the complete function "
            f"`{task.name}` in one ```python code block, without the docstring and without any "
            "explanation.",
        ),
    )


def parse_plan(text: str, *, logprob: float = 0.0, tokens: int = 0, finished: bool = True) -> Plan:
    """The numbered or bulleted lines of an answer; other lines before the first are left out."""
    steps: list[str] = []
    for line in text.split("\n"):
        match = _STEP.match(line)
        if match:
            steps.append(match.group(1).strip())
        elif steps and line.startswith(" ") and line.strip():
            steps[-1] += " " + line.strip()
    problems = [] if steps else ["no numbered steps in the answer"]
    if not finished:
        problems.append("the plan was cut at the token limit")
    return Plan(tuple(steps), logprob, tokens, "sampled", tuple(problems))


def parse_code(
    text: str,
    task: Task,
    plan: Plan | None = None,
    *,
    logprob: float = 0.0,
    tokens: int = 0,
    finished: bool = True,
) -> Candidate:
    """The body of the function in the answer's first code block that holds code."""
    blocks = _FENCE.findall(text) or [text]
    named = [block for block in blocks if f"def {task.name}" in block]
    body = normalise_body((named or blocks)[0], task.name)
    problems = [] if body.strip() else ["no code in the answer"]
    if not finished:
        problems.append("the code was cut at the token limit")
    return Candidate(body, plan, logprob, tokens, "sampled", tuple(problems))


def _worked(worked: Sequence[Worked]) -> str:
    if not worked:
        return ""
    shown = "\n\n".join(
        codeplan1.problem(example.signature, example.docstring) + example.code for example in worked
    )
    return (
        f"Similar functions that were solved before, in the style to follow:\n"
        f"```python\n{shown}\n```\n"
    )


def _problem(task: Task) -> str:
    context = task.context.strip()
    shown = codeplan1.problem_of(task)
    around = f"The file also has:\n```python\n{context}\n```\n" if context else ""
    return f"{around}Here is a Python function to write:\n```python\n{shown}```\n"
