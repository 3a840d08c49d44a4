"""Bad input ends with status 2 and a message that says what happened and what to do."""

from __future__ import annotations

from collections.abc import Callable
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
ANSWERS = ((r"<\|plan\|>$", "\n1. Add."), (".", "\n    return x + x"))


@pytest.fixture
def refuse(codeplan: Any) -> Callable[..., str]:
    """refuse("solve", ...): that it ends with 2 and an empty standard output; the message."""

    def run(*arguments: str) -> str:
        ended = codeplan(*arguments)
        assert ended.status == 2, ended
        assert ended.out == ""
        return ended.err

    return run


@pytest.mark.parametrize("command", ["solve", "check", "plans"])
def test_no_such_file(refuse: Any, command: str) -> None:
    name = "none.py::f" if command == "plans" else "none.py"

    assert "codeplan: none.py: no such file" in refuse(command, name)


@pytest.mark.parametrize("command", ["solve", "check"])
def test_a_folder(refuse: Any, codeplan: Any, command: str) -> None:
    (codeplan.folder / "package").mkdir()

    assert "package is a folder; name a Python file in it" in refuse(command, "package")


@pytest.mark.parametrize("command", ["solve", "check"])
def test_a_binary_file(refuse: Any, codeplan: Any, command: str) -> None:
    (codeplan.folder / "image.py").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")

    assert "image.py is a binary file, not Python source" in refuse(command, "image.py")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"x = '\xe4'\n", "save it as UTF-8 or add a coding line"),
        (b"# coding: klingon\n", "unknown encoding"),
    ],
)
def test_a_file_that_can_not_be_decoded(
    refuse: Any, codeplan: Any, data: bytes, words: str
) -> None:
    (codeplan.folder / "odd.py").write_bytes(data)

    message = refuse("solve", "odd.py")

    assert "odd.py can't be decoded" in message
    assert words in message


def test_near_names_are_listed_for_a_function_that_is_not_there(refuse: Any, codeplan: Any) -> None:
    codeplan.file(SOURCE + "\n\nclass Cart:\n    def total(self):\n        ...\n")

    assert "did you mean 'double'?" in refuse("solve", "work.py::dubble")
    assert "'Cart.total'" in refuse("solve", "work.py::Cart.totel")
    assert "it has double, Cart.total" in refuse("plans", "work.py::zzz")


def test_a_name_that_several_functions_have(refuse: Any, codeplan: Any) -> None:
    classes = "".join(f"class {c}:\n    def run(self):\n        ...\n\n\n" for c in "AB")
    codeplan.file(classes)

    assert "say 'A.run' or 'B.run'" in refuse("solve", "work.py::run")


def test_nothing_after_the_colons(refuse: Any, codeplan: Any) -> None:
    codeplan.file(SOURCE)

    assert "no function is named after '::'" in refuse("solve", "work.py::")


def test_plans_wants_one_function(refuse: Any, codeplan: Any) -> None:
    codeplan.file(SOURCE)

    assert "name one function: work.py::FUNCTION" in refuse("plans", "work.py")


def test_a_header_that_does_not_parse(refuse: Any, codeplan: Any) -> None:
    codeplan.file("def broken(x\n    ...\n")

    assert "broken" in refuse("solve", "work.py::broken", *codeplan.script(*ANSWERS))


def test_check_names_the_line_that_does_not_parse(refuse: Any, codeplan: Any) -> None:
    codeplan.file(SOURCE + "\n\nif True print(1)\n")

    message = refuse("check", "work.py")

    assert "work.py doesn't parse" in message
    assert "line 10" in message


def test_check_survives_a_file_that_is_nested_too_deeply(refuse: Any, codeplan: Any) -> None:
    codeplan.file("x = " + "-" * 200_000 + "1\n")

    assert "nested too deeply" in refuse("check", "work.py")


def test_a_file_that_does_not_parse_elsewhere_is_refused_before_anything_is_generated(
    refuse: Any, codeplan: Any
) -> None:
    source = SOURCE + "\n\ndef unfinished(:\n    return ]\n"
    path = codeplan.file(source)

    # The file can't be executed, so nothing in it can be verified.
    message = refuse("solve", "work.py::double", "--write", *codeplan.script(*ANSWERS))

    assert "work.py doesn't parse at line 11" in message
    assert "mend that first" in message
    assert path.read_text() == source


@pytest.mark.parametrize("body", ["", "    ...\n", '    """Nothing."""\n'], ids=repr)
@pytest.mark.parametrize(
    ("behind", "line", "reason"),
    [("x = = 1\n", 0, "invalid syntax"), ("if x:\ny = 1\n", 1, "'if' statement on line {}")],
)
def test_the_line_that_does_not_parse_is_told_as_it_is_counted_in_the_file(
    refuse: Any, codeplan: Any, body: str, behind: str, line: int, reason: str
) -> None:
    before = f"\ndef empty(x):\n{body}\n\n"
    codeplan.file(before + behind)
    first = before.count("\n") + 1

    message = refuse("solve", "work.py::empty", *codeplan.script(*ANSWERS))

    assert f"work.py doesn't parse at line {first + line}" in message
    assert reason.format(first) in message


def test_a_read_only_file_is_not_written(codeplan: Any) -> None:
    path = codeplan.file(SOURCE)
    path.chmod(0o444)

    run = codeplan("solve", "work.py", "--write", *codeplan.script(*ANSWERS))

    assert run.status == 2
    assert "work.py is read-only; nothing was written" in run.err
    assert path.read_text() == SOURCE


def test_a_file_that_changes_meanwhile_is_not_overwritten(codeplan: Any) -> None:
    path = codeplan.file(SOURCE)
    options = codeplan.script((".", "\n    return x + x", 1.5))
    arguments = ["--strategy", "direct", "--samples", "1", "--plans", "1"]
    process = codeplan.start("solve", "work.py", "--write", "--json", *arguments, *options)

    # The script is read after the file; see that it was before the file is touched.
    while not _has_opened(process.pid, codeplan):
        assert process.poll() is None
    path.write_text(SOURCE + "# mine\n")
    _, err = process.communicate(timeout=60)

    assert process.returncode == 2
    assert "changed in the meantime" in err
    assert path.read_text() == SOURCE + "# mine\n"


def _has_opened(pid: int, codeplan: Any) -> bool:
    """Whether the search has begun: the sandbox's library is loaded by then."""
    try:
        return "libseccomp" in Path(f"/proc/{pid}/maps").read_text()
    except OSError:
        return False


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--backend", "nope"], "There is no backend 'nope'. Choose one of llama"),
        (["--plans", "0"], "--plans"),
        (["--temperature", "9"], "--temperature"),
        (["--strategy", "magic"], "--strategy"),
        (["--seed", "x"], "--seed"),
        (["--frobnicate"], "--frobnicate"),
        (["--base-url", "http://127.0.0.1:1"], "--backend openai"),
        (["--model", "none.gguf"], "none.gguf can't be read"),
        (["--backend", "scripted"], "Name a file of answers with --model"),
        (["--backend", "transformers"], "Name the folder of a Hugging Face model"),
    ],
    ids=lambda value: value[0] + value[-1] if isinstance(value, list) else "",
)
def test_options_that_can_not_be(
    refuse: Any, codeplan: Any, arguments: list[str], words: str
) -> None:
    codeplan.file(SOURCE)

    assert words in refuse("solve", "work.py", *arguments)


def test_usage(refuse: Any) -> None:
    assert "No such command 'frob'" in refuse("frob")
    assert "Missing argument" in refuse("solve")


def test_an_error_of_the_model_is_told(codeplan: Any) -> None:
    path = codeplan.file(SOURCE)
    script = codeplan.folder / "script.json"
    script.write_text('{"rules": [{"pattern": ".", "error": "The model fell over."}]}')

    options = ("--no-memory", "--backend", "scripted", "--model", script)
    run = codeplan("solve", "work.py", "--write", *options)

    assert run.status == 2
    assert "codeplan: The model fell over." in run.err
    assert path.read_text() == SOURCE
