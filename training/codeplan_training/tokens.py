"""Token files: what the trainer reads, made beforehand so that training only multiplies matrices.

A file (npz) holds `ids` (uint16, one long stream of documents, each opened by the beginning-of-text
token) and `weights` (uint8, the loss weight of predicting that token, in 1/255). A file whose name
ends with `.xz` is compressed harder, to be carried to another machine.
"""

from __future__ import annotations

import io
import lzma
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from codeplan_model.prompts import codeplan1
from codeplan_training.render import Sample

BATCH = 2000
_HARD = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": 1 << 27, "lc": 0, "lp": 1, "pb": 1}]
"""The renderings of one problem lie far apart: they only help with a large dictionary."""


def encode(
    samples: Iterable[Sample], tokenizer: Tokenizer, *, prompt_weight: float, longest: int
) -> tuple[np.ndarray, np.ndarray]:
    """Streams of ids and weights. Samples of more than `longest` tokens are left out.

    A context stands before the prompt and weighs as much; it is left out where it has no room.
    """
    bos = tokenizer.token_to_id(codeplan1.BOS)
    ids: list[np.ndarray] = []
    weights: list[np.ndarray] = []
    light = round(prompt_weight * 255)
    for batch in _batches(samples):
        prompts = tokenizer.encode_batch([s.prompt for s in batch], add_special_tokens=False)
        completions = tokenizer.encode_batch(
            [s.completion for s in batch], add_special_tokens=False
        )
        contexts = iter(
            tokenizer.encode_batch(
                [context for s in batch for context in s.contexts], add_special_tokens=False
            )
        )
        for sample, prompt, completion in zip(batch, prompts, completions, strict=True):
            room = longest - 1 - len(prompt.ids) - len(completion.ids)
            forms = [next(contexts).ids for _ in sample.contexts]
            if room < 0:
                continue
            context = next((form for form in forms if len(form) <= room), [])
            before = [bos, *context, *prompt.ids]
            ids.append(np.array([*before, *completion.ids], dtype=np.uint16))
            weight = np.full(len(before) + len(completion.ids), 255, dtype=np.uint8)
            weight[: len(before)] = light
            weight[0] = 0
            weights.append(weight)
    if not ids:
        return np.zeros(0, np.uint16), np.zeros(0, np.uint8)
    return np.concatenate(ids), np.concatenate(weights)


def save(path: Path, ids: np.ndarray, weights: np.ndarray) -> None:
    """Write a token file; a partial file never takes the name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    if path.suffix == ".xz":
        whole = io.BytesIO()
        np.savez(whole, ids=ids, weights=weights)
        with lzma.open(partial, "wb", format=lzma.FORMAT_XZ, filters=_HARD) as file:
            file.write(whole.getbuffer())
    else:
        with partial.open("wb") as file:
            np.savez_compressed(file, ids=ids, weights=weights)
    partial.replace(path)


def load(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """(ids, weights). Raises FileNotFoundError or ValueError in words."""
    if not path.is_file():
        raise FileNotFoundError(f"no token file at {path}: make it with `codeplan-train render`")
    try:
        source = io.BytesIO(lzma.decompress(path.read_bytes())) if path.suffix == ".xz" else path
        with np.load(source) as data:
            return data["ids"], data["weights"]
    except (OSError, KeyError, ValueError, lzma.LZMAError) as error:
        raise ValueError(f"{path} is not a token file ({error}); make it again") from error


def _batches(samples: Iterable[Sample]) -> Iterator[list[Sample]]:
    batch: list[Sample] = []
    for item in samples:
        batch.append(item)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
