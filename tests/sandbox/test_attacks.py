"""Every attack is contained, as root and as a plain user, at level A and at level B."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from codeplan_model.sandbox import Sandbox, attacks
from codeplan_model.sandbox.attacks import ATTACKS

# Controls that root can't fire everywhere: the machine may lack the right or the kernel feature.
_MAY_LACK = {
    "raise a limit",
    "the kernel's crypto sockets",
    "vsock",
    "Multipath TCP",
    "io_uring",
    "userfaultfd",
    "performance counters",
    "bpf",
    "the kernel's key store",
    "ptrace",
    "process_vm_readv",
    "a new user namespace",
    "a new network namespace",
    "raw IP",
    "write to /dev/shm",
}
# Those that only root can fire.
_ROOT_ONLY = {
    "another root folder",
    "become root",
    "poison bytecode",
    "poison the standard library",
    "shared memory of System V",
    "the terminal",
    "mount",
}


def test_there_are_at_least_60_attacks_over_all_groups() -> None:
    assert len(ATTACKS) >= 60
    assert {one.group for one in ATTACKS} == {
        "reading files",
        "changing files",
        "network",
        "starting processes",
        "other processes",
        "privileges",
        "faking the verdict",
        "using too much",
        "output",
        "ending badly",
    }


def _check(results: list[tuple[str, bool, bool | None, str]], excused: set[str]) -> None:
    assert [(name, detail) for name, contained, _, detail in results if not contained] == []
    assert [name for name, _, control, _ in results if control is False] == []
    silent = {name for name, _, control, _ in results if control is None}
    assert silent <= excused


def test_attacks_are_contained(sandbox: Sandbox) -> None:
    results = [(r.attack.name, r.contained, r.control, r.detail) for r in attacks.attack(sandbox)]

    assert len(results) >= len(ATTACKS) - 1
    _check(results, _MAY_LACK if os.getuid() == 0 else _MAY_LACK | _ROOT_ONLY)


_PLAIN = """
import json, sys
from codeplan_model.sandbox import Sandbox, attacks
with Sandbox(level=sys.argv[1]) as sandbox:
    for r in attacks.attack(sandbox):
        print(json.dumps([r.attack.name, r.contained, r.control, r.detail]), flush=True)
"""


@pytest.fixture(scope="module", autouse=True)
def plain_runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, PlainRun]]:
    """The attacks as a plain user, at both levels, begun beside the other tests of this module.

    Most of the attacks' time is waiting for limits, so that they take little from one another.
    """
    if os.getuid() != 0:
        yield {}
        return
    # Copies that any user may read: the project may lie in a folder of root's own.
    folder = pathlib.Path("/tmp") / f"codeplan-plain-{os.getpid()}"
    said = tmp_path_factory.mktemp("plain")
    runs: dict[str, PlainRun] = {}
    try:
        source = pathlib.Path(attacks.__file__).parents[2]
        shutil.copytree(source, folder / "codeplan_model", ignore=shutil.ignore_patterns("*.gguf"))
        import pyseccomp

        shutil.copy(pyseccomp.__file__, folder)
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        python = _python_for_all(folder)
        for level in ("A", "B"):
            if python is None:
                break
            out, err = said / f"{level}.out", said / f"{level}.err"
            with out.open("w") as stdout, err.open("w") as stderr:
                process = subprocess.Popen(
                    [python, "-c", _PLAIN, level],
                    env={"PYTHONPATH": str(folder), "PATH": os.environ["PATH"], "HOME": "/none"},
                    user=54321,
                    group=54321,
                    extra_groups=[],
                    cwd="/",
                    stdin=subprocess.DEVNULL,
                    stdout=stdout,
                    stderr=stderr,
                )
            runs[level] = PlainRun(process, out, err)
        yield runs
    finally:
        for run in runs.values():
            run.process.kill()
            run.process.wait()
        shutil.rmtree(folder)


@dataclass(frozen=True, slots=True)
class PlainRun:
    """Attacks under way in another process, and the files that it writes to."""

    process: subprocess.Popen[bytes]
    out: pathlib.Path
    err: pathlib.Path


# After the others, beside which it has run.
@pytest.mark.parametrize("level", ["A", "B"])
@pytest.mark.skipif(os.getuid() != 0, reason="the tests run as a plain user already")
def test_attacks_are_contained_for_a_plain_user(
    level: str, plain_runs: dict[str, PlainRun]
) -> None:
    if level == "A" and shutil.which("bwrap") is None and not os.environ.get("CODEPLAN_CI"):
        pytest.skip("bubblewrap is not installed")
    if level not in plain_runs:
        words = "no interpreter here that a user other than root can run codeplan with"
        if os.environ.get("CODEPLAN_CI"):
            pytest.fail(words)
        pytest.skip(words)
    run = plain_runs[level]
    status = run.process.wait()
    results = [tuple(json.loads(line)) for line in run.out.read_text("utf-8").splitlines()]
    assert status == 0, run.err.read_text("utf-8")
    assert len(results) >= len(ATTACKS) - 1
    _check(results, _MAY_LACK | _ROOT_ONLY)


def _python_for_all(folder: pathlib.Path) -> str | None:
    """An interpreter that a user other than root can run, and that codeplan works with.

    Root's own is out of reach when it lies in root's home. Machines that demand the strongest
    level (CODEPLAN_CI) must have one.
    """
    probe = (
        "import sys; from codeplan_model.sandbox import attacks;"
        "assert sys.version_info >= (3, 11) and attacks._faking_task().examples;"
        "attacks._task(attacks._EFFECT_FILE)"
    )
    for name in (sys.executable, "/usr/local/bin/python3", "/usr/bin/python3"):
        try:
            done = subprocess.run(
                [name, "-c", probe],
                env={"PYTHONPATH": str(folder)},
                user=54321,
                group=54321,
                extra_groups=[],
                cwd="/",
                capture_output=True,
                check=False,
            )
        except OSError:
            continue
        if done.returncode == 0:
            return name
    return None
