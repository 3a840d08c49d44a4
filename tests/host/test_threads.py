"""The choice of threads, with costs that are made up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from codeplan_model.host.threads import Threads

Cost = Callable[[int, int], float]


def barriers(tokens: int, threads: int) -> float:
    """A quiet machine: work that is shared, and a millisecond of barriers for more than one."""
    return 0.0005 * tokens / threads + 0.001 * (threads > 1)


def crowded(tokens: int, threads: int) -> float:
    """Somebody else has the other cores: barriers wait for a thread that isn't running."""
    return 0.0005 * tokens + 0.010 * (threads - 1)


def run(threads: Threads, cost: Cost, tokens: int, steps: int) -> Counter[int]:
    chosen: Counter[int] = Counter()
    for _ in range(steps):
        number = threads.choose(tokens)
        chosen[number] += 1
        threads.record(tokens, number, cost(tokens, number))
    return chosen


@pytest.mark.parametrize(("tokens", "best"), [(1, 1), (2, 1), (8, 2), (32, 2)])
def test_each_size_gets_the_number_that_is_fastest_for_it(tokens: int, best: int) -> None:
    threads = Threads(2)
    run(threads, barriers, tokens, 10)

    assert run(threads, barriers, tokens, 200)[best] > 180


def test_of_many_cores_as_many_are_used_as_pay() -> None:
    def cost(tokens: int, threads: int) -> float:
        return 0.001 * tokens / threads + 0.0004 * threads

    threads = Threads(12)
    run(threads, cost, 8, 60)

    assert run(threads, cost, 8, 300)[4] > 250


def test_the_choice_follows_the_machine() -> None:
    threads = Threads(2)
    run(threads, barriers, 32, 50)
    run(threads, crowded, 32, 200)
    busy = run(threads, crowded, 32, 200)
    run(threads, barriers, 32, 200)
    quiet = run(threads, barriers, 32, 200)

    assert busy[1] > 180
    assert quiet[2] > 180


def test_a_single_bad_moment_changes_nothing() -> None:
    threads = Threads(2)
    run(threads, barriers, 32, 40)
    threads.record(32, 2, 1.0)

    assert run(threads, barriers, 32, 10)[2] >= 8


def test_when_the_machine_is_free_again_a_size_that_is_rare_learns_it_soon() -> None:
    threads = Threads(2)
    run(threads, barriers, 9, 20)
    run(threads, crowded, 9, 60)
    run(threads, barriers, 32, 200)

    run(threads, barriers, 9, 30)

    assert run(threads, barriers, 9, 30)[2] > 25


def test_on_a_crowded_machine_all_sizes_together_lose_little_by_looking() -> None:
    threads = Threads(2)
    sizes = [1, 2, 3, 5, 9, 13, 20, 32]
    for tokens in sizes:
        run(threads, crowded, tokens, 40)
    spent = least = 0.0
    for _ in range(200):
        for tokens in sizes:
            number = threads.choose(tokens)
            threads.record(tokens, number, crowded(tokens, number))
            spent += crowded(tokens, number)
            least += crowded(tokens, 1)

    assert spent < 1.08 * least


def test_steps_that_look_around_are_few() -> None:
    threads = Threads(2)
    run(threads, crowded, 8, 20)

    assert run(threads, crowded, 8, 640)[2] <= 12


def test_what_a_small_size_has_shown_need_not_be_tried_by_a_larger_one() -> None:
    threads = Threads(2)
    run(threads, barriers, 8, 20)

    assert run(threads, barriers, 32, 20) == {2: 20}


def test_one_core_has_no_choice() -> None:
    assert run(Threads(1), barriers, 8, 50) == {1: 50}


def test_sizes_do_not_disturb_each_other() -> None:
    threads = Threads(2)
    for _ in range(100):
        run(threads, barriers, 1, 1)
        run(threads, barriers, 32, 1)

    assert run(threads, barriers, 1, 100)[1] > 90
    assert run(threads, barriers, 32, 100)[2] > 90
