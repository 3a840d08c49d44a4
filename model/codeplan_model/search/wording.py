"""Verdicts in words, for people: the one wording of command line and editors."""

from __future__ import annotations

from collections.abc import Sequence

from codeplan_model.search.events import Finished, PlanRecord
from codeplan_model.search.promises import promised
from codeplan_model.values import Outcome, Task, Verdict


def verdict_words(verdict: Verdict) -> str:
    """ "passed 3 of 3 of your examples", "no examples: unverified", ..."""
    examples = "your examples" if verdict.total != 1 else "your one example"
    counts = f"{verdict.passed} of {verdict.total} of {examples}"
    if verdict.total == 1:
        counts = examples
    match verdict.outcome:
        case Outcome.PASSED:
            words = f"passed {counts}"
            if verdict.weak:
                words += ", judged in the candidate's own process"
        case Outcome.UNTESTED:
            words = verdict.detail or "no examples: unverified"
            if "unverified" not in words:
                words = f"unverified: {words}"
        case Outcome.FAILED:
            words = f"passed {counts}" if verdict.passed else f"failed all of {examples}"
            if verdict.total == 1:
                words = f"failed {examples}"
        case Outcome.TIMED_OUT:
            words = f"ran out of time on {examples}"
        case Outcome.CRASHED:
            words = f"crashed on {examples}"
    if verdict.sandbox.startswith("C"):
        words += " (run without isolation)"
    return words


def untested_words(task: Task, verdict: Verdict) -> str:
    """The exceptions that the docstring of a passing function promises and no example shows."""
    names = promised(task) if verdict.outcome is Outcome.PASSED else ()
    return f"no example shows {' or '.join(names)}" if names else ""


def finished_words(finished: Finished) -> str:
    """What a search ended with, with the function's name."""
    name = finished.task.entry_point
    if finished.best is None:
        tried = {"time": "the time limit was reached", "tokens": "the token limit was reached"}
        return f"{name}: no usable code; {tried.get(finished.stopped, 'the model wrote none')}"
    return f"{name}: {detailed_words(finished.best)}"


def detailed_words(verdict: Verdict) -> str:
    """The same, and what went wrong first."""
    words = verdict_words(verdict)
    if verdict.detail and verdict.outcome not in (Outcome.PASSED, Outcome.UNTESTED):
        words += f" ({verdict.detail})"
    return words


def record_words(record: PlanRecord) -> str:
    """How the code from a plan fared."""
    if record.best is None:
        return "no code was written from it"
    return f"its best code {detailed_words(record.best)}"


def origin_words(origin: str) -> str:
    """Where a plan or code came from: "sampled", "adapted from memory", ..."""
    known = {
        "memory": "from memory",
        "adapted": "adapted from memory",
        "user": "your own",
        "repaired": "repaired",
    }
    return known.get(origin, origin)


def plans_words(plans: Sequence[PlanRecord]) -> str:
    """The plans with their records, as text of many lines."""
    parts = []
    for number, record in enumerate(plans, 1):
        words = verdict_words(record.best) if record.best else "no code was written from it"
        steps = "\n".join(f"  {i}. {step}" for i, step in enumerate(record.plan.steps, 1))
        origin = origin_words(record.plan.origin)
        parts.append(f"Plan {number}: {words}; {origin}\n{steps}")
    return "\n".join(parts)
