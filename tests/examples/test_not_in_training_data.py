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
Gram = tuple[str, ...]
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


def _sentence(task: Any) -> Gram:
    """The words of the docstring's first sentence."""
    first = re.split(r"(?<=[.!?])\s", _prose(task.docstring).strip(), maxsplit=1)[0]
    return tuple(_words(first))


def _runs(task: Any) -> set[Gram]:
    words = _words(_prose(task.docstring))
    return {tuple(words[i : i + GRAM]) for i in range(len(words) - GRAM + 1)}


@pytest.fixture(scope="module")
def training_names() -> set[str]:
    names: set[str] = set()
    for text in _training_texts():
        names.update(name for found in _NAMES.findall(text) for name in found if name)
    return names


@pytest.fixture(scope="module")
def training_words() -> list[str]:
    """Every word of the training data, in order; a blank one between two files."""
    words: list[str] = []
    for text in _training_texts():
        # In JSON a line break is the two characters "\n", whose letter is no word of the text.
        words += [*_words(text.replace("\\n", " ").replace('\\"', '"')), ""]
    return words


@pytest.fixture(scope="module")
def shared(example_files: list[Any], training_words: list[str]) -> set[Gram]:
    """The runs of words of the examples that the training data hold too; one look at the data."""
    tasks = [task for file in example_files for task in file.tasks]
    wanted = {gram for task in tasks for gram in (*_runs(task), _sentence(task))}
    lengths = {len(gram) for gram in wanted}
    first = {gram[0] for gram in wanted}
    found: set[Gram] = set()
    for start, word in enumerate(training_words):
        if word in first:
            for length in lengths:
                gram = tuple(training_words[start : start + length])
                if gram in wanted:
                    found.add(gram)
    return found


def test_the_training_data_is_read(training_names: set[str], training_words: list[str]) -> None:
    assert len(training_names) > 3000
    assert len(training_words) > 200_000


def test_no_function_has_a_name_of_the_training_data(
    example_file: Any, training_names: set[str]
) -> None:
    assert {task.name for task in example_file.tasks} & training_names == set()


def test_no_first_sentence_stands_in_the_training_data(
    example_file: Any, shared: set[Gram]
) -> None:
    for task in example_file.tasks:
        assert _sentence(task)
        assert _sentence(task) not in shared, task.entry_point


def test_no_eight_words_in_a_row_stand_in_the_training_data(
    example_file: Any, shared: set[Gram]
) -> None:
    for task in example_file.tasks:
        assert _runs(task) & shared == set(), task.entry_point
