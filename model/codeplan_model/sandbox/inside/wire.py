"""Messages over a pair of descriptors: four bytes of length, then JSON. Nothing else.

Both ends distrust each other's lengths; a message over the limit ends the conversation.
"""

from __future__ import annotations

import json
import os
import struct

MAX_MESSAGE = 32 << 20


class Gone(Exception):
    """The other side has ended or sent what no message looks like."""


def send(fd: int, message: object) -> None:
    """Write one message. Raises Gone; ValueError when it is too large."""
    body = json.dumps(message, separators=(",", ":"), check_circular=False).encode("ascii")
    if len(body) > MAX_MESSAGE:
        raise ValueError("the message is too large")
    view = memoryview(struct.pack(">I", len(body)) + body)
    try:
        while view:
            view = view[os.write(fd, view) :]
    except OSError as error:
        raise Gone(f"can't write: {error}") from None


def receive(fd: int) -> dict:
    """Read one message, a JSON object. Raises Gone."""
    (length,) = struct.unpack(">I", _exactly(fd, 4))
    if length > MAX_MESSAGE:
        raise Gone("the message is too large")
    try:
        message = json.loads(_exactly(fd, length))
    except (ValueError, RecursionError):
        raise Gone("not JSON") from None
    if type(message) is not dict:
        raise Gone("not a message")
    return message


def _exactly(fd: int, count: int) -> bytes:
    parts = []
    while count:
        try:
            part = os.read(fd, min(count, 1 << 16))
        except OSError as error:
            raise Gone(f"can't read: {error}") from None
        if not part:
            raise Gone("the other side has ended")
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
