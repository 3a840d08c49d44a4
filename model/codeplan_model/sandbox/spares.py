"""Processes of a run that are forked before there is anything for them to do.

A fork of a warm interpreter takes most of the time of a short run. So while one run is at work, the
zygote already forks the processes of the next, and these put on their limits and filters and wait.
They come from the zygote as all do, so nothing of any candidate is in them; each serves one run.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from dataclasses import dataclass, field

# (whether the run is split, its limits as the zygote wants them)
Kind = tuple[bool, tuple[tuple[str, int | None], ...]]


@dataclass(slots=True)
class Spare:
    """A run's processes, waiting. Descriptors that this process holds of it:

    jobs: memory files that the processes read their jobs from. go: what they wait for.
    reports: where the examiner's process will report. pidfds: to kill them by.
    """

    kind: Kind
    jobs: list[int] = field(default_factory=list)
    go: int = -1
    reports: int = -1
    pidfds: list[int] = field(default_factory=list)

    def begin(self, texts: list[bytes]) -> None:
        """Hand over the jobs. What remains of the spare then are `reports` and `pidfds`."""
        try:
            for fd, text in zip(self.jobs, texts, strict=True):
                _fill(fd, text)
            # Broken when the processes have died already, which the end of the reports tells.
            with contextlib.suppress(BrokenPipeError):
                os.write(self.go, b"." * len(texts))
        finally:
            for fd in (*self.jobs, self.go):
                os.close(fd)
            self.jobs.clear()
            self.go = -1

    def drop(self) -> None:
        """End it and let go of everything. Safe to call twice."""
        for fd in self.pidfds:
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(fd, signal.SIGKILL)
        for fd in (*self.pidfds, *self.jobs, self.go, self.reports):
            if fd >= 0:
                os.close(fd)
        self.pidfds.clear()
        self.jobs.clear()
        self.go = self.reports = -1


def make(kind: Kind) -> tuple[Spare, list[int]]:
    """A spare without processes, and the descriptors that these need, in the zygote's order.

    The caller passes the descriptors on and closes them.
    """
    spare = Spare(kind)
    theirs: list[int] = []
    try:
        if kind[0]:
            # The conversation between the candidate's process and the examiner's.
            theirs += [end.detach() for end in socket.socketpair()]
        for at in range(2 if kind[0] else 1):
            spare.jobs.append(os.memfd_create("job"))
            # A second descriptor, since theirs are closed before ours is written to.
            theirs.insert(2 * at, os.dup(spare.jobs[-1]))
        go, spare.go = os.pipe()
        theirs.append(go)
        spare.reports, out = os.pipe()
        theirs.append(out)
    except BaseException:
        for fd in theirs:
            os.close(fd)
        spare.drop()
        raise
    return spare, theirs


def _fill(fd: int, text: bytes) -> None:
    view = memoryview(text)
    at = 0
    while at < len(view):
        at += os.pwrite(fd, view[at:], at)
