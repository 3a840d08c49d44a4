"""`codeplan plans`, `codeplan check` and `codeplan doctor`."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

SOURCE = '''\
def double(x):
    """Twice x.

    >>> double(2)
    4
    >>> double(3)
    6
    """
    ...
'''
GOOD = '''\
"""Numbers.

>>> half(8)
4.0
"""


def half(x):
    """Half of x.

    >>> half(3)
    1.5
    >>> half(1)  # doctest: +SKIP
    0.1
    """
    return x / 2


if __name__ == "__main__":
    assert half(10) == 5
'''
BAD = GOOD.replace("1.5", "1.6")


def test_plans_shows_every_plan_with_its_record_best_first(codeplan: Any) -> None:
    path = codeplan.file(SOURCE)
    options = codeplan.script(
        (r"<\|plan\|>$", ["\n1. Give up.", "\n1. Square it.", "\n1. Add it\nto itself."]),
        ("Give up", "\n    return 0"),
        ("Square", "\n    return x * x"),
        ("Add", "\n    return x + x"),
    )

    run = codeplan("plans", "work.py::double", "--plans", "3", "--json", *options)

    records = run.objects
    assert run.status == 0
    assert [record["plan"] for record in records] == [
        ["Add it to itself."],
        ["Square it."],
        ["Give up."],
    ]
    assert [record["passed"] for record in records] == [2, 1, 0]
    assert {record["total"] for record in records} == {2}
    assert [record["outcome"] for record in records] == ["passed", "failed", "failed"]
    assert records[0]["code"] == "    return x + x"
    assert path.read_text() == SOURCE


def test_plans_in_words(codeplan: Any) -> None:
    codeplan.file(SOURCE)
    options = codeplan.script((r"<\|plan\|>$", ["\n1. Square it."]), (".", "\n    return x * x"))

    run = codeplan("plans", "work.py::double", "--plans", "2", *options)

    assert run.status == 1
    assert run.out.startswith("plan 1: its best code passed 1 of 2 of your examples")
    assert "    1. Square it." in run.out.splitlines()
    assert "plan 2" not in run.out  # the same plan twice is one plan


def test_check_counts_as_doctest_does(codeplan: Any) -> None:
    path = codeplan.file(GOOD)

    run = codeplan("check", "work.py", "--json")

    (found,) = run.objects
    assert run.status == 0
    assert found["file"] == "work.py"
    assert (found["passed"], found["total"], found["not_judged"]) == (3, 3, 1)
    assert found["failures"] == []
    assert found["sandbox"][0] in "AB"
    # The two doctests that are not skipped; the third is the assert, which doctest doesn't know.
    command = [sys.executable, "-m", "doctest", "-v", path]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "2 passed" in said or "3 passed" in said


def test_check_shows_what_differs(codeplan: Any) -> None:
    codeplan.file(BAD)
    codeplan.file(BAD, "[b]work.py")

    plain = codeplan("check", "[b]work.py")
    as_json = codeplan("check", "work.py", "--json")

    assert plain.status == as_json.status == 1
    assert "      FAILED  half(3)" in plain.out
    assert "expected 1.6" in plain.out
    assert "got 1.5" in plain.out
    assert "[b]work.py: passed 2 of 3 examples" in plain.out
    assert "[b]work.py:11" in plain.out.splitlines()
    (failure,) = as_json.objects[0]["failures"]
    assert failure["source"].strip() == "half(3)"
    assert (failure["want"].strip(), failure["got"].strip()) == ("1.6", "1.5")
    assert failure["status"] == "failed"
    assert failure["origin"].startswith("work.py:")


def test_check_of_several_files_has_the_worst_status(codeplan: Any) -> None:
    codeplan.file(GOOD, "good.py")
    codeplan.file(BAD, "bad.py")
    codeplan.file("x = 1\n", "none.py")

    assert codeplan("check", "good.py", "none.py").status == 3
    run = codeplan("check", "good.py", "bad.py", "none.py", "--json")
    assert run.status == 1
    assert [(f["file"], f["passed"], f["total"]) for f in run.objects] == [
        ("good.py", 3, 3),
        ("bad.py", 2, 3),
        ("none.py", 0, 0),
    ]


def test_check_is_contained(codeplan: Any) -> None:
    secret = codeplan.folder / "secret.txt"
    secret.write_text("hidden")
    source = f'"""\n>>> import os\n>>> os.path.exists({str(secret)!r})\nFalse\n"""\n'
    source += f"open({str(codeplan.folder / 'trace')!r}, 'w')\n"
    codeplan.file(source)

    run = codeplan("check", "work.py")

    assert run.status == 1  # it can't be executed: the file may not be written
    assert not (codeplan.folder / "trace").exists()


def test_doctor_says_what_there_is(codeplan: Any, tiny_gguf: Path) -> None:
    plain = codeplan("doctor", "--model", tiny_gguf)
    as_json = codeplan("doctor", "--json", "--model", tiny_gguf)

    (found,) = as_json.objects
    assert plain.status == as_json.status == 0, plain.err
    assert found["problems"] == []
    assert set(found["backends"]) >= {"llama", "transformers", "openai"}
    assert f"llama-cpp-python {version('llama-cpp-python')}" in found["backends"]["llama"]
    assert found["model file"] == str(tiny_gguf)
    assert found["prompt format"] == "codeplan-1"
    assert "CPU" in found["device"] or "GPU" in found["device"] or "CUDA" in found["device"]
    assert found["sandbox"][0] in "AB"
    assert sys.version.split()[0] in found["python"]
    for word in ("codeplan", "llama-cpp-python", "sandbox", "backend llama", "device"):
        assert word in plain.out
    # A long path can be copied out of the table.
    assert str(tiny_gguf) in plain.out


def test_doctor_attack_says_for_each_group_whether_it_is_contained(codeplan: Any) -> None:
    run = codeplan("doctor", "--attack", "--json")

    groups = {found["group"]: found for found in run.objects}
    assert run.status == 0, run.err
    assert len(groups) == 10
    for found in groups.values():
        assert found["escaped"] == []
        assert found["contained"] > found["attacks"] / 2
        # What can't succeed here unprotected is named, and not counted as contained.
        assert found["contained"] + len(found["not_tried"]) == found["attacks"]


def test_doctor_names_problems_and_what_to_do(codeplan: Any, no_containment: Any) -> None:
    run = codeplan("doctor", "--json", "--model", "none.gguf", before=no_containment)

    (found,) = run.objects
    assert run.status == 1
    problems = json.dumps(found["problems"])
    assert "none.gguf can't be read" in problems
    assert "can't be contained" in problems
    assert found["sandbox"] == "none: generated code is not run"


def test_an_attack_whose_control_can_not_fire_is_not_called_contained(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from codeplan_model import sandbox
    from codeplan_model.cli import doctor
    from codeplan_model.cli.output import Output
    from codeplan_model.sandbox.attacks import ATTACKS

    vsock, other = (one for one in ATTACKS if one.name in ("vsock", "ptrace"))

    def attack(_: object) -> list[sandbox.AttackResult]:
        return [
            sandbox.AttackResult(vsock, True, None, "refused", 0.1),
            sandbox.AttackResult(other, True, True, "refused", 0.1),
        ]

    monkeypatch.setattr(sandbox, "attack", attack)

    status = doctor.attack(Output(as_json=False))

    assert status == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "not tried network: 0 of 1 contained" in said
    assert f"don't succeed here: {vsock.name}" in said
    assert "contained other processes: 1 of 1 contained" in said


@pytest.mark.parametrize(
    ("limits", "status", "words"),
    [
        (["--limit", "wall=20", "--limit", "memory=200"], 0, ""),
        (["--limit", "output=10", "--limit", "wall=30"], 1, "got xxxxxxxxxx work.py"),
        (["--limit", "wall=0.000001"], 1, "can't be executed: executing it took too long"),
        (["--limit", "processes=2"], 2, "a run may start no process at all"),
        (["--limit", "wall=soon"], 2, "wall must be a number"),
        (["--limit", "threads=0"], 2, "threads must be more than 0"),
        (["--limit", "walls=1"], 2, "write NAME=VALUE, with one of wall, cpu, memory"),
    ],
)
def test_limits_are_set_on_the_command_line(
    codeplan: Any, limits: list[str], status: int, words: str
) -> None:
    loud = GOOD.replace("return x / 2", "return 5 if x == 10 else print('x' * 9_000_000)")
    codeplan.file(loud if "output=10" in limits else GOOD)

    run = codeplan("check", "work.py", *limits)

    assert run.status == status, run.err + run.out
    assert words in " ".join((run.out + run.err).replace("│", " ").split())


def _environment(folder: Path, **modules: str) -> Path:
    """A virtual environment with these modules in it."""
    venv.create(folder, symlinks=True)
    packages = next(folder.glob("lib/python*/site-packages"))
    for name, text in modules.items():
        packages.joinpath(name).write_text(text)
    return folder


USES = "import only_here\n\n\ndef f():\n    '''\n    >>> f()\n    41\n    '''\n    {body}\n"


def test_the_file_s_own_virtual_environment_is_used(codeplan: Any) -> None:
    codeplan.file(USES.format(body="return only_here.VALUE"))
    assert codeplan("check", "work.py").status == 1
    _environment(codeplan.folder / ".venv", **{"only_here.py": "VALUE = 41\n"})

    run = codeplan("check", "work.py")

    assert run.status == 0, run.out + run.err


def test_solve_uses_the_file_s_own_virtual_environment(codeplan: Any) -> None:
    codeplan.file(USES.format(body="..."))
    _environment(codeplan.folder / "venv", **{"only_here.py": "VALUE = 41\n"})
    options = codeplan.script((".", "\n    return only_here.VALUE"))

    run = codeplan("solve", "work.py::f", "--strategy", "direct", *options)

    assert run.status == 0, run.out + run.err


def test_an_interpreter_that_a_folder_brings_is_not_run_and_this_is_said(codeplan: Any) -> None:
    codeplan.file(GOOD)
    mark = codeplan.folder / "was-run"
    folder = _environment(codeplan.folder / ".venv")
    program = folder / "bin" / "python"
    program.unlink()
    program.write_text(f'#!/bin/sh\ntouch {mark}\nexec {sys.executable} "$@"\n')
    program.chmod(0o755)

    run = codeplan("check", "work.py")

    assert run.status == 0, run.out + run.err
    assert not mark.exists()
    assert "isn't used" in run.err
    assert "--python" in run.err
