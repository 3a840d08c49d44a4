"""What a teacher is asked, and how its answers are read."""

from __future__ import annotations

import re

from codeplan_model.extract import normalise_body
from codeplan_model.generation import Message
from codeplan_model.prompts import chat, codeplan1
from codeplan_model.values import Candidate, Plan, Task
from codeplan_training import programs
from codeplan_training.problems import Problem, Solution
from codeplan_training.render import doctest_lines

_SYSTEM = "You are an expert Python programmer who explains solutions briefly and exactly."
_FORM = (
    "two to six numbered steps, each one plain sentence that says what is done and not how Python "
    "spells it. Write the numbered steps only, no code"
)
_FENCE = re.compile(r"```[^\n`]*\n(.*?)(?:```|\Z)", re.S)


def backward(problem: Problem, solution: Solution, sample: int) -> tuple[Message, ...]:
    """From problem and solution to the plan behind it. sample: which of several plans this is."""
    code = _code(problem, solution)
    other = "" if sample == 0 else f" This is plan {sample + 1}: word it in another way."
    return (
        Message("system", _SYSTEM),
        Message(
            "user",
            f"{_shown(problem)}\nThis solution is correct:\n```python\n{code}\n```\n"
            f"Write the plan that its author had before writing it: {_FORM}.{other} Somebody who "
            "has only the problem and your plan should arrive at this solution.",
        ),
    )


def forward(problem: Problem, sample: int) -> tuple[Message, ...]:
    """From the problem alone to a plan."""
    other = "" if sample == 0 else f" This is plan {sample + 1}: take another way."
    return (
        Message("system", _SYSTEM),
        Message("user", f"{_shown(problem)}\nWrite a plan for it: {_FORM}.{other}"),
    )


def code(problem: Problem, steps: tuple[str, ...]) -> tuple[Message, ...]:
    """From problem and plan to code: the round trip."""
    what = f"the complete function `{problem.entry_point}`"
    if problem.form == "program":
        what = "the complete program"
        if problem.calls:
            what = f"the complete code with `{problem.calls}`"
    plan = codeplan1.plan_text(steps).strip()
    return (
        Message("system", _SYSTEM),
        Message(
            "user",
            f"{_shown(problem)}\nFollow this plan:\n{plan}\nWrite {what} in one ```python code "
            "block, without any explanation.",
        ),
    )


def parse_plan(text: str, *, finished: bool) -> Plan:
    """The numbered steps of an answer; what is wrong with it stands in its problems."""
    # A code block in the answer may hold numbered comments.
    return chat.parse_plan(_FENCE.sub("", text), logprob=0.0, tokens=0, finished=finished)


def parse_code(text: str, problem: Problem, task: Task, *, finished: bool) -> Candidate:
    """The candidate of an answer to `code`."""
    if problem.form != "program":
        return chat.parse_code(text, task, logprob=0.0, tokens=0, finished=finished)
    blocks = _FENCE.findall(text) or [text]
    body = normalise_body(blocks[0], programs.NAME)
    return Candidate(body, problems=() if body.strip() else ("no code in the answer",))


def _shown(problem: Problem) -> str:
    if problem.form == "program":
        kind = "function" if problem.calls else "program, which reads standard input and prints"
        return f"Here is a problem to be solved by a Python {kind}:\n\n{problem.wordings[0]}\n"
    examples = [doctest_lines(c) for c in problem.examples if c.kind == "call"]
    extra = [c.call for c in problem.examples if c.kind == "assert"]
    doc = problem.wordings[0] + ("\n\n" + "\n".join(examples) if examples else "")
    text = codeplan1.problem(problem.signature, doc, extra)
    return f"Here is a Python function to write:\n```python\n{text}```\n"


def _code(problem: Problem, solution: Solution) -> str:
    if problem.form == "program":
        return programs.program_of(solution.code).rstrip()
    return f"{problem.signature}\n{solution.code}"
