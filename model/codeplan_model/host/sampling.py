"""Draw tokens from the rows of a batch of logits: temperature, top-p, min-p; any number from each.

Vectorised with numpy and exact: top-p is done by drawing from the whole distribution and drawing
again when the token lies outside the nucleus, which needs no sorting. The random numbers are
counter-based, so that a draw depends on its own key alone, not on its neighbours.

Nothing as large as the logits is allocated while drawing (see Scratch): on a virtual machine the
page faults of fresh memory took four fifths of the time, with a large vocabulary up to 50 ms.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_DRAWS = 16
_BLOCK = 64
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


class Scratch:
    """Memory that draws work in, for logits of up to [rows, vocabulary]; touched when made."""

    def __init__(self, rows: int, vocabulary: int) -> None:
        self.shape = (rows, vocabulary)
        self.spare = np.full(self.shape, 0, dtype=np.float32)
        self.weights = np.full(self.shape, 0, dtype=np.float32)
        self.flags = np.full(self.shape, 0, dtype=np.bool_)


def draw(
    logits: Floats,
    temperature: Floats,
    top_p: Floats,
    min_p: Floats,
    rows: npt.NDArray[np.intp],
    keys: npt.NDArray[np.uint64],
    counters: npt.NDArray[np.uint64],
    scratch: Scratch | None = None,
) -> tuple[npt.NDArray[np.intp], Floats]:
    """One token and its natural log-probability at temperature 1 for each draw.

    logits: [rows, vocabulary]; temperature, top_p, min_p: [rows]; a temperature of 0 takes the
    likeliest token. rows: [draws], from which row; keys: [draws]; counters: [draws], how many
    tokens were drawn with the key before. scratch: where to work; None for memory of its own.
    """
    size = len(logits)
    if scratch is None:
        scratch = Scratch(*logits.shape)
    best = logits.argmax(axis=1)
    peaks = logits[np.arange(size), best]
    shifted = np.subtract(logits, peaks[:, None], out=scratch.spare[:size])
    weights = np.exp(shifted, out=scratch.weights[:size])
    log_total = np.log(weights.sum(axis=1, dtype=np.float64))
    hot = temperature > 0
    tokens = best[rows]
    if hot.any():
        if (temperature[hot] != 1).any():
            np.divide(shifted, np.where(hot, temperature, 1)[:, None], out=weights)
            np.exp(weights, out=weights)
        if min_p.any():
            # The likeliest token has weight 1, so min-p compares with the weights themselves.
            few = np.less(weights, min_p[:, None], out=scratch.flags[:size])
            np.copyto(weights, 0, where=few)
        drawn = _nucleus(weights, best, np.where(hot, top_p, 1), rows, keys, counters, scratch)
        tokens = np.where(hot[rows], drawn, tokens)
    return tokens, (logits[rows, tokens] - peaks[rows] - log_total[rows]).astype(np.float32)


def _nucleus(
    weights: Floats,
    best: npt.NDArray[np.intp],
    top_p: Floats,
    rows: npt.NDArray[np.intp],
    keys: npt.NDArray[np.uint64],
    counters: npt.NDArray[np.uint64],
    scratch: Scratch,
) -> npt.NDArray[np.intp]:
    """Draw from rows of weights (not normalised), inside each one's nucleus of mass `top_p`.

    best: where each row's largest weight is. scratch: its `weights` are these.
    """
    blocks = _block_sums(weights)
    totals = blocks[:, -1]
    tokens = np.zeros(len(rows), dtype=np.intp)
    left = np.arange(len(rows))
    for attempt in range(_DRAWS):
        numbers = uniform(keys[left], counters[left] * np.uint64(_DRAWS) + np.uint64(attempt))
        whole = totals[rows[left]]
        # Rounding must not put a target at the total itself, behind every token.
        targets = np.minimum(numbers * whole, np.nextafter(whole, 0))
        tokens[left] = _locate(weights, blocks, rows[left], targets)
        # Mostly the likeliest token is drawn, which is in every nucleus.
        left = left[(top_p[rows[left]] < 1) & (tokens[left] != best[rows[left]])]
        if not len(left):
            return tokens
        left = left[_outside(weights, top_p * totals, rows[left], tokens[left], scratch)]
        if not len(left):
            return tokens
    for index in left.tolist():
        row = rows[index]
        tokens[index] = _sorted_draw(weights[row], float(top_p[row]), keys[index], counters[index])
    return tokens


def _outside(
    weights: Floats,
    mass: npt.NDArray[np.float64],
    rows: npt.NDArray[np.intp],
    tokens: npt.NDArray[np.intp],
    scratch: Scratch,
) -> npt.NDArray[np.bool_]:
    """Which tokens lie outside their row's nucleus: the likelier ones have its mass together."""
    # Many draws from one row mostly are the same few tokens.
    pairs, inverse = np.unique(rows * weights.shape[1] + tokens, return_inverse=True)
    outside = np.empty(len(pairs), dtype=np.bool_)
    for start in range(0, len(pairs), scratch.shape[0]):
        part = slice(start, start + scratch.shape[0])
        at, token = np.divmod(pairs[part], weights.shape[1])
        # `mode`: the default one would take the rows to fresh memory first.
        some = np.take(weights, at, axis=0, out=scratch.spare[: len(at)], mode="clip")
        likelier = np.greater(some, weights[at, token][:, None], out=scratch.flags[: len(at)])
        # A product costs an eighth of a sum with `where`.
        above = np.multiply(some, likelier, out=some).sum(axis=1)
        outside[part] = above >= mass[at]
    return outside[inverse]


def _block_sums(weights: Floats) -> npt.NDArray[np.float64]:
    """Cumulated sums of each row's blocks of _BLOCK weights (the last may be shorter)."""
    size = weights.shape[1]
    whole = size - size % _BLOCK
    # With `sum` in place of einsum all of this takes 0.14 in place of 0.08 ms (32 rows of 8,192).
    sums = np.einsum("rbi->rb", weights[:, :whole].reshape(len(weights), -1, _BLOCK))
    if whole < size:
        sums = np.concatenate([sums, weights[:, whole:].sum(axis=1, keepdims=True)], axis=1)
    return sums.cumsum(axis=1, dtype=np.float64)


def _locate(
    weights: Floats,
    blocks: npt.NDArray[np.float64],
    rows: npt.NDArray[np.intp],
    targets: npt.NDArray[np.float64],
) -> npt.NDArray[np.intp]:
    """Where the cumulated weights of each row pass its target: first the block, then inside it."""
    sums = blocks[rows]
    number = np.minimum((sums <= targets[:, None]).sum(axis=1), sums.shape[1] - 1)
    before = np.where(number, sums[np.arange(len(rows)), number - 1], 0.0)
    places = number[:, None] * _BLOCK + np.arange(_BLOCK)
    size = weights.shape[1]
    inside = weights[rows[:, None], np.minimum(places, size - 1)]
    if size % _BLOCK:
        inside[places >= size] = 0
    found = (inside.cumsum(axis=1, dtype=np.float64) <= (targets - before)[:, None]).sum(axis=1)
    # Rounding can put a target behind its block's end: then the last token that can be drawn.
    last = _BLOCK - 1 - (inside[:, ::-1] > 0).argmax(axis=1)
    return number * _BLOCK + np.minimum(found, last)


def _sorted_draw(weights: Floats, top_p: float, key: np.uint64, counter: np.uint64) -> int:
    """The plain way, by sorting: for rows whose nucleus is so small that drawing again is slow."""
    order = np.argsort(-weights, kind="stable")
    cumulated = np.cumsum(weights[order], dtype=np.float64)
    kept = int(np.searchsorted(cumulated, top_p * cumulated[-1])) + 1
    target = uniform(np.array([key]), np.array([~counter]))[0] * cumulated[kept - 1]
    return int(order[np.searchsorted(cumulated[:kept], target, side="right")])


def uniform(
    keys: npt.NDArray[np.uint64], counters: npt.NDArray[np.uint64]
) -> npt.NDArray[np.float64]:
    """Numbers in [0, 1): splitmix64 (Steele, Lea, Flood 2014) at position `counter` of `key`."""
    z = keys + (counters + np.uint64(1)) * _GOLDEN
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return (z >> np.uint64(11)).astype(np.float64) / (1 << 53)
