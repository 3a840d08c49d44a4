"""The prompt format "codeplan-1" of models trained by codeplan-train.

One text holds both tasks of CodePLAN (arXiv 2403.13271, section 3.2): from the problem to a plan,
and from the problem, with or without a plan, to code:

    def name(args) -> type:
        \"\"\"docstring with examples
        \"\"\"
    <|plan|>
    1. first step
    2. second step<|code|>
        body<|end|>

Solved problems may stand before it, each as `<|memory|>`, its problem, its plan if it is shown, its
code and `<|end|>`; the nearest one last. Without them the text is the one above.

A plan that was sampled can be continued with its code without reading the prompt again. Training
renders with these very functions. The beginning-of-text token is the tokenizer's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from codeplan_model.extract import normalise_body
from codeplan_model.prompts.worked import Worked
from codeplan_model.values import Candidate, ExampleKind, Plan, Task

NAME: str = "codeplan-1"
PLAN = "<|plan|>"
CODE = "<|code|>"
END = "<|end|>"
BOS = "<|bos|>"
PAD = "<|pad|>"
MEMORY = "<|memory|>"
# Kept free in every vocabulary, so that later formats need no new embedding rows.
RESERVED = ("<|repair|>", MEMORY, "<|test|>", "<|text|>", "<|a|>", "<|b|>", "<|c|>")
SPECIAL_TOKENS = (PAD, BOS, END, PLAN, CODE, *RESERVED)
PLAN_STOP: tuple[str, ...] = (CODE, END)
JOINT: str | None = CODE
"""What goes behind a plan, as the model wrote it, to ask for its code."""
CODE_STOP: tuple[str, ...] = (END, PLAN, "\ndef ", "\nclass ", "\n>>> ")

MAX_DOCSTRING = 1600
"""Characters of docstring that a prompt holds; what is longer is cut at a line."""

MAX_WORKED: int = 900
"""Characters of worked examples before a problem: both fit the 512 tokens that are trained on."""

_STEP = re.compile(r"^\s*\d+[.)]\s*(.*)$")


def problem(header: str, docstring: str, extra: Iterable[str] = ()) -> str:
    """The problem part: header, docstring, and checks that stand elsewhere (`assert` lines)."""
    text = _cut(reflow(docstring.strip()))
    extra = list(extra)
    if extra:
        text = (text + "\n\n" + "\n".join(extra)).strip()
    head = header.strip() + "\n"
    if not text:
        return head
    lines = text.replace('"""', "'''").split("\n")
    if len(lines) == 1:
        return f'{head}    """{lines[0]}"""\n'
    body = "\n".join(f"    {line}".rstrip() for line in lines).lstrip()
    return f'{head}    """{body}\n    """\n'


def problem_of(task: Task) -> str:
    """The problem part for a task: checks outside its docstring appear as the lines they are."""
    extra = [
        example.source.strip()
        for example in task.examples
        if example.kind is ExampleKind.ASSERT and "\n" not in example.source.strip()
    ]
    return problem(task.header, task.docstring, extra[:3])


def worked_text(worked: Iterable[Worked]) -> str:
    """What stands before the problem; "" for no worked example."""
    return "".join(
        MEMORY
        + problem(w.signature, w.docstring)
        + (PLAN + plan_text(w.steps) if w.steps else "")
        + CODE
        + code_text(w.code)
        + END
        for w in worked
    )


def plan_prompt(task: Task, worked: Sequence[Worked] = ()) -> str:
    """Ends where the plan begins. Stop at CODE. worked: solved problems, the nearest one last."""
    return worked_text(worked) + problem_of(task) + PLAN


def code_prompt(task: Task, plan: Plan | None = None, worked: Sequence[Worked] = ()) -> str:
    """Ends where the body begins. Stop at END. worked: solved problems, the nearest one last."""
    planned = PLAN + plan_text(plan.steps) if plan else ""
    return worked_text(worked) + problem_of(task) + planned + CODE


def plan_text(steps: Iterable[str]) -> str:
    """The plan as the model writes it."""
    return "".join(f"\n{i}. {step}" for i, step in enumerate(steps, 1))


def code_text(completion: str) -> str:
    """The body as the model writes it, without END."""
    return "\n" + completion


def parse_plan(text: str, *, logprob: float = 0.0, tokens: int = 0, finished: bool = True) -> Plan:
    """A plan from what the model wrote; what can't be read becomes a problem, not an error."""
    steps: list[str] = []
    problems: list[str] = []
    for line in text.strip("\n").split("\n"):
        match = _STEP.match(line)
        if match:
            steps.append(match.group(1).strip())
        elif line.strip() and steps:
            steps[-1] += " " + line.strip()
        elif line.strip():
            problems.append(f"not a numbered step: {line.strip()!r}")
    steps = [step for step in steps if step]
    if not steps:
        problems.append("no steps")
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
    """A candidate from what the model wrote after CODE."""
    body = normalise_body(text.strip("\n"), task.name)
    problems: list[str] = []
    if not body:
        problems.append("no code")
    if not finished:
        problems.append("the code was cut at the token limit")
    return Candidate(body, plan, logprob, tokens, "sampled", tuple(problems))


def reflow(docstring: str) -> str:
    """Join the lines of each plain paragraph: where an author wrapped it says nothing.

    Examples, lists, sections and indented lines stay as they are.
    """
    blocks = []
    for block in re.split(r"\n[ \t]*\n", docstring):
        lines = block.split("\n")
        plain = all(
            line[:1] not in ("", " ", "\t", "-", "*", ":", ">", "|", "=")
            and not line.rstrip().endswith(":")
            and not re.match(r"\d+[.)] |assert |[-=~]{3,}", line)
            for line in lines
        )
        blocks.append(" ".join(line.strip() for line in lines) if plain else block)
    return "\n\n".join(blocks)


def _cut(docstring: str) -> str:
    if len(docstring) <= MAX_DOCSTRING:
        return docstring
    return docstring[:MAX_DOCSTRING].rpartition("\n")[0] or docstring[:MAX_DOCSTRING]
