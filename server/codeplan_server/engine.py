"""The model and the sandbox: opened on first use, shared by all commands, replaced on new settings.

Called from worker threads. What is in use when the settings change is let go by its last user.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from codeplan_model.generation import Backend
from codeplan_server.sections import BackendSettings, SandboxSettings

if TYPE_CHECKING:
    from codeplan_model.sandbox import Sandbox


class Closeable(Protocol):
    def close(self) -> None: ...


T = TypeVar("T", bound=Closeable)


class EngineClosed(Exception):
    """The server is ending: nothing is opened any more."""


class _Lease(Generic[T]):
    """One opened thing and how many use it."""

    def __init__(self, key: Any, value: T) -> None:
        self.key, self.value = key, value
        self.users = 0
        self.retired = False


class Shared(Generic[T]):
    """At most one current thing, opened for a key; another key replaces it."""

    def __init__(self, open: Callable[[Any], T]) -> None:
        self._open = open
        self._lock = threading.Lock()
        self._current: _Lease[T] | None = None
        self._all: set[_Lease[T]] = set()
        self._closed = False

    @contextmanager
    def use(self, key: Any) -> Iterator[T]:
        """The thing for this key, opened if need be; stays open at least until the block ends."""
        retired: _Lease[T] | None = None
        with self._lock:
            if self._closed:
                raise EngineClosed("the server is ending")
            lease = self._current
            if lease is None or lease.key != key:
                fresh = _Lease(key, self._open(key))
                self._all.add(fresh)
                retired, self._current = self._current, fresh
                lease = fresh
            lease.users += 1
            if retired is not None:
                retired.retired = True
        if retired is not None:
            self._close_unused(retired)
        try:
            yield lease.value
        finally:
            with self._lock:
                lease.users -= 1
            self._close_unused(lease)

    def suits(self, key: Any) -> bool:
        """Whether `use` with this key would replace nothing."""
        lease = self._current
        return lease is None or lease.key == key

    def current(self) -> T | None:
        """What is open now, without opening anything."""
        lease = self._current
        return lease.value if lease else None

    def close(self) -> None:
        """Close everything, in use or not."""
        with self._lock:
            self._closed = True
            leases, self._all, self._current = self._all, set(), None
        for lease in leases:
            lease.value.close()

    def _close_unused(self, lease: _Lease[T]) -> None:
        with self._lock:
            if lease.users or not lease.retired or lease not in self._all:
                return
            self._all.discard(lease)
        lease.value.close()


class Engine:
    """The one model and the one sandbox of this server."""

    def __init__(self) -> None:
        self.backends: Shared[Backend] = Shared(_open_backend)
        self.sandboxes: Shared[Sandbox] = Shared(_open_sandbox)

    def close(self) -> None:
        """End the model's and the sandbox's processes, both at the same time."""
        model = threading.Thread(target=self.backends.close, name="close-model", daemon=True)
        model.start()
        try:
            self.sandboxes.close()
        finally:
            model.join()


def _open_backend(settings: BackendSettings) -> Backend:
    from codeplan_model.backends import open_backend

    options: dict[str, Any] = {}
    if settings.kind == "llama":
        options = {"gpu": settings.device == "auto", "grace": settings.keep_seconds}
    elif settings.kind == "transformers":
        options = {"device": None if settings.device == "auto" else settings.device}
    elif settings.kind == "openai":
        options = {
            "base_url": settings.base_url or None,
            # "" and not None, for which the backend would take the key of another variable.
            "api_key": os.environ.get(settings.key_variable, ""),
        }
    return open_backend(settings.kind, settings.model or None, **options)


def _open_sandbox(settings: SandboxSettings) -> Sandbox:
    from codeplan_model.sandbox import Limits, Sandbox

    limits = Limits(
        wall_seconds=settings.wall_seconds,
        cpu_seconds=settings.cpu_seconds or None,
        memory_mb=settings.memory_mb,
        output_bytes=settings.output_bytes,
        threads=settings.threads,
        import_seconds=settings.import_seconds,
        import_memory_mb=settings.import_memory_mb,
    )
    level = None if settings.level == "auto" else settings.level
    return Sandbox(
        level=level,
        consent=settings.consent,
        python=settings.interpreter or None,
        # Of an untrusted workspace too: nothing of an environment runs outside of the sandbox.
        environments=not settings.interpreter,
        limits=limits,
    )
