"""Compositional generator of small Python problems with plans and code.

`generate` draws operations that fit by type, folds them into idiomatic code, words the task in
many styles and computes the examples by running the code. It reads no data and needs no model.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from codeplan_training.compose.build import problems

SPLITS = ("train", "heldout")


def generate(seed: int, count: int, *, split: str = "train") -> Iterator[dict[str, Any]]:
    """`count` problems, the same for the same seed; ValueError for an unknown split.

    The keys are those of a line of exercises.jsonl, and `ops`, the ids of the operations.
    Pairs of operations that occur in "heldout" never occur together in "train".
    """
    if split not in SPLITS:
        raise ValueError(f"unknown split {split!r}: use one of {', '.join(SPLITS)}")
    source = problems(Random(f"{split}/{seed}"), split)
    for number in range(count):
        yield {"id": f"compose/{number}", **next(source)}


__all__ = ["SPLITS", "generate"]
