"""Threads for work, apart from the protocol's thread: a fixed number, started when needed, daemons.

The event loop's default pool is not used: its threads are joined when the process ends, and a long
job would hold up that end. A job that was cancelled before it began never begins.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from codeplan_model.generation import Cancelled, CancelToken

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[], Any]
    cancel: CancelToken | None
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


class Workers:
    """At most `count` jobs at a time, the others wait in order."""

    def __init__(self, name: str, count: int) -> None:
        self._name, self._count = name, count
        self._ready = threading.Condition()
        self._jobs: deque[_Job] = deque()
        self._threads = 0
        self._idle = 0

    def submit(self, work: Callable[[], T], cancel: CancelToken | None = None) -> asyncio.Future[T]:
        """Run `work` in a thread; its result or exception arrives in the calling event loop.

        When `cancel` fires before the work begins, the exception is Cancelled; afterwards the work
        itself has to watch the token.
        """
        loop = asyncio.get_running_loop()
        job = _Job(work, cancel, loop, loop.create_future())
        # An awaiter that gave up must not turn a late exception into a complaint at exit.
        job.future.add_done_callback(lambda future: future.cancelled() or future.exception())
        with self._ready:
            self._jobs.append(job)
            if self._idle < len(self._jobs) and self._threads < self._count:
                self._threads += 1
                name = f"{self._name}-{self._threads}"
                threading.Thread(target=self._serve, name=name, daemon=True).start()
            self._ready.notify()
        return job.future

    def _serve(self) -> None:
        while True:
            with self._ready:
                while not self._jobs:
                    self._idle += 1
                    self._ready.wait()
                    self._idle -= 1
                job = self._jobs.popleft()
            result: Any = None
            error: BaseException | None = None
            try:
                if job.cancel is not None and job.cancel.cancelled:
                    raise Cancelled
                result = job.work()
            except StopIteration as caught:
                # A future doesn't take it; what let it escape is a bug like any other.
                error = RuntimeError("StopIteration escaped from the work")
                error.__cause__ = caught
            except BaseException as caught:
                error = caught
            _post(job.loop, _settle, job.future, result, error)
            del job, result, error


def cancel_aside(cancel: Callable[[], None]) -> None:
    """Fire a token from the protocol's thread: its callbacks may wait for a model process."""
    threading.Thread(target=cancel, name="cancel", daemon=True).start()


def _post(loop: asyncio.AbstractEventLoop, callback: Callable[..., None], *args: Any) -> None:
    try:
        loop.call_soon_threadsafe(callback, *args)
    except RuntimeError:
        return  # the loop is closed: the process is ending


def _settle(future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if future.done():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)
