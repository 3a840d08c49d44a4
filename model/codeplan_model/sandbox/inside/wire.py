"""Messages over a pair of descriptors: four bytes of length, then JSON. Nothing else.

Both ends distrust each other's lengths; a message over the limit ends the conversation.

The module json is not used but the C code below it. A run's time goes into the pages of memory that
the kernel copies after the fork, a page for about every function that is called for the first time.
"""

from __future__ import annotations

import _json
import os

MAX_MESSAGE = 32 << 20


class Gone(Exception):
    """The other side has ended or sent what no message looks like."""


class _Rules:
    """How json.loads reads: what the C scanner wants to know."""

    strict = True
    object_hook = object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float


def _unknown(value: object):
    raise TypeError(f"{type(value).__name__} is not JSON")


_Rules.memo = {}  # type: ignore[attr-defined]
_scan = _json.make_scanner(_Rules)  # type: ignore[arg-type]
_chunks = _json.make_encoder(
    None, _unknown, _json.encode_basestring_ascii, None, ":", ",", False, False, True
)


def to_text(value: object) -> bytes:
    """Plain data as JSON on one line. Raises TypeError, ValueError, RecursionError."""
    return "".join(_chunks(value, 0)).encode("ascii")


def from_text(text: bytes) -> object:
    """What `to_text` was given. Raises ValueError, RecursionError."""
    shown = text.decode("ascii")
    try:
        value, end = _scan(shown, 0)
    except StopIteration:
        raise ValueError("not JSON") from None
    if end != len(shown):
        raise ValueError("more than one value")
    return value


def send(fd: int, message: object) -> None:
    """Write one message. Raises Gone; ValueError when it is too large."""
    body = to_text(message)
    if len(body) > MAX_MESSAGE:
        raise ValueError("the message is too large")
    data = memoryview(len(body).to_bytes(4, "big") + body)
    try:
        while data:
            data = data[os.write(fd, data) :]
    except OSError as error:
        raise Gone(f"can't write: {error}") from None


def receive(fd: int) -> dict:
    """Read one message, a JSON object. Raises Gone."""
    length = int.from_bytes(_exactly(fd, 4), "big")
    if length > MAX_MESSAGE:
        raise Gone("the message is too large")
    try:
        message = from_text(_exactly(fd, length))
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
