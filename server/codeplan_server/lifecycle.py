"""The end of the server: within a second, whatever is running, and nothing is left behind.

Worker threads are daemons and are not waited for; what they use is closed, which ends its
processes, and then the process ends without the interpreter's own clean-up, which would wait for
threads.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from codeplan_server.session import Session
from codeplan_server.transport import Transport

logger = logging.getLogger(__name__)

END_SECONDS = 0.7
"""After this the process ends, even when something could not be closed."""
_POLL_SECONDS = 0.5


class Lifecycle:
    """Ends the process once, from whichever thread notices first that it is time."""

    def __init__(
        self, session: Session, transport: Transport, close_log: Callable[[], None]
    ) -> None:
        self._session, self._transport, self._close_log = session, transport, close_log
        self._lock = threading.Lock()
        self._ending = False

    def end(self, status: int, reason: str) -> None:
        """Begin to end; returns at once. The process's exit status is that of the first call."""
        with self._lock:
            if self._ending:
                return
            self._ending = True
        logger.info("ending: %s", reason)
        watchdog = threading.Timer(END_SECONDS, os._exit, (status,))
        watchdog.daemon = True
        watchdog.start()
        threading.Thread(target=self._end, args=(status,), name="end", daemon=True).start()

    def watch_loop(self) -> None:
        """The connection is gone: end soon, even if the event loop is stuck. For any thread."""

        def end() -> None:
            self.end(1, "the connection is gone and the event loop does not answer")

        timer = threading.Timer(END_SECONDS / 4, end)
        timer.daemon = True
        timer.start()

    def _end(self, status: int) -> None:
        for step in (
            self._session.cancel_everything,
            self._session.engine.close,
            lambda: self._transport.flush(0.1),
            self._close_log,
        ):
            try:
                step()
            except Exception:
                logger.exception("while ending")
        os._exit(status)

    def on_signals(self) -> None:
        """End with SIGTERM, SIGINT and, where it exists, SIGHUP, even if they were ignored before.

        Call in the main thread, which has nothing to do with them afterwards: a signal that comes
        just before it begins to wait, or that another thread takes, would not wake it up. The
        interpreter writes each signal's number into a socket, and a thread waits for that.
        """
        names = ("SIGTERM", "SIGINT", "SIGHUP")
        wanted = {int(getattr(signal, name)) for name in names if hasattr(signal, name)}
        arrived, written = socket.socketpair()
        written.setblocking(False)
        signal.set_wakeup_fd(written.detach(), warn_on_full_buffer=False)
        for number in wanted:
            # A shell without job control starts background processes with SIGINT ignored.
            signal.signal(number, _leave_to_the_thread)

        def wait() -> None:
            while (number := arrived.recv(1)[0]) not in wanted:
                continue
            self.end(128 + number, f"signal {number}")

        threading.Thread(target=wait, name="signals", daemon=True).start()

    def watch_parent(self, pid: int | None) -> None:
        """End when the client's process does.

        Not watched when there is no such process here now: a client on another machine or in
        another container sends a number that means nothing here, and its end closes the connection.
        """
        if pid is None or pid <= 0 or sys.platform == "win32" or not _is_alive(pid):
            return
        thread = threading.Thread(target=self._watch, args=(pid,), name="parent", daemon=True)
        thread.start()

    def _watch(self, pid: int) -> None:
        _wait_for_end(pid)
        self.end(1, f"the editor's process {pid} has ended")


def _leave_to_the_thread(number: int, frame: Any) -> None:
    """A handler is needed for the interpreter to write the number."""


def _wait_for_end(pid: int) -> None:
    if hasattr(os, "pidfd_open"):
        # A descriptor can't be fooled by another process that gets the same number.
        with contextlib.suppress(OSError):
            handle = os.pidfd_open(pid)
            try:
                waiting = select.poll()
                waiting.register(handle, select.POLLIN)
                waiting.poll()
            finally:
                os.close(handle)
            return
    while _is_alive(pid):
        time.sleep(_POLL_SECONDS)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
