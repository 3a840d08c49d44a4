"""What a token that is alone in its step is computed with, on a CPU.

Alone it would get other roundings than in a batch. So it gets company: a guess at the token that
follows it, which is used if it turns out right, or a token of a sequence that matters to nobody.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from codeplan_model.host.cache import BranchCache
from codeplan_model.host.guessing import LONGEST, Guesses
from codeplan_model.host.llama import Ints, LlamaModel

# llama.cpp splits the attention of a lone token over its threads by cell, from 512 cells on; a
# second token in the batch avoids that path, whose roundings depend on where the cells lie.
_LONE_TOKEN_CELLS = 250
_PADDING = 0


class Company:
    """Of one model and its cache. padding: tokens of the sequence that matters to nobody."""

    def __init__(self, model: LlamaModel, cache: BranchCache) -> None:
        self._model, self._cache = model, cache
        self._guesses = Guesses()
        self.padding = 0

    def needed(self, tokens: int, wanted: int) -> bool:
        """Whether so many tokens, so many of whose logits are wanted, need another one."""
        if self._model.on_gpu:
            return False
        if self._model.alone_differs:
            # The last products are of wanted rows alone.
            return tokens == 1 or wanted == 1
        return tokens == 1 and self._cache.used > _LONE_TOKEN_CELLS

    def guess(self, sequence: int) -> int | None:
        """What may follow a sequence's next token, which is in the cache's `tokens` already, if
        that needs company; None: no guess."""
        if self._model.keeps_state:
            # A wrong one could not be cut.
            return None
        end = int(self._cache.computed[sequence]) + 1
        if end >= self._model.context or not self.needed(1, 1):
            return None
        return self._guesses.after(self._cache.tokens[sequence, :end][-LONGEST:].tolist())

    def learn(self, tokens: Sequence[int], start: int = 1) -> None:
        """See Guesses.learn."""
        if not self._model.on_gpu:
            self._guesses.learn(tokens, start)

    def pad(self) -> tuple[Ints, Ints, Ints, np.ndarray]:
        """A token behind all others, as columns of a batch."""
        # Not sooner: in the cells that are let go the next tokens would stand before earlier ones,
        # and attention adds in the order of cells.
        if self.padding >= self._model.context:
            self._model.forget(_PADDING)
            self._cache.used -= self.padding
            self.padding = 0
        position = np.array([self.padding], dtype=np.int32)
        self.padding += 1
        self._cache.used += 1
        sequence = np.array([_PADDING], dtype=np.int32)
        token = np.zeros(1, dtype=np.int32)
        return token, position, sequence, np.array([self._model.alone_differs], dtype=np.int8)

    def take_back(self, padding: int) -> None:
        """The step was not computed: there is as much padding as before."""
        self._cache.used -= self.padding - padding
        self.padding = padding
