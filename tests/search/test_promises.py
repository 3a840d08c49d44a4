"""Exceptions that a docstring promises and no example shows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from codeplan_model.backends.scripted import Rule, ScriptedBackend
from codeplan_model.extract import task_named
from codeplan_model.generation import BackendError
from codeplan_model.search import Budget, solve
from codeplan_model.search.promises import lacking, promised
from codeplan_model.search.wording import untested_words
from codeplan_model.values import Example, ExampleKind, Outcome, Task

SOURCE = '''
def root(n):
    """Return the whole square root of n. Raise ValueError if n is negative.

    >>> root(9)
    3
    """
'''
TASK = task_named(SOURCE, "root")
PLAIN = "\n    return int(n ** 0.5)"
# Without `int`, whose own ValueError could be what is meant.
BARE = "\n    return round(n ** 0.5)"
CHECK = "    if n < 0:\n        raise ValueError('negative')"


def task(doc: str) -> Task:
    body = "\n    ".join(doc.split("\n"))
    return task_named(f'def f(n):\n    """{body}\n    """\n', "f")


def solved(sandbox, said: tuple[str, ...], code: tuple[str, ...] = (BARE,), **changes):
    """said: what the model goes on with behind the `if` that it is given."""
    rules = [Rule(r"\n    if$", said), Rule("", code)]
    budget = Budget(strategy="direct", plans=0, samples=len(code), **changes)
    return list(solve(TASK, ScriptedBackend(rules), sandbox, budget))[-1]


@pytest.mark.parametrize(
    ("doc", "names"),
    [
        ("Do it. Raise ValueError if n is 0.", ("ValueError",)),
        ("Do it; a wrong n raises a TypeError.", ("TypeError",)),
        ("Do it.\n\n:raises KeyError: when there is none.", ("KeyError",)),
        (
            "Do it.\n\nRaises:\n    ValueError: If n is 0.\n    TypeError: If it is text.",
            ("ValueError", "TypeError"),
        ),
        ("Do it.\n\n>>> f(1)\n2\n\nRaises\n------\nIndexError\n    If none.", ("IndexError",)),
        ("Raise n to the power of two.", ()),
        ("Do it.\n\n>>> f(1)  # may raise ValueError\n2", ()),
        (
            "Raise ValueError for 0.\n\n>>> f(0)\nTraceback (most recent call last):\nValueError",
            (),
        ),
    ],
)
def test_what_a_docstring_promises_is_read_from_its_prose(doc: str, names: tuple[str, ...]) -> None:
    assert promised(task(doc)) == names


def test_what_a_test_beside_the_function_expects_is_no_open_promise() -> None:
    source = "def test_f():\n    with pytest.raises(ValueError):\n        f(0)\n"
    test = Example(source, "", ExampleKind.TEST, "test_f.py", 0, "test_f.py", "test_f")

    assert promised(replace(task("Raise ValueError if n is 0."), examples=(test,))) == ()


@pytest.mark.parametrize(
    ("code", "lacks"),
    [
        ("    return n", True),
        ("    raise ValueError('no')", False),
        ("    raise errors.ValueError", False),
        ("    return int(n)", False),
        ("    raise TypeError", True),
        ("    return (", False),
    ],
)
def test_a_program_lacks_what_nothing_in_it_raises(code: str, lacks: bool) -> None:
    assert lacking(code, ["ValueError"]) == (("ValueError",) if lacks else ())


def test_the_check_that_is_said_most_often_is_put_before_the_program(sandbox) -> None:
    finished = solved(
        sandbox,
        (
            " n == 0:\n        raise ValueError('zero')\n    return n",
            " n < 0:\n        raise ValueError('negative')\n    return n",
            " n < 0:\n        raise ValueError('below zero')",
            " n > 9:\n        return 3",
        ),
        checks=8,
    )

    assert finished.outcome == "passed"
    assert finished.stopped == "passed"
    assert finished.best.candidate.completion == f"{CHECK}{BARE}"


def test_a_check_that_breaks_an_example_is_not_taken(sandbox) -> None:
    finished = solved(
        sandbox,
        (
            " n > 0:\n        raise ValueError('positive')\n    return 0",
            " n > 0:\n        raise ValueError('positive')\n    return 1",
            " n < 0:\n        raise ValueError('negative')\n    return 2",
        ),
        checks=6,
    )

    assert finished.best.candidate.completion == f"{CHECK}{BARE}"


@pytest.mark.parametrize(
    "check",
    [
        " n < 0:\n        return 0",
        " n < 0:\n        raise TypeError('negative')",
        " n < 0:\n        raise ValueError('cut",
        " n > 0:\n        raise ValueError('wrong')",
        " n < 0:\n        raise ValueError('no')\n    else:\n        return 3",
    ],
)
def test_without_a_fitting_check_the_program_stays(sandbox, check: str) -> None:
    finished = solved(sandbox, (check,), checks=1)

    assert finished.outcome == "passed"
    assert finished.best.candidate.completion == BARE.strip("\n")


def test_a_check_that_is_said_too_seldom_is_not_taken(sandbox) -> None:
    said = [" n > 99:\n        return 0"] * 9

    finished = solved(sandbox, (" n < 0:\n        raise ValueError('negative')", *said))

    assert finished.best.candidate.completion == BARE.strip("\n")


def test_the_sentence_that_asks_for_the_check_is_asked_about_alone_too(sandbox) -> None:
    docstring = r"\"\"\"Raise ValueError if n is negative\.\"\"\""
    alone = rf"^def check\(n\):\n    {docstring}\n<\|code\|>\n    if$"
    check = " n < 0:\n        raise ValueError('negative')"
    rules = [
        Rule(alone, (check,)),
        Rule(r"\n    if$", (" n > 99:\n        return 0",)),
        Rule("", (BARE,)),
    ]
    budget = Budget(strategy="direct", plans=0, samples=1)

    finished = list(solve(TASK, ScriptedBackend(rules), sandbox, budget))[-1]

    assert finished.best.candidate.completion == f"{CHECK}{BARE}"


def test_a_program_that_keeps_the_promise_is_not_asked_about(sandbox) -> None:
    finished = solved(sandbox, (" n > 5:\n        raise ValueError('five')",), (PLAIN,))

    assert finished.best.candidate.completion == PLAIN.strip("\n")
    assert finished.tokens == sum(v.candidate.tokens for v in finished.ranked)


def test_a_sampled_program_that_keeps_the_promise_is_preferred(sandbox) -> None:
    code = (BARE, f"\n{CHECK}{BARE}")

    finished = solved(sandbox, (" n < 0:\n        return 0",), code, early_stop=False)

    assert finished.best.candidate.completion == f"{CHECK}{BARE}"


def test_a_model_that_fails_at_the_check_loses_nothing(sandbox) -> None:
    class Failing(ScriptedBackend):
        def generate(self, requests, cancel=None):
            if requests[0].prompt.endswith("if"):
                raise BackendError("the prompt is too long")
            return super().generate(requests, cancel)

    budget = Budget(strategy="direct", plans=0, samples=1)

    finished = list(solve(TASK, Failing([Rule("", (BARE,))]), sandbox, budget))[-1]

    assert (finished.outcome, finished.stopped) == ("passed", "passed")
    assert finished.best.candidate.completion == BARE.strip("\n")


def test_checks_can_be_switched_off(sandbox) -> None:
    finished = solved(sandbox, (" n < 0:\n        raise ValueError('negative')",), checks=0)

    assert finished.best.candidate.completion == BARE.strip("\n")


def test_what_no_example_shows_is_told(sandbox) -> None:
    finished = solved(sandbox, (" n < 0:\n        raise ValueError('negative')",))

    assert finished.to_json()["untested"] == ["ValueError"]
    assert untested_words(finished.task, finished.best) == "no example shows ValueError"
    assert untested_words(task("Do it.\n\n>>> f(1)\n2"), finished.best) == ""
    failed = replace(finished.best, outcome=Outcome.FAILED)
    assert untested_words(finished.task, failed) == ""
