"""JSON-RPC on pygls' types: every request is answered once, every request to the client is bounded.

pygls gives the registry of features, the protocol's types and the capabilities. What it does with
running requests is replaced here: a cancelled request stops its work and is answered when the work
has ended, or soon after if it won't; a client's late answer finds nobody and harms nothing;
malformed messages get the error that the specification names.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import itertools
import json
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from cattrs import Converter, transform_error
from lsprotocol import types
from pygls.protocol import LanguageServerProtocol

from codeplan_model.generation import Cancelled, CancelToken
from codeplan_server.transport import Writer
from codeplan_server.workers import cancel_aside

logger = logging.getLogger(__name__)

CANCEL_GRACE = 1.5
"""Seconds that cancelled work has to end before its request is answered all the same."""

MessageId = int | str
T = TypeVar("T")


class RequestFailed(Exception):
    """Ends a request with an error that was foreseen: its text is for people."""

    def __init__(
        self, message: str, code: int = types.LSPErrorCodes.RequestFailed.value, data: Any = None
    ) -> None:
        super().__init__(message)
        self.code, self.data = code, data


def invalid_params(message: str) -> RequestFailed:
    return RequestFailed(message, types.ErrorCodes.InvalidParams.value)


class ClientTimeout(Exception):
    """The client did not answer in time."""


class ClientError(Exception):
    """The client answered with an error."""


@dataclass(slots=True)
class Call:
    """One request of the client while it runs.

    cancel: fires with `$/cancelRequest`, with the progress's cancel button, and at the end.
    withdrawn: it was `$/cancelRequest`, so that the answer is an error by the specification.
    """

    id: MessageId
    method: str
    cancel: CancelToken = field(default_factory=CancelToken)
    began: float = field(default_factory=time.monotonic)
    withdrawn: bool = False
    answered: bool = False


RequestHandler = Callable[[Any, Call], Any]
"""Takes params and the call; gives the result, or an awaitable of it. What it takes from the
session before its first await is the state at the time the request was read."""
NotificationHandler = Callable[[Any], None]


class Protocol(LanguageServerProtocol):
    """The protocol of one connection. All methods run in the event loop's thread.

    greeted: whether `initialize` has its answer already; see greeting.py.
    """

    def __init__(self, server: Any, converter: Converter) -> None:
        # Before the rest: pygls looks at every attribute, properties too.
        self._calls: dict[MessageId, Call] = {}
        super().__init__(server, converter)
        self.requests: dict[str, RequestHandler] = {}
        self.notifications: dict[str, NotificationHandler] = {}
        self.initialized = False
        self.trace_messages = False
        self.on_crash: Callable[[str, Exception], None] = lambda where, error: None
        self.greeted: Callable[[], bool] = lambda: False
        self._outgoing: dict[str, asyncio.Future[Any]] = {}
        self._numbers = itertools.count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def calls(self) -> tuple[Call, ...]:
        """The requests that are not answered yet."""
        return tuple(self._calls.values())

    def attach(self, writer: Writer, loop: asyncio.AbstractEventLoop) -> None:
        """Send through `writer` from now on."""
        self.set_writer(writer)
        self._loop = loop

    def receive(self, body: bytes) -> None:
        """Handle one message's body."""
        if self.trace_messages:
            logger.debug("<- %s", body.decode("utf-8", "replace"))
        try:
            message = json.loads(body.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            self._send_error(None, types.ErrorCodes.ParseError.value, f"not JSON: {error}")
            return
        if not isinstance(message, dict) or message.get("jsonrpc") != self.VERSION:
            id = message.get("id") if isinstance(message, dict) else None
            self._send_error(
                id if _is_id(id) else None,
                types.ErrorCodes.InvalidRequest.value,
                "a message must be an object with jsonrpc 2.0",
            )
        elif "method" not in message:
            self._receive_answer(message)
        elif not isinstance(message["method"], str):
            id = message.get("id")
            if "id" in message:
                self._send_error(
                    id if _is_id(id) else None,
                    types.ErrorCodes.InvalidRequest.value,
                    "a method must be a text",
                )
        elif "id" in message:
            self._receive_request(message["id"], message["method"], message)
        else:
            self._receive_notification(message["method"], message)

    def _receive_request(self, id: Any, method: str, message: dict[str, Any]) -> None:
        codes = types.ErrorCodes
        if not _is_id(id):
            self._send_error(None, codes.InvalidRequest.value, "an id must be a number or a text")
        elif id in self._calls:
            self._send_error(id, codes.InvalidRequest.value, f"request {id!r} is still running")
        elif self._shutdown:
            self._send_error(id, codes.InvalidRequest.value, "the server is shutting down")
        elif not self.initialized and method != types.INITIALIZE:
            self._send_error(id, codes.ServerNotInitialized.value, "initialize comes first")
        elif self.initialized and method == types.INITIALIZE:
            self._send_error(id, codes.InvalidRequest.value, "initialize came before")
        elif (handler := self.requests.get(method)) is None:
            self._send_error(id, codes.MethodNotFound.value, f"{method} is not known here")
        else:
            call = Call(id, method)
            self._calls[id] = call
            logger.debug("request %r: %s", id, method)
            try:
                params = self._structured(method, message)
                result = handler(params, call)
            except Exception as error:
                self._fail(call, error)
                return
            if inspect.isawaitable(result):
                task = asyncio.get_running_loop().create_task(self._finish(call, result))
                self._tasks.add(task)  # the loop holds tasks weakly
                task.add_done_callback(self._tasks.discard)
            else:
                self._answer(call, result)

    async def _finish(self, call: Call, result: Awaitable[Any]) -> None:
        try:
            value = await result
        except Exception as error:
            self._fail(call, error)
        else:
            self._answer(call, value)

    def _receive_notification(self, method: str, message: dict[str, Any]) -> None:
        if method == types.EXIT:
            self.notifications[types.EXIT](None)
            return
        if not self.initialized or self._shutdown:
            return
        try:
            if method == types.CANCEL_REQUEST:
                self._cancel(self._structured(method, message).id)
            elif (handler := self.notifications.get(method)) is not None:
                handler(self._structured(method, message))
        except RequestFailed as error:
            logger.warning("%s was ignored: %s", method, error)
        except Exception as error:
            logger.exception("%s failed", method)
            self.on_crash(method, error)

    def _structured(self, method: str, message: dict[str, Any]) -> Any:
        kind = self.get_message_type(method)
        if kind is None:
            return message.get("params")
        try:
            return getattr(self._converter.structure(message, kind), "params", None)
        except Exception as error:
            raise invalid_params(f"{method}: {'; '.join(transform_error(error))}"[:500]) from error

    def _cancel(self, id: MessageId) -> None:
        call = self._calls.get(id) if _is_id(id) else None
        if call is None or call.method == types.SHUTDOWN:
            return
        call.withdrawn = True
        cancel_aside(call.cancel.cancel)
        asyncio.get_running_loop().call_later(CANCEL_GRACE, self._fail, call, Cancelled())

    def _answer(self, call: Call, result: Any) -> None:
        if call.answered:
            return
        try:
            value = self._converter.unstructure(result)
        except Exception as error:
            self._fail(call, error)
            return
        self._end(call)
        if call.method != types.INITIALIZE or not self.greeted():
            self._send({"jsonrpc": self.VERSION, "id": call.id, "result": value})

    def _fail(self, call: Call, error: Exception) -> None:
        if call.answered:
            return
        self._end(call)
        if call.method == types.INITIALIZE and self.greeted():
            self.on_crash(call.method, error)
        elif isinstance(error, Cancelled):
            code = types.LSPErrorCodes.RequestCancelled.value
            self._send_error(call.id, code, "cancelled")
        elif isinstance(error, RequestFailed):
            self._send_error(call.id, error.code, str(error), error.data)
        else:
            logger.error("%s failed", call.method, exc_info=error)
            self._send_error(
                call.id, types.ErrorCodes.InternalError.value, crash_text(call.method, error)
            )

    def _end(self, call: Call) -> None:
        call.answered = True
        logger.debug("request %r: answered after %.3f s", call.id, time.monotonic() - call.began)
        if self._calls.get(call.id) is call:
            del self._calls[call.id]

    def _receive_answer(self, message: dict[str, Any]) -> None:
        id = message.get("id")
        future = self._outgoing.pop(id, None) if isinstance(id, str) else None
        if future is None or future.done():
            return  # late, or to nothing that was asked
        error = message.get("error")
        if error is not None:
            text = error.get("message") if isinstance(error, dict) else error
            future.set_exception(ClientError(str(text)))
        else:
            future.set_result(message.get("result"))

    async def ask(self, method: str, params: Any, seconds: float) -> Any:
        """Send a request to the client; its raw result.

        Raises ClientTimeout (and tells the client that the answer is not wanted any more) and
        ClientError.
        """
        id = f"codeplan-{next(self._numbers)}"
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._outgoing[id] = future
        value = self._converter.unstructure(params)
        self._send({"jsonrpc": self.VERSION, "id": id, "method": method, "params": value})
        try:
            return await asyncio.wait_for(future, seconds)
        except TimeoutError:
            self.tell(types.CANCEL_REQUEST, types.CancelParams(id))
            raise ClientTimeout(f"the editor did not answer {method} in {seconds:g} s") from None
        except asyncio.CancelledError:
            self.tell(types.CANCEL_REQUEST, types.CancelParams(id))
            raise
        finally:
            self._outgoing.pop(id, None)

    def tell(self, method: str, params: Any) -> None:
        """Send a notification."""
        value = self._converter.unstructure(params)
        self._send({"jsonrpc": self.VERSION, "method": method, "params": value})

    def structure(self, value: Any, kind: Any) -> Any:
        """A raw value from the client as a type of the protocol. Raises ValueError in words."""
        try:
            return self._converter.structure(value, kind)
        except Exception as error:
            raise ValueError("; ".join(transform_error(error))[:500]) from error

    def _send_error(self, id: MessageId | None, code: int, message: str, data: Any = None) -> None:
        error: dict[str, Any] = {"code": code, "message": message}
        if data is not None:
            error["data"] = data
        self._send({"jsonrpc": self.VERSION, "id": id, "error": error})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps(message, separators=(",", ":")).encode("ascii")
        if self.trace_messages:
            logger.debug("-> %s", body.decode("ascii"))
        if self.writer is not None:
            self.writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def begin_shutdown(self) -> None:
        """Refuse every later request."""
        self._shutdown = True

    @property
    def was_shut_down(self) -> bool:
        return self._shutdown

    def initialize(self, params: types.InitializeParams) -> types.InitializeResult:
        """What pygls makes of the client's and the registered features' capabilities."""
        steps = super().lsp_initialize(params)
        with contextlib.suppress(StopIteration):
            next(steps)
            raise RuntimeError("a handler for initialize was registered with pygls")
        return types.InitializeResult(self.server_capabilities, self.server_info)


async def unless_cancelled(work: Coroutine[Any, Any, T], cancel: CancelToken) -> T:
    """Await `work`, but give it up and raise Cancelled when the token fires."""
    loop = asyncio.get_running_loop()
    task = loop.create_task(work)

    def give_up() -> None:
        loop.call_soon_threadsafe(task.cancel)

    forget = cancel.on_cancel(give_up)
    try:
        return await task
    except asyncio.CancelledError:
        if cancel.cancelled:
            raise Cancelled from None
        raise
    finally:
        forget()


def crash_text(where: str, error: Exception) -> str:
    """The message for a bug: what happened, and how to report it."""
    return (
        f"codeplan failed in {where}: {type(error).__name__}: {error}. This is a bug: please "
        "report it with the server's log (start the server with --log-file FILE to get one)."
    )


def _is_id(id: Any) -> bool:
    return isinstance(id, int | str) and not isinstance(id, bool)
