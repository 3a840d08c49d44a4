"""Server processes of the tests: started, shared by tests, ended with all their children."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lsp_client import RawClient

ROOT = Path(__file__).parents[3]


class Servers:
    """Starts servers and sees to it that they and their children are gone at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self._logs: queue.Queue[Path] = queue.Queue()
        self._sockets = tempfile.TemporaryDirectory(prefix="codeplan-")
        self.environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT / "model"), str(ROOT / "server")]),
            # Not below the test's folder, whose name can be longer than a socket's path may be.
            "CODEPLAN_RUNTIME_DIR": self._sockets.name,
            "CODEPLAN_STATE_DIR": str(folder / "state"),
        }

    def start(self, *arguments: str) -> RawClient:
        """A server over stdio, with nothing said to it yet."""
        process = self.process(*arguments)
        return RawClient(process.stdout, process.stdin, process)

    def process(
        self,
        *arguments: str,
        program: Sequence[str] = ("-m", "codeplan_server"),
        before: Sequence[str] = (),
        **options: Any,
    ) -> subprocess.Popen[bytes]:
        """program: what the interpreter runs. before: a command that starts the interpreter."""
        log = self.folder / f"stderr-{len(self._processes)}.txt"
        with log.open("wb") as stderr:
            process = subprocess.Popen(
                [*before, sys.executable, *program, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                **{"stderr": stderr, "env": self.environment, "cwd": self.folder, **options},
            )
        self._processes.append(process)
        return process

    def adopt(self, process: subprocess.Popen[bytes]) -> None:
        """See to the end of a process that the test started itself."""
        self._processes.append(process)

    def client(self, reader: Any, writer: Any, process: subprocess.Popen[bytes]) -> RawClient:
        """A client of a server that was started with `process`."""
        return RawClient(reader, writer, process)

    def log(self, number: int = 0) -> str:
        return (self.folder / f"stderr-{number}.txt").read_text()

    def end(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    try:
                        stream.close()
                    except OSError:
                        continue
        self._sockets.cleanup()


class SharedClients:
    """One client a key, for as long as it comes back clean."""

    def __init__(self, start: Callable[[], RawClient]) -> None:
        self._start = start
        self._clients: dict[str, RawClient] = {}

    def client(self, key: str) -> RawClient:
        if key not in self._clients:
            self._clients[key] = self._start()
        return self._clients[key]

    def done(self, key: str) -> None:
        client = self._clients.get(key)
        if client is not None and not client.reset():
            del self._clients[key]
