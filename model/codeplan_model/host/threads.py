"""How many threads a step gets: as many as were fastest lately for steps of about this size.

A small model's step has a hundred short operations with a barrier behind each. Whether a second
thread pays for its barriers depends on the model, on how many tokens the step has, on the machine,
and on who else is at work there just now. So it is measured all the time: a look at another number
costs a step that may not be the best, and the more it cost, the longer until the next one. The
number of threads changes no result.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from statistics import median

# The middle one of so many measurements counts: a single one may have met a bad moment.
_KEPT = 3
# A look at another number is due after so many times what the last one cost more than a usual
# step, in seconds of decoding. One that failed may have met a bad moment: so the next comes soon,
# and after each further failure in a row twice as late.
_IMPATIENT, _PATIENT = 4, 64
# And after a look that cost something no step of any size looks for so many times that cost, or the
# sizes together would look all the time.
_TOGETHER = 16
# For a look at fewer threads both are so many times longer: when the other cores are taken, usual
# steps say so themselves.
_FEWER = 4
# Never later than this, since the machine changes, and never sooner.
_LONGEST, _SHORTEST = 1.0, 0.02
# Another number must be so much faster to take over.
_MARGIN = 0.93
# A step that took so many times its usual seconds says that the moment has changed.
_SURPRISE = 2.0


@dataclass(slots=True)
class _Size:
    """Steps of about one size. seconds: per token, by number of threads, the latest ones.

    due: when to look at a number of threads again, on the chooser's clock. patience: by what the
    cost of its next failed look is multiplied.
    """

    best: int
    seconds: dict[int, deque[float]] = field(default_factory=dict)
    due: dict[int, float] = field(default_factory=dict)
    patience: dict[int, int] = field(default_factory=dict)

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
        self._clock = 0.0
        self._resting = 0.0

    def choose(self, tokens: int) -> int:
        """The number of threads for a step of so many tokens."""
        if len(self._choices) == 1:
            return self._choices[0]
        size = self._size(tokens)
        others = self._beside(size.best)
        for threads in (size.best, *others):
            if size.known(threads) is None:
                if not self._hopeless(tokens, threads):
                    return threads
                size.due.setdefault(threads, self._clock + _LONGEST)
        if self._clock >= self._resting:
            for threads in others:
                if self._clock >= size.due.get(threads, 0.0):
                    return threads
        return size.best

    def record(self, tokens: int, threads: int, seconds: float) -> None:
        """How long a step took."""
        self._clock += seconds
        size = self._size(tokens)
        usual = size.known(size.best)
        now = seconds / tokens
        size.seconds.setdefault(threads, deque(maxlen=_KEPT)).append(now)
        if usual is None:
            return
        if threads == size.best:
            if now > usual * _SURPRISE:
                size.due.clear()
                size.patience.clear()
            return
        if now < usual * _MARGIN:
            # Good news: seen twice of three times, it is believed. So look again at once.
            size.due[threads] = self._resting = self._clock
            size.patience.pop(threads, None)
            there = size.known(threads)
            if there is not None and there < usual * _MARGIN:
                size.due[size.best] = self._clock + _SHORTEST
                size.best = threads
            return
        patience = size.patience.get(threads, _IMPATIENT)
        size.patience[threads] = min(2 * patience, _PATIENT)
        cost = seconds - usual * tokens
        if threads < size.best:
            cost *= _FEWER
        self._resting = self._clock + _TOGETHER * cost
        wait = patience * cost
        size.due[threads] = self._clock + min(max(wait, _SHORTEST), _LONGEST)

    def _hopeless(self, tokens: int, threads: int) -> bool:
        """Whether a smaller size has shown already that fewer threads than this one's best are
        slower: the more tokens, the more work there is to share."""
        best, key = self._size(tokens).best, _key(tokens)
        if threads > best:
            return False
        for other, size in self._sizes.items():
            ours, theirs = size.known(threads), size.known(best)
            if other < key and ours and theirs and theirs < ours * _MARGIN:
                return True
        return False

    def _size(self, tokens: int) -> _Size:
        return self._sizes.setdefault(_key(tokens), _Size(self._choices[-1]))

    def _beside(self, threads: int) -> list[int]:
        """The next smaller and the next larger number: a leap could cost a long step."""
        at = self._choices.index(threads)
        return [self._choices[n] for n in (at - 1, at + 1) if 0 <= n < len(self._choices)]


def _key(tokens: int) -> int:
    """Sizes that differ by less than half an octave have much the same cost per token."""
    return round(2 * math.log2(tokens))
