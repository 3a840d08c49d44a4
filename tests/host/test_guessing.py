from __future__ import annotations

import pytest

from codeplan_model.host.guessing import Guesses


def test_the_longest_run_that_is_known_decides() -> None:
    guesses = Guesses()
    guesses.learn([1, 2, 3, 4, 9, 3, 5])

    assert guesses.after([2, 3]) == 4
    assert guesses.after([7, 3]) == 5
    assert guesses.after([9, 9]) == 3


def test_what_came_last_replaces_what_came_before() -> None:
    guesses = Guesses()
    guesses.learn([1, 2, 3])
    guesses.learn([1, 2, 8])

    assert guesses.after([1, 2]) == 8


def test_what_was_never_read_has_no_guess() -> None:
    guesses = Guesses()

    assert guesses.after([1, 2, 3]) is None
    guesses.learn([1, 2])
    assert guesses.after([2]) is None
    assert guesses.after([]) is None


def test_a_prompt_before_a_text_is_not_learned_again() -> None:
    guesses = Guesses()
    guesses.learn([1, 2, 3, 4], start=3)

    assert guesses.after([2, 3]) == 4
    assert guesses.after([1]) is None


def test_what_is_remembered_does_not_grow_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codeplan_model.host.guessing._MOST", 100)
    guesses = Guesses()
    for start in range(0, 10_000, 50):
        guesses.learn(list(range(start, start + 50)))

    assert len(guesses._next) < 300
    assert guesses.after([9_990]) == 9_991
