"""Logging: to stderr and to a file, through a queue, so that a full pipe stops nobody.

Source text stays out of it: messages of the protocol are logged only when both `--trace` (or the
level debug) and the setting logging.sourceText ask for them.
"""

from __future__ import annotations

import logging
import queue
import sys
from collections.abc import Callable
from logging.handlers import QueueHandler, QueueListener
from pathlib import Path

_FORMAT = "%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"
_WAITING_RECORDS = 2000
LEVELS = {
    "error": logging.ERROR,
    "warning": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
}


class _DroppingHandler(QueueHandler):
    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            return  # stderr is not being read: better silent than stuck


def set_up(log_file: Path | None, level: int) -> Callable[[], None]:
    """Begin to log; returns a function that writes what waits and ends. Raises OSError."""
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if log_file is not None:
        handlers.append(logging.FileHandler(log_file, encoding="utf-8"))
    for handler in handlers:
        handler.setFormatter(logging.Formatter(_FORMAT))
    waiting: queue.Queue[logging.LogRecord] = queue.Queue(_WAITING_RECORDS)
    listener = QueueListener(waiting, *handlers)
    root = logging.getLogger()
    root.handlers = [_DroppingHandler(waiting)]
    set_level(level)
    # pygls logs every message with its text at this level's door.
    logging.getLogger("pygls").setLevel(logging.ERROR)
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    listener.start()
    return listener.stop


def set_level(level: int) -> None:
    logging.getLogger().setLevel(level)
