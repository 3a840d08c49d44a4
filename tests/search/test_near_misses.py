"""Near misses: what memory has almost right is changed at one place, and only then."""

from __future__ import annotations

from codeplan_model.backends.scripted import Rule, ScriptedBackend
from codeplan_model.extract import task_named
from codeplan_model.memory import Entry
from codeplan_model.sandbox.levels import make_level
from codeplan_model.search import Budget, near_misses, solve
from codeplan_model.values import Outcome, Verdict

SOURCE = '''
def adults(ages):
    """Count the people who are at least 18.

    >>> adults([17, 40])
    1
    >>> adults([18, 3])
    1
    >>> adults([])
    0
    """
'''
TASK = task_named(SOURCE, "adults")
LEVEL = make_level("A", 0, ())


def remember(store, code):
    doc = "Count the people who are older than 18."
    store.add([Entry("older", "def older(ages):", (doc,), ("Count.",), code, "t", "Apache-2.0")])


def solved(task, store, sandbox, **changes):
    backend = ScriptedBackend([Rule("", ("\n    return 0",))])
    budget = Budget(strategy="direct", plans=0, samples=1, **changes)
    return list(solve(task, backend, sandbox, budget, memory=[store]))[-1]


def test_a_remembered_program_that_is_wrong_at_one_place_is_mended(store, sandbox):
    remember(store, "    return sum(1 for age in ages if age > 18)")

    finished = solved(TASK, store, sandbox)

    assert finished.outcome == "passed"
    assert finished.stopped == "passed"
    assert finished.best.candidate.completion in {
        "    return sum(1 for age in ages if age >= 18)",
        "    return sum(1 for age in ages if age > 17)",
    }
    assert finished.best.candidate.origin == "adapted"
    assert finished.best.candidate.plan.origin == "memory"
    assert finished.tokens == 0


def test_changes_can_be_switched_off(store, sandbox):
    remember(store, "    return sum(1 for age in ages if age > 18)")

    finished = solved(TASK, store, sandbox, changed=0)

    assert finished.outcome == "failed"
    assert len(finished.ranked) == 2


def test_no_more_changes_are_judged_than_the_budget_says(store, sandbox):
    remember(store, "    return sum(1 for age in ages if age > 19 and age < 90)")

    finished = solved(TASK, store, sandbox, changed=7)

    assert sum(v.candidate.origin == "adapted" for v in finished.ranked) == 1 + 7


def test_a_program_that_passes_no_example_is_left_alone(store, sandbox):
    remember(store, "    return -1")

    finished = solved(TASK, store, sandbox)

    assert sum(v.candidate.origin == "adapted" for v in finished.ranked) == 1


def test_the_only_example_lets_no_change_in(store, sandbox):
    # It would say next to nothing: some change or other gives its answer.
    task = task_named(SOURCE.split("    >>> adults([18")[0] + '    """\n', "adults")
    remember(store, "    return len(ages)")

    finished = solved(task, store, sandbox)

    assert finished.outcome == "failed"
    assert sum(v.candidate.origin == "adapted" for v in finished.ranked) == 1


class Slow:
    """A judge to whom everything but the first program runs out of time."""

    level = LEVEL

    def __init__(self):
        self.judged = 0

    def warm(self, task):
        pass

    def judge(self, task, candidate, *, cancel=None):
        self.judged += 1
        first = self.judged == 1
        outcome = Outcome.FAILED if first else Outcome.TIMED_OUT
        return Verdict(candidate, outcome, int(first), len(task.examples))

    def judge_many(self, task, candidates, *, cancel=None):
        for candidate in candidates:
            yield self.judge(task, candidate, cancel=cancel)


def test_changes_that_run_out_of_time_end_the_trying(store):
    remember(store, "    return sum(1 for age in ages if age > 18)")

    finished = solved(TASK, store, Slow())

    changed = [v for v in finished.ranked if v.candidate.origin == "adapted"]
    assert len(changed) == 1 + near_misses.MAX_SLOW
