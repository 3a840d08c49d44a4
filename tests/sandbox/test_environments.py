"""A workspace's own virtual environment: found, used, and never run outside of the sandbox."""

from __future__ import annotations

import contextlib
import os
import pathlib
import subprocess
import sys
import venv

import pytest

from codeplan_model.sandbox import Sandbox, workspace_interpreter
from codeplan_model.sandbox.interpreter import describe
from codeplan_model.values import Outcome

_FILE = '''
import only_here

def f(x):
    """
    >>> f(1)
    42
    """
'''


@pytest.fixture
def workspace(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A folder that any user may read, with no environment of its own or above it."""
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    for parent in (tmp_path, *tmp_path.parents[:2]):
        with contextlib.suppress(PermissionError):
            parent.chmod(parent.stat().st_mode | 0o055)
    made = tmp_path / "workspace"
    made.mkdir()
    return made


def _environment(folder: pathlib.Path, **files: str) -> pathlib.Path:
    """A virtual environment with these files among its packages; the folder of the packages."""
    venv.create(folder, symlinks=True)
    packages = next(folder.glob("lib/python*/site-packages"))
    for name, text in files.items():
        (packages / name.replace("__", ".")).write_text(text)
    return packages


def test_a_file_s_own_environment_is_used_at_every_level(
    level: str, task, body, workspace: pathlib.Path
) -> None:
    _environment(workspace / ".venv", only_here__py="VALUE = 41\n")
    path = str(workspace / "package" / "shop.py")
    with Sandbox(level=level, environments=True) as sandbox:
        verdict = sandbox.judge(task(_FILE, path=path), body("return only_here.VALUE + x"))
        elsewhere = sandbox.judge(task(_FILE, path="/nowhere/shop.py"), body("return 42"))

    assert verdict.outcome is Outcome.PASSED, verdict.detail
    assert elsewhere.outcome is Outcome.CRASHED
    assert "only_here" in elsewhere.detail


def test_code_of_a_pth_file_runs_contained_or_not_at_all(
    level: str, task, body, workspace: pathlib.Path
) -> None:
    mark = workspace / "mark"
    mark.touch(mode=0o666)
    hostile = f"import os; open({str(mark)!r}, 'a').write('was here')\n"
    _environment(
        workspace / ".venv",
        only_here__py="VALUE = 41\n",
        hostile__pth=hostile,
        sitecustomize__py=hostile,
    )
    made = task(_FILE, path=str(workspace / "shop.py"))

    with Sandbox(level=level, environments=True) as sandbox:
        verdict = sandbox.judge(made, body("return only_here.VALUE + x"))

    assert verdict.outcome is Outcome.PASSED, verdict.detail
    assert mark.read_text() == ""
    # The control: the environment's own interpreter does run it.
    subprocess.run([workspace / ".venv/bin/python", "-I", "-c", "pass"], check=True)
    assert mark.read_text() != ""


def test_the_nearest_environment_counts_and_then_the_one_that_is_activated(
    workspace: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workspace / "a" / "b" / "shop.py"
    (workspace / "activated").mkdir()
    _environment(workspace / "activated")
    assert workspace_interpreter(str(path)).python is None
    monkeypatch.setenv("VIRTUAL_ENV", str(workspace / "activated"))

    def found() -> str | None:
        return workspace_interpreter(str(path)).python

    assert found() == str(workspace / "activated/bin/python")
    assert workspace_interpreter(None).python == found()
    _environment(workspace / "venv")
    assert found() == str(workspace / "venv/bin/python")
    _environment(workspace / "a" / ".venv")
    assert found() == str(workspace / "a/.venv/bin/python")


def _own_program(workspace: pathlib.Path) -> None:
    link = workspace / ".venv/bin/python"
    link.unlink()
    link.write_text(f'#!/bin/sh\ntouch {workspace / "run"}\nexec {sys.executable} "$@"\n')
    link.chmod(0o755)


def _own_home(workspace: pathlib.Path) -> None:
    _own_program(workspace)
    (workspace / "tools").mkdir()
    (workspace / ".venv/bin/python").rename(workspace / "tools/python3")
    (workspace / ".venv/bin/python").symlink_to("../../tools/python3")


def _writable_by_all(workspace: pathlib.Path) -> None:
    (workspace / ".venv").chmod(0o777)


def _no_interpreter(workspace: pathlib.Path) -> None:
    for link in (workspace / ".venv/bin").glob("python*"):
        link.unlink()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_own_program, "is not one that is installed on this machine"),
        (_own_home, "is not one that is installed on this machine"),
        (_writable_by_all, "another user can write to it"),
        (_no_interpreter, "it has no interpreter"),
    ],
)
def test_an_environment_that_can_not_be_trusted_is_not_used_and_not_run(
    spoil, words: str, workspace: pathlib.Path
) -> None:
    _environment(workspace / ".venv")
    spoil(workspace)

    found = workspace_interpreter(str(workspace / "shop.py"))

    assert found.python is None
    assert words in found.note
    assert not (workspace / "run").exists()


def test_packages_that_are_a_link_out_of_the_environment_are_not_shown(
    workspace: pathlib.Path,
) -> None:
    packages = _environment(workspace / ".venv")
    secrets = workspace / "secrets"
    packages.rename(secrets)
    packages.symlink_to(secrets)

    described = describe(str(workspace / ".venv/bin/python"))

    assert described.packages == ()
    assert str(packages) not in described.readable


@pytest.mark.skipif(
    os.path.realpath("/usr/bin/python3") == os.path.realpath(sys.executable)
    or not os.access("/usr/bin/python3", os.X_OK),
    reason="there is no second interpreter",
)
def test_an_environment_of_another_python_brings_that_python(
    task, body, workspace: pathlib.Path
) -> None:
    command = ["/usr/bin/python3", "-I", "-m", "venv", "--without-pip", workspace / ".venv"]
    if subprocess.run(command, check=False, capture_output=True).returncode != 0:
        pytest.skip("/usr/bin/python3 can't make environments")
    expected = os.path.realpath("/usr/bin/python3")
    text = f'import sys\n\ndef f():\n    """\n    >>> f()\n    {expected!r}\n    """\n'

    with Sandbox(environments=True) as sandbox:
        made = task(text, path=str(workspace / "shop.py"))
        verdict = sandbox.judge(made, body("return sys.executable"))

    assert verdict.outcome is Outcome.PASSED, verdict.detail
