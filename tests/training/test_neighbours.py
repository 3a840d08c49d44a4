"""Neighbours in the context: the nearest other problem, never the same one, never a kept one."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from codeplan_model.memory import Store, nearest, worked_examples
from codeplan_model.prompts import Worked, codeplan1, fitting
from codeplan_model.sandbox import Sandbox
from codeplan_training import compose, duplicates, mixture, neighbours, tokenizer, tokens, twins
from codeplan_training.problems import Check, Problem, Solution, from_record
from codeplan_training.render import Sample


def problem(name, doc, code, signature="(values: list[int]) -> int:", steps=("Do it.",)):
    return Problem(
        f"t/{name}",
        "written",
        "Apache-2.0",
        name,
        f"def {name}{signature}",
        (),
        (doc,),
        (Check(f"{name}([1])", "1"),),
        (Solution(steps, code),),
    )


TOTAL = problem("total", "Add up the prices in values.", "    return sum(values)")
LARGEST = problem(
    "largest",
    "Return the largest of the prices in values that is even.",
    "    return max(v for v in values if v % 2 == 0)",
)
AGAIN = problem(
    "sum_prices",
    "Give the sum of all prices.",
    "    return sum(prices)",
    "(prices: list[int]) -> int:",
)


def print_of(p):
    return duplicates.fingerprint(
        p.entry_point, p.signature, p.wordings, [s.code for s in p.solutions]
    )


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (LARGEST, False),
        # The same program with another argument name, though no two words are shared.
        (AGAIN, True),
        # The same statement, though the program is another.
        (problem("s", "Add up the prices in values.", "    t = 0\n    return t"), True),
        (problem("total", "Something else.", "    return 1"), True),
        # A program that has the other in it is another task.
        (problem("t3", "Sum, limited.", "    t = sum(values)\n    return sum(values) % t"), False),
        # Another literal is another task: this is what adapting means.
        (problem("t2", "Sum it, then add two.", "    return sum(values) + 2"), False),
    ],
)
def test_near_duplicates_are_told_by_name_statement_and_program(other, expected):
    assert duplicates.near(print_of(TOTAL), print_of(other)) is expected


def test_the_tokens_of_a_program_do_not_depend_on_its_own_names():
    one = duplicates.canonical(
        "def f(xs):", "    n = 0\n    for x in xs:\n        n += x.n\n    return n"
    )
    two = duplicates.canonical(
        "def g(a):", "    s = 0\n    for b in a:\n        s += b.n\n    return s"
    )

    assert one == two
    assert one != duplicates.canonical(
        "def g(a):", "    s = 1\n    for b in a:\n        s += b.n\n    return s"
    )


def test_neighbours_are_training_problems_other_than_the_same_task(tmp_path):
    found = neighbours.of_problems([TOTAL], [TOTAL, LARGEST, AGAIN], tmp_path / "cache.json")

    assert found == {TOTAL.id: [LARGEST.id]}


def test_neighbours_are_found_once_and_again_when_the_problems_change(tmp_path, monkeypatch):
    cache = tmp_path / "cache.json"
    first = neighbours.of_problems([TOTAL], [TOTAL, LARGEST], cache)
    with monkeypatch.context() as patch:
        patch.setattr(neighbours, "nearest", None)
        assert neighbours.of_problems([TOTAL], [TOTAL, LARGEST], cache) == first

    assert neighbours.of_problems([TOTAL], [TOTAL], cache) == {TOTAL.id: []}


def test_a_damaged_cache_is_made_again(tmp_path):
    cache = tmp_path / "cache.json"
    cache.write_text('{"key": ')

    assert neighbours.of_problems([TOTAL], [TOTAL, LARGEST], cache) == {TOTAL.id: [LARGEST.id]}


def test_a_training_context_is_what_search_shows_for_the_same_problem(tmp_path):
    with Store(tmp_path / "m.sqlite") as store:
        store.add(neighbours.entries([LARGEST]))
        entries = nearest(neighbours.task_of(TOTAL), [store])
    shown = worked_examples(entries, characters=codeplan1.MAX_WORKED)

    assert neighbours.shown([LARGEST], random.Random(1))[0] == shown
    assert codeplan1.worked_text(shown).startswith("<|memory|>def largest(")
    assert codeplan1.worked_text(shown).endswith("v % 2 == 0)<|end|>")


def test_a_composed_problem_gets_a_sibling_with_common_operations():
    records = list(compose.generate(3, 300))
    siblings = neighbours.Siblings(
        [from_record(r, "compose", "Apache-2.0") for r in records], [r["ops"] for r in records]
    )
    rng = random.Random(1)
    by_id = {r["id"]: r for r in records}
    for index, record in enumerate(records):
        for other in siblings.of(index, rng):
            assert set(record["ops"]) & set(by_id[other.id]["ops"])
            assert not duplicates.near(print_of(siblings.problems[index]), print_of(other))


def samples(share):
    chosen = mixture.Mixture(20, 40, 0, 5, 0.15, share)
    near = {TOTAL.id: [LARGEST], LARGEST.id: [TOTAL]}
    return mixture.problem_samples([TOTAL, LARGEST], chosen, frozenset(), near)


def test_without_neighbours_a_seed_renders_what_it_always_did():
    bare = samples(0.0)

    assert not any(s.contexts for s in bare)
    assert [replace(s, contexts=()) for s in samples(1.0)] == bare


def test_about_the_wanted_share_has_neighbours():
    every, half = samples(1.0), samples(0.5)

    with_all, with_half = sum(bool(s.contexts) for s in every), sum(bool(s.contexts) for s in half)
    assert 0.3 * with_all < with_half < 0.7 * with_all


@pytest.fixture(scope="module")
def student_tokenizer():
    texts = [s.prompt + s.completion for s in samples(0.0)] * 3
    return tokenizer.train(texts, 400)


def test_a_context_that_has_no_room_gives_way_to_a_smaller_one_and_then_to_none(student_tokenizer):
    long, short = "a b c d e f g h " * 30, "a b"
    sample = Sample("x", "y", (long, short))

    def ids(longest):
        found, _ = tokens.encode([sample], student_tokenizer, prompt_weight=0, longest=longest)
        return student_tokenizer.decode(list(found), skip_special_tokens=True)

    assert ids(2000).startswith(long)
    assert ids(50).startswith("a b")
    assert ids(3) == "xy"


def test_the_loss_of_a_neighbour_weighs_as_much_as_the_prompts(student_tokenizer):
    sample = Sample("x", "yy", ("a b",))

    _, weights = tokens.encode([sample], student_tokenizer, prompt_weight=0.2, longest=100)

    assert list(weights[:4]) == [0, 51, 51, 51]
    assert weights[-1] == 255


def test_long_plans_are_not_shown_and_what_is_too_long_is_left_out():
    long_plan = Worked("def f(x):", "Doc.", ("Step " * 60,), "    return x")
    huge = Worked("def f(x):", "Doc.", (), "    " + "x" * 1000)

    assert fitting([huge, long_plan], 2, 900) == (replace(long_plan, steps=()),)


def test_twins_are_the_same_function_in_other_words_and_no_neighbours(tmp_path):
    other_way = problem(
        "add_up",
        "Give how much all the values make together.",
        "    result = 0\n    for v in values:\n        result += v\n    return result",
    )
    summed = replace(TOTAL, examples=(Check("total([1, 2])", "3"), Check("total([])", "0")))
    training = {p.id: p for p in (other_way, LARGEST)}
    with Sandbox() as sandbox:
        found = dict(twins.find([summed], {TOTAL.id: list(training)}, training, sandbox))
    (tmp_path / twins.FILE).write_text('{"id": "t/total", "same": ["t/add_up"]}\n{"id": "cut')
    known = twins.read(tmp_path / twins.FILE)
    near = neighbours.of_problems([TOTAL], list(training.values()), twins=known)

    assert found == {TOTAL.id: [other_way.id]}
    assert known == {TOTAL.id: {other_way.id}, other_way.id: {TOTAL.id}}
    assert twins.looked_at(tmp_path / twins.FILE) == {TOTAL.id}
    assert near == {TOTAL.id: [LARGEST.id]}
