"""A client's socket to the host: greets, sends, receives, cancels. It starts nothing."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time

from codeplan_model import __version__
from codeplan_model.generation import Cancelled, CancelToken
from codeplan_model.host.wire import PROTOCOL, Frame, Unpacker, WireError, pack

# How long a greeting may take: the host may be loading a large model just then.
HELLO_SECONDS = 60.0
# How long a cancel waits for the host's word before the connection is simply closed.
_CANCEL_SECONDS = 1.0
_TICK = 0.25


class Connection:
    """A socket to the host, used by one call at a time; `cancel` may come from another thread."""

    def __init__(self, connection: socket.socket, secret: str, version: str) -> None:
        self.version = version
        self.pid = 0
        self._socket = connection
        self._secret = secret
        self._unpacker = Unpacker()
        self._frames: list[Frame] = []
        self._sending = threading.Lock()
        self._calls = 0
        self._cancelled_at: float | None = None
        connection.settimeout(_TICK)

    def hello(self, client: str, version: str, cancel: CancelToken) -> Frame:
        self.send(
            {
                "type": "hello",
                "client": client,
                "secret": self._secret,
                "protocol": PROTOCOL,
                "codeplan": __version__,
                "file": version,
            }
        )
        end = time.monotonic() + HELLO_SECONDS
        while time.monotonic() < end:
            frame = self.receive(cancel, check=True)
            if frame["type"] in ("welcome", "stale"):
                return frame
        raise OSError("no answer to hello")

    def next_call(self) -> int:
        self._calls += 1
        self._cancelled_at = None
        return self._calls

    def send(self, frame: Frame) -> None:
        with self._sending:
            data = memoryview(pack(frame))
            while data:
                with contextlib.suppress(TimeoutError):
                    data = data[self._socket.send(data) :]

    def cancel(self, call: int) -> None:
        """Ask the host to drop a call; its answer is the call's "end"."""
        self._cancelled_at = time.monotonic()
        with contextlib.suppress(OSError):
            self.send({"type": "cancel", "call": call})

    def receive(self, cancel: CancelToken, check: bool = False) -> Frame:
        """The next frame. check: give up at once when cancelled, without the host's word."""
        while not self._frames:
            if check:
                cancel.check()
            since = self._cancelled_at
            if since is not None and time.monotonic() - since > _CANCEL_SECONDS:
                raise Cancelled
            try:
                data = self._socket.recv(1 << 18)
            except TimeoutError:
                continue
            if not data:
                raise ConnectionResetError("the model process closed the connection")
            self._frames += self._unpacker.feed(data)
        return self._frames.pop(0)

    def drain(self, call: int) -> bool:
        """After a cancel: read until the call's end; False when it doesn't come in time."""
        try:
            while True:
                frame = self.receive(CancelToken())
                if frame["type"] == "end" and frame.get("call") == call:
                    return True
        except (OSError, WireError, Cancelled):
            return False

    def alive(self) -> bool:
        """Whether the host is still there; swallows what it said meanwhile."""
        try:
            while select.select([self._socket], [], [], 0)[0]:
                data = self._socket.recv(1 << 18)
                if not data:
                    return False
                self._frames += self._unpacker.feed(data)
        except (OSError, WireError, ValueError):
            return False
        self._frames.clear()
        return True

    def close(self) -> None:
        self._socket.close()
