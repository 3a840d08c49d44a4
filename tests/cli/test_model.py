"""`codeplan` with real GGUF files: small ones with random weights, broken ones, strange ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

SOURCE = '''\
def double(x):
    """Twice x.

    >>> double(2)
    4
    """
    ...
'''
# Without the memory of solved problems: the answers are the model's own.
SMALL = ("--plans", "3", "--samples", "3", "--no-memory")


def _without_times(found: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if key not in ("seconds", "timings")}


@pytest.mark.parametrize("strategy", ["direct", "codeplan"])
def test_the_same_seed_gives_the_same_result_and_another_one_another(
    codeplan: Any, tiny_gguf: Path, strategy: str
) -> None:
    codeplan.file(SOURCE)
    options = ["--json", "--strategy", strategy, "--model", tiny_gguf, *SMALL]

    first, again, other = (
        codeplan("solve", "work.py", *options, "--seed", seed) for seed in ("5", "5", "6")
    )

    assert first.status == again.status == 1
    assert first.objects[0]["tokens"] > 0
    assert _without_times(first.objects[0]) == _without_times(again.objects[0])
    assert _without_times(first.objects[0]) != _without_times(other.objects[0])
    if strategy == "direct":
        assert first.objects[0]["code"] != other.objects[0]["code"]


def test_a_model_without_a_readable_plan_is_said_to_have_none(
    codeplan: Any, tiny_gguf: Path
) -> None:
    codeplan.file(SOURCE)

    run = codeplan("plans", "work.py::double", "--plans", "2", "--no-memory", "--model", tiny_gguf)

    assert run.status == 1
    assert "the model wrote no plan that could be read" in run.err


def test_a_truncated_model_is_told_apart(codeplan: Any, tiny_gguf: Path) -> None:
    path = codeplan.file(SOURCE)
    whole = tiny_gguf.read_bytes()
    cut = codeplan.folder / "cut.gguf"
    for size in (3, 100, len(whole) - 1):
        cut.write_bytes(whole[:size])

        run = codeplan("solve", "work.py", "--write", "--model", cut)

        assert run.status == 2, size
        assert "cut.gguf" in run.err
    assert path.read_text() == SOURCE


def test_a_file_that_is_no_model(codeplan: Any) -> None:
    codeplan.file(SOURCE)

    run = codeplan("solve", "work.py", "--model", "work.py")

    assert run.status == 2
    assert "work.py" in run.err
    assert "GGUF" in run.err


def test_a_model_that_is_not_ours_is_asked_through_its_chat_template(
    codeplan: Any, chat_gguf: Path
) -> None:
    codeplan.file(SOURCE)

    doctor = codeplan("doctor", "--json", "--model", chat_gguf)
    run = codeplan("solve", "work.py", "--json", "--model", chat_gguf, *SMALL)

    assert doctor.objects[0]["prompt format"] == "chat"
    assert run.status == 1  # random weights write no right code, but it ends in order
    assert run.objects[0]["outcome"] in ("no_candidate", "failed", "crashed")


@pytest.mark.parametrize("format_name", ["codeplan-1", "chat"])
def test_an_answer_in_each_prompt_format_is_understood(codeplan: Any, format_name: str) -> None:
    codeplan.file(SOURCE)
    code = "\n    return x + x"
    if format_name == "chat":
        code = "Sure:\n```python\ndef double(x):\n    return x + x\n```\n"
    options = codeplan.script((".", code), prompt_format=format_name)

    run = codeplan("solve", "work.py", "--json", "--strategy", "direct", *options)

    assert run.objects[0]["outcome"] == "passed"
    assert run.objects[0]["code"] == "    return x + x"
