"""Backward reasoning: the plan of code that exists."""

from __future__ import annotations

import pytest

from codeplan_model.backends.scripted import Rule, ScriptedBackend
from codeplan_model.extract import SpliceError, task_named
from codeplan_model.search import Budget, Explained, NothingToExplain, explain
from codeplan_model.search.docstrings import docstring_edits, plan_comment_edits, plan_lines
from codeplan_model.search.explain import likeness
from codeplan_model.search.telling import plan_of_code
from codeplan_model.values import apply_edits

SOURCE = '''\
def total(numbers):
    """The sum."""
    result = 0
    for number in numbers:
        if number > 0:
            result += number
    return result
'''
RENAMED = (
    "\n    total = 0\n    for n in numbers:\n        if n > 0:\n            total += n\n"
    "    return total<|end|>"
)


def explained(source, backend, **budget):
    *_, end = explain(task_named(source, "total"), backend, Budget(**budget))
    assert isinstance(end, Explained)
    return end


def test_the_plan_that_leads_to_the_code_is_the_plan_of_the_code():
    backend = ScriptedBackend(
        [
            Rule(r"<\|plan\|>$", ("\n1. Use sum.", "\n1. Add the positive ones.")),
            Rule(r"Use sum", ("\n    return sum(numbers)<|end|>",)),
            Rule(r"positive", (RENAMED,)),
        ]
    )

    end = explained(SOURCE, backend, plans=2)

    assert end.plan.steps == ("Add the positive ones.",)
    assert (end.plan.origin, end.likeness) == ("sampled", 1.0)


def test_without_such_a_plan_it_is_read_off_the_code():
    backend = ScriptedBackend(
        [Rule(r"<\|plan\|>$", ("\n1. Use sum.",)), Rule("", ("\n    return sum(numbers)<|end|>",))]
    )

    end = explained(SOURCE, backend, plans=2)

    assert end.plan.origin == "syntax"
    assert end.plan.steps == (
        "Set result to 0.",
        "For each number in numbers: if number > 0, add number to result.",
        "Return result.",
    )


def test_a_chat_model_is_asked_with_the_code():
    backend = ScriptedBackend([Rule("result \\+= number", ("1. Start.\n2. Add.",))], "chat")

    end = explained(SOURCE, backend)

    assert (end.plan.steps, end.plan.origin) == (("Start.", "Add."), "sampled")


def test_a_chat_model_that_gives_no_plan_leaves_it_to_the_syntax():
    assert explained(SOURCE, ScriptedBackend([Rule("", ("No.",))], "chat")).plan.origin == "syntax"


def test_a_plan_that_stands_there_is_the_plan():
    source = SOURCE.replace("    result = 0", "    # Plan:\n    # 1. Mine.\n    result = 0")

    end = explained(source, ScriptedBackend([]))

    assert (end.plan.steps, end.plan.origin) == (("Mine.",), "user")


@pytest.mark.parametrize(
    ("body", "words"), [("    ...\n", "no code yet"), ("    return (\n", "does not parse")]
)
def test_code_that_is_none_is_not_explained(body, words):
    with pytest.raises(NothingToExplain, match=words):
        explained(f"def total(numbers):\n{body}", ScriptedBackend([]))


def test_a_time_limit_leaves_the_plan_of_the_syntax():
    backend = ScriptedBackend([Rule("", ("\n1. Slow.",), seconds=30.0)])

    assert explained(SOURCE, backend, time_limit=0.05).plan.origin == "syntax"


@pytest.mark.parametrize(
    ("code", "steps"),
    [
        ("    xs.append(1)", ("Append 1 to xs.",)),
        ("    out = []\n    a, b = b, a", ("Set out to an empty list.", "Set (a, b) to (b, a).")),
        ("    n **= 2", ("Combine n with 2 by **.",)),
        (
            "    while n:\n        n -= 1\n        break",
            ("While n: subtract 1 from n, then stop the loop.",),
        ),
        (
            "    if a:\n        return 1\n    elif b:\n        pass\n    else:\n        raise E",
            ("If a, return 1; else if b, do nothing; else raise E.",),
        ),
        (
            "    try:\n        f()\n    except E:\n        yield 1\n    finally:\n        del x",
            ("Try to call f(); on E yield 1; in any case delete x.",),
        ),
        ("    def g():\n        return 1\n    return g", ("Define the helper g.", "Return g.")),
        ("    return", ("Return nothing.",)),
    ],
)
def test_statements_are_told_in_words(code, steps):
    assert plan_of_code(code) == steps


def test_long_statements_are_cut_at_a_word():
    (step,) = plan_of_code("    return [" + ", ".join(f"name{i}" for i in range(99)) + "]")

    assert len(step) < 180
    assert step.endswith(" and so on.")


def test_likeness_does_not_mind_local_names():
    one = "    a = 1\n    return a + x"

    assert likeness(one, "    b = 1\n    return b + x") == 1.0
    assert likeness(one, "    b = 1\n    return b - x") < 1.0
    assert likeness(one, "    return (") == 0.0


def test_a_plan_comment_is_read_as_the_plan_again():
    task = task_named(SOURCE, "total")
    after = apply_edits(SOURCE, plan_comment_edits(task, ("Add  them\nup.", "Return.")))

    assert after == SOURCE.replace(
        "    result = 0", "    # Plan:\n    # 1. Add them up.\n    # 2. Return.\n    result = 0"
    )
    assert task_named(after, "total").user_plan == ("Add them up.", "Return.")


def test_a_docstring_section_stands_at_its_end():
    task = task_named(SOURCE, "total")

    after = apply_edits(SOURCE, docstring_edits(task, plan_lines(("Add.",))))

    assert after == SOURCE.replace(
        '"""The sum."""', '"""The sum.\n\n    Plan:\n    1. Add.\n    """'
    )


@pytest.mark.parametrize(
    ("source", "added"),
    [
        ("def total(n): return n\n", "x"),
        ('def total(n):\n    ("a" "b")\n    return n\n', "x"),
        ('def total(n):\n    """A."""\n    return n\n', 'x """ y'),
    ],
)
def test_where_a_docstring_has_no_room_nothing_is_changed(source, added):
    with pytest.raises(SpliceError):
        docstring_edits(task_named(source, "total"), [added])


def test_a_one_line_function_has_no_room_for_a_plan_comment():
    with pytest.raises(SpliceError):
        plan_comment_edits(task_named("def total(n): return n\n", "total"), ("x",))
