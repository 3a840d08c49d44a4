"""The file of answers: what it may hold, and what is said of one that is none."""

import json
from pathlib import Path

import pytest

from codeplan_model.backends import open_backend
from codeplan_model.generation import BackendError, Request


def write(path: Path, script: object) -> str:
    path.write_text(script if isinstance(script, str) else json.dumps(script))
    return str(path)


def test_the_rules_of_a_file_answer_in_their_order(tmp_path: Path) -> None:
    rules = [{"pattern": "^a", "texts": ["one", "two"]}, {"pattern": "", "texts": ["three"]}]
    script = {"prompt_format": "chat", "rules": rules}
    backend = open_backend("scripted", write(tmp_path / "answers.json", script))

    found = [c.text for c in backend.generate([Request("a", 2), Request("b")])]

    assert found == ["one", "two", "three"]
    assert backend.info().prompt_format == "chat"


def test_a_rule_with_an_error_is_a_model_that_fails(tmp_path: Path) -> None:
    script = {"rules": [{"pattern": "", "error": "it died"}]}
    backend = open_backend("scripted", write(tmp_path / "answers.json", script))

    with pytest.raises(BackendError, match="it died") as caught:
        list(backend.generate([Request("a")]))

    assert caught.value.retryable


@pytest.mark.parametrize(
    "script",
    [
        "{",
        [],
        {},
        {"rules": 3},
        {"rules": ["text"]},
        {"rules": [{"texts": ["no pattern"]}]},
        {"rules": [{"pattern": "(", "texts": ["x"]}]},
        {"rules": [{"pattern": "x"}]},
        {"rules": [{"pattern": "x", "texts": ["x"], "seconds": "long"}]},
    ],
)
def test_a_file_that_holds_no_answers_is_named_in_words(tmp_path: Path, script: object) -> None:
    path = write(tmp_path / "answers.json", script)

    with pytest.raises(BackendError, match=r"answers\.json is not a file of answers"):
        open_backend("scripted", path)


def test_a_missing_file_of_answers_is_named_in_words(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match=r"none\.json"):
        open_backend("scripted", str(tmp_path / "none.json"))
    with pytest.raises(BackendError, match="Name a file of answers"):
        open_backend("scripted")
