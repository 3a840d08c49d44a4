"""Work-done progress of one command: shown when the client can, with a button that really cancels.

The work does not wait for the client: it begins at once, and progress appears when the client has
answered. A begun progress always ends.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable

from lsprotocol import types

from codeplan_model.generation import CancelToken
from codeplan_server.client import Client
from codeplan_server.workers import cancel_aside

_MIN_INTERVAL = 0.1
_numbers = itertools.count(1)


class ProgressTokens:
    """Which token belongs to which work, for the cancel button."""

    def __init__(self) -> None:
        self._cancels: dict[types.ProgressToken, CancelToken] = {}

    def add(self, token: types.ProgressToken, cancel: CancelToken) -> Callable[[], None]:
        """Returns a function that forgets the token."""
        self._cancels[token] = cancel
        return lambda: self._cancels.pop(token, None) and None

    def cancel(self, token: types.ProgressToken) -> None:
        cancel = self._cancels.get(token) if isinstance(token, int | str) else None
        if cancel is not None:
            cancel_aside(cancel.cancel)


class WorkProgress:
    """Progress of one command. Used by the protocol's thread only."""

    def __init__(
        self,
        client: Client,
        tokens: ProgressTokens,
        title: str,
        cancel: CancelToken,
        token: types.ProgressToken | None = None,
    ) -> None:
        """token: the one that the client sent with its request, when it did."""
        self._client, self._title = client, title
        self._own = token is None
        self._token = f"codeplan/{next(_numbers)}" if token is None else token
        self._forget = tokens.add(self._token, cancel)
        self._begun = self._ended = False
        self._message, self._percentage = "", 0
        self._sent_at = 0.0
        self._creating: asyncio.Task[None] | None = None
        self._later: asyncio.TimerHandle | None = None

    def start(self) -> None:
        if self._own:
            self._creating = asyncio.get_running_loop().create_task(self._create())
        else:
            self._begin()

    def report(self, message: str, done: int = 0, total: int = 0) -> None:
        """Say what is being done; of reports in quick succession the last is sent."""
        self._message = message
        self._percentage = min(100, 100 * done // total) if total else self._percentage
        if not self._begun or self._later is not None:
            return
        wait = self._sent_at + _MIN_INTERVAL - time.monotonic()
        if wait <= 0:
            self._send()
        else:
            self._later = asyncio.get_running_loop().call_later(wait, self._send)

    def _send(self) -> None:
        self._later = None
        if self._ended:
            return
        self._sent_at = time.monotonic()
        value = types.WorkDoneProgressReport(
            message=self._message, percentage=self._percentage, cancellable=True
        )
        self._client.progress(self._token, value)

    def end(self, message: str) -> None:
        """Close it; later calls do nothing."""
        if self._ended:
            return
        self._ended = True
        if self._later is not None:
            self._later.cancel()
        self._forget()
        if self._begun:
            self._client.progress(self._token, types.WorkDoneProgressEnd(message=message))

    async def _create(self) -> None:
        if await self._client.create_progress(str(self._token)) and not self._ended:
            self._begin()

    def _begin(self) -> None:
        self._begun = True
        self._sent_at = time.monotonic()
        value = types.WorkDoneProgressBegin(
            title=self._title, cancellable=True, message=self._message or None, percentage=0
        )
        self._client.progress(self._token, value)
