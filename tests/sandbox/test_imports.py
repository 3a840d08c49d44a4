"""What a file imports: it may hang, start processes, take memory, or be broken off."""

from __future__ import annotations

import contextlib
import pathlib
import subprocess
import sys
import time

import psutil
import pytest
from watched_processes import runs

from codeplan_model.sandbox import Limits, Sandbox
from codeplan_model.values import Outcome

_FILE = '''
def f(x):
    """
    >>> f(1)
    2
    """
'''


def test_hostile_imports_are_limited(best, task, body) -> None:
    made = task("import this_does_not_exist_1\n" + _FILE)
    assert best.judge(made, body("return 1")).outcome is Outcome.CRASHED
    slow = task("import antigravity\nimport test.support\n" + _FILE)

    verdict = best.judge(slow, body("return x + 1"), Limits(import_seconds=0.001))

    assert verdict.outcome is Outcome.CRASHED
    assert "took over 0.001 s" in verdict.detail


def _environment(folder: pathlib.Path, **modules: str) -> str:
    """A virtual environment with these modules in it; its interpreter."""
    import venv

    # World-readable, as a plain user's own would be for that user.
    for parent in (folder, *folder.parents[:2]):
        with contextlib.suppress(PermissionError):
            parent.chmod(parent.stat().st_mode | 0o055)
    venv.create(folder / "venv", symlinks=True)
    site = next((folder / "venv").glob("lib/python*/site-packages"))
    for name, text in modules.items():
        (site / f"{name}.py").write_text(text)
    return str(folder / "venv" / "bin" / "python")


def test_a_virtual_environment_s_packages_are_found(task, body, tmp_path: pathlib.Path) -> None:
    python = _environment(tmp_path, only_here="VALUE = 41\n")
    made = task("import only_here\n" + _FILE)

    with Sandbox(python=python) as own:
        verdict = own.judge(made, body("return only_here.VALUE - 40 + x"))

    assert verdict.outcome is Outcome.PASSED, verdict.detail


_ENDLESS_IMPORT = """
import os, time
if os.fork() == 0:
    time.sleep(300)
while True:
    pass
"""
# Begins to import what never ends, and says so.
_SUPERVISOR_OF_IMPORTS = """
from codeplan_model import extract
from codeplan_model.sandbox import Sandbox
from codeplan_model.values import Candidate

task = extract.task_named("import endless\\n" + {file!r}, "f", with_tests=False)
with Sandbox(level={level!r}, python={python!r}) as sandbox:
    print("begun", flush=True)
    sandbox.judge(task, Candidate("    return x + 1"))
"""
_GREEDY_IMPORT = """
import mmap
kept = []
while True:
    kept.append({block})
"""


def test_an_import_that_never_ends_is_ended_with_all_that_it_started(
    sandbox, task, body, tmp_path: pathlib.Path
) -> None:
    python = _environment(tmp_path, endless=_ENDLESS_IMPORT)
    made = task("import endless\n" + _FILE)
    before = {p.pid for p in psutil.process_iter()}
    limits = Limits(import_seconds=2.0)

    with Sandbox(level=sandbox.level.name, python=python) as own:
        verdict = own.judge(made, body("return x + 1"), limits)
        began = time.monotonic()
        again = own.judge(made, body("return x + 1"), limits)
        waited = time.monotonic() - began
        honest = own.judge(task(_FILE), body("return x + 1"))
        time.sleep(0.5)
        left = [
            p
            for p in psutil.process_iter(["cmdline", "status"])
            if p.pid not in before
            and p.info["status"] != psutil.STATUS_ZOMBIE
            and str(tmp_path) in " ".join(p.info["cmdline"] or ())
        ]
        kept = {pid for z in own.zygotes() for pid in z.processes}

    assert verdict.outcome is Outcome.CRASHED
    assert "took over 2 s" in verdict.detail
    assert again.outcome is Outcome.CRASHED
    # Not tried anew.
    assert waited < limits.import_seconds
    assert honest.outcome is Outcome.PASSED
    assert [p for p in left if p.pid not in kept] == []


# How an import may hang, and how many processes of its own it starts.
_HANGING = {
    "in Python": ("while True: pass", 0),
    "in C": ("import itertools; sum(itertools.repeat(0))", 0),
    "in C, with a child that sleeps": (
        "import itertools, os, time\nif os.fork() == 0: time.sleep(300)\nsum(itertools.repeat(0))",
        1,
    ),
    "in C, with a child and a grandchild in C": (
        "import itertools, os\nos.fork(); os.fork()\nsum(itertools.repeat(0))",
        3,
    ),
}


def _at_work(supervisor: int, expected: int) -> list[psutil.Process]:
    """A supervisor's processes, once all are there and an import has used the processor."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(psutil.NoSuchProcess):
            found = psutil.Process(supervisor).children(recursive=True)
            if len(found) >= expected and any(p.cpu_times().user > 0.5 for p in found):
                return found
        time.sleep(0.02)
    raise AssertionError("the import did not begin")


@pytest.mark.parametrize("way", _HANGING)
def test_killing_the_supervisor_ends_an_import_that_never_ends(
    way: str, level: str, tmp_path: pathlib.Path
) -> None:
    source, children = _HANGING[way]
    python = _environment(tmp_path, endless=source)
    text = _SUPERVISOR_OF_IMPORTS.format(file=_FILE, level=level, python=python)
    with subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout is not None
        supervisor.stdout.readline()
        # Beside the zygote there are bubblewrap's two processes, or the guard.
        processes = _at_work(supervisor.pid, children + (3 if level == "A" else 2))
        supervisor.kill()

        _, alive = psutil.wait_procs(processes, timeout=10.0)

    assert processes != []
    assert [p for p in alive if runs(p)] == []


@pytest.mark.parametrize("block", ["bytearray(64 << 20)", "mmap.mmap(-1, 64 << 20)"])
def test_an_import_that_takes_memory_without_end_is_stopped(
    block: str, task, body, tmp_path: pathlib.Path
) -> None:
    python = _environment(tmp_path, greedy=_GREEDY_IMPORT.format(block=block))
    made = task("import greedy\n" + _FILE)

    with Sandbox(python=python) as own:
        limits = Limits(import_memory_mb=200, wall_seconds=60, import_seconds=60)
        verdict = own.judge(made, body("return x + 1"), limits)

    assert verdict.outcome is Outcome.CRASHED
    assert "greedy" in verdict.detail


def test_a_start_that_is_broken_off_leaves_no_process(
    level: str, task, body, tmp_path: pathlib.Path, left_of
) -> None:
    """At whatever moment: bubblewrap's own process waits for its parent at first."""
    python = _environment(tmp_path, only_here="")
    made = task("import only_here\n" + _FILE)
    for number in range(20):
        limits = Limits(import_seconds=0.0005 * (number + 1))
        with Sandbox(level=level, python=python) as own:
            own.judge(made, body("return x + 1"), limits)
    started = [
        p
        for p in psutil.process_iter(["cmdline"])
        if str(tmp_path) in " ".join(p.info["cmdline"] or ())
    ]

    assert left_of(started) == []
