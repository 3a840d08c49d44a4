"""Prompts about code that exists: mending it, telling its plan, giving examples of its use.

A format that was trained for none of this (codeplan-1) is asked for what it knows in another place:
the rest of a body whose beginning is kept. Answers about code are read by the format's own
`parse_code` and `parse_plan`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from codeplan_model.generation import Message
from codeplan_model.prompts import chat, codeplan1
from codeplan_model.values import ExampleKind, ExampleResult, Status, Task

MAX_SHOWN = 4
"""Failing examples that a prompt holds."""
MAX_CUTS = 6
"""Beginnings of a body that are kept in one round."""
_FENCE = re.compile(r"```[^\n`]*\n(.*?)(?:```|\Z)", re.S)


@dataclass(frozen=True, slots=True)
class BodyPrompt:
    """A prompt for a body. kept: what the answer goes on from, "" for a whole new answer."""

    prompt: str | tuple[Message, ...]
    kept: str = ""


def repair_prompts(
    format_name: str, task: Task, code: str, results: Sequence[ExampleResult]
) -> tuple[BodyPrompt, ...]:
    """What to ask for a body in place of `code` (canonical form), one answer or more for each.

    results: how the examples fared; those that did not pass go to the model with what was got.
    """
    if format_name == chat.NAME:
        first = chat.code_prompt(task)
        answer = f"```python\n{task.header.strip()}\n{code}\n```"
        complaint = (
            f"That code is wrong:\n{failing_words(results)}\n"
            f"Find the mistake and write the complete corrected function `{task.name}` in one "
            "```python code block, without the docstring and without any explanation."
        )
        turns = (*first, Message("assistant", answer), Message("user", complaint))
        return (BodyPrompt(turns),)
    prompt = codeplan1.code_prompt(task)
    return tuple(BodyPrompt(prompt + kept, kept) for kept in beginnings(code))


def check_prompts(format_name: str, task: Task, sentence: str) -> tuple[BodyPrompt, ...]:
    """What to ask for the check that a body begins with; () where that can't be asked.

    Once with the whole problem, once with nothing but the sentence that asks for the check: what
    a small model says both times is mostly meant (training/LOG.md). A chat model writes the checks
    that a docstring asks for in its whole answers.
    """
    if format_name == chat.NAME:
        return ()
    header = re.sub(r"\bdef\s+\w+", "def check", task.header, count=1)
    alone = replace(task, header=header, docstring=sentence, examples=())
    kept = "\n    if"
    return tuple(BodyPrompt(codeplan1.code_prompt(t) + kept, kept) for t in (task, alone))


def beginnings(code: str) -> list[str]:
    """The first lines of a body, none to all but the last, as the format writes them."""
    lines = code.split("\n")
    cuts = sorted({round(i * (len(lines) - 1) / MAX_CUTS) for i in range(MAX_CUTS + 1)})
    return ["".join(f"\n{line}" for line in lines[:cut]) for cut in cuts if cut < len(lines)]


def failing_words(results: Sequence[ExampleResult]) -> str:
    """The failing examples with what was expected and what was got, one a paragraph."""
    failing = [r for r in results if r.status not in (Status.PASSED, Status.NOT_JUDGED)]
    parts: list[str] = []
    for result in failing[:MAX_SHOWN]:
        example = result.example
        if example.kind is ExampleKind.TEST:
            parts.append(f"The test {example.name} fails: {result.got.strip()}")
        elif example.kind is ExampleKind.ASSERT:
            parts.append(f"`{example.source.strip()}` fails: {result.got.strip()}")
        else:
            want = example.want.strip() or "no output"
            got = result.got.strip() or "no output"
            parts.append(f"{example.source.strip()}\nexpected:\n{want}\ngot:\n{got}")
    return "\n\n".join(parts)


def explain_prompt(task: Task, code: str) -> tuple[Message, ...]:
    """Ask a chat model for the plan that existing code follows; read with `chat.parse_plan`."""
    return (
        chat.code_prompt(task)[0],
        Message(
            "user",
            f"Here is a Python function:\n```python\n{codeplan1.problem_of(task)}{code}\n```\n"
            f"Write the plan that the body of `{task.name}` follows: two to six numbered steps in "
            "the order of the code, each one plain sentence. Write the numbered steps only, no "
            "code.",
        ),
    )


def calls_prompt(task: Task, code: str, count: int) -> tuple[Message, ...]:
    """Ask a chat model for calls that show what a function does; read with `parse_calls`."""
    return (
        chat.code_prompt(task)[0],
        Message(
            "user",
            f"Here is a Python function:\n```python\n{codeplan1.problem_of(task)}{code}\n```\n"
            f"Write {count} calls of `{task.name}` with literal arguments that show what it does: "
            "ordinary cases first, then edge cases. Write the calls only, one a line in one "
            "```python code block, without their results.",
        ),
    )


def parse_calls(text: str) -> list[str]:
    """The lines of an answer that may be calls; whether they are is for the caller to see."""
    blocks = _FENCE.findall(text) or [text]
    lines = [line.strip().removeprefix(">>>").strip() for line in blocks[0].split("\n")]
    return [line for line in lines if line.endswith(")")]
