"""What the examples ask for must not have been learnt by heart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DATA = ROOT / "training" / "data"
GRAM = 8
# Definitions in code, titles of the written exercises, and the field of the JSON lines.
_NAMES = re.compile(r'\bdef (\w+)|^=== *(\S+)|"entry_point": *"([\w.]+)"', re.MULTILINE)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def _training_texts() -> Iterator[str]:
    for path in sorted(DATA.rglob("*")):
        if path.suffix in (".jsonl", ".txt"):
            yield path.read_text("utf-8")


def _prose(docstring: str) -> str:
    return re.split(r"^\s*>>> ", docstring, maxsplit=1, flags=re.MULTILINE)[0]


def _first_sentence(docstring: str) -> str:
    return re.split(r"(?<=[.!?])\s", _prose(docstring).strip(), maxsplit=1)[0]


def _grams(words: list[str]) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + GRAM]) for i in range(len(words) - GRAM + 1)}


@pytest.fixture(scope="module")
def training_names() -> set[str]:
    names: set[str] = set()
    for text in _training_texts():
        names.update(name for found in _NAMES.findall(text) for name in found if name)
    return names


@pytest.fixture(scope="module")
def training_words() -> str:
    """Every word of the training data, in order, between single spaces."""
    # In JSON a line break is the two characters "\n", whose letter is no word of the text.
    plain = (text.replace("\\n", " ").replace('\\"', '"') for text in _training_texts())
    return "".join(f" {' '.join(_words(text))} " for text in plain)


def test_the_training_data_is_read(training_names: set[str], training_words: str) -> None:
    assert len(training_names) > 3000
    assert len(training_words) > 1_000_000


def test_no_function_has_a_name_of_the_training_data(
    example_file: Any, training_names: set[str]
) -> None:
    assert {task.name for task in example_file.tasks} & training_names == set()


def test_no_first_sentence_stands_in_the_training_data(
    example_file: Any, training_words: str
) -> None:
    for task in example_file.tasks:
        sentence = " ".join(_words(_first_sentence(task.docstring)))
        assert sentence
        assert f" {sentence} " not in training_words, task.entry_point


def test_no_eight_words_in_a_row_stand_in_the_training_data(
    example_file: Any, training_words: str
) -> None:
    for task in example_file.tasks:
        for gram in _grams(_words(_prose(task.docstring))):
            assert f" {' '.join(gram)} " not in training_words, (task.entry_point, gram)
