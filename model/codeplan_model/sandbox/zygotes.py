"""One warm interpreter inside the sandbox, seen from outside: ask it for runs, end it.

It is started in `launch.py`; the program inside is `inside/zygote.py`. The two speak over a socket
pair that no run inherits: the outside sends what a run's processes need (`spares.py`), the inside
answers with handles (pidfds) of the processes that it forked, by which the outside kills them
without any race over process ids. One run is always ordered ahead, so that its fork happens beside
the run before. Examiners come from a template, which has read what all candidates of a task share.
"""

from __future__ import annotations

import contextlib
import json
import marshal
import os
import pathlib
import select
import signal
import socket
import subprocess
import threading
from dataclasses import dataclass, field

from .jobs import MARSHAL
from .limits import Limits
from .spares import Bounds, Spare, in_memory, kill, make

# Linux counts threads per user id, so for all runs in flight of one zygote together.
SHARED_BY = 16


class ZygoteError(Exception):
    """The zygote could not be started, or has died; the text says which and why."""


class ImportsTooSlow(ZygoteError):
    """What the file imports took longer than allowed: trying again would take as long again."""


@dataclass(slots=True)
class Forked:
    """The processes of one run: pidfds to kill them by, and the zygote that they come from.

    reports: the reading end of the pipe for reports; whoever drives the run closes it.
    """

    pidfds: list[int]
    reports: int
    zygote: Zygote
    bounds: Bounds
    template: _Template | None = None

    @property
    def origin_lives(self) -> bool:
        """Whether what this run's processes were forked from is still there."""
        template = self.template
        return self.zygote.alive and (template is None or not _hung_up(template.control))

    def begun(self) -> None:
        """Have the next run's processes forked. Called when this one has loaded its file: until
        then it has use for two processors, and from then on for one."""
        self.zygote.order_ahead(self.bounds)

    def kill(self) -> None:
        """End them now. Called once."""
        kill(self.pidfds)
        self.zygote.run_ended(self.template)


@dataclass(slots=True)
class _Template:
    """A process that has read an examiner's job and forks examiners, which die with it.

    text: that job. runs: in flight with examiners of its own.
    """

    text: bytes
    control: socket.socket
    pidfds: list[int]
    runs: int = 0

    def end(self) -> None:
        self.control.close()
        kill(self.pidfds)


@dataclass(slots=True)
class Zygote:
    """A started zygote. landlock: the version in force; missing: imports that failed, in words."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    level: str
    pid: int
    base_memory: int
    threads_limited: bool
    landlock: int = 0
    missing: tuple[str, ...] = ()
    runs: int = 0
    in_flight: int = 0
    retired: bool = False
    broken: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)
    # Ordered, its processes not yet heard of.
    _ahead: Spare | None = None
    _template: _Template | None = None
    # Those of other tasks whose last runs are in flight.
    _outdated: list[_Template] = field(default_factory=list)

    def fork(self, jobs: list[bytes], limits: Limits) -> Forked:
        """Start a run: two jobs for a split one (the candidate's first), one for a run alone.

        Raises ZygoteError when the zygote is dead or can't start a process.
        """
        bounds = self._bounds(limits)
        with self.lock:
            self.runs += 1
            template = None
            if len(jobs) == 2:
                spare = self._take(bounds, jobs[1], limits)
                template = self._template
            else:
                self._forget()
                spare = self._order(bounds, None)
                self._collect(spare, None)
            self.in_flight += 1
            if template is not None:
                template.runs += 1
        forked = Forked(spare.pidfds, spare.reports, self, bounds, template)
        try:
            spare.begin(jobs[0])
        except OSError as error:
            forked.kill()
            os.close(forked.reports)
            raise ZygoteError(f"the code can't be handed over: {error}") from None
        return forked

    def get_ready(self, examiner: bytes, limits: Limits) -> None:
        """Read this examiner's job and order the processes of a first run. Raises ZygoteError."""
        with self.lock:
            template = self._template
            if self.retired or (template is not None and template.text == examiner):
                return
            self._forget()
            self._replace_template()
            self._template = self._make_template(examiner, limits.wall_seconds)
            self._ahead = self._order(self._bounds(limits), self._template)

    def order_ahead(self, bounds: Bounds) -> None:
        """Order the processes of a next run of the same task, unless they are there already."""
        if not self.lock.acquire(blocking=False):
            return  # Whoever drives a run has deadlines to keep, and the next run can wait.
        try:
            idle = self._ahead is None and self._template is not None
            if idle and not (self.broken or self.retired):
                # When the zygote has died, the next run will find out.
                with contextlib.suppress(ZygoteError):
                    self._ahead = self._order(bounds, self._template)
        finally:
            self.lock.release()

    def rest(self) -> None:
        """End all processes that wait for a next run, for what little memory they take."""
        with self.lock:
            self._forget()
            self._end_template()

    def _bounds(self, limits: Limits) -> Bounds:
        return (
            ("memory", self.base_memory + (limits.memory_mb << 20)),
            ("cpu", max(1, int(limits.processor_seconds + 0.999))),
            ("threads", limits.threads * SHARED_BY if self.threads_limited else None),
        )

    def _take(self, bounds: Bounds, examiner: bytes, limits: Limits) -> Spare:
        """The processes that were ordered ahead if they fit, else new ones."""
        template = self._template
        if template is not None and template.text == examiner:
            spare, self._ahead = self._ahead, None
            if spare is not None:
                try:
                    self._collect(spare, template)
                    if spare.bounds == bounds:
                        return spare
                    spare.drop()
                except ZygoteError:
                    if self.broken:
                        raise
                    self._end_template()
        else:
            self._forget()
            self._replace_template()
        if self._template is None:
            self._template = self._make_template(examiner, limits.wall_seconds)
        spare = self._order(bounds, self._template)
        self._collect(spare, self._template)
        return spare

    def _forget(self) -> None:
        """Drop what was ordered ahead."""
        spare, self._ahead = self._ahead, None
        if spare is not None:
            with contextlib.suppress(ZygoteError):
                self._collect(spare, self._template)
            spare.drop()

    def _replace_template(self) -> None:
        """Make way for another task's; runs in flight go on to their end."""
        template = self._template
        if template is None or not template.runs:
            self._end_template()
            return
        self._outdated.append(template)
        self._template = None

    def _end_template(self) -> None:
        template, self._template = self._template, None
        if template is not None:
            template.end()

    def _make_template(self, text: bytes, seconds: float) -> _Template:
        """Have an examiner's job read, for which there are `seconds`. Raises ZygoteError."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        template = _Template(text, ours, [])
        try:
            with theirs:
                job = in_memory(text)
                try:
                    self._ask(self.control, "template", (), [job, theirs.fileno()])
                finally:
                    os.close(job)
            template.pidfds = self._answer(self.control)
            ours.settimeout(seconds)
            ready = ours.recv(16)
            ours.settimeout(None)
        except TimeoutError:
            template.end()
            raise ZygoteError(f"reading the file took over {seconds:g} s") from None
        except OSError as error:
            template.end()
            raise ZygoteError(f"the file can't be handed over: {error}") from None
        except ZygoteError:
            template.end()
            raise
        if not ready:
            template.end()
            raise ZygoteError("the process that reads the file died")
        return template

    def _order(self, bounds: Bounds, template: _Template | None) -> Spare:
        """Order a run's processes, split when there is a template."""
        try:
            spare, needs = make(bounds, split=template is not None)
        except OSError as error:
            raise ZygoteError(f"a run can't be prepared: {error}") from None
        try:
            if template is None:
                self._ask(self.control, "alone", bounds, needs.first)
            else:
                # The template first: when it has gone, no answer of the zygote's must be pending.
                self._ask(template.control, "examiner", bounds, needs.second)
                self._ask(self.control, "candidate", bounds, needs.first)
        except ZygoteError:
            spare.drop()
            raise
        finally:
            needs.close()
        return spare

    def _collect(self, spare: Spare, template: _Template | None) -> None:
        """Take the answers to an order. Drops the spare when a process is missing."""
        problem: ZygoteError | None = None
        for control in (self.control, *([] if template is None else [template.control])):
            # Both answers, whatever the first says: the next ones must not be taken for them.
            try:
                spare.pidfds += self._answer(control)
            except ZygoteError as error:
                problem = error
        if problem is not None:
            spare.drop()
            raise problem

    def _ask(self, control: socket.socket, role: str, bounds: Bounds, fds: list[int]) -> None:
        request = marshal.dumps({"role": role, "limits": dict(bounds)}, MARSHAL)
        try:
            socket.send_fds(control, [request], fds)
        except OSError as error:
            self._lost(control)
            raise ZygoteError(f"the warm interpreter doesn't answer: {error}") from None

    def _answer(self, control: socket.socket) -> list[int]:
        try:
            answer, pidfds, _, _ = socket.recv_fds(control, 1 << 16, 1)
        except OSError as error:
            self._lost(control)
            raise ZygoteError(f"the warm interpreter doesn't answer: {error}") from None
        if not answer:
            self._lost(control)
            raise ZygoteError("the warm interpreter has died")
        error = json.loads(answer).get("error")
        if error:
            raise ZygoteError(f"the warm interpreter can't start a process: {error}")
        return list(pidfds)

    def _lost(self, control: socket.socket) -> None:
        if control is self.control:
            self.broken = True
        else:
            self._end_template()

    @property
    def alive(self) -> bool:
        """Whether it still serves. Right from the moment on when its runs have died with it."""
        if not self.broken and self.process.poll() is None:
            self.broken = _hung_up(self.control)
        return not self.broken and self.process.returncode is None

    @property
    def processes(self) -> frozenset[int]:
        """The zygote and those that look after it: bubblewrap's two, or the guard."""
        with contextlib.suppress(OSError, IndexError):
            stat = pathlib.Path(f"/proc/{self.pid}/stat").read_text()
            state, parent = stat.rpartition(")")[2].split()[:2]
            # One that has ended has been given to init, which is nobody's.
            if state not in "ZX" and parent != "1":
                return frozenset({self.pid, self.process.pid, int(parent)})
        return frozenset({self.pid, self.process.pid})

    def retire(self) -> None:
        """End it as soon as no run is in flight (at once when there is none)."""
        with self.lock:
            self.retired = True
            idle = self.in_flight == 0
        if idle:
            self.close()

    def run_ended(self, template: _Template | None) -> None:
        """Count a run that was started as ended. template: whose examiner it had, if any."""
        with self.lock:
            self.in_flight -= 1
            if template is not None:
                template.runs -= 1
                if not template.runs and template in self._outdated:
                    self._outdated.remove(template)
                    template.end()
            last = self.retired and self.in_flight == 0
        if last:
            self.close()

    def close(self) -> None:
        """End it and, with it, all that it started."""
        with self.lock:
            spare, self._ahead = self._ahead, None
            with contextlib.suppress(OSError):
                self.control.close()
            self._end_template()
            for template in self._outdated:
                template.end()
            self._outdated.clear()
        if spare is not None:
            spare.drop()
        end(self.process, self.level)


def _hung_up(control: socket.socket) -> bool:
    """Whether the other end is gone. The kernel closes descriptors before it ends children."""
    poller = select.poll()
    poller.register(control, select.POLLHUP)
    return bool(poller.poll(0))


def end(process: subprocess.Popen[bytes], level: str) -> None:
    """End a zygote with all that it and its imports have started."""
    if level != "A":
        # The guard kills the zygote's whole group; see `inside/guard.py`.
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(2.0)
    elif process.poll() is None:
        # Process 1 inside dies with bubblewrap, and everything inside with process 1. Only at its
        # very start it doesn't yet, but waits for bubblewrap, whose group it is in until then.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
