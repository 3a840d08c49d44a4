"""The generic format for models that are not ours."""

from __future__ import annotations

import pytest

from codeplan_model.extract import task_named
from codeplan_model.prompts import chat
from codeplan_model.values import Plan

TASK = task_named('def f(x):\n    """Double x.\n\n    >>> f(1)\n    2\n    """\n', "f")


def test_the_plan_stands_in_the_code_prompt():
    with_plan = chat.code_prompt(TASK, Plan(("Add x to itself.",)))
    without = chat.code_prompt(TASK)

    assert "1. Add x to itself." in with_plan[-1].content
    assert "Follow this plan" not in without[-1].content
    assert ">>> f(1)" in without[-1].content


@pytest.mark.parametrize(
    "answer",
    [
        "```python\ndef f(x):\n    return x + x\n```",
        "Here you are:\n```python\ndef f(x):\n    '''Double.'''\n    return x + x\n```\nDone.",
        "```\nimport os\n```\nand\n```py\ndef f(x):\n  return x + x\n```",
        "```python\ndef f(x):\n    return x + x",
        "def f(x):\n    return x + x",
        "    return x + x",
    ],
)
def test_the_body_is_found_in_many_kinds_of_answers(answer):
    assert chat.parse_code(answer, TASK).completion == "    return x + x"


@pytest.mark.parametrize(
    ("answer", "steps"),
    [
        ("1. A.\n2. B.", ("A.", "B.")),
        ("Sure!\n\n- A.\n- B.", ("A.", "B.")),
        ("1) A\n   goes on\n2) B", ("A goes on", "B")),
        ("I can't.", ()),
    ],
)
def test_steps_are_found_in_many_kinds_of_answers(answer, steps):
    plan = chat.parse_plan(answer)

    assert plan.steps == steps
    assert bool(plan.problems) is not bool(steps)
