"""The student's tokenizer: byte-level BPE that llama.cpp reproduces from the GGUF alone.

Digits are split one by one and text by the GPT-2 expression, which is the pre-tokenizer that
llama.cpp knows as "smollm".
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from codeplan_model.prompts import codeplan1

PRE_TOKENIZER = "smollm"
"""llama.cpp's name for the splitting below."""


def train(texts: Iterable[str], vocabulary: int) -> Tokenizer:
    """A tokenizer with `vocabulary` entries, special tokens first."""
    tokenizer = _split_as_ours(models.BPE())
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(codeplan1.SPECIAL_TOKENS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def of(vocabulary: dict[str, int], merges: list[tuple[str, str]]) -> Tokenizer:
    """The tokenizer of these pieces, by their numbers, and these merges."""
    tokenizer = _split_as_ours(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.add_special_tokens(list(codeplan1.SPECIAL_TOKENS))
    return tokenizer


def load(path: Path) -> Tokenizer:
    """The tokenizer of a folder or a tokenizer.json. Raises FileNotFoundError in words."""
    file = path / "tokenizer.json" if path.is_dir() else path
    if not file.is_file():
        raise FileNotFoundError(
            f"{path} holds no tokenizer.json: train one with `codeplan-train tokenizer`"
        )
    return Tokenizer.from_file(str(file))


def _split_as_ours(model: models.BPE) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer
