"""What a step of the decoder computes: next tokens, pieces of prompts, company for a lone one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from codeplan_model.generation import BackendError
from codeplan_model.host.cache import BranchCache
from codeplan_model.host.company import Company
from codeplan_model.host.jobs import Prompt
from codeplan_model.host.llama import CacheFull, Floats, Ints, LlamaModel

_SMALLEST_CHUNK = 8

Piece = tuple[Prompt, int]
"""A prompt and how many of its tokens come next."""


class Steps:
    """Puts batches together for one model and its cache."""

    def __init__(self, model: LlamaModel, cache: BranchCache, company: Company) -> None:
        self._model, self._cache, self._company = model, cache, company

    def pieces(self, prompts: Iterable[Prompt], running: int) -> Iterator[Piece]:
        """Which prompts to compute further, and by how many tokens, beside so many next tokens."""
        # A place is left for a token that keeps another one company.
        room = max(_SMALLEST_CHUNK, self._model.batch - running - self._model.alone_differs)
        if self._model.keeps_state:
            room = self._model.batch
        for prompt in prompts:
            branch = prompt.branch
            if branch is None or prompt.ready:
                continue
            count = min(room, len(prompt.tokens) - int(self._cache.computed[branch.sequence]))
            room -= count
            yield prompt, count
            if not room:
                return

    def compute(
        self,
        tokens: Ints,
        positions: Ints,
        sequences: Ints,
        pieces: Sequence[Piece],
        guess: int | None,
    ) -> Floats:
        """Logits: of every next token, of every prompt that ends here, and of what was guessed.

        tokens, positions, sequences: the next tokens. guess: what may follow the only one.
        Raises BackendError, and Interrupted when the model's `interrupt` said so.
        """
        parts = [(tokens, positions, sequences, np.ones(len(tokens), dtype=np.int8))]
        total = len(tokens)
        for prompt, count in pieces:
            branch = prompt.branch
            assert branch is not None
            start = int(self._cache.computed[branch.sequence])
            end = start + count
            wanted = np.zeros(count, dtype=np.int8)
            wanted[-1] = end == len(prompt.tokens)
            part = prompt.tokens[start:end]
            where = np.arange(start, end, dtype=np.int32)
            parts.append((part, where, np.full(count, branch.sequence, np.int32), wanted))
            total += count
        # What llama.cpp computes at once; of several such parts only the last can be a small one.
        last = (total - 1) // self._model.batch * self._model.batch
        wanted = np.concatenate([part[3] for part in parts])[last:]
        more = 0
        if guess is not None:
            next_one = np.array([guess], dtype=np.int32)
            parts.append((next_one, positions + 1, sequences, np.ones(1, dtype=np.int8)))
        elif self._company.needed(total - last, int(wanted.sum())):
            if self._model.keeps_state and total > 1:
                # The end of a prompt; the token before it is all the company that it can get.
                parts[-1][3][-2] = more = 1
            else:
                parts.append(self._company.pad())
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        try:
            return self._model.decode(columns[0], columns[1], columns[2], columns[3])[more:]
        except CacheFull:
            raise BackendError(
                "The model's cache is full. Ask for fewer samples at once.", retryable=True
            ) from None
