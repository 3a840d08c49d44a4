"""The command line as users start it: a process of its own, in a folder of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from watched_processes import runs

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "codeplan_model.cli")

# Takes the kernel's means of containment away, as an old kernel or a strict container does.
# prctl number 22 is PR_SET_SECCOMP.
_NO_CONTAINMENT = """
import errno, os, sys
import pyseccomp
rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
for name in ("seccomp", "landlock_create_ruleset"):
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), name)
rules.add_rule(pyseccomp.ERRNO(errno.EINVAL), "prctl", pyseccomp.Arg(0, pyseccomp.EQ, 22))
rules.load()
os.execv(sys.argv[1], sys.argv[1:])
"""


@dataclass(frozen=True, slots=True)
class Run:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The JSON objects on standard output; nothing else may stand there."""
        return [json.loads(line) for line in self.out.splitlines()]


class Codeplan:
    """Starts `codeplan` in one folder."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment

    def start(
        self, *arguments: str | Path, before: Sequence[str] = (), **options: Any
    ) -> subprocess.Popen[str]:
        """A process in a session of its own. before: a command that starts it in its place."""
        return subprocess.Popen(
            [*before, *COMMAND, *map(str, arguments)],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            **{
                "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE,
                "text": True,
                "encoding": "utf-8",
                **options,
            },
        )

    def __call__(self, *arguments: str | Path, before: Sequence[str] = ()) -> Run:
        """Run to the end."""
        with self.start(*arguments, before=before) as process:
            try:
                out, err = process.communicate(timeout=120)
            finally:
                process.kill()
        assert "Traceback (most recent call last)" not in err, err
        return Run(process.returncode, out, err)

    def file(self, text: str, name: str = "work.py") -> Path:
        """A file in the folder, byte for byte."""
        path = self.folder / name
        path.write_bytes(text.encode())
        return path

    def script(
        self, *rules: tuple[Any, ...], prompt_format: str = "codeplan-1", name: str = "script.json"
    ) -> list[str]:
        """Options for a model that answers from rules: (pattern, text or texts[, seconds]).

        Without the memory of solved problems, which would answer before the script does.
        """
        entries = []
        for pattern, texts, *seconds in rules:
            entries.append(
                {
                    "pattern": pattern,
                    "texts": [texts] if isinstance(texts, str) else list(texts),
                    "seconds": seconds[0] if seconds else 0.0,
                }
            )
        path = self.folder / name
        path.write_text(json.dumps({"rules": entries, "prompt_format": prompt_format}))
        return ["--no-memory", "--backend", "scripted", "--model", str(path)]


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of every command here; model hosts that they leave are ended at the end."""
    # pytest's own folders can be longer than a socket's path may be.
    runtime = Path(tempfile.mkdtemp(prefix="cp-", dir="/tmp"))
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CODEPLAN_", "COV"))}
    yield {
        **kept,
        "PYTHONPATH": str(ROOT / "model"),
        "CODEPLAN_RUNTIME_DIR": str(runtime),
        "CODEPLAN_STATE_DIR": str(tmp_path_factory.mktemp("state")),
        "CODEPLAN_DATA_DIR": str(tmp_path_factory.mktemp("data")),
        "COLUMNS": "100",
    }
    hosts = hosts_of(runtime)
    for host in hosts:
        host.kill()
    psutil.wait_procs(hosts, timeout=10)
    shutil.rmtree(runtime)


def hosts_of(runtime: Path) -> list[psutil.Process]:
    """Model processes whose sockets lie in this folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if "codeplan_model.host" in process.cmdline() and (
                process.environ().get("CODEPLAN_RUNTIME_DIR") == str(runtime)
            ):
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.fixture
def codeplan(tmp_path: Path, environment: dict[str, str]) -> Codeplan:
    """codeplan("solve", ...) in a folder of this test."""
    return Codeplan(tmp_path, environment)


@pytest.fixture(scope="session")
def no_containment() -> tuple[str, ...]:
    """What to start a command with, so that no sandbox can be had."""
    pytest.importorskip("pyseccomp")
    return (sys.executable, "-c", _NO_CONTAINMENT)


@pytest.fixture(scope="session")
def unshare() -> Callable[[str], tuple[str, ...]]:
    """unshare("-n"): what to start a command with, so that it has that namespace of its own."""

    def prefix(flag: str) -> tuple[str, ...]:
        program = shutil.which("unshare")
        if program is None:
            pytest.skip("the program unshare is not installed")
        command = (program, flag) if os.geteuid() == 0 else (program, "-r", flag)
        tried = subprocess.run([*command, "true"], capture_output=True, text=True, check=False)
        if tried.returncode:
            pytest.skip(f"no namespaces here: {tried.stderr.strip()}")
        return command

    return prefix


@pytest.fixture
def descendants() -> Callable[[int], list[psutil.Process]]:
    """All processes below one, now."""

    def find(pid: int) -> list[psutil.Process]:
        return psutil.Process(pid).children(recursive=True)

    return find


@pytest.fixture
def gone() -> Callable[[Sequence[psutil.Process]], list[psutil.Process]]:
    """gone(processes): those that still run after some seconds, which should be none."""

    def wait(processes: Sequence[psutil.Process], seconds: float = 5.0) -> list[psutil.Process]:
        end = time.monotonic() + seconds
        while True:
            left = [p for p in processes if runs(p)]
            if not left or time.monotonic() > end:
                return left
            time.sleep(0.05)

    return wait
