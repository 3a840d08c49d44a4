"""Hosts that live in a folder of the test's own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from codeplan_model.host.client import HostClient
from codeplan_model.host.launch import WAITING
from codeplan_model.host.settings import HostSettings

# As hosts are started; it counts for the tests that load llama.cpp into this process, and it is
# read when the library is loaded.
os.environ.update(WAITING)


@pytest.fixture
def host_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Sockets and logs in a folder of this test; every host is gone when the test ends."""
    # pytest's own folders can be longer than a socket's path may be.
    runtime = Path("/tmp") / f"cp-{os.getpid()}-{time.monotonic_ns() % 10**9}"
    monkeypatch.setenv("CODEPLAN_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("CODEPLAN_STATE_DIR", str(tmp_path / "state"))
    # A test that fails keeps its processes unreaped; they are not this one's.
    earlier = {process.pid for process in hosts_of(runtime)}
    yield tmp_path

    def mine() -> list[psutil.Process]:
        return [process for process in hosts_of(runtime) if process.pid not in earlier]

    deadline = time.monotonic() + 10
    while (left := mine()) and time.monotonic() < deadline:
        time.sleep(0.05)
    for process in left:
        process.kill()
    for file in runtime.glob("*"):
        file.unlink()
    if runtime.exists():
        runtime.rmdir()
    assert not left, f"left running: {left}"


def hosts_of(runtime: Path) -> list[psutil.Process]:
    """Running host processes (zombies too) whose sockets lie in this folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                if process.ppid() == os.getpid():
                    found.append(process)
            elif process.environ().get("CODEPLAN_RUNTIME_DIR") == str(runtime) and (
                "codeplan_model.host" in process.cmdline()
            ):
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.fixture
def connect(host_folders: Path) -> Iterator[Callable[..., HostClient]]:
    """connect(model, **settings): a client whose host ends with it unless grace says otherwise."""
    clients: list[HostClient] = []

    def make(model: Path, *, on_progress: Any = None, **settings: Any) -> HostClient:
        client = HostClient(model, HostSettings(**{"grace": 0.0, **settings}), on_progress)
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()
