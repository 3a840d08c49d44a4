"""Repair: the user's own code is the start; only what the examples verify is offered."""

from __future__ import annotations

import pytest

from codeplan_model.backends.scripted import Rule, ScriptedBackend
from codeplan_model.extract import splice, task_named
from codeplan_model.generation import BackendError, Cancelled, CancelToken
from codeplan_model.prompts.existing import beginnings, repair_prompts
from codeplan_model.search import Budget, Finished, Judged, NothingToRepair, repair, solve

SOURCE = '''
def total(numbers):
    """The sum of the positive ones.

    >>> total([1, -2, 3])
    4
    >>> total([])
    0
    """
    result = 0
    for number in numbers:  # all of them
        if number < 0:
            result += number
    return result
'''


class NoModel:
    """A backend that must not be asked."""

    kind = "scripted"

    def info(self, cancel=None):
        raise BackendError("asked")

    def generate(self, requests, cancel=None):
        raise BackendError("asked")

    def close(self):
        pass


def run(source, backend, sandbox, cancel=None, **budget):
    budget = {"repair_rounds": 2, **budget}
    task = task_named(source, "total")
    events = list(repair(task, backend, sandbox, Budget(**budget), cancel))
    assert isinstance(events[-1], Finished)
    return events[-1]


def test_a_slip_is_mended_in_the_user_s_own_code_without_the_model(sandbox):
    finished = run(SOURCE, NoModel(), sandbox)

    assert finished.outcome == "passed"
    assert finished.best.candidate.origin == "repaired"
    assert (finished.before.passed, finished.before.total) == (1, 2)
    assert splice(finished.task, finished.best.candidate) in (
        SOURCE.replace("number < 0", "number > 0"),
        SOURCE.replace("number < 0", "number >= 0"),
    )
    assert (finished.rounds, finished.tokens, finished.strategy) == (0, 0, "repair")


def test_two_slips_are_mended_one_after_the_other_where_the_first_gets_further(sandbox):
    source = SOURCE.replace("result = 0", "result = 1")

    finished = run(source, NoModel(), sandbox)

    assert finished.outcome == "passed"
    assert "result = 0" in finished.best.candidate.completion
    assert finished.before.passed == 0


def test_code_whose_examples_pass_is_left_as_it_is(sandbox):
    finished = run(SOURCE.replace("< 0", "> 0"), NoModel(), sandbox)

    assert finished.best is finished.before
    assert (finished.outcome, finished.stopped) == ("passed", "passed")
    assert len(finished.ranked) == 1


ODD = SOURCE.replace("    4\n", "    '1 and 3'\n").replace("    0\n    ", "    'none'\n    ")
RIGHT = "    return ' and '.join(str(n) for n in numbers if n > 0) or 'none'"


def test_what_no_small_change_mends_goes_to_the_model_with_what_was_got(sandbox):
    answer = f"```python\ndef total(numbers):\n{RIGHT}\n```"
    backend = ScriptedBackend([Rule("", (answer,))], prompt_format="chat")

    finished = run(ODD, backend, sandbox)

    assert finished.outcome == "passed"
    assert finished.rounds == 1
    (request,) = backend.calls[0]
    words = request.prompt[-1].content
    assert "total([1, -2, 3])\nexpected:\n'1 and 3'\ngot:\n-2" in words
    assert "if number < 0" in request.prompt[-2].content


def test_a_model_of_our_own_format_writes_on_from_a_kept_beginning(sandbox):
    kept = "\n    result = 0\n    for number in numbers:  # all of them"
    rest = "\n        pass\n" + RIGHT
    backend = ScriptedBackend([Rule(r"# all of them$", (rest,)), Rule("", ("\n    return 1",))])

    finished = run(ODD, backend, sandbox)

    assert finished.best.candidate.completion == (kept + rest).lstrip("\n")


def test_the_rounds_end_and_the_user_s_code_stays_the_best_of_equals(sandbox):
    backend = ScriptedBackend([Rule("", ("\n    return 1",))])

    finished = run(ODD, backend, sandbox, samples=1)

    assert finished.rounds == 2
    assert finished.stopped == "exhausted"
    assert finished.best is finished.before


def test_without_rounds_the_model_is_not_asked(sandbox):
    finished = run(ODD, NoModel(), sandbox, repair_rounds=0)

    assert finished.outcome == "failed"


def test_code_that_does_not_parse_is_left_to_the_model(sandbox):
    broken = SOURCE.replace("return result", "return (result")
    backend = ScriptedBackend([Rule("", ("\n    return sum(n for n in numbers if n > 0)",))])

    finished = run(broken, backend, sandbox)

    assert finished.before.outcome.value == "crashed"
    assert finished.outcome == "passed"


def test_a_program_that_recites_the_examples_does_not_end_the_repair(sandbox):
    recital = "\n    return '1 and 3' if numbers == [1, -2, 3] else 'none'"
    backend = ScriptedBackend([Rule("", (recital, "\n" + RIGHT))])

    finished = run(ODD, backend, sandbox)

    assert finished.best.candidate.completion == RIGHT


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def total(numbers):\n    ...\n\nassert total([]) == 0\n", "no code yet"),
        ("def total(numbers):\n    return 1\n", "no examples"),
        ('def total(numbers):\n    """\n    >>> total([])\n    0\n    """\n', "no code yet"),
    ],
)
def test_without_code_or_examples_there_is_nothing_to_repair(sandbox, source, words):
    with pytest.raises(NothingToRepair, match=words):
        run(source, NoModel(), sandbox)


def test_a_plan_comment_between_the_statements_is_not_doubled(sandbox):
    comment = "    # Plan:\n    # 1. Add the positive ones.\n"
    source = SOURCE.replace("    for number", f"{comment}    for number")

    finished = run(source, NoModel(), sandbox)

    assert splice(finished.task, finished.best.candidate).count("# Plan:") == 1


def test_cancelling_stops_it(sandbox):
    cancel = CancelToken()
    stream = repair(task_named(ODD, "total"), NoModel(), sandbox, Budget(), cancel)
    for event in stream:
        if isinstance(event, Judged):
            cancel.cancel()
            break

    with pytest.raises(Cancelled):
        list(stream)


def test_a_time_limit_leaves_what_was_found(sandbox):
    finished = run(ODD, NoModel(), sandbox, time_limit=0.0001)

    assert finished.stopped == "time"


def test_solve_repairs_its_best_program_when_the_budget_says_so(sandbox):
    empty = task_named(SOURCE[: SOURCE.index("    result")] + "    ...\n", "total")
    wrong = "\n    return sum(n for n in numbers if n < 0)"
    backend = ScriptedBackend([Rule(r"<\|plan\|>$", ("\n1. Add.",)), Rule("", (wrong,))])

    def ends(rounds):
        budget = Budget(plans=1, samples=1, repair_rounds=rounds)
        *_, finished = solve(empty, backend, sandbox, budget)
        return finished.outcome

    assert (ends(0), ends(1)) == ("failed", "passed")


def test_beginnings_reach_from_nothing_to_all_but_the_last_line():
    code = "\n".join(f"    x = {i}" for i in range(20))

    found = beginnings(code)

    assert found[0] == ""
    assert found[-1].count("\n") == 19
    assert len(found) <= 7
    assert beginnings("    return 1") == [""]


def test_prompts_of_our_own_format_end_where_the_body_goes_on():
    task = task_named(SOURCE, "total")

    prompts = repair_prompts("codeplan-1", task, "    x = 1\n    return x", ())

    assert [m.kept for m in prompts] == ["", "\n    x = 1"]
    assert all(str(m.prompt).endswith("<|code|>" + m.kept) for m in prompts)
