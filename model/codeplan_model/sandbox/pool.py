"""The sandbox as its users hold it: warm interpreters, several runs in flight, one level.

Thread-safe. A zygote is kept per interpreter and set of imports, a few of them; it is replaced
when it has died, after a number of runs, and when another file's imports need its place.
"""

from __future__ import annotations

import collections
import dataclasses
import logging
import os
import subprocess
import threading
import time
from collections.abc import Generator, Iterable, Sequence

from ..generation import CancelToken
from ..values import Candidate, Example, ExampleResult, Task, Verdict
from . import jobs, judging, launch, runs
from .environments import workspace_interpreter
from .interpreter import Interpreter, InterpreterError, describe
from .jobs import Prepared
from .levels import NAMES, Level, SandboxUnavailable, make_level, refusal
from .limits import Limits
from .platforms import unsupported
from .scrub import without_asserts
from .zygotes import Forked, ImportsTooSlow, Zygote, ZygoteError, end

logger = logging.getLogger(__name__)

# What a zygote is made for: an interpreter (None: the sandbox's own), and imports.
_Key = tuple[str | None, tuple[str, ...]]
_WARM = 4
_RUNS_PER_ZYGOTE = 2000
# For how many seconds imports that took too long aren't tried again: the other candidates of a
# search need not wait as long as the first.
_FORGET_SLOW = 60.0
_levels: dict[tuple[int, str, str], Level | str] = {}
_levels_lock = threading.Lock()


def probe(
    *, allow: Sequence[str] = ("A", "B"), consent: bool = False, python: str | None = None
) -> Level:
    """The best level that can be had here among `allow`, found by really starting a process.

    The answer is kept for this process. With `consent`, level C (no containment) is what remains
    when nothing else works. Raises SandboxUnavailable, whose text says why and what to do.
    """
    unknown = set(allow) - set(NAMES)
    if unknown:
        raise ValueError(f"no such level: {', '.join(sorted(unknown))} (A, B or C)")
    reason = unsupported()
    if reason is not None:
        raise refusal((reason,))
    try:
        interpreter = describe(python)
    except InterpreterError as error:
        raise SandboxUnavailable(str(error)) from None
    reasons: list[str] = []
    for name in ("A", "B"):
        if name not in allow:
            continue
        found = _try_level(name, interpreter)
        if isinstance(found, Level):
            return dataclasses.replace(found, reasons=tuple(reasons))
        reasons.append(f"level {name}: {found}")
    if consent:
        return make_level("C", 0, tuple(reasons))
    raise refusal(tuple(reasons))


def _try_level(name: str, interpreter: Interpreter) -> Level | str:
    key = (os.getpid(), name, interpreter.executable)
    with _levels_lock:
        if key not in _levels:
            try:
                zygote = launch.start(name, interpreter, (), Limits())
            except ZygoteError as error:
                _levels[key] = str(error)
            else:
                _levels[key] = make_level(name, zygote.landlock, ())
                zygote.close()
        return _levels[key]


class Sandbox:
    """Runs candidates and examples, contained. A context manager.

    level: demand exactly "A" or "B" (SandboxUnavailable when it can't be had) or, with consent,
        "C"; None takes the best.
    consent: the user allows running without containment in this workspace when nothing better can
        be had; every verdict says so.
    python: the interpreter that runs the files; None for the one that runs codeplan.
    environments: a file is run by the interpreter of its workspace's virtual environment where it
        has one (see `workspace_interpreter`), and by `python` otherwise.
    workers: runs in flight at once in `judge_many`.
    limits: of every run for which none are given.
    """

    def __init__(
        self,
        *,
        level: str | None = None,
        consent: bool = False,
        python: str | None = None,
        environments: bool = False,
        workers: int = 2,
        limits: Limits = Limits(),  # noqa: B008 (frozen)
    ) -> None:
        if level == "C":
            if not consent or unsupported() is not None:
                raise refusal((unsupported() or "level C was asked for without consent",))
            self.level = make_level("C", 0, ("level C was asked for",))
        else:
            allow = ("A", "B") if level is None else (level,)
            self.level = probe(allow=allow, consent=consent and level is None, python=python)
        try:
            self.interpreter = describe(python)
        except InterpreterError as error:
            raise SandboxUnavailable(str(error)) from None
        self.workers = workers
        self.limits = limits
        self._lock = threading.Lock()
        self._environments = environments
        self._zygotes: collections.OrderedDict[_Key, Zygote] = collections.OrderedDict()
        self._slow: dict[tuple[_Key, float], tuple[float, ImportsTooSlow]] = {}
        self._starting: dict[_Key, threading.Lock] = {}
        self._importing: list[subprocess.Popen[bytes]] = []
        self._warming = threading.Lock()
        self._prepared: tuple[Task, Prepared] | None = None
        self._closed = False

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def judge(
        self,
        task: Task,
        candidate: Candidate,
        limits: Limits | None = None,
        cancel: CancelToken | None = None,
    ) -> Verdict:
        """Judge one candidate by its task's examples. Raises Cancelled, SandboxUnavailable."""
        return next(self.judge_many(task, (candidate,), limits, cancel))

    def judge_many(
        self,
        task: Task,
        candidates: Iterable[Candidate],
        limits: Limits | None = None,
        cancel: CancelToken | None = None,
    ) -> Generator[Verdict, None, None]:
        """Judge candidates, `workers` at once; verdicts come in the candidates' order.

        Candidates are pulled as there is room. Closing the iterator ends what is in flight.
        Raises Cancelled, SandboxUnavailable.
        """
        prepared = self._prepare(task)
        limits = limits or self.limits
        return runs.drive(
            (
                judging.judge_candidate(self._fork, self.level, task, prepared, candidate, limits)
                for candidate in candidates
            ),
            self.workers,
            cancel,
        )

    def warm(self, task: Task) -> None:
        """Get ready for this task's candidates, beside the caller: a fresh interpreter with the
        file's imports takes most of a tenth of a second, reading the file some milliseconds. What
        fails now, fails again when a candidate is judged, and is told then."""
        prepared = self._prepare(task)
        # One at a time: what else is opened meanwhile would only stand in the way of a search.
        if prepared.examiner_source is None or not self._warming.acquire(blocking=False):
            return

        def start() -> None:
            try:
                zygote = self._zygote((prepared.python, prepared.imports), self.limits)
                zygote.get_ready(jobs.examiner_job(prepared, task, (), self.limits), self.limits)
            except Exception as error:
                logger.debug("the sandbox did not get ready: %s", error)
            finally:
                self._warming.release()

        try:
            threading.Thread(target=start, name="sandbox-warm", daemon=True).start()
        except RuntimeError:  # the system has no thread left
            self._warming.release()

    def run(
        self,
        source: str,
        examples: Sequence[Example],
        *,
        path: str | None = None,
        limits: Limits | None = None,
        cancel: CancelToken | None = None,
    ) -> tuple[ExampleResult, ...]:
        """Judge a whole file by its examples, with the counts of `python -m doctest`.

        There is no candidate here: the file and its examples share a process, contained all the
        same. A file that doesn't parse or can't be executed gives CRASHED results. Raises
        Cancelled, SandboxUnavailable.
        """
        try:
            prepared = jobs.prepare_file(source, examples, path, self._python_for(path))
            text = without_asserts(source)
        except (SyntaxError, ValueError, RecursionError) as error:
            return judging.unexecuted(examples, f"it doesn't parse: {error}")
        judgement = judging.judge_file(self._fork, text, prepared, limits or self.limits)
        try:
            return next(runs.drive((judgement,), 1, cancel))
        except ZygoteError as error:
            return judging.unexecuted(examples, str(error))

    def zygotes(self) -> tuple[Zygote, ...]:
        """The warm interpreters at the moment."""
        with self._lock:
            return tuple(self._zygotes.values())

    def close(self) -> None:
        """End every process at once. Safe to call twice; runs in flight end as crashed."""
        with self._lock:
            self._closed = True
            gone, self._zygotes = self._zygotes, collections.OrderedDict()
            importing = list(self._importing)
        for process in importing:
            end(process, self.level.name)
        for zygote in gone.values():
            zygote.close()

    def _prepare(self, task: Task) -> Prepared:
        known = self._prepared
        if known is not None and known[0] is task:
            return known[1]
        prepared = jobs.prepare(task, self._python_for(task.path))
        self._prepared = (task, prepared)
        return prepared

    def _fork(self, prepared: Prepared, texts: list[bytes], limits: Limits) -> Forked:
        key = (prepared.python, prepared.imports)
        zygote = self._zygote(key, limits)
        try:
            return zygote.fork(texts, limits)
        except ZygoteError:
            # It died since its last run: a new one, once.
            return self._zygote(key, limits).fork(texts, limits)

    def _python_for(self, path: str | None) -> str | None:
        return workspace_interpreter(path).python if self._environments else None

    def _zygote(self, key: _Key, limits: Limits) -> Zygote:
        with self._lock:
            starting = self._starting.setdefault(key, threading.Lock())
        with starting:
            with self._lock:
                if self._closed:
                    raise SandboxUnavailable("the sandbox has been closed")
                zygote = self._zygotes.get(key)
                if zygote is not None and zygote.alive and zygote.runs < _RUNS_PER_ZYGOTE:
                    self._zygotes.move_to_end(key)
                    return zygote
            fresh = self._start(key, limits)
            with self._lock:
                old: list[Zygote | None] = [self._zygotes.pop(key, None)]
                if self._closed:
                    old.append(fresh)
                else:
                    self._zygotes[key] = fresh
                    while len(self._zygotes) > _WARM:
                        old.append(self._zygotes.popitem(last=False)[1])
            for replaced in old:
                if replaced is not None:
                    replaced.retire()
            if self._closed:
                raise SandboxUnavailable("the sandbox has been closed")
            return fresh

    def _start(self, key: _Key, limits: Limits) -> Zygote:
        attempt = (key, limits.import_seconds)
        tried, error = self._slow.get(attempt, (0.0, None))
        if error is not None and time.monotonic() < tried + _FORGET_SLOW:
            raise ZygoteError(str(error))
        mine: list[subprocess.Popen[bytes]] = []

        def begun(process: subprocess.Popen[bytes]) -> None:
            """Let `close` end what is still importing."""
            mine.append(process)
            with self._lock:
                self._importing.append(process)
                closed = self._closed
            if closed:
                end(process, self.level.name)

        try:
            python, imports = key
            interpreter = self.interpreter if python is None else describe(python)
            return launch.start(self.level.name, interpreter, imports, limits, begun)
        except ImportsTooSlow as error:
            self._slow[attempt] = (time.monotonic(), error)
            raise
        finally:
            with self._lock:
                self._importing = [p for p in self._importing if p not in mine]
