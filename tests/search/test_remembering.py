"""Memory before the model: how long it is asked, and when the model is asked all the same."""

from __future__ import annotations

from codeplan_model.backends.scripted import Rule, ScriptedBackend
from codeplan_model.extract import task_named
from codeplan_model.memory import Entry
from codeplan_model.search import Budget, Judged, remembering, solve

SOURCE = '''
def adults(ages):
    """Count the people who are at least 18.

    >>> adults([17, 40])
    1
    >>> adults([18, 3])
    1
    """
'''
TASK = task_named(SOURCE, "adults")
RIGHT = "    return sum(1 for age in ages if age >= 18)"
# Passes both examples as well.
LUCKY = "    return len(ages) - 1"
DOC = "Count the people who are at least 18"


def remember(store, codes):
    """Solved problems with these programs, the first the nearest."""
    for number, code in enumerate(codes):
        # Every further word that is not the task's makes a problem less near.
        doc = f"{DOC} {'unlike ' * number}".strip()
        entry = Entry(f"f{number}", f"def f{number}(ages):", (doc,), ("Count.",), code, "t", "MIT")
        store.add([entry])


def wrong(count):
    return [f"    return {-1 - number}" for number in range(count)]


def solved(store, sandbox, *written, **changes):
    backend = ScriptedBackend([Rule("", tuple(f"\n{code}" for code in written))])
    options = {"strategy": "adaptive", "plans": 1, "samples": len(written), "growth": 0, **changes}
    return list(solve(TASK, backend, sandbox, Budget(**options), memory=[store]))[-1]


def test_a_near_neighbours_program_is_believed_without_the_model(store, sandbox):
    remember(store, [*wrong(remembering.NEAREST - 1), RIGHT])

    finished = solved(store, sandbox, LUCKY)

    assert finished.best.candidate.completion == RIGHT
    assert (finished.tokens, finished.stopped) == (0, "passed")


def test_the_model_is_asked_before_a_distant_ones_program(store, sandbox):
    remember(store, [*wrong(remembering.NEAREST), LUCKY])

    finished = solved(store, sandbox, "    return 0", RIGHT)

    assert finished.best.candidate.completion == RIGHT
    assert finished.best.candidate.origin == "sampled"
    assert LUCKY not in [v.candidate.completion for v in finished.ranked]


def test_a_distant_ones_program_is_tried_when_the_model_has_nothing_that_passes(store, sandbox):
    remember(store, [*wrong(remembering.NEAREST), RIGHT])

    finished = solved(store, sandbox, "    return 0")

    assert finished.best.candidate.completion == RIGHT
    assert (finished.best.candidate.origin, finished.stopped) == ("adapted", "passed")
    # The model was asked for some programs, not for plans.
    assert finished.tokens > 0
    assert [record.plan.origin for record in finished.plans] == []


def test_the_paper_strategy_tries_all_that_is_remembered_before_the_model(store, sandbox):
    remember(store, [*wrong(remembering.NEAREST), LUCKY])

    finished = solved(store, sandbox, RIGHT, strategy="codeplan")

    assert (finished.best.candidate.completion, finished.tokens) == (LUCKY, 0)


def test_nothing_is_judged_behind_the_first_that_passes(store, sandbox):
    remember(store, [*wrong(2), RIGHT, *wrong(20)])

    finished = solved(store, sandbox, LUCKY)

    assert len(finished.ranked) == 3


def test_nothing_remembered_is_judged_twice(store, sandbox):
    remember(store, wrong(remembering.NEAREST + 3))
    backend = ScriptedBackend([Rule("", ("\n    return 0",))])
    budget = Budget(plans=1, samples=1)

    events = list(solve(TASK, backend, sandbox, budget, memory=[store]))

    judged = [e.verdict.candidate.origin for e in events if isinstance(e, Judged)]
    assert judged == ["adapted"] * remembering.NEAREST + ["sampled"] + ["adapted"] * 3


def test_without_an_early_stop_all_that_is_remembered_is_judged(store, sandbox):
    remember(store, [RIGHT, *wrong(20)])

    finished = solved(store, sandbox, LUCKY, early_stop=False)

    assert len(finished.ranked) == 1 + 20 + 1


def test_less_is_judged_where_the_budget_says_so(store, sandbox):
    remember(store, wrong(20))

    few = solved(store, sandbox, "    return 0", remembered=2, distant=0)
    none = solved(store, sandbox, "    return 0", remembered=0)

    assert sum(v.candidate.origin == "adapted" for v in few.ranked) == 2
    assert sum(v.candidate.origin == "adapted" for v in none.ranked) == 0


def test_many_more_are_judged_where_nothing_else_passes(store, sandbox):
    remember(store, [*wrong(12), RIGHT])

    found = solved(store, sandbox, "    return 0", remembered=2)
    never = solved(store, sandbox, "    return 0", remembered=2, distant=0)
    fewer = solved(store, sandbox, "    return 0", remembered=2, distant=4)

    assert (found.best.candidate.completion, found.stopped) == (RIGHT, "passed")
    assert (never.stopped, fewer.stopped) == ("exhausted", "exhausted")
    # They come behind all that the model was asked for.
    assert found.tokens == never.tokens > 0


def test_they_are_judged_when_the_tokens_are_spent_and_not_after_something_passed(store, sandbox):
    remember(store, [*wrong(5), LUCKY])
    steps = "\n1. Count the adults."
    backend = ScriptedBackend([Rule("<|plan|>", (steps,)), Rule("", ("\n    return 0",))])
    spent = Budget(plans=2, samples=1, remembered=2, token_limit=8)

    ended = list(solve(TASK, backend, sandbox, spent, memory=[store]))[-1]
    passed = solved(store, sandbox, RIGHT, remembered=2)

    assert (ended.best.candidate.completion, ended.stopped) == (LUCKY, "passed")
    assert ended.tokens >= 8
    assert passed.best.candidate.completion == RIGHT
    assert LUCKY not in [v.candidate.completion for v in passed.ranked]


def test_a_program_that_hangs_ends_them(store, sandbox):
    remember(store, [*wrong(3), "    while True:\n        pass", RIGHT])

    finished = solved(store, sandbox, "    return 0", remembered=2)

    assert finished.stopped == "exhausted"
    assert RIGHT not in [v.candidate.completion for v in finished.ranked]
