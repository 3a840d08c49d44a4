"""What client and host say to each other: frames of JSON, and the values inside them.

A frame is a 4-byte big-endian length and that many bytes of JSON (one object with a "type").

    client                          host
    hello {client, secret, protocol, codeplan, file}
                                 -> welcome {pid, ...} | stale {why}, and the host steps down
    info {call}                  -> loading {fraction}..., info {info} | error
    generate {call, requests}    -> loading..., accepted {call}, completion {call, ...}...,
                                    end {call} | error
    cancel {call}                -> end {call, cancelled: true}

`file` is `file_version` of the model file as the client sees it. A host hangs up on anything else.
"""

from __future__ import annotations

import dataclasses
import json
import os
import struct
from collections.abc import Iterator
from typing import Any

from codeplan_model.generation import (
    Completion,
    Message,
    ModelInfo,
    Request,
    Sampling,
    Then,
)

PROTOCOL = 2
MAX_FRAME = 64 * 1024 * 1024

Frame = dict[str, Any]


def file_version(status: os.stat_result) -> str:
    """What a host and its clients compare, to notice that the model file was replaced."""
    return f"{status.st_size}/{status.st_mtime_ns}"


class WireError(Exception):
    """The other side doesn't speak this protocol."""


def pack(frame: Frame) -> bytes:
    data = json.dumps(frame, separators=(",", ":")).encode()
    return struct.pack(">I", len(data)) + data


class Unpacker:
    """Turns received bytes into frames; keeps what is incomplete."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield each complete frame. Raises WireError on anything that is no frame."""
        self._buffer += data
        while len(self._buffer) >= 4:
            (length,) = struct.unpack_from(">I", self._buffer)
            if length > MAX_FRAME:
                raise WireError(f"a frame of {length:,} bytes")
            if len(self._buffer) < 4 + length:
                return
            body = bytes(self._buffer[4 : 4 + length])
            del self._buffer[: 4 + length]
            yield _parse(body)


def _parse(body: bytes) -> Frame:
    try:
        frame = json.loads(body)
    except ValueError as error:
        raise WireError(f"not JSON: {error}") from error
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
        raise WireError("not an object with a type")
    return frame


def request_to_json(request: Request) -> Frame:
    return dataclasses.asdict(request)


def request_from_json(value: Frame) -> Request:
    """Raises WireError when a field is missing or unknown."""
    try:
        prompt = value["prompt"]
        if not isinstance(prompt, str):
            prompt = tuple(Message(**turn) for turn in prompt)
        then = value["then"]
        if then is not None:
            then = Then(str(then["joint"]), int(then["n"]), _sampling(then["sampling"]))
        return Request(prompt, int(value["n"]), _sampling(value["sampling"]), then)
    except (KeyError, TypeError, ValueError) as error:
        raise WireError(f"not a request: {error}") from error


def _sampling(value: Frame) -> Sampling:
    return Sampling(**{**value, "stop": tuple(value["stop"])})


def completion_to_json(completion: Completion) -> Frame:
    return dataclasses.asdict(completion)


def completion_from_json(value: Frame) -> Completion:
    try:
        return Completion(**{f.name: value[f.name] for f in dataclasses.fields(Completion)})
    except KeyError as error:
        raise WireError(f"a completion without {error}") from error


def info_to_json(info: ModelInfo) -> Frame:
    return dataclasses.asdict(info)


def info_from_json(value: Frame) -> ModelInfo:
    try:
        # A host of an older version does not know fields that came later.
        known = [
            f.name
            for f in dataclasses.fields(ModelInfo)
            if f.name in value or f.default is dataclasses.MISSING
        ]
        return ModelInfo(**{name: value[name] for name in known})
    except KeyError as error:
        raise WireError(f"model information without {error}") from error
