"""The state of one connection: mutable, and touched by the protocol's thread only.

Features read it before they begin to work, and work on immutable values: documents, settings,
tasks.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from lsprotocol import types

from codeplan_model.generation import CancelToken, ModelInfo
from codeplan_model.search import Finished
from codeplan_model.values import ExampleResult, Verdict
from codeplan_server.client import Client
from codeplan_server.documents import Document
from codeplan_server.engine import Engine
from codeplan_server.progress import ProgressTokens
from codeplan_server.rpc import Protocol, RequestFailed, invalid_params
from codeplan_server.sections import Settings
from codeplan_server.workers import Workers
from codeplan_server.workspace import Documents

SEARCHES_AT_A_TIME = 3
SETTINGS_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Work:
    """A command that is running."""

    number: int
    command: str
    uri: str
    function: str
    cancel: CancelToken
    began: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a search ended with, kept for the commands that follow it.

    inserted: the verdict of the candidate that stands in the text now, None when none was inserted.
    source: the function's text (from its decorators to its body's end) that this holds for.
    """

    finished: Finished
    inserted: Verdict | None
    source: str


class Session:
    """Everything that outlives one message."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.client = Client(protocol)
        self.documents = Documents()
        self.engine = Engine()
        self.settings = Settings()
        # Those of the workspace's folders that the client has told, by the folder's URI.
        self.folder_settings: dict[str, Settings] = {}
        self.folders: tuple[str, ...] = ()
        self.settings_problems: tuple[str, ...] = ()
        self.initial_options: object = None
        # What the client sent last, to be read again when trust changes.
        self.sent_settings: object = None
        self.sent_by_folder: Mapping[str, object] = {}
        self.trusted = True
        self.searches = Workers("search", SEARCHES_AT_A_TIME)
        self.readers = Workers("reader", 2)
        self.early = Workers("early", 1)
        self.loading_early = CancelToken()  # of the file that was opened last
        self.progress_tokens = ProgressTokens()
        self.outcomes: dict[tuple[str, str], Outcome] = {}
        self.model: ModelInfo | None = None  # of the last search
        self.last: Finished | None = None  # the last search
        self.diagnostics: dict[str, list[types.Diagnostic]] = {}
        # Examples that failed when they were run on the text as it stands, marked or not.
        self.failing: dict[str, tuple[ExampleResult, ...]] = {}
        self.log_file: str | None = None
        self.trace = False
        self._works: dict[int, Work] = {}
        self._numbers = itertools.count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self._configured = asyncio.Event()
        self._asked_settings = 0

    def document(self, uri: str) -> Document:
        """The open document as it stands now. Raises RequestFailed when it is not open."""
        document = self.documents.get(uri)
        if document is None:
            raise invalid_params(f"{uri} is not open: open the file in the editor first")
        return document

    @property
    def works(self) -> tuple[Work, ...]:
        return tuple(self._works.values())

    @contextmanager
    def work(self, command: str, uri: str, function: str, cancel: CancelToken) -> Iterator[Work]:
        """Register a running command. Raises RequestFailed when the function is being worked on."""
        for other in self._works.values():
            if function and (other.uri, other.function) == (uri, function):
                raise RequestFailed(
                    f"codeplan is already working on {function}: wait for it or cancel it"
                )
        work = Work(next(self._numbers), command, uri, function, cancel)
        self._works[work.number] = work
        try:
            yield work
        finally:
            del self._works[work.number]

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run something that nobody waits for; its crash is reported, not lost."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._spawned)

    def _spawned(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            self.protocol.on_crash("background work", error)

    def configuring(self) -> int:
        """The client is asked for its settings: commands wait. A number for `configured`."""
        self._configured.clear()
        self._asked_settings += 1
        return self._asked_settings

    def is_newest(self, asked: int) -> bool:
        """Whether the client has not been asked for its settings again since."""
        return asked == self._asked_settings

    def configured(self, asked: int) -> None:
        """The client's settings have arrived, or won't."""
        if self.is_newest(asked):
            self._configured.set()

    def settings_for(self, uri: str) -> Settings:
        """The settings for a document: those of the innermost folder around it, as known now."""
        scope = unquote(self.documents.scope_of(uri))
        around = [f for f in self.folder_settings if _lies_in(scope, unquote(f))]
        return self.folder_settings[max(around, key=len)] if around else self.settings

    async def current_settings(self, uri: str = "") -> Settings:
        """The settings for a document, once the client's answer about them is there or late."""
        try:
            await asyncio.wait_for(self._configured.wait(), SETTINGS_SECONDS)
        except TimeoutError:
            self._configured.set()  # don't let every command wait for a client that is silent
        return self.settings_for(uri)

    def cancel_everything(self) -> None:
        """Fire the token of every running request and command. Callable from any thread."""
        for call in self.protocol.calls:
            call.cancel.cancel()
        for work in self.works:
            work.cancel.cancel()
        self.loading_early.cancel()


def _lies_in(uri: str, folder: str) -> bool:
    return uri == folder or uri.startswith(folder.rstrip("/") + "/")
