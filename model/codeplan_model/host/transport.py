"""The local connection between clients and a host, and the locks around starting one.

POSIX: a Unix socket of mode 0600, and both sides check that the other runs as the same user. The
check of macOS and the BSDs is written after the documentation and was not tried there.
Windows: a TCP port on loopback with a random secret in a file of the user's profile; written after
the documentation, not verified on a real Windows.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_WINDOWS = sys.platform == "win32"
_SECRET_BYTES = 32


class NotTrusted(Exception):
    """The other side of the connection is not this user."""


def listen(path: Path) -> tuple[socket.socket, bytes]:
    """Bind and listen; returns the socket and the secret that clients must send (none on POSIX)."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    if _WINDOWS:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.bind(("127.0.0.1", 0))
        secret = secrets.token_hex(_SECRET_BYTES).encode()
        path.write_text(f"{listener.getsockname()[1]} {secret.decode()}", encoding="ascii")
    else:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        secret = b""
        mask = os.umask(0o177)
        try:
            listener.bind(str(path))
        finally:
            os.umask(mask)
    listener.listen(64)
    listener.setblocking(False)
    return listener, secret


def connect(path: Path, timeout: float) -> tuple[socket.socket, str]:
    """Connect to the host at `path`; returns the socket and the secret to send.

    Raises OSError when nobody listens there, NotTrusted when another user does.
    """
    if _WINDOWS:
        port, secret = path.read_text(encoding="ascii").split()
        return socket.create_connection(("127.0.0.1", int(port)), timeout), secret
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout)
        connection.connect(str(path))
        check_peer(connection)
    except BaseException:
        connection.close()
        raise
    return connection, ""


def check_peer(connection: socket.socket) -> None:
    """Raise NotTrusted unless the other side runs as this user."""
    if _WINDOWS:
        return
    uid = _peer_uid(connection)
    if uid != os.getuid():
        raise NotTrusted(f"the process at the other end belongs to user {uid}")


def check_secret(expected: bytes, given: Any) -> bool:
    """Whether a client's secret is right (always, where the kernel names the peer's user)."""
    return not expected or hmac.compare_digest(expected, str(given).encode())


def _peer_uid(connection: socket.socket) -> int:
    if hasattr(socket, "SO_PEERCRED"):
        data = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        return struct.unpack("3i", data)[1]
    # macOS and the BSDs: LOCAL_PEERCRED of level SOL_LOCAL gives struct xucred (version, uid, ...).
    data = connection.getsockopt(0, 1, 76)
    return struct.unpack_from("II", data)[1]


@contextlib.contextmanager
def locked(path: Path, timeout: float, check: Callable[[], None]) -> Iterator[bool]:
    """Hold an exclusive lock on `path` in the body; yields False when `timeout` seconds passed.

    check is called while waiting and may raise. The lock dies with the process.
    """
    end = time.monotonic() + timeout
    with open(path, "a+b") as file:
        while not (got := try_lock(file.fileno())):
            check()
            if time.monotonic() >= end:
                break
            time.sleep(0.02)
        yield got


def try_lock(descriptor: int) -> bool:
    """Take an exclusive lock on an open file without waiting; it ends when the file is closed."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
