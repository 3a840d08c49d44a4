"""A terminal of its own (tmux) in which a program runs: keys are typed, the screen is read.

Nothing here waits for a time: `see` waits until the screen holds something. The tmux server is
private, so no session of the user's is touched.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

SECONDS = 120.0
"""How long something may take to appear on a machine that is busy."""


class NotSeen(AssertionError):
    """What was waited for did not appear; the message holds the screen."""


class Terminal:
    """A context manager: the program ends with it, if it has not before."""

    def __init__(
        self,
        words: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        columns: int = 90,
        lines: int = 28,
        own: Path | None = None,
    ) -> None:
        """folder: where the program runs. environment: all that the program gets. own: a folder
        for what tmux needs, `folder` by default; a socket lies there, so its path must be short."""
        own = own or folder
        self._socket = own / "tmux"
        settings = own / "tmux.conf"
        settings.write_text("set -g escape-time 0\n")
        command = shlex.join(["env", "-i", *(f"{k}={v}" for k, v in environment.items()), *words])
        size = ["-x", str(columns), "-y", str(lines)]
        new = ["-f", str(settings), "new-session", "-d", *size, "-c", str(folder)]
        self._tmux(*new, f"exec {command}")

    def type(self, keys: str) -> None:
        """Type a text as it is; "\\n" is the Enter key."""
        for number, part in enumerate(keys.split("\n")):
            if number:
                self.press("Enter")
            if part:
                self._tmux("send-keys", "-l", "--", part)

    def press(self, *keys: str) -> None:
        """Press keys by their names at tmux: Enter, Escape, Tab, C-c."""
        self._tmux("send-keys", *keys)

    def screen(self) -> str:
        """What the screen shows, without spaces at the ends of lines."""
        shown = self._tmux("capture-pane", "-p")
        return "\n".join(line.rstrip() for line in shown.splitlines()).rstrip()

    def see(self, what: str | Callable[[str], bool], seconds: float = SECONDS) -> str:
        """The screen, once it holds a text or fulfils a condition. Raises NotSeen."""
        deadline = time.monotonic() + seconds
        while True:
            shown = self.screen()
            if what in shown if isinstance(what, str) else what(shown):
                return shown
            if time.monotonic() > deadline:
                raise NotSeen(f"not seen in {seconds:.0f} s: {what}; the screen:\n{shown}")
            time.sleep(0.05)

    def process(self) -> int:
        """The number of the program's process."""
        return int(self._tmux("list-panes", "-F", "#{pane_pid}"))

    def ends(self, seconds: float = SECONDS) -> None:
        """Wait until the program has ended. Raises NotSeen when it does not."""
        deadline = time.monotonic() + seconds
        asking = self._words("has-session")
        while subprocess.run(asking, capture_output=True, check=False).returncode == 0:
            if time.monotonic() > deadline:
                raise NotSeen(f"the program did not end in {seconds:.0f} s:\n{self.screen()}")
            time.sleep(0.05)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        subprocess.run(self._words("kill-server"), capture_output=True, check=False)

    def _words(self, *words: str) -> list[str]:
        return [shutil.which("tmux") or "tmux", "-S", str(self._socket), *words]

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(self._words(*words), capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotSeen(f"tmux {' '.join(words[:3])} failed: {done.stderr.strip()}")
        return done.stdout
