"""One end of the conversation between the candidate's process and the examiner's.

Either end asks, and serves what the other asks while it waits for an answer: a function called
with a callback leads to a call back. Only one end runs at a time, as in one thread of one process.
Every message also carries what the sender printed and the file's changed data (see `World.state`).
A variable that an example reads and the candidate has changed makes that example's result weak: it
could have written there what it returns (`watched`, `changed`).

What an end may be asked differs: the candidate's end serves everything, the examiner's only what
`remote.py` lets through.
"""

from __future__ import annotations

import _thread

from . import wire
from .codec import Codec
from .errors import ProtocolError, Unencodable


class Lost(BaseException):
    """The other process can't answer any more. A BaseException, so that examples don't catch it.

    reason: "crashed" (it died or broke the protocol) or "one process" (a value can't cross).
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class Peer:
    """The conversation, over `fd`.

    drain: what was printed here since the last message; emit: print that.

    leads: True at the examiner's end. follow: whether messages carry the file's changed data.
    serve: called with an operation's name, its fields and its roots; returns the answer's value or
    raises what the caller should see.
    """

    def __init__(self, leads: bool, codec: Codec, serve, drain, emit) -> None:
        self.fd = -1
        self.world = codec.world
        self.codec = codec
        self._serve = serve
        self._drain = drain
        self._emit = emit
        self.leads = leads
        self._lock = _thread.RLock()
        self.lost: Lost | None = None
        self.follow = False
        self.watched: frozenset[str] = frozenset()
        self.changed: set[str] = set()
        self._raised: BaseException | None = None
        self._greeting: list[object] = []

    def greet(self, value: object) -> None:
        """Tell the other end something before it asks."""
        self._send({}, {"value": value})

    def greeting(self) -> object:
        """What the other end told first; waits for it. Raises what `ask` raises."""
        if not self._greeting:
            with self._lock:
                try:
                    self._greeting = [self._answer(wire.receive(self.fd))]
                except (wire.Gone, ProtocolError) as error:
                    self._lose("crashed", str(error))
        return self._greeting[0]

    def theirs(self, error: BaseException) -> bool:
        """Whether an exception is the last one that came from the other side."""
        return error is self._raised

    def ask(self, operation: str, fields: dict, roots: dict[str, object]) -> object:
        """What the other end answers. Raises what it raised; Lost when it can't answer."""
        with self._lock:
            if self.lost is not None:
                raise self.lost
            if self.leads and self.greeting() is not None:
                raise Lost("crashed", "the file can't be executed")
            try:
                self._send({"op": operation, "fields": fields}, roots)
                while True:
                    message = wire.receive(self.fd)
                    if "op" not in message:
                        return self._answer(message)
                    self._serve_one(message)
            except Unencodable as error:
                self._lose("one process", str(error))
            except (wire.Gone, ProtocolError) as error:
                self._lose("crashed", str(error))

    def _lose(self, reason: str, detail: str):
        self.lost = Lost(reason, detail)
        raise self.lost from None

    def _answer(self, message: dict) -> object:
        values = self._unpack(message)
        if "error" in values:
            error = values["error"]
            if not isinstance(error, BaseException):
                raise ProtocolError("an error that is no exception")
            self._raised = error
            raise error
        if "value" not in values:
            raise ProtocolError("an answer without a value")
        return values["value"]

    def serve_until_gone(self) -> None:
        """Serve until the other end closes. Raises wire.Gone then, ProtocolError never."""
        while True:
            self._serve_one(wire.receive(self.fd))

    def _serve_one(self, message: dict) -> None:
        roots: dict[str, object]
        try:
            values = self._unpack(message)
            operation, fields = message.get("op"), message.get("fields")
            if type(operation) is not str or type(fields) is not dict:
                raise ProtocolError("not a request")
            roots = {"value": self._serve(operation, fields, values)}
        except (wire.Gone, Lost, ProtocolError):
            raise
        except BaseException as error:
            roots = {"error": error}
        try:
            self._send({}, roots)
        except Unencodable as error:
            self._send({}, {"error": TypeError(f"can't be passed on: {error}")})

    def _send(self, message: dict, roots: dict[str, object]) -> None:
        roots = dict(roots)
        if self.follow:
            for name, value in self.world.state().items():
                roots["state " + name] = value
        message["follow"] = self.follow
        with self._lock:
            message.update(self.codec.encode(roots))
            message["out"] = self._drain()
            try:
                wire.send(self.fd, message)
            except ValueError as error:
                raise Unencodable(str(error)) from None

    def _unpack(self, message: dict) -> dict[str, object]:
        printed = message.get("out", "")
        if type(printed) is not str:
            raise ProtocolError("printed text must be text")
        if printed:
            self._emit(printed)
        self._obey(message.get("follow"))
        before = self._watched_state()
        values = self.codec.decode(message)
        for name in [n for n in values if n.startswith("state ")]:
            self.world.set_state(name[6:], values.pop(name))
        self.changed |= {n for n, text in self._watched_state().items() if before.get(n) != text}
        return values

    def _obey(self, follow: object) -> None:
        # The candidate's end follows the examiner's, which begins when its file is loaded.
        if not self.leads:
            self.follow = follow is True

    def _watched_state(self) -> dict[str, str]:
        if not self.watched:
            return {}
        return {n: _text(v) for n, v in self.world.state().items() if n in self.watched}


def _text(value: object) -> str:
    try:
        return repr(value)
    except Exception:
        return object.__repr__(value)
