"""Spans, edits and the cancel token."""

from __future__ import annotations

import threading

import pytest

from codeplan_model.generation import Cancelled, CancelToken
from codeplan_model.values import Edit, Span, apply_edits


def test_a_span_can_not_run_backwards_or_begin_before_the_text():
    for start, end in ((2, 1), (-1, 0)):
        with pytest.raises(ValueError, match="not a span"):
            Span(start, end)


def test_edits_refer_to_the_text_before_any_of_them_in_whatever_order_they_come():
    edits = (Edit(Span(4, 7), "TWO"), Edit(Span(0, 0), "> "), Edit(Span(7, 7), "!"))

    assert apply_edits("one two", edits) == "> one TWO!"


@pytest.mark.parametrize(
    "edits",
    [
        (Edit(Span(0, 3), "a"), Edit(Span(2, 4), "b")),
        (Edit(Span(0, 99), "a"),),
    ],
)
def test_edits_that_overlap_or_leave_the_text_are_refused(edits):
    with pytest.raises(ValueError, match="overlaps another or leaves the text"):
        apply_edits("one two", edits)


def test_a_token_calls_each_watcher_once_also_one_that_comes_late():
    token = CancelToken()
    calls: list[str] = []
    token.on_cancel(lambda: calls.append("early"))
    forget = token.on_cancel(lambda: calls.append("forgotten"))
    forget()

    token.cancel()
    token.cancel()
    token.on_cancel(lambda: calls.append("late"))

    assert calls == ["early", "late"]
    with pytest.raises(Cancelled):
        token.check()


def test_a_token_wakes_who_waits_for_it():
    token = CancelToken()
    threading.Timer(0.05, token.cancel).start()

    assert token.wait(30) is True
    assert CancelToken().wait(0) is False
