"""Rows of tokens, and which of them a step takes.

Everything here is a function of settings and step: a run that goes on sees what it would have seen,
and every process of several can tell the whole batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from codeplan_training.finetune.pairs import Pair
from codeplan_training.finetune.settings import Settings

_WINDOW = 16
"""Batches among which samples are sorted by length for an encoder-decoder."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """One sample. ids: prompt and completion; weights: the loss weight of predicting each.

    For an encoder-decoder `source` is the prompt and `ids` the completion.
    """

    ids: np.ndarray
    weights: np.ndarray
    source: np.ndarray


@dataclass(frozen=True, slots=True)
class Row:
    """Samples that stand in one row, and how much they weigh in the loss."""

    samples: tuple[Tokens, ...]

    @property
    def weight(self) -> float:
        return float(sum(s.weights.sum() for s in self.samples))

    @property
    def tokens(self) -> int:
        return sum(len(s.ids) + len(s.source) for s in self.samples)


def tokenize(
    pairs: Iterable[Pair], tokenizer: Any, settings: Settings, *, encoder_decoder: bool
) -> tuple[list[Tokens], int]:
    """Samples of at most `settings.length` tokens, and the number of longer ones."""
    ends = {tokenizer.eos_token_id}
    samples: list[Tokens] = []
    longer = 0
    for pair in pairs:
        prompt = list(tokenizer(pair.prompt)["input_ids"])
        if not encoder_decoder:
            # A tokenizer that closes every text would teach an end in the middle.
            while prompt and prompt[-1] in ends:
                prompt.pop()
        completion = tokenizer(pair.completion, add_special_tokens=False)["input_ids"]
        if encoder_decoder:
            longest = max(len(prompt), len(completion))
            sample = Tokens(
                np.array(completion), np.ones(len(completion), np.float32), np.array(prompt)
            )
        else:
            longest = len(prompt) + len(completion)
            weights = np.ones(longest, np.float32)
            weights[: len(prompt)] = settings.prompt_weight
            weights[0] = 0.0
            sample = Tokens(np.array([*prompt, *completion]), weights, np.zeros(0, np.int64))
        if longest > settings.length:
            longer += 1
        else:
            samples.append(sample)
    return samples, longer


def pack(samples: Sequence[Tokens], length: int) -> list[Row]:
    """Samples into as few rows of `length` tokens as first-fit decreasing finds."""
    order = sorted(range(len(samples)), key=lambda i: -len(samples[i].ids))
    rows: list[list[Tokens]] = []
    # Rows by the room that is left in them: a search over lengths, not over rows.
    by_room: list[list[int]] = [[] for _ in range(length + 1)]
    for index in order:
        sample = samples[index]
        size = len(sample.ids)
        room = next((r for r in range(size, length + 1) if by_room[r]), None)
        if room is None:
            rows.append([])
            number, room = len(rows) - 1, length
        else:
            number = by_room[room].pop()
        rows[number].append(sample)
        by_room[room - size].append(number)
    return [Row(tuple(row)) for row in rows]


class Stream:
    """An endless stream of batches over rows. grouped: rows of like length stand together."""

    def __init__(self, rows: Sequence[Row], batch: int, seed: int, *, grouped: bool) -> None:
        if not rows:
            raise ValueError("no training samples: every problem is too long or has no solution")
        self.rows, self.batch, self.seed, self.grouped = rows, batch, seed, grouped
        self._known: dict[int, np.ndarray] = {}

    def at(self, number: int) -> list[Row]:
        """The rows of batch `number`."""
        found = []
        for index in range(number * self.batch, (number + 1) * self.batch):
            epoch, within = divmod(index, len(self.rows))
            found.append(self.rows[self._order(epoch)[within]])
        return found

    def _order(self, epoch: int) -> np.ndarray:
        if epoch not in self._known:
            # A batch reaches into the next epoch at most.
            self._known = {e: o for e, o in self._known.items() if e >= epoch - 1}
            rng = np.random.default_rng((self.seed, epoch))
            order = rng.permutation(len(self.rows))
            self._known[epoch] = self._group(order, rng) if self.grouped else order
        return self._known[epoch]

    def _group(self, order: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        size = self.batch * _WINDOW
        parts: list[np.ndarray] = []
        for start in range(0, len(order), size):
            window = sorted(order[start : start + size], key=lambda i: self.rows[i].tokens)
            batches = [window[i : i + self.batch] for i in range(0, len(window), self.batch)]
            # The last batch may be short; it stays last, so that the others keep their places.
            full = batches[:-1]
            parts += [np.array(full[i]) for i in rng.permutation(len(full))]
            parts.append(np.array(batches[-1]))
        return np.concatenate(parts)


def decoder_batch(rows: Sequence[Row], length: int, pad: int) -> dict[str, np.ndarray]:
    """Arrays of shape (rows, length): ids, weights, positions from 0 in each sample, and segment,
    the number of the sample (0 for padding). A sample's first token has weight 0."""
    shape = (len(rows), length)
    ids = np.full(shape, pad, np.int64)
    weights = np.zeros(shape, np.float32)
    positions = np.zeros(shape, np.int64)
    segments = np.zeros(shape, np.int64)
    for r, row in enumerate(rows):
        at = 0
        for number, sample in enumerate(row.samples, 1):
            end = at + len(sample.ids)
            ids[r, at:end], weights[r, at:end] = sample.ids, sample.weights
            weights[r, at] = 0.0
            positions[r, at:end] = np.arange(end - at)
            segments[r, at:end] = number
            at = end
    return {"ids": ids, "weights": weights, "positions": positions, "segments": segments}


def encoder_batch(rows: Sequence[Row], pad: int, multiple: int = 32) -> dict[str, np.ndarray]:
    """source and mask of shape (rows, longest prompt), ids and weights of (rows, longest
    completion), both rounded up to `multiple`."""
    samples = [row.samples[0] for row in rows]
    wide = _rounded(max(len(s.source) for s in samples), multiple)
    long = _rounded(max(len(s.ids) for s in samples), multiple)
    source = np.full((len(rows), wide), pad, np.int64)
    mask = np.zeros((len(rows), wide), np.int64)
    ids = np.full((len(rows), long), pad, np.int64)
    weights = np.zeros((len(rows), long), np.float32)
    for r, sample in enumerate(samples):
        source[r, : len(sample.source)] = sample.source
        mask[r, : len(sample.source)] = 1
        ids[r, : len(sample.ids)] = sample.ids
        weights[r, : len(sample.ids)] = sample.weights
    return {"source": source, "mask": mask, "ids": ids, "weights": weights}


def _rounded(size: int, multiple: int) -> int:
    return -(-size // multiple) * multiple
