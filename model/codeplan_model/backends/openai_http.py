"""One HTTP server and how to ask it: JSON in, JSON out, retries, cancel, failures in words."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from codeplan_model.generation import BackendError, CancelToken

_CONNECT_SECONDS = 10.0
_RETRIED = (408, 429, 500, 502, 503, 504)
_PAUSES = (0.5, 1.0, 2.0)
_LONGEST_PAUSE = 30.0
_MOST_BYTES = 64 * 1024 * 1024


@dataclass
class HttpFailure(Exception):
    """An answer that is none: status and what the server wrote."""

    status: int
    text: str
    retry_after: float = 0.0

    def as_error(self, url: str, model: str | None) -> BackendError:
        said = f" It says: {self.text[:300]}" if self.text else ""
        if self.status in (401, 403):
            return BackendError(
                f"The server at {url} refuses the key. Set OPENAI_API_KEY (or api_key).{said}"
            )
        if self.status == 404:
            return BackendError(
                f"The server at {url} doesn't know this address or the model {model!r}. Check both "
                f"(the address usually ends in /v1).{said}"
            )
        if 300 <= self.status < 400:
            return BackendError(
                f"The server at {url} sends us elsewhere, which is not followed. Set the final "
                f"address.{said}"
            )
        retryable = self.status in _RETRIED
        return BackendError(
            f"The server at {url} failed with status {self.status}.{said}", retryable=retryable
        )


class Endpoint:
    """A base address. Thread-safe: every question has its own connection."""

    def __init__(self, url: str, key: str, timeout: float) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BackendError(f"{url!r} is no address like http://127.0.0.1:8080/v1.")
        self.url = url.rstrip("/")
        self._host = parts.hostname
        self._port = parts.port
        self._secure = parts.scheme == "https"
        self._path = parts.path.rstrip("/")
        self._key = key
        self._timeout = timeout

    def ask(
        self, method: str, path: str, body: dict[str, Any] | None, cancel: CancelToken
    ) -> dict[str, Any]:
        """The answer's JSON object. Raises HttpFailure (400, 422), BackendError, Cancelled."""
        for pause in (*_PAUSES, None):
            cancel.check()
            try:
                return self._once(method, path, body, cancel)
            except HttpFailure as failure:
                if failure.status in (400, 422):
                    raise
                if failure.status not in _RETRIED or pause is None:
                    raise failure.as_error(self.url, (body or {}).get("model")) from None
                cancel.wait(min(_LONGEST_PAUSE, max(pause, failure.retry_after)))
            except (OSError, http.client.HTTPException) as error:
                cancel.check()
                refused = isinstance(error, ConnectionRefusedError | socket.gaierror)
                if refused or pause is None:
                    raise BackendError(
                        f"The server at {self.url} can't be reached ({_words(error)}). "
                        "Is it running, and is the address right?",
                        retryable=True,
                    ) from error
                cancel.wait(pause)
        raise AssertionError("the last try returns or raises")

    def _once(
        self, method: str, path: str, body: dict[str, Any] | None, cancel: CancelToken
    ) -> dict[str, Any]:
        connection = self._connection()
        try:
            connection.connect()
            held = connection.sock
            held.settimeout(self._timeout)
            forget = cancel.on_cancel(lambda: _hang_up(held))
            try:
                headers = {"Accept": "application/json", "Connection": "close"}
                if self._key:
                    headers["Authorization"] = f"Bearer {self._key}"
                data = None
                if body is not None:
                    headers["Content-Type"] = "application/json"
                    data = json.dumps(body).encode()
                connection.request(method, self._path + path, body=data, headers=headers)
                response = connection.getresponse()
                text = response.read(_MOST_BYTES + 1)
            finally:
                forget()
        finally:
            connection.close()
        cancel.check()
        if response.status != 200:
            raise HttpFailure(
                response.status, _message(text), _seconds(response.getheader("Retry-After"))
            )
        return _object(text, self.url)

    def _connection(self) -> http.client.HTTPConnection:
        if self._secure:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=_CONNECT_SECONDS, context=context
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=_CONNECT_SECONDS)


def _hang_up(connection: socket.socket) -> None:
    """Wake a thread that waits for this socket; the server sees the end and stops its work."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _object(text: bytes, url: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise BackendError(
            f"The server at {url} answers something else than JSON. Is the address right?"
        )
    return value


def _message(text: bytes) -> str:
    """The error text of an answer, from the usual places."""
    try:
        value = json.loads(text)
    except ValueError:
        return text[:500].decode("utf-8", errors="replace").strip()
    if isinstance(value, dict):
        error = value.get("error", value.get("detail", value.get("message", value)))
        if isinstance(error, dict):
            error = error.get("message", error)
        return error if isinstance(error, str) else json.dumps(error)
    return str(value)


def _seconds(header: str | None) -> float:
    try:
        return max(0.0, float(header or 0))
    except ValueError:
        return 0.0


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    text = getattr(error, "strerror", None) or str(error)
    return text or type(error).__name__
