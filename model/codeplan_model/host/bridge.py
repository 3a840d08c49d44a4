"""A socket in front of a pipe that no selector can wait for, as Windows' named pipes are.

Two threads carry the bytes. The socket behaves as one to the pipe's other end would: time limits,
back pressure, an end when the other end closes or dies. It knows nothing of Windows.
"""

from __future__ import annotations

import atexit
import contextlib
import socket
import threading
import time
import weakref
from typing import Protocol

PIECE = 1 << 16
# How long the end of this process waits for clients to take what was sent before a socket closed.
_LAST_WORDS = 1.0


class Pipe(Protocol):
    """One end of a pipe, read by one thread and written by another."""

    def read(self) -> bytes:
        """Wait for some bytes; none when the other end closed, died, or `stop` was called."""
        ...

    def write(self, data: bytes) -> None:
        """Wait until all is taken. Raises OSError when the other end is gone."""
        ...

    def stop(self) -> None:
        """End the read that waits and all later ones; from any thread."""
        ...

    def close(self) -> None:
        """What was written can still be read at the other end."""
        ...


def bridge(pipe: Pipe) -> socket.socket:
    """The socket to use in place of `pipe`, which is closed after it. Raises OSError."""
    near, far = socket_pair()
    inwards = threading.Thread(target=_inwards, args=(pipe, far), name="pipe-in", daemon=True)
    outwards = threading.Thread(
        target=_outwards, args=(pipe, far, inwards), name="pipe-out", daemon=True
    )
    _sockets[outwards] = weakref.ref(near)
    inwards.start()
    outwards.start()
    return near


def socket_pair() -> tuple[socket.socket, socket.socket]:
    """socket.socketpair, and nobody else has got in between. Raises OSError.

    Windows has no such call. Python connects two TCP sockets over loopback there, and did not look
    who had connected before its versions of 2024 (CVE-2024-3219).
    """
    near, far = socket.socketpair()
    if (near.getsockname(), near.getpeername()) != (far.getpeername(), far.getsockname()):
        near.close()
        far.close()
        raise ConnectionAbortedError("another process connected to a socket of this one")
    return near, far


# The threads that write, and the sockets in front of them.
_sockets: weakref.WeakKeyDictionary[threading.Thread, weakref.ref[socket.socket]] = (
    weakref.WeakKeyDictionary()
)


def _inwards(pipe: Pipe, far: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := pipe.read():
            far.sendall(data)
    with contextlib.suppress(OSError):
        far.shutdown(socket.SHUT_WR)


def _outwards(pipe: Pipe, far: socket.socket, inwards: threading.Thread) -> None:
    with contextlib.suppress(OSError):
        while data := far.recv(PIECE):
            pipe.write(data)
    far.close()
    pipe.stop()
    inwards.join()
    pipe.close()


@atexit.register
def _let_last_words_out() -> None:
    """What was sent before a socket closed a kernel keeps; these threads end with the process."""
    end = time.monotonic() + _LAST_WORDS
    for thread, reference in list(_sockets.items()):
        near = reference()
        if near is None or near.fileno() < 0:
            thread.join(max(0.0, end - time.monotonic()))
