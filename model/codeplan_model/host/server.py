"""The host's loop: sockets and decode steps in one thread, so that nothing needs a lock.

Between two steps it looks at its sockets without waiting; with no work it sleeps in the selector.
A client that is gone or cancels loses its samples before the next step.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from codeplan_model import __version__
from codeplan_model.generation import BackendError
from codeplan_model.host import transport
from codeplan_model.host.describe import model_info
from codeplan_model.host.engine import Ended, Engine, Finished
from codeplan_model.host.llama import LlamaModel, ModelSettings
from codeplan_model.host.settings import HostSettings
from codeplan_model.host.wire import (
    PROTOCOL,
    Frame,
    Unpacker,
    WireError,
    completion_to_json,
    file_version,
    info_to_json,
    pack,
    request_from_json,
)

# A host that nobody has greeted yet waits at least this long: its starter is on the way.
_FIRST_CLIENT = 10.0
# A client that doesn't read its answers is dropped when this much has piled up.
_MOST_UNREAD = 64 * 1024 * 1024
_PROGRESS_EVERY = 0.1
_LOOK_EVERY = 0.005
# So often in a row a step is put off for messages; then it is computed, whoever speaks.
_PUT_OFFS = 4


@dataclass(slots=True, eq=False)
class _Peer:
    connection: socket.socket
    unpacker: Unpacker = field(default_factory=Unpacker)
    unsent: bytearray = field(default_factory=bytearray)
    owner: str = ""
    greeted: bool = False
    closing: bool = False


class Host:
    """Serves one model to this user's clients until nobody needs it."""

    def __init__(
        self,
        model: Path,
        listener: transport.Listener,
        secret: bytes,
        settings: HostSettings,
        on_step_down: Callable[[], None] = lambda: None,
    ) -> None:
        """on_step_down is called once, when a successor may take this host's place."""
        self._on_step_down = on_step_down
        self._model = model
        self._version = file_version(model.stat())
        self._settings = settings
        self._secret = secret
        self._listener: transport.Listener | None = listener
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ)
        self._wake, self._waker = socket.socketpair()
        self._selector.register(self._wake, selectors.EVENT_READ)
        self._waker.setblocking(False)
        self._peers: dict[int, _Peer] = {}
        self._waiting: list[tuple[_Peer, Frame]] = []
        self._llama: LlamaModel | None = None
        self._engine: Engine | None = None
        self._failure: BackendError | None = None
        self._ending = False
        self._next_progress = 0.0
        self._next_look = 0.0
        # How often in a row the step that comes next was put off.
        self._put_offs = 0
        now = time.monotonic()
        self._last_client = now + max(0.0, _FIRST_CLIENT - settings.grace)
        self._last_work = now

    def run(self) -> None:
        """Until the last client is gone and the grace is over, or `end`."""
        self._load()
        while not self._over():
            if self._engine is None or not self._engine.busy:
                # What was put off is gone: a cancel took it.
                self._put_offs = 0
            self._poll(self._patience())
            if self._failure is not None:
                self._fail_waiting(self._failure)
            elif self._waiting:
                self._load()
            if self._engine is not None and self._engine.busy:
                before = self._put_offs
                self._step(self._engine)
                if self._put_offs == before:
                    self._put_offs = 0
                self._last_work = time.monotonic()
            elif self._engine is not None and self._idle_for() > self._settings.unload_after:
                self._unload()
        self._close()

    def end(self) -> None:
        """Finish what is running and stop (also from a signal handler)."""
        self._ending = True
        with contextlib.suppress(BlockingIOError):  # it is awake, with more to read than it can
            self._waker.send(b"x")

    @contextlib.contextmanager
    def woken_by_signals(self) -> Iterator[None]:
        """Signals wake the selector, whichever thread the system hands them to.

        Only the main thread runs Python's handlers, and one that begins to wait as the signal comes
        would sleep on.
        """
        before = signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)

    def _over(self) -> bool:
        if self._engine is not None and self._engine.busy:
            return False
        if self._ending:
            return True
        if self._peers:
            return False
        return time.monotonic() - self._last_client >= self._settings.grace

    def _patience(self) -> float:
        """Seconds to sleep when there is nothing to do."""
        if self._engine is not None and self._engine.busy:
            return 0.0
        waits = [60.0]
        if not self._peers:
            waits.append(self._settings.grace - (time.monotonic() - self._last_client))
        if self._engine is not None:
            waits.append(self._settings.unload_after - self._idle_for())
        return max(0.0, min(waits) + 0.001)

    def _idle_for(self) -> float:
        return time.monotonic() - self._last_work

    def _poll(self, timeout: float) -> None:
        for key, events in self._selector.select(timeout):
            if key.fileobj is self._listener:
                self._greet()
                continue
            if key.fileobj is self._wake:
                self._wake.recv(16)
                continue
            peer = self._peers.get(key.fd)
            if peer is not None and events & selectors.EVENT_WRITE:
                self._flush(peer)
            if peer is not None and events & selectors.EVENT_READ:
                self._receive(peer)

    def _greet(self) -> None:
        assert self._listener is not None
        try:
            connection, _address = self._listener.accept()
        except OSError:
            return
        connection.setblocking(False)
        try:
            transport.check_peer(connection)
        except (transport.NotTrusted, OSError) as error:
            log(f"refused a connection: {error}")
            connection.close()
            return
        self._peers[connection.fileno()] = _Peer(connection)
        self._selector.register(connection, selectors.EVENT_READ)

    def _receive(self, peer: _Peer) -> None:
        try:
            data = peer.connection.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(peer)
            return
        try:
            for frame in peer.unpacker.feed(data):
                self._handle(peer, frame)
        except WireError as error:
            log(f"dropped a client: {error}")
            self._drop(peer)

    def _handle(self, peer: _Peer, frame: Frame) -> None:
        kind = frame["type"]
        if kind == "hello":
            self._hello(peer, frame)
        elif not peer.greeted:
            raise WireError(f"{kind} before hello")
        elif kind in ("info", "generate"):
            self._last_work = time.monotonic()
            if self._engine is None:
                self._waiting.append((peer, frame))
            else:
                self._answer(peer, frame, self._engine)
        elif kind == "cancel":
            self._cancel(peer, frame)
        else:
            raise WireError(f"an unknown message {kind}")

    def _hello(self, peer: _Peer, frame: Frame) -> None:
        if not transport.check_secret(self._secret, frame.get("secret")):
            raise WireError("a wrong secret")
        peer.owner = str(frame.get("client"))
        peer.greeted = True
        mine = {"protocol": PROTOCOL, "codeplan": __version__, "file": self._version}
        theirs = {key: frame.get(key) for key in mine}
        if theirs != mine:
            why = ", ".join(
                f"{k}: {mine[k]} here, {theirs[k]} there" for k in mine if mine[k] != theirs[k]
            )
            self._send(peer, {"type": "stale", "why": why})
            self._step_down(why)
        else:
            self._send(peer, {"type": "welcome", "pid": os.getpid(), **mine})

    def _step_down(self, why: str) -> None:
        """Stop listening, so that a successor can start at once; finish what is running."""
        if self._listener is not None:
            log(f"stepping down: {why}")
            self._selector.unregister(self._listener)
            self._listener.close()
            self._listener = None
            self._on_step_down()
        self._ending = True

    def _cancel(self, peer: _Peer, frame: Frame) -> None:
        name = (peer, frame.get("call"))
        known = self._engine is not None and name in self._engine.calls
        if self._engine is not None:
            self._engine.cancel(name)
        before = len(self._waiting)
        self._waiting = [
            (who, what)
            for who, what in self._waiting
            if who is not peer or what.get("call") != frame.get("call")
        ]
        if known or len(self._waiting) < before:
            self._send(peer, {"type": "end", "call": frame.get("call"), "cancelled": True})

    def _answer(self, peer: _Peer, frame: Frame, engine: Engine) -> None:
        if frame["type"] == "info":
            self._send(peer, {"type": "info", "info": info_to_json(model_info(engine.model))})
            return
        call = frame.get("call")
        try:
            requests = [request_from_json(item) for item in frame["requests"]]
            engine.submit((peer, call), peer.owner, requests)
            self._send(peer, {"type": "accepted", "call": call})
        except BackendError as error:
            self._send(peer, _error(error, call))
        except (KeyError, TypeError) as error:
            raise WireError(f"not a generate message: {error}") from error

    def _somebody_speaks(self) -> bool:
        """Asked while a step of a large model runs: whether to put it off for a message.

        A few times in a row at most: a talkative client can't keep the others from going on.
        """
        now = time.monotonic()
        if self._put_offs >= _PUT_OFFS or now < self._next_look:
            return False
        self._next_look = now + _LOOK_EVERY
        spoken = any(e & selectors.EVENT_READ for _, e in self._selector.select(0))
        self._put_offs += spoken
        return spoken

    def _step(self, engine: Engine) -> None:
        try:
            events = engine.step()
        except BackendError as error:
            for name in engine.fail():
                peer, call = name  # type: ignore[misc]
                self._send(peer, _error(error, call))
            return
        for event in events:
            peer, call = event.call  # type: ignore[misc]
            if isinstance(event, Finished):
                body = completion_to_json(event.completion)
                self._send(peer, {"type": "completion", "call": call, "completion": body})
            elif isinstance(event, Ended):
                self._send(peer, {"type": "end", "call": call, "cancelled": False})

    def _load(self) -> None:
        """Load the model and answer who waited."""
        if self._engine is None:
            started = time.monotonic()
            settings = self._settings
            try:
                self._llama = LlamaModel(
                    str(self._model),
                    ModelSettings(
                        settings.threads, settings.gpu, settings.context, settings.extra_buffers
                    ),
                    self._progress,
                )
                self._llama.interrupt = self._somebody_speaks
                self._engine = Engine(self._llama, settings.parallel)
            except BackendError as error:
                log(f"loading failed: {error}")
                self._failure = error
                self._fail_waiting(error)
                return
            seconds = time.monotonic() - started
            log(f"loaded {self._model} in {seconds:.2f} s: {self._llama.device}")
            self._last_work = time.monotonic()
        waiting, self._waiting = self._waiting, []
        for peer, frame in waiting:
            with contextlib.suppress(WireError):
                self._answer(peer, frame, self._engine)

    def _fail_waiting(self, error: BackendError) -> None:
        """Tell who waits that the model can't be loaded, and make way for another try."""
        waiting, self._waiting = self._waiting, []
        for peer, frame in waiting:
            self._send(peer, _error(error, frame.get("call")))
        if waiting:
            self._step_down("the model can't be loaded")

    def _progress(self, fraction: float) -> bool:
        """Called by llama.cpp while it loads."""
        now = time.monotonic()
        if now >= self._next_progress:
            self._next_progress = now + _PROGRESS_EVERY
            self._poll(0)
            for peer in list(self._peers.values()):
                if peer.greeted:
                    self._send(peer, {"type": "loading", "fraction": fraction})
        return not self._ending

    def _unload(self) -> None:
        log("unloading the model: nothing to do")
        self._engine = None
        if self._llama is not None:
            self._llama.close()
            self._llama = None

    def _send(self, peer: _Peer, frame: Frame) -> None:
        if peer.connection.fileno() < 0:
            return
        peer.unsent += pack(frame)
        self._flush(peer)

    def _flush(self, peer: _Peer) -> None:
        try:
            while peer.unsent:
                sent = peer.connection.send(peer.unsent)
                del peer.unsent[:sent]
        except BlockingIOError:
            pass
        except OSError:
            self._drop(peer)
            return
        if len(peer.unsent) > _MOST_UNREAD:
            log("dropped a client that doesn't read")
            self._drop(peer)
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if peer.unsent else 0)
        self._selector.modify(peer.connection, events)

    def _drop(self, peer: _Peer) -> None:
        """Forget a client and everything that it waits for."""
        if self._peers.pop(peer.connection.fileno(), None) is None:
            return
        self._selector.unregister(peer.connection)
        peer.connection.close()
        self._waiting = [(who, frame) for who, frame in self._waiting if who is not peer]
        if self._engine is not None:
            for name in self._engine.calls:
                if name[0] is peer:  # type: ignore[index]
                    self._engine.cancel(name)
        if peer.greeted:
            self._last_client = time.monotonic()

    def _close(self) -> None:
        # Clients look for this line when their connection ends: it tells a departure from a crash.
        log(f"pid {os.getpid()} ends")
        for peer in list(self._peers.values()):
            peer.connection.setblocking(True)
            peer.connection.settimeout(1.0)
            with contextlib.suppress(OSError):
                peer.connection.sendall(peer.unsent)
            self._drop(peer)
        self._step_down("nobody needs it any more")
        self._unload()
        self._selector.close()
        self._wake.close()
        self._waker.close()


def _error(error: BackendError, call: object) -> Frame:
    return {"type": "error", "call": call, "message": str(error), "retryable": error.retryable}


def log(text: str) -> None:
    """A line for the log; a full disk is no reason to stop."""
    with contextlib.suppress(OSError):
        print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}", file=sys.stderr, flush=True)
