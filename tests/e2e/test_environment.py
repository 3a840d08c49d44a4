"""A file's own virtual environment, in a running server."""

from __future__ import annotations

import venv

SOURCE = '''\
import only_here


def answer():
    """
    >>> answer()
    41
    """
    return only_here.VALUE
'''


def test_the_examples_find_the_packages_of_the_file_s_own_environment(ready, tmp_path):
    client = ready((".", "x"))
    path = tmp_path / "work.py"
    client.open(path.as_uri(), SOURCE)

    before = client.command("runExamples", {"uri": path.as_uri()})
    venv.create(tmp_path / ".venv", symlinks=True)
    packages = next((tmp_path / ".venv").glob("lib/python*/site-packages"))
    (packages / "only_here.py").write_text("VALUE = 41\n")
    after = client.command("runExamples", {"uri": path.as_uri()})

    assert before["outcome"] == "crashed", before
    assert (after["outcome"], after["passed"], after["total"]) == ("passed", 1, 1), after


def test_the_interpreter_of_a_folder_is_never_run_outside_of_the_sandbox(ready, tmp_path):
    client = ready((".", "x"))
    path = tmp_path / "work.py"
    client.open(path.as_uri(), SOURCE.replace("only_here.VALUE", "41").replace("only_here", "os"))
    venv.create(tmp_path / ".venv", symlinks=True)
    mark = tmp_path / "was-run"
    program = tmp_path / ".venv" / "bin" / "python"
    program.unlink()
    program.write_text(f"#!/bin/sh\ntouch {mark}\n")
    program.chmod(0o755)

    result = client.command("runExamples", {"uri": path.as_uri()})

    assert (result["outcome"], result["passed"]) == ("passed", 1), result
    assert not mark.exists()
