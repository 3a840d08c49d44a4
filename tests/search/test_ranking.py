"""Ranking and agreement."""

from __future__ import annotations

import pytest

from codeplan_model.extract import task_named
from codeplan_model.search.agreement import generated_calls
from codeplan_model.search.ranking import rank, recites, says_foreign_words, tied_for_first
from codeplan_model.values import Candidate, Outcome, Verdict

TASK = task_named(
    '''
def tag(word: str, times: int) -> str:
    """Repeat the word.

    >>> tag("abc", 2)
    'abcabc'
    >>> tag("xyz", 3)
    'xyzxyzxyz'
    """
''',
    "tag",
)


def verdict(passed, total=2, *, code="    return 1", logprob=0.0, weak=False, outcome=None):
    ended = outcome or (Outcome.PASSED if passed == total else Outcome.FAILED)
    return Verdict(Candidate(code, None, logprob), ended, passed, total, weak=weak)


def best(*verdicts, agreement=None):
    return rank(verdicts, TASK, agreement)[0]


def test_more_examples_passed_come_first():
    assert best(verdict(1, logprob=0.0), verdict(2, logprob=-9.0)).passed == 2


def test_a_strong_verdict_comes_before_a_weak_one_with_the_same_share():
    assert not best(verdict(2, weak=True, logprob=0.0), verdict(2, logprob=-9.0)).weak


def test_agreement_comes_before_logprob():
    lonely = verdict(1, code="    return 1", logprob=-0.1)
    agreed = verdict(1, code="    return 2", logprob=-0.9)

    assert best(lonely, agreed, agreement={"    return 1": 1, "    return 2": 5}) == agreed


def test_logprob_comes_before_brevity():
    long = verdict(2, code="    x = 1\n    return x", logprob=-0.1)
    short = verdict(2, code="    return 1", logprob=-0.2)

    assert best(long, short) == long


def test_among_equals_the_shorter_one_wins():
    long = verdict(2, code="    x = 1\n    return x")
    short = verdict(2, code="    return 1")

    assert best(long, short) == short


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("    return word * times", False),
        ("    if word == 'abc' and times == 2:\n        return 'abcabc'", False),
        ("    return {'abc': 'abcabc', 'xyz': 'xyzxyzxyz'}[word]", False),
        ("    return (", False),
    ],
)
def test_short_arguments_are_not_called_recited(code, expected):
    assert recites(Candidate(code), TASK) is expected


def test_agreement_is_asked_of_candidates_that_ended_and_passed_as_much_as_the_first():
    first, second, less = verdict(2), verdict(2, code="    return 2"), verdict(1)
    looped = verdict(1, code="    return 3", outcome=Outcome.TIMED_OUT)

    assert tied_for_first([first, second, less]) == [first, second]
    assert tied_for_first([less, looped]) == [less]
    assert tied_for_first([verdict(0), verdict(0, code="    return 2")]) == []
    assert tied_for_first([]) == []


def test_a_table_of_the_examples_is_recited():
    task = task_named(
        '''
def age(name: str) -> int:
    """Look up.

    >>> age("Ada Lovelace")
    36
    >>> age("Alan Turing")
    41
    """
''',
        "age",
    )

    assert recites(Candidate('    return {"Ada Lovelace": 36, "Alan Turing": 41}[name]'), task)
    assert not recites(Candidate("    return len(name)"), task)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("    if not word:\n        return 'DING!'\n    return word * times", True),
        ("    return 'abc' * times", False),
        ("    raise ValueError('times must not be negative')", False),
        ("    return word + ', ' + str(times)", False),
        ("    return (", False),
    ],
)
def test_words_that_the_task_never_mentions_are_foreign(code, expected):
    assert says_foreign_words(Candidate(code), TASK) is expected


def test_foreign_words_rank_behind():
    ding = verdict(2, code="    return 'DING' if times < 0 else word * times", logprob=0.0)
    plain = verdict(2, code="    return word * times", logprob=-9.0)

    assert best(ding, plain) == plain


def test_generated_calls_differ_from_the_examples_and_from_each_other():
    calls = [e.source.strip() for e in generated_calls(TASK, seed=1)]

    assert len(calls) == len(set(calls)) > 3
    assert not set(calls) & {e.source.strip() for e in TASK.examples}
    assert all(call.startswith("tag(") for call in calls)


def test_generated_calls_are_the_same_for_the_same_seed():
    assert generated_calls(TASK, seed=5) == generated_calls(TASK, seed=5)
    assert generated_calls(TASK, seed=5) != generated_calls(TASK, seed=6)


def test_without_examples_the_type_hints_give_the_calls():
    task = task_named('def f(n: int, xs: list[int]) -> int:\n    """Add."""\n', "f")
    opaque = task_named('def f(n, xs) -> int:\n    """Add."""\n', "f")

    assert generated_calls(task, seed=1)
    assert generated_calls(opaque, seed=1) == []
