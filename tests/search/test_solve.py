"""The search's logic, with a scripted model and the real sandbox."""

from __future__ import annotations

from dataclasses import replace

import pytest

from codeplan_model.backends.scripted import Rule, ScriptedBackend
from codeplan_model.extract import task_named
from codeplan_model.generation import BackendError, Cancelled, CancelToken
from codeplan_model.search import (
    Budget,
    Finished,
    Judged,
    PlanChosen,
    PlanSampled,
    Progress,
    solve,
)
from codeplan_model.values import Outcome

SOURCE = '''
def double(x: int) -> int:
    """Return twice x.

    >>> double(2)
    4
    >>> double(-1)
    -2
    """
    ...
'''

PLAN = r"<\|plan\|>$"
DIRECT = r'"""\n<\|code\|>$'


def task():
    return task_named(SOURCE, "double")


def run(backend, sandbox, cancel=None, **budget):
    events = list(solve(task(), backend, sandbox, Budget(**budget), cancel))
    assert isinstance(events[-1], Finished)
    return events, events[-1]


def test_the_plan_whose_code_passes_is_the_one_that_is_reported(sandbox):
    backend = ScriptedBackend(
        [
            Rule(PLAN, ("\n1. Square it.", "\n1. Add it to itself.")),
            Rule(r"Square", ("\n    return x * x",)),
            Rule(r"itself", ("\n    return x + x",)),
        ]
    )

    _, finished = run(backend, sandbox, strategy="codeplan", plans=2, samples=2)

    assert finished.outcome == "passed"
    assert finished.best.candidate.plan.steps == ("Add it to itself.",)
    assert finished.plans[0].plan.steps == ("Add it to itself.",)
    assert finished.stopped == "passed"


def test_when_no_plan_passes_more_code_is_written_from_the_best_one(sandbox):
    backend = ScriptedBackend(
        [
            Rule(PLAN, ("\n1. Bad.", "\n1. Half right.")),
            Rule(r"Bad", ("\n    return None",)),
            # The first program from the better plan passes one example of two.
            Rule(r"Half", ("\n    return 4", "\n    return 2 * x")),
        ]
    )

    events, finished = run(backend, sandbox, strategy="codeplan", plans=2, samples=2)

    chosen = [e for e in events if isinstance(e, PlanChosen)]
    assert [c.record.plan.steps for c in chosen] == [("Half right.",)]
    assert finished.outcome == "passed"
    assert finished.best.candidate.completion.strip() == "return 2 * x"


def test_the_search_stops_generating_at_the_first_candidate_that_passes_everything(sandbox):
    backend = ScriptedBackend([Rule(DIRECT, ("\n    return x + x", "\n    return 2 * x"))])

    _, finished = run(backend, sandbox, strategy="direct", plans=5, samples=5)

    assert len(finished.ranked) == 1


def test_identical_candidates_are_judged_once(sandbox):
    backend = ScriptedBackend([Rule(DIRECT, ("\n    return 0",))])

    events, finished = run(backend, sandbox, strategy="direct", plans=0, samples=6)

    assert sum(isinstance(e, Judged) for e in events) == 1
    assert finished.outcome == "failed"


def test_plans_that_lead_to_the_same_code_have_the_same_record(sandbox):
    backend = ScriptedBackend(
        [Rule(PLAN, ("\n1. One.", "\n1. Other.")), Rule("", ("\n    return 4",))]
    )

    _, finished = run(backend, sandbox, strategy="codeplan", plans=2, samples=1)

    assert len(finished.ranked) == 1
    assert [(r.best.passed, r.best.total) for r in finished.plans] == [(1, 2), (1, 2)]


def test_adaptive_plans_only_when_direct_code_fails(sandbox):
    good = ScriptedBackend([Rule(DIRECT, ("\n    return x + x",))])
    bad = ScriptedBackend(
        [
            Rule(DIRECT, ("\n    return 0",)),
            Rule(PLAN, ("\n1. Add it to itself.",)),
            Rule(r"itself", ("\n    return x + x",)),
        ]
    )

    _, without = run(good, sandbox, strategy="adaptive", plans=1, samples=1)
    _, planned = run(bad, sandbox, strategy="adaptive", plans=1, samples=1)

    assert without.plans == ()
    assert without.outcome == "passed"
    assert planned.best.candidate.plan is not None
    assert planned.outcome == "passed"


class Late(ScriptedBackend):
    """Plans are good from the second time on that they are asked for."""

    def _rule(self, request):
        rule = ScriptedBackend._rule(self, request)
        if rule.pattern == PLAN and sum(self.plans_asked()[:-1]):
            return replace(rule, texts=("\n1. Bad.", "\n1. Worse.", "\n1. Add it to itself."))
        return rule

    def plans_asked(self):
        return [r.n for call in self.calls for r in call if r.prompt.endswith("<|plan|>")]


def late(**changes):
    return Late(
        [
            Rule(DIRECT, ("\n    return 0",)),
            Rule(PLAN, ("\n1. Bad.", "\n1. Worse.")),
            Rule("itself", ("\n    return x + x",)),
            Rule("", ("\n    return 4", "\n    return 5")),
        ],
        **changes,
    )


def test_the_adaptive_strategy_asks_for_more_plans_when_nothing_passes(sandbox):
    backend = late()

    events, finished = run(backend, sandbox, strategy="adaptive", plans=2, samples=1)

    assert backend.plans_asked() == [2, 4]
    assert finished.outcome == "passed"
    assert finished.best.candidate.plan.steps == ("Add it to itself.",)
    assert "sampling 4 more plans" in [e.message for e in events if isinstance(e, Progress)]
    # Each plan once, though two were written again.
    assert [e.plan.steps[0] for e in events if isinstance(e, PlanSampled)] == [
        "Bad.",
        "Worse.",
        "Add it to itself.",
    ]


@pytest.mark.parametrize(
    "budget",
    [{"growth": 0}, {"strategy": "codeplan"}, {"early_stop": False}, {"token_limit": 12}],
    ids=["not wanted", "the paper's strategy", "a fixed number of samples", "tokens spent"],
)
def test_there_is_no_second_round_where_it_is_not_wanted(sandbox, budget):
    backend = late()

    _, finished = run(
        backend, sandbox, **{"strategy": "adaptive", "plans": 2, "samples": 1, **budget}
    )

    assert backend.plans_asked() == [2]
    assert finished.outcome == "failed"


def test_a_chat_model_is_not_asked_for_a_second_round(sandbox):
    code = "```python\ndef double(x):\n    return 0\n```"
    backend = ScriptedBackend([Rule("", (f"1. Think.\n{code}",))], prompt_format="chat")

    _, finished = run(backend, sandbox, strategy="adaptive", plans=2, samples=1)

    assert finished.outcome == "failed"
    # Programs written directly, plans, programs from the plan, more from the best.
    assert len(backend.calls) == 4


def test_a_recited_answer_does_not_end_the_search_and_ranks_below_a_computation(sandbox):
    source = SOURCE.replace("double(2)\n    4", "double(200)\n    400")
    recited = "\n    return {200: 400, -1: -2}[x]"
    backend = ScriptedBackend([Rule(DIRECT, (recited, "\n    return x + x"))])

    events = list(
        solve(
            task_named(source, "double"),
            backend,
            sandbox,
            Budget(strategy="direct", plans=0, samples=2),
        )
    )

    assert events[-1].best.candidate.completion.strip() == "return x + x"


def test_a_function_without_examples_is_untested_and_agreement_decides(sandbox):
    source = 'def double(x: int) -> int:\n    """Return twice x."""\n    ...\n'
    texts = ("\n    return x * x", "\n    return x + x", "\n    return 2 * x")
    backend = ScriptedBackend([Rule(DIRECT, texts)])

    finished = list(
        solve(
            task_named(source, "double"),
            backend,
            sandbox,
            Budget(strategy="direct", plans=0, samples=3),
        )
    )[-1]

    assert finished.outcome == "untested"
    assert finished.best.outcome is Outcome.UNTESTED
    assert finished.best.candidate.completion.strip() in ("return x + x", "return 2 * x")


def test_the_users_own_plan_is_used_as_it_stands(sandbox):
    backend = ScriptedBackend([Rule(r"My own step", ("\n    return x + x",))])
    mine = replace(task(), user_plan=("My own step.",))

    finished = list(solve(mine, backend, sandbox, Budget(plans=3, samples=2)))[-1]

    assert finished.best.candidate.plan.origin == "user"
    assert all(request.prompt.count("My own step.") for call in backend.calls for request in call)


def test_progress_counts_up_to_its_total(sandbox):
    backend = ScriptedBackend(
        [Rule(PLAN, ("\n1. A.", "\n1. B.", "\n1. C.")), Rule("", ("\n    return 0",))]
    )

    events, _ = run(backend, sandbox, strategy="codeplan", plans=3, samples=2)

    planning = [e for e in events if isinstance(e, Progress) and e.stage == "planning"]
    assert [(e.done, e.total) for e in planning] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert sum(isinstance(e, PlanSampled) for e in events) == 3


def test_an_unreadable_plan_is_data_and_the_search_goes_on(sandbox):
    backend = ScriptedBackend(
        [
            Rule(PLAN, ("\nno numbers here", "\n1. Add.")),
            Rule("no numbers", ("\n    return 2 * x",)),
            Rule("Add", ("\n    return x + x",)),
        ]
    )

    _, finished = run(backend, sandbox, strategy="codeplan", plans=2, samples=1)

    assert finished.outcome == "passed"
    assert len(finished.plans) == len(finished.ranked) == 1
    assert finished.best.candidate.plan.steps == ("Add.",)


def test_the_timings_say_what_was_waited_for_and_what_overlapped(sandbox):
    class Clocked(ScriptedBackend):
        """Says that each text took a second of its own time."""

        def generate(self, requests, cancel=None):
            for number, completion in enumerate(super().generate(requests, cancel), 1):
                yield replace(completion, seconds=float(number))

    backend = Clocked([Rule(PLAN, ("\n1. A.",)), Rule("", ("\n    return 0",))])
    _, finished = run(backend, sandbox, strategy="codeplan", plans=1, samples=1, early_stop=False)
    spent = finished.timings
    stages = spent["planning"] + spent["coding"] + spent["refining"]

    assert stages <= spent["waiting"] <= finished.seconds
    assert 0 < spent["judging"] <= finished.seconds
    # A plan and its code, then one more program.
    assert spent["decoding"] == 3.0
    assert spent["overlapped"] == pytest.approx(3.0 - spent["waiting"], abs=0.5)


def test_a_plan_is_coded_before_the_next_is_there_when_the_model_can_do_that(sandbox):
    requests = []

    class Eager(ScriptedBackend):
        def generate(self, asked, cancel=None):
            requests.extend(asked)
            return super().generate(asked, cancel)

    backend = Eager([Rule(PLAN, ("\n1. A.", "\n1. B.")), Rule("", ("\n    return 0",))])
    run(backend, sandbox, strategy="codeplan", plans=2, samples=1)

    assert requests[0].n == 2
    assert requests[0].then.joint == "<|code|>"
    # The plans' code is not asked for again: what is left is more code from the chosen plan.
    assert len(requests) == 2


def test_code_that_does_not_parse_is_crashed_and_not_an_exception(sandbox):
    backend = ScriptedBackend([Rule(DIRECT, ("\n    return (x",))])

    _, finished = run(backend, sandbox, strategy="direct", plans=0, samples=1)

    assert finished.outcome == "crashed"


def test_no_readable_code_at_all_is_no_candidate(sandbox):
    backend = ScriptedBackend([Rule(DIRECT, ("",))])

    _, finished = run(backend, sandbox, strategy="direct", plans=0, samples=2)

    assert finished.outcome == "no_candidate"
    assert finished.to_json()["code"] == ""


def test_cancelling_stops_the_search_with_cancelled(sandbox):
    backend = ScriptedBackend([Rule(DIRECT, ("\n    return 0",), seconds=30)])
    cancel = CancelToken()

    stream = solve(task(), backend, sandbox, Budget(strategy="direct"), cancel)
    assert isinstance(next(stream), Progress)
    assert next(stream).stage == "direct"
    cancel.cancel()

    with pytest.raises(Cancelled):
        next(stream)


def test_the_time_limit_ends_with_what_was_found(sandbox):
    backend = ScriptedBackend(
        [
            Rule(PLAN, ("\n1. Fast.", "\n1. Slow.")),
            Rule("Fast", ("\n    return 4",)),
            Rule("Slow", ("\n    return x + x",), seconds=60),
        ]
    )

    _, finished = run(backend, sandbox, strategy="codeplan", plans=2, samples=1, time_limit=1.5)

    assert finished.stopped == "time"
    assert finished.outcome == "failed"
    assert (finished.best.passed, finished.best.total) == (1, 2)


def test_the_token_limit_is_kept(sandbox):
    texts = tuple(f"\n    return {n}" for n in range(50))
    backend = ScriptedBackend([Rule(DIRECT, texts)])

    _, finished = run(backend, sandbox, strategy="direct", plans=0, samples=50, token_limit=9)

    assert finished.stopped == "tokens"
    assert 9 <= finished.tokens <= 11


def test_who_stops_pulling_closes_the_backends_stream(sandbox):
    closed = []

    class Watched(ScriptedBackend):
        def generate(self, requests, cancel=None):
            try:
                yield from super().generate(requests, cancel)
            finally:
                closed.append(True)

    backend = Watched([Rule(DIRECT, ("\n    return 0", "\n    return 1"))])
    stream = solve(task(), backend, sandbox, Budget(strategy="direct", plans=0, samples=9))
    for event in stream:
        if isinstance(event, Judged):
            break
    stream.close()

    assert closed == [True]


def test_a_dead_backend_is_an_error_with_words(sandbox):
    backend = ScriptedBackend([Rule("", error=BackendError("the model died", retryable=True))])

    with pytest.raises(BackendError, match="the model died"):
        run(backend, sandbox)


def test_the_same_seed_asks_for_the_same_and_another_seed_for_something_else(sandbox):
    def seeds(seed):
        backend = ScriptedBackend([Rule(PLAN, ("\n1. A.",)), Rule("", ("\n    return 0",))])
        run(backend, sandbox, plans=1, samples=1, seed=seed)
        return [request.sampling.seed for call in backend.calls for request in call]

    assert seeds(3) == seeds(3)
    assert seeds(3) != seeds(4)
    assert len(set(seeds(3))) == len(seeds(3))
