"""Draw one token for each row of a batch of logits: temperature, top-p, min-p, seeds per row.

Vectorised with numpy and exact: top-p is done by drawing from the whole distribution and drawing
again when the token lies outside the nucleus, which needs no sorting. The random numbers are
counter-based, so that a row's draws depend on its own key alone, not on its neighbours.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_DRAWS = 16
_BLOCK = 64
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def draw(
    logits: Floats,
    temperature: Floats,
    top_p: Floats,
    min_p: Floats,
    keys: npt.NDArray[np.uint64],
    counters: npt.NDArray[np.uint64],
) -> tuple[npt.NDArray[np.intp], Floats]:
    """One token and its natural log-probability at temperature 1 for each row.

    logits: [rows, vocabulary]; every other argument: [rows]. counters: how many tokens the row
    has drawn before. A temperature of 0 takes the likeliest token.
    """
    rows = np.arange(len(logits))
    best = logits.argmax(axis=1)
    shifted = logits - logits[rows, best][:, None]
    plain = np.exp(shifted)
    log_total = np.log(plain.sum(axis=1, dtype=np.float64))
    hot = temperature > 0
    tokens = best
    if hot.any():
        if (temperature[hot] != 1).any():
            plain = np.exp(shifted / np.where(hot, temperature, 1)[:, None])
        if min_p.any():
            # The likeliest token has weight 1, so min-p compares with the weights themselves.
            plain[plain < min_p[:, None]] = 0
        tokens = np.where(hot, _nucleus(plain, np.where(hot, top_p, 1), keys, counters), best)
    return tokens, (shifted[rows, tokens] - log_total).astype(np.float32)


def _nucleus(
    weights: Floats,
    top_p: Floats,
    keys: npt.NDArray[np.uint64],
    counters: npt.NDArray[np.uint64],
) -> npt.NDArray[np.intp]:
    """Draw from each row of weights (not normalised), inside its nucleus of mass `top_p`."""
    blocks = _block_sums(weights)
    totals = blocks[:, -1]
    tokens = np.zeros(len(weights), dtype=np.intp)
    left = np.arange(len(weights))
    for attempt in range(_DRAWS):
        numbers = uniform(keys[left], counters[left] * np.uint64(_DRAWS) + np.uint64(attempt))
        # Rounding must not put a target at the total itself, behind every token.
        targets = np.minimum(numbers * totals[left], np.nextafter(totals[left], 0))
        tokens[left] = _locate(weights, blocks, left, targets)
        cut = left[top_p[left] < 1]
        if not len(cut):
            return tokens
        # A token is in the nucleus when the tokens likelier than it have less than top_p together.
        some = weights if len(cut) == len(weights) else weights[cut]
        chosen = some[np.arange(len(cut)), tokens[cut]][:, None]
        # A product costs an eighth of a sum with `where`.
        above = (some * (some > chosen)).sum(axis=1)
        left = cut[above >= top_p[cut] * totals[cut]]
        if not len(left):
            return tokens
    for row in left.tolist():
        tokens[row] = _sorted_draw(weights[row], float(top_p[row]), keys[row], counters[row])
    return tokens


def _block_sums(weights: Floats) -> npt.NDArray[np.float64]:
    """Cumulated sums of each row's blocks of _BLOCK weights (the last may be shorter)."""
    size = weights.shape[1]
    whole = size - size % _BLOCK
    sums = weights[:, :whole].reshape(len(weights), -1, _BLOCK).sum(axis=2)
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
