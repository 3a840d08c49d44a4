"""Ctrl-C: an exception where the main thread is, and a cancelled token for everything else.

KeyboardInterrupt alone can get lost: Python drops it when it arrives inside a finalizer or a
callback. The token is seen by the search, the model's client and the sandbox all the same.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

from codeplan_model.generation import CancelToken


@contextlib.contextmanager
def cancelled_by_ctrl_c() -> Iterator[CancelToken]:
    """A token that fires on SIGINT while the context lasts. Main thread only."""
    token = CancelToken()

    def interrupt(number: int, frame: FrameType | None) -> None:
        # Not from here: the interrupted code may hold the token's own lock.
        threading.Thread(target=token.cancel, daemon=True).start()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield token
    finally:
        signal.signal(signal.SIGINT, before)
