"""Worked examples in both formats: cut to size alike, and nothing changes without them."""

from __future__ import annotations

import pytest

from codeplan_model.extract import task_named
from codeplan_model.prompts import Worked, chat, codeplan1, fitting
from codeplan_model.values import Plan

TASK = task_named('def two():\n    """Give two."""\n    ...\n', "two")
ONE = Worked("def one():", "Give one.", ("Return it.",), "    return 1")
LONG = Worked("def long():", "Short.\n\n" + "Much more. " * 40, ("Return it.",), "    return 0")


def test_without_them_prompts_are_what_they_always_were():
    assert codeplan1.plan_prompt(TASK) == 'def two():\n    """Give two."""\n<|plan|>'
    assert codeplan1.code_prompt(TASK) == 'def two():\n    """Give two."""\n<|code|>'
    assert chat.plan_prompt(TASK, ()) == chat.plan_prompt(TASK)
    assert "solved before" not in chat.plan_prompt(TASK)[-1].content


def test_they_stand_before_the_problem_in_the_form_in_which_the_model_writes():
    assert codeplan1.code_prompt(TASK, Plan(("Go.",)), [ONE]) == (
        '<|memory|>def one():\n    """Give one."""\n<|plan|>\n1. Return it.<|code|>'
        '\n    return 1<|end|>def two():\n    """Give two."""\n<|plan|>\n1. Go.<|code|>'
    )


def test_a_chat_model_sees_them_as_code():
    asked = chat.code_prompt(TASK, None, [ONE])[-1].content

    assert '```python\ndef one():\n    """Give one."""\n    return 1\n```' in asked
    assert asked.index("def one") < asked.index("def two")


def test_the_marker_is_in_the_vocabulary_that_ships():
    assert codeplan1.MEMORY in codeplan1.SPECIAL_TOKENS
    assert codeplan1.SPECIAL_TOKENS.index(codeplan1.MEMORY) == 6


@pytest.mark.parametrize(
    ("characters", "shown"),
    [
        (10_000, [LONG, ONE]),
        (100, [Worked("def long():", "Short.", (), "    return 0"), ONE]),
        (45, [ONE]),
        (5, []),
    ],
)
def test_what_does_not_fit_is_cut_or_left_out_and_the_nearest_stands_last(characters, shown):
    assert list(fitting([ONE, LONG], 2, characters)) == shown
