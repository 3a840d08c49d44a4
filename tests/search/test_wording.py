"""Verdicts in words."""

from __future__ import annotations

import pytest

from codeplan_model.search import PlanRecord
from codeplan_model.search.wording import plans_words, verdict_words
from codeplan_model.values import Candidate, Outcome, Plan, Verdict


def verdict(outcome, passed, total, **more):
    return Verdict(Candidate("    pass"), outcome, passed, total, **more)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (verdict(Outcome.PASSED, 3, 3), "passed 3 of 3 of your examples"),
        (verdict(Outcome.PASSED, 1, 1), "passed your one example"),
        (verdict(Outcome.FAILED, 1, 3), "passed 1 of 3 of your examples"),
        (verdict(Outcome.FAILED, 0, 3), "failed all of your examples"),
        (verdict(Outcome.FAILED, 0, 1), "failed your one example"),
        (verdict(Outcome.TIMED_OUT, 0, 3), "ran out of time on your examples"),
        (verdict(Outcome.CRASHED, 0, 1), "crashed on your one example"),
        (verdict(Outcome.UNTESTED, 0, 0), "no examples: unverified"),
        (
            verdict(Outcome.PASSED, 2, 2, sandbox="C (none: consent given)"),
            "passed 2 of 2 of your examples (run without isolation)",
        ),
        (
            verdict(Outcome.PASSED, 2, 2, weak=True),
            "passed 2 of 2 of your examples, judged in the candidate's own process",
        ),
    ],
)
def test_what_a_verdict_says(given, words):
    assert verdict_words(given) == words


def test_untested_code_says_why_once():
    told = verdict_words(verdict(Outcome.UNTESTED, 0, 0, detail="no examples: unverified"))

    assert told == "no examples: unverified"


def test_plans_are_told_with_their_steps_and_records():
    plans = [
        PlanRecord(Plan(("One.", "Two.")), verdict(Outcome.PASSED, 2, 2)),
        PlanRecord(Plan(("Three.",), origin="memory"), None),
    ]

    assert plans_words(plans) == (
        "Plan 1: passed 2 of 2 of your examples; sampled\n  1. One.\n  2. Two.\n"
        "Plan 2: no code was written from it; from memory\n  1. Three."
    )
