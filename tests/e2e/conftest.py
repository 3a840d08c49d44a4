"""Fixtures: real server processes, and clients of them that speak JSON-RPC byte by byte.

The client (support/lsp_client.py) keeps its own texts with its own conversion of positions, so that
the server's can be compared with them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from lsp_client import RawClient
from lsp_editors import PROFILES, Editor, capabilities
from lsp_protocol import PATIENCE
from lsp_servers import Servers, SharedClients
from lsp_shop import FUNCTIONS, RULES, TEXT, URI
from watched_processes import runs

SEARCH = {"strategy": "codeplan", "plans": 3, "samples": 3, "memory": False}


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    servers = Servers(tmp_path)
    yield servers
    servers.end()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedClients]:
    """Servers that tests use one after the other, by the client's capabilities and encoding."""
    servers = Servers(tmp_path_factory.mktemp("shared"))
    yield SharedClients(servers.start)
    servers.end()


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Write a file of answers; the settings that use it.

    rules: (pattern, text or texts) or (pattern, texts, seconds).
    """

    def write(*rules: Any, search: dict[str, Any] | None = None, **sections: Any) -> dict[str, Any]:
        entries = []
        for pattern, texts, *seconds in rules:
            entry = {"pattern": pattern, "texts": [texts] if isinstance(texts, str) else texts}
            entries.append({**entry, "seconds": seconds[0] if seconds else 0.0})
        # A file of its own each time: another model is another backend.
        path = tmp_path / f"answers-{len(list(tmp_path.glob('answers-*')))}.json"
        path.write_text(json.dumps({"rules": entries}))
        return {
            "backend": {"kind": "scripted", "model": str(path)},
            # The strategy by its name, whatever the default is: the texts are plans and their code.
            "search": {**SEARCH, **(search or {})},
            **sections,
        }

    return write


@pytest.fixture
def ready(
    shared: SharedClients, script: Callable[..., dict[str, Any]]
) -> Iterator[Callable[..., RawClient]]:
    """A client of an initialized server with scripted answers; see `script`.

    The server has served other tests before, as a server in an editor has.
    """
    used: list[str] = []

    def start(
        *rules: Any,
        capabilities: dict[str, Any] | None = None,
        encoding: str = "utf-16",
        search: dict[str, Any] | None = None,
        **sections: Any,
    ) -> RawClient:
        key = json.dumps([capabilities, encoding])
        used.append(key)
        client = shared.client(key)
        if not client.result:
            client.initialize(capabilities, encoding=encoding)
        client.use(script(*rules, search=search, **sections))
        return client

    yield start
    for key in used:
        shared.done(key)


@pytest.fixture(params=PROFILES)
def editor(
    request: pytest.FixtureRequest, ready: Callable[..., RawClient]
) -> Callable[..., Editor]:
    """An editor with the shop's document open, once for each profile.

    rules: in place of the shop's own. text: in place of the shop's. sections: settings.
    """
    can = capabilities(request.param)

    def start(*rules: Any, text: str = TEXT, **sections: Any) -> Editor:
        client = ready(*(rules or RULES), capabilities=can, encoding="", **sections)
        return Editor(client, can, URI, text, FUNCTIONS)

    return start


@pytest.fixture
def fresh(servers: Servers, script: Callable[..., dict[str, Any]]) -> Callable[..., RawClient]:
    """As `ready`, with a server of the test's own."""

    def start(*rules: Any, process_id: int | None = None, **sections: Any) -> RawClient:
        """sections: settings beside the backend, as for `script`."""
        client = servers.start()
        client.initialize(options={"settings": script(*rules, **sections)}, process_id=process_id)
        return client

    return start


@pytest.fixture
def descendants() -> Callable[[int], set[psutil.Process]]:
    """All processes below one, now."""

    def find(pid: int) -> set[psutil.Process]:
        return set(psutil.Process(pid).children(recursive=True))

    return find


@pytest.fixture
def wait_gone() -> Callable[..., None]:
    """Wait until processes have ended; those that have not are an AssertionError."""

    def wait(processes: set[psutil.Process], seconds: float = 2.0) -> None:
        end = time.monotonic() + seconds * PATIENCE
        left = processes
        while left and time.monotonic() < end:
            left = {p for p in left if runs(p)}
            time.sleep(0.02)
        assert not left

    return wait
