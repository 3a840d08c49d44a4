"""Worked examples in the prompt: when, how many, and never at the cost of the problem's room."""

from __future__ import annotations

import pytest

from codeplan_model.backends.scripted import Rule, ScriptedBackend
from codeplan_model.extract import task_named
from codeplan_model.memory import Entry, Store
from codeplan_model.sandbox import Sandbox
from codeplan_model.search import Budget, solve

TASK = task_named(
    '''
def bill(amounts, rate):
    """Add up the amounts and put the tax rate on top.

    >>> bill([1, 3], 0.5)
    6.0
    """
''',
    "bill",
)


def entry(number, code="    return sum(xs) - tax"):
    return Entry(
        f"less{number}",
        f"def less{number}(xs, tax):",
        ("Add up the amounts without tax.",),
        (f"Add {number}.",),
        code + f" * {number}",
        f"shop{number}.py::less",
        "",
    )


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "m.sqlite") as made:
        made.add(entry(number) for number in (2, 3, 4))
        yield made


def prompts_of(backend, store, **changes):
    budget = Budget(plans=1, samples=1, remembered=0, remembered_plans=0, **changes)
    with Sandbox() as sandbox:
        finished = list(solve(TASK, backend, sandbox, budget, memory=[store]))[-1]
    return finished, [request.prompt for call in backend.calls for request in call]


def scripted(**changes):
    return ScriptedBackend(
        [Rule(r"<\|plan\|>$", ("\n1. Sampled.",)), Rule("", ("\n    return 1",))], **changes
    )


def test_a_model_that_was_trained_without_sees_none(store):
    _, prompts = prompts_of(scripted(), store)

    assert prompts
    assert not any("less" in prompt for prompt in prompts)


def test_a_model_that_says_it_was_trained_with_two_sees_two_in_every_prompt(store):
    _, prompts = prompts_of(scripted(worked_examples=2), store)

    assert prompts
    for prompt in prompts:
        assert prompt.count("<|memory|>def less") == 2
        assert prompt.index("less") < prompt.index("def bill")


def test_the_prompt_after_them_is_the_prompt_without_them(store):
    _, with_two = prompts_of(scripted(), store, worked=2)
    _, without = prompts_of(scripted(), store, worked=0)

    assert [p[p.index("def bill") :] for p in with_two] == without


def test_a_chat_model_sees_the_nearest_two_as_code(store):
    backend = ScriptedBackend([Rule("", ("1. Go.",))], prompt_format="chat", context=8192)

    _, prompts = prompts_of(backend, store)

    asked = prompts[0][-1].content
    assert asked.count("def less") == 2
    assert asked.index("def less") < asked.index("def bill")
    assert "<|memory|>" not in asked


def test_they_stay_away_where_the_context_has_no_room(store):
    _, prompts = prompts_of(scripted(context=500), store, worked=2)

    assert not any("less" in prompt for prompt in prompts)


def test_the_result_says_where_plan_and_code_came_from(store):
    backend = ScriptedBackend(
        [
            Rule(r"<\|plan\|>$", ("\n1. Sampled.",)),
            Rule(r"Add \d\.", ("\n    return sum(amounts) * (1 + rate)",)),
            Rule("", ("\n    return 1",)),
        ]
    )
    budget = Budget(plans=1, samples=1, remembered=0, remembered_plans=2)
    with Sandbox() as sandbox:
        finished = list(solve(TASK, backend, sandbox, budget, memory=[store]))[-1]

    said = finished.to_json()
    assert (said["outcome"], said["origin"], said["plan_origin"]) == ("passed", "sampled", "memory")
