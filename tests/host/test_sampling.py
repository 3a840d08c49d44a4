import numpy as np
import pytest

from codeplan_model.host.sampling import draw
from codeplan_model.host.seeds import sequence_key


def draw_many(logits, *, temperature=1.0, top_p=1.0, min_p=0.0, times=4000, seed=0):
    """One row drawn from `times` times, each with a key of its own."""
    row = np.array([logits], dtype=np.float32)
    full = np.ones(1, dtype=np.float32)
    keys = np.array([sequence_key(seed, 0, i) for i in range(times)], dtype=np.uint64)
    zeros = np.zeros(times, dtype=np.intp)
    counters = zeros.astype(np.uint64)
    return draw(row, full * temperature, full * top_p, full * min_p, zeros, keys, counters)


LOGITS = np.log([0.5, 0.25, 0.15, 0.07, 0.03]).astype(np.float32)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_frequencies_follow_the_tempered_distribution(temperature: float) -> None:
    tokens, _ = draw_many(LOGITS, temperature=temperature)
    expected = np.exp(LOGITS / temperature)
    expected /= expected.sum()

    assert np.bincount(tokens, minlength=5) / 4000 == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize(
    ("top_p", "kept"), [(0.4, 1), (0.6, 2), (0.76, 3), (0.95, 4), (0.999, 5), (0.01, 1)]
)
def test_top_p_keeps_the_smallest_set_with_that_mass(top_p: float, kept: int) -> None:
    tokens, _ = draw_many(LOGITS, top_p=top_p)
    expected = np.exp(LOGITS)
    expected[kept:] = 0
    expected /= expected.sum()

    assert np.bincount(tokens, minlength=5) / 4000 == pytest.approx(expected, abs=0.03)


def test_a_tiny_nucleus_in_a_flat_distribution_still_ends() -> None:
    logits = np.zeros(5000, dtype=np.float32)
    logits[[7, 9]] = 0.1
    tokens, _ = draw_many(logits, top_p=0.0001, times=50)

    assert set(tokens.tolist()) <= {7, 9}


def test_min_p_cuts_below_a_share_of_the_likeliest() -> None:
    tokens, _ = draw_many(LOGITS, min_p=0.2)

    assert set(tokens.tolist()) == {0, 1, 2}


def test_temperature_zero_takes_the_likeliest_beside_hot_rows() -> None:
    rows = np.tile(LOGITS, (200, 1))
    temperature = np.where(np.arange(200) % 2, 1.0, 0.0).astype(np.float32)
    keys = np.arange(200, dtype=np.uint64)
    ones, zeros = np.ones(200, np.float32), np.zeros(200, np.float32)
    each = np.arange(200)
    tokens, _ = draw(rows, temperature, ones, zeros, each, keys, np.zeros(200, np.uint64))

    assert set(tokens[::2].tolist()) == {0}
    assert len(set(tokens[1::2].tolist())) > 2


def test_the_log_probability_is_that_of_temperature_one() -> None:
    for temperature in (0.0, 0.3, 1.0, 1.7):
        tokens, logprobs = draw_many(LOGITS, temperature=temperature, top_p=0.9, times=50)
        assert logprobs == pytest.approx(LOGITS[tokens], abs=1e-5)


def test_draws_from_one_row_are_those_from_a_row_for_each() -> None:
    rows = np.stack([LOGITS, LOGITS[::-1]])
    from_rows = np.arange(600) % 2
    keys = np.array([sequence_key(1, 0, i) for i in range(600)], dtype=np.uint64)
    counters = np.arange(600, dtype=np.uint64)

    def drawn(logits, rows):
        ones = np.ones(len(logits), np.float32)
        return draw(logits, ones * 0.7, ones * 0.9, ones * 0, rows, keys, counters)

    shared = drawn(rows, from_rows)
    apart = drawn(rows[from_rows], np.arange(600))

    assert len(set(shared[0].tolist())) > 2
    assert np.array_equal(shared, apart)


def test_a_row_draws_the_same_whoever_its_neighbours_are() -> None:
    alone, _ = draw_many(LOGITS, top_p=0.95, times=1)
    crowd, _ = draw_many(LOGITS, top_p=0.95, times=300)

    assert alone[0] == crowd[0]
    assert len(set(crowd.tolist())) == 4


def test_keys_differ_by_seed_request_and_sample() -> None:
    keys = {sequence_key(s, r, n) for s in range(10) for r in range(10) for n in range(10)}

    assert len(keys) == 1000
