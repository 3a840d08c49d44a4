"""Bytes of the protocol in and out: framing, the thread that reads, the thread that writes.

Reading and writing have threads of their own, so that neither long work nor a client that does not
read can stop the other direction. What messages mean is not known here.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import BinaryIO, Protocol

MAX_BODY = 64 * 1024 * 1024
MAX_UNSENT = 256 * 1024 * 1024
MAX_UNHANDLED = 200
_MAX_HEADER = 4096


class FramingError(Exception):
    """The stream can't be cut into messages any more."""


class Writer(Protocol):
    """What pygls asks of a writer."""

    def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...


def read_message(stream: BinaryIO) -> bytes | None:
    """The next message's body, None at the end of input.

    Header names are read in any case; a block of headers without a length is skipped. Raises
    FramingError when the length makes no sense, because what follows can't be found then.
    """
    length: int | None = None
    while True:
        line = stream.readline(_MAX_HEADER)
        if not line:
            return None
        if not line.endswith(b"\n"):
            raise FramingError("a header line is too long")
        name, colon, value = line.partition(b":")
        if colon and name.strip().lower() == b"content-length":
            digits = value.strip()
            if not digits.isdigit() or len(digits) > 12 or int(digits) > MAX_BODY:
                raise FramingError(f"Content-Length is not a usable number: {digits[:40]!r}")
            length = int(digits)
        elif not line.strip() and length is not None:
            body = stream.read(length)
            return body if body is not None and len(body) == length else None


class Transport:
    """One connection. `start` begins to read; `write` never blocks."""

    def __init__(self, reader: BinaryIO, writer: BinaryIO) -> None:
        self._reader, self._out = reader, writer
        self._changed = threading.Condition()
        self._unsent: deque[bytes] = deque()
        self._unsent_bytes = 0
        self._writing = False
        self._broken = False
        self._unhandled = threading.Semaphore(MAX_UNHANDLED)

    def start(self, receive: Callable[[bytes], None], ended: Callable[[str], None]) -> None:
        """Call `receive` with each body, in the reader's thread, and `ended` once with the reason.

        The receiver calls `handled` after each message: reading pauses while too many wait.
        """
        self._ended = ended
        threading.Thread(target=self._read, args=(receive,), name="reader", daemon=True).start()
        threading.Thread(target=self._write, name="writer", daemon=True).start()

    def handled(self) -> None:
        self._unhandled.release()

    def write(self, data: bytes) -> None:
        """Queue a whole message. Dropped when the connection is broken."""
        with self._changed:
            if self._broken:
                return
            self._unsent.append(data)
            self._unsent_bytes += len(data)
            too_much = self._unsent_bytes > MAX_UNSENT
            self._changed.notify_all()
        if too_much:
            self._fail("the client does not read")

    def flush(self, seconds: float) -> None:
        """Wait until everything is written, at most so long."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._broken or not (self._unsent or self._writing), seconds
            )

    def close(self) -> None:
        """Nothing: the connection lives as long as the process."""

    def _read(self, receive: Callable[[bytes], None]) -> None:
        reason = "end of input"
        try:
            while (body := read_message(self._reader)) is not None:
                self._unhandled.acquire()
                receive(body)
        except (OSError, ValueError) as error:
            reason = f"reading failed: {error}"
        except FramingError as error:
            reason = str(error)
        self._ended(reason)

    def _write(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._unsent)
                data = self._unsent.popleft()
                self._unsent_bytes -= len(data)
                self._writing = True
            try:
                self._out.write(data)
                self._out.flush()
            except (OSError, ValueError) as error:
                self._fail(f"writing failed: {error}")
                return
            with self._changed:
                self._writing = False
                self._changed.notify_all()

    def _fail(self, reason: str) -> None:
        with self._changed:
            if self._broken:
                return
            self._broken = True
            self._unsent.clear()
            self._changed.notify_all()
        self._ended(reason)


def stdio() -> Transport:
    """The process's own input and output, taken away from everything else in it.

    Whatever prints to descriptor 1 from now on, a library written in C too, prints to stderr; and
    child processes find no protocol on descriptor 0.
    """
    sys.stdout.flush()
    source, sink = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return Transport(os.fdopen(source, "rb"), os.fdopen(sink, "wb"))


def tcp(host: str, port: int, listening: Callable[[str, int], None]) -> Transport:
    """Wait for one client on a local address; port 0 takes a free one. Raises OSError, ValueError.

    listening: called with the address and port before the wait.
    """
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    numeric = str(address[0])
    if numeric != "::1" and not numeric.startswith("127."):
        raise ValueError(
            f"{host} is not an address of this machine alone: the connection is not encrypted "
            "and asks for no password, so only 127.0.0.1, ::1 and localhost are served"
        )
    with socket.create_server((numeric, port), family=family) as server:
        listening(numeric, server.getsockname()[1])
        connection, _ = server.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Transport(connection.makefile("rb"), connection.makefile("wb"))
