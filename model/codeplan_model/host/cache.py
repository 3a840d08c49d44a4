"""Which tokens are in llama.cpp's cache, under which sequence, and what a new prompt can reuse.

A branch is one sequence: a prompt, or a prompt and what was sampled after it. Branches that begin
alike share cells. Nothing is thrown away while there is room: finished branches stay for later
prompts that begin with them (a code prompt extends its plan's prompt and the plan).

Cells are taken in order and, while anything is running, given back only when there is no other way
out: attention adds up in the order of the cells, so a sequence whose tokens lie in order gives the
same bits whatever was in the cache before. Once branches had to be dropped while others ran, this
no longer holds, until the cache is cleared, which happens before the next call that finds it idle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from codeplan_model.host.llama import MAX_SEQUENCES, Floats, Ints, LlamaModel

# So many cells that nobody needs cost a call of some hundred tokens, each of which looks at every
# one of them, as much as reading a token of its prompt again: by the weights that a token is
# multiplied with for each number of its width in all layers (four cells for the shipped model).
_IDLE_CELLS = 4 / 6_300
# The sequence of what was computed for nothing.
_WRONG = 1


@dataclass(slots=True, eq=False)
class Branch:
    """One sequence. shared: how many of its first tokens lie in its parent's cells.

    pins: jobs that need it; logits: after its last token, once a prompt is computed.
    """

    sequence: int
    shared: int
    parent: Branch | None = None
    children: int = 0
    pins: int = 0
    logits: Floats | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """The best start for a prompt: `length` tokens of `branch`.

    awaited: a branch now being computed will offer more; better to wait for it.
    """

    branch: Branch | None
    length: int
    awaited: bool


class BranchCache:
    """All branches of one model. tokens: [sequence, position]; computed, lengths: [sequence]."""

    def __init__(self, model: LlamaModel) -> None:
        self._model = model
        # Attention looks at every used cell, so a cache kept too full slows a small model down.
        self._soft_limit = max(2048, 2 * model.context)
        self._worth = _IDLE_CELLS * model.parameters / model.width
        self.tokens = np.zeros((MAX_SEQUENCES, model.context), dtype=np.int32)
        self.computed = np.zeros(MAX_SEQUENCES, dtype=np.int32)
        self.lengths = np.zeros(MAX_SEQUENCES, dtype=np.int32)
        self._clear()

    def _clear(self) -> None:
        # Sequence 0 is the engine's padding.
        self._free = list(range(self._model.sequences - 1, _WRONG, -1))
        self._branches: dict[int, Branch] = {}
        self.computed[:] = 0
        self.lengths[:] = 0
        self.used = 0
        self._holes = False

    def tidy(self, coming: int, prompts: Sequence[Ints]) -> None:
        """Start afresh if the cache is too full for `coming` sequences, no longer in order, or
        holds more that is of no use to the `prompts` than reading them again would cost.

        Only when nothing runs.
        """
        reusable = max((self.match(tokens).length for tokens in prompts), default=0)
        idle = self.used - reusable
        full = self.used > self._soft_limit or len(self._free) < coming
        if full or self._holes or idle > reusable * self._worth:
            self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self._model.clear()
        self._clear()

    def match(self, tokens: Ints) -> Match:
        """What is there of a prompt. At most all but its last token, which must be computed anew,
        unless the whole prompt is there with its logits."""
        if not self._branches:
            return Match(None, 0, False)
        ids = np.fromiter(self._branches, dtype=np.int32, count=len(self._branches))
        equal = self.tokens[ids, : len(tokens)] == tokens
        common = np.where(equal.all(axis=1), len(tokens), equal.argmin(axis=1))
        available = np.minimum(common, self.computed[ids])
        promised = np.minimum(common, self.lengths[ids])
        for index in np.flatnonzero(available == len(tokens)):
            branch = self._branches[int(ids[index])]
            if branch.logits is not None and self.lengths[branch.sequence] == len(tokens):
                return Match(branch, len(tokens), False)
        whole = self._model.whole_only(ids)
        if whole is not None:
            ends = np.minimum(common, len(tokens) - 1)
            available[whole & (self.computed[ids] > ends)] = 0
            # Of what is being computed only the end will be of use, to this prompt or a longer one.
            grows = (self.computed[ids] < self.lengths[ids]) & (self.lengths[ids] <= common)
            promised[whole & ~grows] = 0
        best = int(available.argmax())
        length = min(int(available[best]), len(tokens) - 1)
        awaited = int(promised.max()) > int(available.max())
        return Match(self._branches[int(ids[best])] if length else None, length, awaited)

    def extend(self, match: Match, tokens: Ints, cells: int, sequences: int) -> Branch | None:
        """A new branch for a prompt that begins as matched; None when `cells` can't be had, or
        `sequences` would not stay free."""
        if match.branch is not None:
            match.branch.pins += 1
        try:
            if not self.make_room(cells) or not self.keep_free(sequences + 1):
                return None
            return self.fork(match.branch, match.length, tokens)
        finally:
            if match.branch is not None:
                match.branch.pins -= 1

    def fork(self, parent: Branch | None, shared: int, tokens: Ints) -> Branch:
        """A new branch that will hold `tokens`, the first `shared` of them from `parent`.

        A sequence must be free: see `keep_free`.
        """
        sequence = self._free.pop()
        branch = Branch(sequence, shared, parent if shared else None)
        self.tokens[sequence, : len(tokens)] = tokens
        self.lengths[sequence] = len(tokens)
        self.computed[sequence] = shared
        if parent is not None and shared:
            parent.children += 1
            self._model.fork(parent.sequence, sequence, shared)
        self._branches[sequence] = branch
        return branch

    def touch(self, branch: Branch) -> None:
        """Mark as used now, for the order of eviction."""
        self._branches[branch.sequence] = self._branches.pop(branch.sequence)

    def stop(self, branch: Branch) -> None:
        """No more tokens will come: what is computed is all there is."""
        self.lengths[branch.sequence] = self.computed[branch.sequence]

    def cut(self, branch: Branch) -> None:
        """Take back the token that was computed behind a branch's end."""
        self._model.cut(branch.sequence, int(self.computed[branch.sequence]), _WRONG)

    def make_room(self, cells: int) -> bool:
        """True when `cells` more fit, after letting go of the longest unused branches if needed."""
        while self.used + cells > self._model.cells:
            if not self._evict_one():
                return False
        return True

    def keep_free(self, sequences: int) -> bool:
        """As make_room, for sequences."""
        while len(self._free) < sequences:
            if not self._evict_one():
                return False
        return True

    def _evict_one(self) -> bool:
        for branch in self._branches.values():
            if not branch.pins and not branch.children:
                self._drop(branch)
                return True
        return False

    def _drop(self, branch: Branch) -> None:
        sequence = branch.sequence
        self._holes = True
        self._model.forget(sequence)
        self.used -= int(self.computed[sequence]) - branch.shared
        self.computed[sequence] = self.lengths[sequence] = 0
        if branch.parent is not None:
            branch.parent.children -= 1
        del self._branches[sequence]
        self._free.append(sequence)
