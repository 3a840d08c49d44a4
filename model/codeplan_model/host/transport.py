"""The local connection between clients and a host, and the locks around starting one.

POSIX: a Unix socket of mode 0600, and both sides check that the other runs as the same user. The
check of macOS and the BSDs is written after the documentation and was not tried there.
Windows: a named pipe that only this user can open, and the client checks that this user owns it
(pipes_windows.py). Its name ends at random, so that nobody can take it beforehand; that end and a
secret stand in a file of the user's profile, and the client sends the secret after its check. Run
under Wine, not on a real Windows.
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
from typing import Any, Protocol

_SECRET_BYTES = 32


class NotTrusted(Exception):
    """The other side of the connection is not this user."""


class Listener(Protocol):
    """What the host needs of a listening socket. accept raises BlockingIOError with no client."""

    def fileno(self) -> int: ...
    def accept(self) -> tuple[socket.socket, Any]: ...
    def close(self) -> None: ...


def listen(path: Path) -> tuple[Listener, bytes]:
    """Bind and listen; the listener, and the secret that clients must send (none on POSIX)."""
    withdraw(path)
    if sys.platform == "win32":
        from codeplan_model.host import pipes_windows

        # A host that steps down keeps its pipe until its clients are gone: the next one needs
        # another name in any case.
        number, secret = secrets.token_hex(8), secrets.token_hex(_SECRET_BYTES)
        listener = pipes_windows.Listener(_pipe_name(path, number))
        path.write_text(f"{number} {secret}", encoding="ascii")
        return listener, secret.encode()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(mask)
    listener.listen(64)
    listener.setblocking(False)
    return listener, b""


def withdraw(path: Path) -> None:
    """Nobody listens at `path` any more: clients are told so at once."""
    with contextlib.suppress(FileNotFoundError):
        if sys.platform == "win32":
            path.write_text("")  # a client that reads it just now would forbid to remove it
        else:
            path.unlink()


def connect(path: Path, timeout: float) -> tuple[socket.socket, str]:
    """Connect to the host at `path`; returns the socket and the secret to send.

    Raises OSError when nobody listens there, NotTrusted when another user does.
    """
    if sys.platform == "win32":
        from codeplan_model.host import pipes_windows

        number, _, secret = path.read_text(encoding="ascii").partition(" ")
        if not (number.isalnum() and secret):
            raise ConnectionRefusedError(f"{path} names no pipe")
        connection, owner = pipes_windows.connect(_pipe_name(path, number), timeout)
        if owner != pipes_windows.current_user():
            connection.close()
            raise NotTrusted(f"the pipe that it names belongs to user {owner}")
        return connection, secret
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
    if sys.platform == "win32":
        return  # the pipe let nobody else in
    uid = _peer_uid(connection)
    if uid != os.getuid():
        raise NotTrusted(f"the process at the other end belongs to user {uid}")


def check_secret(expected: bytes, given: Any) -> bool:
    """Whether a client's secret is right (always, where the kernel names the peer's user)."""
    return not expected or hmac.compare_digest(expected, str(given).encode())


def _pipe_name(path: Path, number: str) -> str:
    return rf"\\.\pipe\codeplan-{path.stem}-{number}"


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
