"""Where attacks are aimed: a folder, sockets and a process of our own, and what shows a hit.

Everything is open to any user, so that what holds an attack back is the sandbox and not file
permissions.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import select
import socket
import subprocess
import sys
import tempfile
from typing import Any

_VICTIM = """
import ctypes, sys
kept = ctypes.create_string_buffer(b"canary of the victim")
print(ctypes.addressof(kept), flush=True)
sys.stdin.read()
"""
"""Ends with whoever started it: an attack without walls may hit the supervisor too."""


def _remove(folder: pathlib.Path) -> None:
    """Remove a folder that may be very deep and full of links, which are not followed.

    shutil.rmtree recurses, and a thousand folders deep it fails. Folders are moved to the top
    before they are emptied, so that no path is ever long: looking such a one up takes long too.
    """
    if not folder.is_dir():
        return
    left = [folder]
    moved = 0
    while left:
        path = left.pop()
        with os.scandir(path) as found:
            entries = list(found)
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                moved += 1
                left.append(folder / f"moved {moved}")
                os.rename(entry.path, left[-1])
            else:
                os.unlink(entry.path)
        if path != folder:
            os.rmdir(path)
    os.rmdir(folder)


class Range:
    """Targets for attacks. A context manager; everything is gone at its end.

    targets: what is filled into an attack's body.
    """

    def __enter__(self) -> Range:
        self._stack = contextlib.ExitStack()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="codeplan-range-"))
        # The attacks make deep folders and links in their control runs: remove without following.
        self._stack.callback(_remove, self.folder)
        os.chmod(self.folder, 0o777)
        self.targets: dict[str, Any] = {}
        self._start_victim()
        self._stack.callback(self._end_victim)
        self._tcp = self._stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        self._udp = self._bound(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))
        abstract = f"\0codeplan-range-{os.getpid()}"
        self._abstract = self._bound(socket.AF_UNIX, socket.SOCK_STREAM, abstract)
        self._unix = self._bound(socket.AF_UNIX, socket.SOCK_STREAM, str(self.folder / "s"))
        self._datagram = self._bound(socket.AF_UNIX, socket.SOCK_DGRAM, str(self.folder / "d"))
        for listening in (self._abstract, self._unix):
            listening.listen()
        os.environ["CODEPLAN_CANARY"] = "canary in the environment"
        self._stack.callback(os.environ.pop, "CODEPLAN_CANARY", None)
        self.targets |= {
            "folder": str(self.folder / "folder"),
            "secret": str(self.folder / "secret"),
            "victim_file": str(self.folder / "folder" / "file"),
            "supervisor": os.getpid(),
            "tcp": self._tcp.getsockname()[1],
            "udp": self._udp.getsockname()[1],
            "unix": str(self.folder / "s"),
            "unix_datagram": str(self.folder / "d"),
            "abstract": abstract,
        }
        self.reset()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def reset(self, *, new_victim: bool = False) -> None:
        """Make the targets as they were, after an attack that may have hit.

        new_victim: another process takes the victim's place: a signal may be on its way to it.
        """
        folder = self.folder / "folder"
        _remove(folder)
        for path in (folder, folder / "empty"):
            path.mkdir(exist_ok=True)
            os.chmod(path, 0o777)
        for path in (self.folder / "secret", folder / "file"):
            path.write_text("canary in a file")
            os.chmod(path, 0o666)
            os.utime(path, (1e9, 1e9))
        self._seen()
        if new_victim or self._victim.poll() is not None:
            self._end_victim()
            self._start_victim()

    def hits(self) -> list[str]:
        """What an attack has changed out here, in words; empty when nothing."""
        found = list(self._seen())
        folder = self.folder / "folder"
        names = sorted(os.listdir(folder)) if folder.is_dir() else []
        if names != ["empty", "file"]:
            found.append(f"the folder holds {names[:5]}")
        for path in (self.folder / "secret", folder / "file"):
            with contextlib.suppress(OSError):
                state = path.stat()
                if path.read_text() != "canary in a file" or state.st_mode & 0o777 != 0o666:
                    found.append(f"{path.name} has changed")
                if state.st_mtime != 1e9:
                    found.append(f"{path.name} has other times")
        if self._victim.poll() is not None:
            found.append("the victim process has ended")
        return found

    def _seen(self) -> list[str]:
        """Connections and datagrams that arrived."""
        found = []
        listening = {self._tcp: "TCP", self._abstract: "abstract socket", self._unix: "socket"}
        datagrams = {self._udp: "UDP", self._datagram: "Unix datagram"}
        while ready := select.select([*listening, *datagrams], [], [], 0)[0]:
            for target in ready:
                if target in listening:
                    target.accept()[0].close()
                    found.append(f"a connection ({listening[target]})")
                else:
                    target.recv(100)
                    found.append(f"a datagram ({datagrams[target]})")
        return found

    def _bound(self, family: int, kind: int, address: Any) -> socket.socket:
        made = self._stack.enter_context(socket.socket(family, kind))
        made.bind(address)
        if isinstance(address, str) and not address.startswith("\0"):
            os.chmod(address, 0o777)
        return made

    def _start_victim(self) -> None:
        self._victim = subprocess.Popen(
            [sys.executable, "-I", "-c", _VICTIM],
            stdout=subprocess.PIPE,
            stdin=subprocess.PIPE,
        )
        assert self._victim.stdout is not None
        self.targets["victim_address"] = int(self._victim.stdout.readline())
        self.targets["victim"] = self._victim.pid

    def _end_victim(self) -> None:
        self._victim.kill()
        self._victim.wait()
        for pipe in (self._victim.stdin, self._victim.stdout):
            if pipe is not None:
                pipe.close()
