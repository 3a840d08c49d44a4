"""Processes of a run that are forked before there is anything for them to do.

A fork of a warm interpreter takes most of the time of a short run. So while one run is at work, the
processes of the next are already forked, and these put on their limits and filters and wait. They
come from the zygote as all do, so nothing of any candidate is in them; each serves one run.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from dataclasses import dataclass, field

# The limits of a run as the zygote wants them, in a form that can be compared.
Bounds = tuple[tuple[str, int | None], ...]


@dataclass(slots=True)
class Spare:
    """A run's processes, waiting. Descriptors that this process holds of it:

    job: the memory file that the candidate's process (or the one of a run alone) reads its job
    from. go: what the processes wait for. reports: where the examiner's process will report.
    pidfds: to kill them by. The examiner's process has its job already.
    """

    bounds: Bounds
    job: int = -1
    go: int = -1
    reports: int = -1
    pidfds: list[int] = field(default_factory=list)

    def begin(self, text: bytes) -> None:
        """Hand over the job. What remains of the spare then are `reports` and `pidfds`."""
        try:
            _fill(self.job, text)
            # Broken when the processes have died already, which the end of the reports tells.
            with contextlib.suppress(BrokenPipeError):
                os.write(self.go, b"." * len(self.pidfds))
        finally:
            os.close(self.job)
            os.close(self.go)
            self.job = self.go = -1

    def drop(self) -> None:
        """End it and let go of everything. Safe to call twice."""
        kill(self.pidfds)
        for fd in (self.job, self.go, self.reports):
            if fd >= 0:
                os.close(fd)
        self.job = self.go = self.reports = -1


@dataclass(slots=True)
class Needs:
    """The descriptors that a spare's processes need, in the zygote's order. The caller passes them
    on and closes them.

    first: of the candidate's process or the one of a run alone; second: of the examiner's.
    """

    first: list[int] = field(default_factory=list)
    second: list[int] = field(default_factory=list)

    def close(self) -> None:
        for fd in {*self.first, *self.second}:
            os.close(fd)


def make(bounds: Bounds, *, split: bool) -> tuple[Spare, Needs]:
    """A spare without processes."""
    spare, needs = Spare(bounds), Needs()
    try:
        spare.job = os.memfd_create("job")
        # A second descriptor, since theirs are closed before ours is written to.
        needs.first.append(os.dup(spare.job))
        go, spare.go = os.pipe()
        needs.first.append(go)
        if split:
            # The conversation between the candidate's process and the examiner's.
            ends = [end.detach() for end in socket.socketpair()]
            needs.first.append(ends[0])
            needs.second += [go, ends[1]]
        spare.reports, out = os.pipe()
        (needs.second if split else needs.first).append(out)
    except BaseException:
        needs.close()
        spare.drop()
        raise
    return spare, needs


def kill(pidfds: list[int]) -> None:
    """End processes and let go of their handles."""
    for fd in pidfds:
        with contextlib.suppress(OSError):
            signal.pidfd_send_signal(fd, signal.SIGKILL)
        os.close(fd)
    pidfds.clear()


def in_memory(data: bytes) -> int:
    """A descriptor that reads as `data`."""
    fd = os.memfd_create("job")
    try:
        _fill(fd, data)
    except BaseException:
        os.close(fd)
        raise
    return fd


def _fill(fd: int, data: bytes) -> None:
    view = memoryview(data)
    at = 0
    while at < len(view):
        at += os.pwrite(fd, view[at:], at)
