"""How many threads a step gets: as many as were fastest lately for steps of about this size.

A small model's step has a hundred short operations with a barrier behind each. Whether a second
thread pays for its barriers depends on the model, on how many tokens the step has, on the machine,
and on who else is at work there just now. So it is measured all the time, at the price of a step
now and then that is not the best. The number of threads changes no result.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from statistics import median

# The middle one of so many measurements counts: a single one may have met a bad moment.
_KEPT = 3
# Steps between two looks at another number, when that was nearly as good and when it was not.
_OFTEN, _SELDOM = 16, 64
_NEAR = 1.25
# Another number must be so much faster to take over.
_MARGIN = 0.93


@dataclass(slots=True)
class _Size:
    """Steps of about one size. seconds: per token, by number of threads, the latest ones."""

    best: int
    steps: int = 0
    seconds: dict[int, deque[float]] = field(default_factory=dict)

    def known(self, threads: int) -> float | None:
        """Seconds a token with so many threads; None before they were tried often enough."""
        latest = self.seconds.get(threads, ())
        return median(latest) if len(latest) == _KEPT else None


class Threads:
    """Chooses among 1, 2, 4, ... and `most` threads, by what `record` tells of earlier steps."""

    def __init__(self, most: int) -> None:
        powers = [2**n for n in range(most.bit_length()) if 2**n < most]
        self._choices = [*powers, most]
        self._sizes: dict[int, _Size] = {}

    def choose(self, tokens: int) -> int:
        """The number of threads for a step of so many tokens."""
        if len(self._choices) == 1:
            return self._choices[0]
        size = self._size(tokens)
        size.steps += 1
        others = self._beside(size.best)
        untried = [n for n in (size.best, *others) if size.known(n) is None]
        if untried:
            return untried[0]
        here = size.known(size.best) or 0.0
        near = any((size.known(n) or 0.0) < here * _NEAR for n in others)
        turn, rest = divmod(size.steps, _OFTEN if near else _SELDOM)
        return others[turn % len(others)] if not rest else size.best

    def record(self, tokens: int, threads: int, seconds: float) -> None:
        """How long a step took."""
        size = self._size(tokens)
        size.seconds.setdefault(threads, deque(maxlen=_KEPT)).append(seconds / tokens)
        here = size.known(size.best)
        if here is None:
            return
        for other in self._beside(size.best):
            there = size.known(other)
            if there is not None and there < here * _MARGIN:
                size.best, here = other, there

    def _size(self, tokens: int) -> _Size:
        """Sizes that differ by less than half an octave have much the same cost per token."""
        key = round(2 * math.log2(tokens))
        return self._sizes.setdefault(key, _Size(self._choices[-1]))

    def _beside(self, threads: int) -> list[int]:
        """The next smaller and the next larger number: a leap could cost a long step."""
        at = self._choices.index(threads)
        return [self._choices[n] for n in (at - 1, at + 1) if 0 <= n < len(self._choices)]
