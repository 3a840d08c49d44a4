"""What token may come next: the one that came after the same tokens the last time.

On a CPU a token that is alone in its step needs company (see company.py), and a guess at the next
one is better company than none: where it is right, one step has brought two tokens (prompt lookup
decoding, with what the model has read and written for a text). A guess changes no result.
"""

from __future__ import annotations

from collections.abc import Sequence

LONGEST = 3
"""So many last tokens a guess goes by at most."""
# Runs that are remembered; some 20 MB.
_MOST = 100_000


class Guesses:
    """Runs of tokens with what came after each the last time."""

    def __init__(self) -> None:
        self._next: dict[tuple[int, ...], int] = {}

    def learn(self, tokens: Sequence[int], start: int = 1) -> None:
        """Remember what came after what, from the `start`-th token on."""
        if len(self._next) > _MOST:
            self._next.clear()
        for at in range(max(start, 1), len(tokens)):
            for length in range(1, min(LONGEST, at) + 1):
                self._next[tuple(tokens[at - length : at])] = tokens[at]

    def after(self, tokens: Sequence[int]) -> int | None:
        """What came after the longest run of last tokens that is known; None for none."""
        for length in range(min(LONGEST, len(tokens)), 0, -1):
            found = self._next.get(tuple(tokens[len(tokens) - length :]))
            if found is not None:
                return found
        return None
