"""Runs in flight: reading their reports, keeping their deadlines, ending them.

One thread drives any number of runs. Each run is killed as soon as it is complete, late, too
loud, or no longer wanted: nothing inside is asked to end by itself.
"""

from __future__ import annotations

import os
import selectors
import threading
import time
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from typing import Any

from ..generation import CancelToken
from .compare import Reports
from .limits import Limits
from .zygotes import Forked

# Beside what examples may print, a run's reports take this much at most.
_REPORT_BYTES = 4 << 20


@dataclass(slots=True)
class Run:
    """One run.

    end: why it ended early ("timed out", "output", "died", "cancelled"), None when complete.
    """

    forked: Forked
    fd: int
    limits: Limits
    deadline: float
    reports: Reports = field(default_factory=Reports)
    received: int = 0
    groups_seen: int = 0
    end: str | None = None
    finished: bool = False

    def read(self) -> None:
        """Take what has arrived."""
        try:
            data = os.read(self.fd, 1 << 16)
        except BlockingIOError:
            return
        self.received += len(data)
        self.reports.feed(data)
        if self.reports.done or self.reports.load is not None:
            self.finish(None)
        elif not data:
            self.finish("died")
        elif self.received > self.limits.output_bytes + _REPORT_BYTES:
            self.finish("output")
        elif len(self.reports.begun) != self.groups_seen:
            if not self.groups_seen:
                self.forked.begun()
            self.groups_seen = len(self.reports.begun)
            self.deadline = time.monotonic() + self.limits.wall_seconds

    def finish(self, end: str | None) -> None:
        """Kill what is left of it. Safe to call twice."""
        if self.finished:
            return
        self.finished = True
        self.end = end
        self.forked.kill()

    def close(self) -> None:
        """End it if need be and let go of its pipe; called once, by whoever drives it."""
        self.finish("cancelled")
        os.close(self.fd)


def start(forked: Forked, limits: Limits) -> Run:
    """The run of processes that have just been started."""
    os.set_blocking(forked.reports, False)
    # Loading the file has a time of its own before the first group's.
    return Run(forked, forked.reports, limits, time.monotonic() + limits.wall_seconds)


# A judgement is a generator that yields runs, is sent each when it has ended, and returns the
# result.
Judgement = Generator[Run, None, Any]


def drive(
    judgements: Iterable[Judgement], in_flight: int, cancel: CancelToken | None
) -> Generator[Any, None, None]:
    """Results in the order of `judgements`, at most `in_flight` at work at once.

    Raises Cancelled within milliseconds of the token's firing; closing the iterator or an
    exception ends everything that is in flight too.
    """
    source = iter(judgements)
    waiting: dict[int, tuple[int, Judgement, Run]] = {}
    ready: dict[int, Any] = {}
    started = yielded = 0
    exhausted = False
    waker = _Waker()
    forget = cancel.on_cancel(waker.wake) if cancel else lambda: None
    selector = selectors.DefaultSelector()
    selector.register(waker.fd, selectors.EVENT_READ)

    def step(number: int, judgement: Judgement) -> None:
        try:
            run = next(judgement)
        except StopIteration as stop:
            ready[number] = stop.value
            return
        waiting[run.fd] = (number, judgement, run)
        selector.register(run.fd, selectors.EVENT_READ)

    try:
        while True:
            if cancel:
                cancel.check()
            # Not too far ahead of the one that is due: results are held until their turn.
            while not exhausted and len(waiting) < in_flight and started - yielded < 4 * in_flight:
                judgement = next(source, None)
                if judgement is None:
                    exhausted = True
                else:
                    step(started, judgement)
                    started += 1
            while yielded in ready:
                value = ready.pop(yielded)
                yielded += 1
                yield value
            if not waiting:
                if exhausted and yielded == started:
                    return
                continue
            first = min(run.deadline for _, _, run in waiting.values())
            for key, _ in selector.select(max(first - time.monotonic(), 0)):
                if key.fd in waiting:
                    waiting[key.fd][2].read()
            now = time.monotonic()
            for fd, (number, judgement, run) in list(waiting.items()):
                if not run.finished and now >= run.deadline:
                    run.finish("timed out")
                if run.finished:
                    selector.unregister(fd)
                    del waiting[fd]
                    run.close()
                    step(number, judgement)
    finally:
        forget()
        for _, judgement, run in waiting.values():
            run.close()
            judgement.close()
        selector.close()
        waker.close()


class _Waker:
    """Wakes a selector from another thread; does nothing after it was closed."""

    def __init__(self) -> None:
        self.fd, self._write = os.pipe()
        self._lock = threading.Lock()
        self._closed = False

    def wake(self) -> None:
        with self._lock:
            if not self._closed:
                os.write(self._write, b"x")

    def close(self) -> None:
        with self._lock:
            self._closed = True
        os.close(self.fd)
        os.close(self._write)
