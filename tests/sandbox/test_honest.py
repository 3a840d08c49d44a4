"""Honest code gets the verdict that `python -m doctest` gives."""

from __future__ import annotations

import concurrent.futures
import importlib.util
import pathlib
import re
import subprocess
import sys
import textwrap

import pytest

from codeplan_model.sandbox.interpreter import imports_of
from codeplan_model.values import Candidate, Outcome

_TEXT = (pathlib.Path(__file__).parent / "honest_programs.txt").read_text("utf-8")
_PROGRAMS = [
    (name, target, source)
    for name, target, source in re.findall(
        r"^#### (\S+) (\S+)\n(.*?)(?=^#### |\Z)", _TEXT, re.DOTALL | re.MULTILINE
    )
    if "import numpy" not in source or importlib.util.find_spec("numpy")
]
# Programs with the same imports share a warm interpreter when they follow each other.
_PROGRAMS.sort(key=lambda program: imports_of(program[2]))


@pytest.fixture(scope="module")
def doctest_passes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bool]:
    """What `python -m doctest` says of each program."""
    folder = tmp_path_factory.mktemp("honest")

    def run(program: tuple[str, str, str]) -> tuple[str, bool]:
        path = folder / program[0] / f"{program[0]}.py"
        path.parent.mkdir()
        path.write_text(program[2], "utf-8")
        command = [sys.executable, "-m", "doctest", str(path)]
        done = subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, cwd=path.parent, check=False
        )
        return program[0], done.returncode == 0

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return dict(pool.map(run, _PROGRAMS))


def test_there_are_at_least_80_programs_and_some_are_wrong() -> None:
    assert len(_PROGRAMS) >= 80
    assert len([p for p in _PROGRAMS if p[0].startswith("wrong_")]) >= 5


@pytest.mark.parametrize(("name", "target", "source"), _PROGRAMS, ids=[p[0] for p in _PROGRAMS])
def test_honest_program(name, target, source, best, task, doctest_passes) -> None:
    made = task(source, target, path=f"{name}.py")
    # The old body, as a model would have written it.
    candidate = Candidate(textwrap.indent(textwrap.dedent(made.old_body.strip("\n")), "    "))

    verdict = best.judge(made, candidate)

    expected = Outcome.PASSED if doctest_passes[name] else Outcome.FAILED
    assert doctest_passes[name] is not name.startswith("wrong_")
    assert verdict.outcome is expected, verdict.detail
    assert not verdict.weak
