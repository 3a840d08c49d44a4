"""A client of the shared model process: connects, starts one when there is none, asks, cancels.

Thread-safe: each call has a connection of its own while it runs; idle ones are kept for the next
call and tell the host that somebody is there.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path

from codeplan_model.generation import (
    BackendError,
    CancelToken,
    Completion,
    ModelInfo,
    Request,
)
from codeplan_model.host import transport
from codeplan_model.host.connection import Connection
from codeplan_model.host.gguf_file import check_gguf
from codeplan_model.host.launch import (
    ended_in_order,
    how_it_died,
    note_death,
    record_death,
    start_host,
)
from codeplan_model.host.places import Places, places_for
from codeplan_model.host.settings import HostSettings
from codeplan_model.host.wire import (
    Frame,
    WireError,
    completion_from_json,
    file_version,
    info_from_json,
    request_to_json,
)

_CONNECT_SECONDS = 60.0
_START_SECONDS = 30.0
_ATTEMPTS = 3

Progress = Callable[[float], None]


class HostClient:
    """One model file's host, as seen from this process. on_progress: loading, from 0 to 1."""

    def __init__(
        self, model: Path, settings: HostSettings, on_progress: Progress | None = None
    ) -> None:
        self._model = model
        self._settings = settings
        self._on_progress = on_progress
        self._name = uuid.uuid4().hex
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        self._closed = False
        self._places: Places | None = None

    def info(self, cancel: CancelToken | None = None) -> ModelInfo:
        """Load the model if needed. Raises BackendError, Cancelled."""
        with contextlib.closing(self._call({"type": "info"}, cancel)) as frames:
            for frame in frames:
                if frame["type"] == "info":
                    return info_from_json(frame["info"])
        raise BackendError("The model process gave no answer.", retryable=True)

    def generate(
        self, requests: Sequence[Request], cancel: CancelToken | None = None
    ) -> Iterator[Completion]:
        """See `Backend.generate`."""
        message = {"type": "generate", "requests": [request_to_json(r) for r in requests]}
        with contextlib.closing(self._call(message, cancel)) as frames:
            for frame in frames:
                if frame["type"] == "completion":
                    yield completion_from_json(frame["completion"])

    def process_id(self, cancel: CancelToken | None = None) -> int:
        """The host's process id (it is started if needed)."""
        connection = self._take(cancel or CancelToken())
        self._give(connection)
        return connection.pid

    def close(self) -> None:
        """Leave the host, which ends when nobody else is there. Safe to call twice."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _call(self, message: Frame, cancel: CancelToken | None) -> Generator[Frame, None, None]:
        """Send a message and yield the frames that answer it."""
        for _ in range(_ATTEMPTS):
            try:
                yield from self._attempt(message, cancel or CancelToken())
                return
            except _HostLeft:
                continue
        raise BackendError("The model process ends again and again.", retryable=True)

    def _attempt(self, message: Frame, cancel: CancelToken) -> Generator[Frame, None, None]:
        """One try; raises _HostLeft when the host ended before it had begun with this."""
        cancel.check()
        connection = self._take(cancel)
        call = connection.next_call()
        whole = answered = begun = False
        forget = cancel.on_cancel(lambda: connection.cancel(call))
        try:
            connection.send({**message, "call": call})
            while True:
                frame = connection.receive(cancel)
                begun, kind = True, frame["type"]
                if kind == "loading":
                    if self._on_progress is not None:
                        self._on_progress(frame["fraction"])
                elif kind == "accepted" or (kind != "info" and frame.get("call") != call):
                    continue
                elif kind == "error":
                    whole = True
                    raise BackendError(frame["message"], retryable=bool(frame["retryable"]))
                elif kind == "end":
                    whole = True
                    cancel.check()
                    return
                else:
                    answered = True
                    whole = kind == "info"
                    yield frame
                    if whole:
                        return
        except (OSError, WireError) as error:
            cancel.check()
            if not answered and self._left(connection):
                raise _HostLeft from error
            died = self._died(connection, error)
            if not begun and died.retryable:
                # It was dead before it had heard of this call: nothing of the call is lost.
                raise _HostLeft from error
            raise died from error
        finally:
            forget()
            # A caller that stops pulling: let the host drop the rest and keep the connection.
            if not whole and not cancel.cancelled:
                connection.cancel(call)
            if whole or connection.drain(call):
                self._give(connection)
            else:
                connection.close()

    def _take(self, cancel: CancelToken) -> Connection:
        version = self._file_version()
        while True:
            with self._lock:
                if self._closed:
                    raise BackendError("The backend was closed.")
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                return self._connect(version, cancel)
            if connection.version == version and connection.alive():
                return connection
            connection.close()

    def _give(self, connection: Connection) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def _file_version(self) -> str:
        try:
            status = os.stat(self._model)
        except OSError:
            check_gguf(self._model)
            raise
        return file_version(status)

    def _connect(self, version: str, cancel: CancelToken) -> Connection:
        """A greeted connection to a host of this version, started if there is none."""
        check_gguf(self._model)
        places = self._places = self._places or places_for(self._model)
        started: subprocess.Popen[bytes] | None = None
        end = time.monotonic() + _CONNECT_SECONDS
        while time.monotonic() < end:
            cancel.check()
            try:
                connection = self._greet(places, version, cancel)
            except transport.NotTrusted as error:
                raise BackendError(
                    f"{places.socket} can't be trusted: {error}. Remove it."
                ) from error
            except (OSError, WireError):
                if started is not None:
                    # One that dies while it loads has listened already: that it counts as dead
                    # ends the tries.
                    note_death(started, places)
                started = self._start(places, cancel) or started
                continue
            if connection is not None:
                return connection
            cancel.wait(0.02)
        raise BackendError(
            f"The model process doesn't answer. Its log is {places.log}.", retryable=True
        )

    def _greet(self, places: Places, version: str, cancel: CancelToken) -> Connection | None:
        """None: the host there was stale and steps down."""
        connection = Connection(*transport.connect(places.socket, 5.0), version)
        try:
            reply = connection.hello(self._name, version, cancel)
        except BaseException:
            connection.close()
            raise
        if reply["type"] == "welcome":
            connection.pid = int(reply["pid"])
            return connection
        connection.close()
        return None

    def _start(self, places: Places, cancel: CancelToken) -> subprocess.Popen[bytes] | None:
        """Start a host and return it when it listens; None where another client's is there."""
        with transport.locked(places.starting, _START_SECONDS, cancel.check) as mine:
            if not mine or _listens(places):
                return None
            process = start_host(self._model, places, self._settings)
            end = time.monotonic() + _START_SECONDS
            while time.monotonic() < end:
                cancel.check()
                if _listens(places):
                    return process
                if process.poll() == 0:
                    # It found another host at work; that one answers soon.
                    return None
                if process.poll() is not None:
                    death = how_it_died(process.pid, places)
                    record_death(process.pid, places, death)
                    raise BackendError(
                        f"The model process ended at its start: {death.reason}. "
                        f"Its log is {places.log}.",
                        retryable=True,
                    )
                time.sleep(0.005)
            return process

    def _left(self, connection: Connection) -> bool:
        """Whether the host ended by itself: a client's message can cross with its leaving."""
        return self._places is not None and ended_in_order(connection.pid, self._places)

    def _died(self, connection: Connection, error: Exception) -> BackendError:
        assert self._places is not None
        if isinstance(error, WireError):
            return BackendError(f"The model process talks nonsense: {error}.", retryable=True)
        death = how_it_died(connection.pid, self._places)
        record_death(connection.pid, self._places, death)
        text = f"The model process died: {death.reason}. "
        if not death.illegal:
            return BackendError(
                text + f"The next call starts a new one. Its log is {self._places.log}.",
                retryable=True,
            )
        return BackendError(
            text + "The next call starts a new one with the safe, slower setting. To have the full "
            "speed, build llama-cpp-python for this machine (see `codeplan doctor`).",
            retryable=True,
        )


class _HostLeft(Exception):
    """The host went away without this call; another try finds or starts its successor."""


def _listens(places: Places) -> bool:
    try:
        connection, _secret = transport.connect(places.socket, 5.0)
    except (OSError, ValueError):
        return False
    connection.close()
    return True
