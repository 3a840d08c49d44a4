"""Noticing that an example needs what no example gets: files to write, network, processes.

Such an example is "not judged" rather than failed. Python's audit events tell, and only those
raised in the examiner's own process count: a candidate can't excuse itself by opening a socket.
"""

from __future__ import annotations

import os
import sys

_EVENTS = {
    "socket.connect": "the network",
    "socket.bind": "the network",
    "socket.getaddrinfo": "the network",
    "socket.gethostbyname": "the network",
    "socket.__new__": "the network",
    "subprocess.Popen": "other programs",
    "os.system": "other programs",
    "os.exec": "other programs",
    "os.posix_spawn": "other programs",
    "os.fork": "other processes",
    "os.forkpty": "other processes",
    "os.kill": "signals",
    "os.mkdir": "files to write",
    "os.remove": "files to write",
    "os.rename": "files to write",
    "os.rmdir": "files to write",
    "os.link": "files to write",
    "os.symlink": "files to write",
    "os.truncate": "files to write",
    "os.chmod": "files to write",
    "tempfile.mkstemp": "files to write",
    "tempfile.mkdtemp": "files to write",
}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class Watch:
    """Remembers the first forbidden thing that was tried since `clear`.

    paused: while a callback runs for the candidate, what happens is the candidate's doing.
    """

    def __init__(self) -> None:
        self.needs: str | None = None
        self.paused = False

    def install(self) -> None:
        """Start watching; there is no way to stop."""
        sys.addaudithook(self._seen)

    def clear(self) -> None:
        self.needs = None

    def _seen(self, event: str, arguments: tuple) -> None:
        if self.needs is not None or self.paused:
            return
        if event == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & _WRITING and path != os.devnull:
                self.needs = f"files to write ({path})" if isinstance(path, str) else "files"
            elif _outside(path):
                self.needs = f"a file ({path})"
        elif event in _EVENTS:
            self.needs = _EVENTS[event]


def _outside(path: object) -> bool:
    # A file to read that exists for the user but not in here: a test's data file, say.
    if not isinstance(path, str) or path.endswith((".py", ".pyc", ".so")):
        return False
    return not path.startswith((sys.prefix, sys.base_prefix, "/usr", "/dev"))
