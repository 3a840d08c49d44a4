"""What tests of real editors share: a folder, a scripted model, what became of the processes."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
Rule = tuple[str, str, float]
"""A pattern that the end of the prompt matches, the answer, seconds until it is given."""


class Editor:
    """Runs an editor in a folder, with nothing of this user's and codeplan-server on its PATH."""

    def __init__(self, folder: Path, sockets: str) -> None:
        self.folder, self._sockets = folder, sockets

    def file(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def settings(self, rules: Sequence[Rule]) -> dict[str, Any]:
        """The server's settings, with a scripted model that answers by the rules."""
        listed = [{"pattern": p, "texts": [t], "seconds": s} for p, t, s in rules]
        answers = self.file("answers.json", json.dumps({"rules": listed}))
        return {
            "backend": {"kind": "scripted", "model": str(answers)},
            "search": {"plans": 3, "samples": 3, "memory": False},
        }

    def environment(self, **more: object) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if key not in ("VIMINIT", "TMUX")}
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        return {
            **kept,
            "HOME": str(home),
            **{
                f"XDG_{kind}_HOME": str(home / kind)
                for kind in ("CONFIG", "DATA", "STATE", "CACHE")
            },
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "LC_ALL": "C.UTF-8",
            "SPEC_FOLDER": str(self.folder),
            "CODEPLAN_RUNTIME_DIR": self._sockets,
            "CODEPLAN_STATE_DIR": str(self.folder / "codeplan-state"),
            **{key: str(value) for key, value in more.items()},
        }

    def run(
        self, words: Sequence[object], rules: Sequence[Rule], **more: object
    ) -> subprocess.CompletedProcess[str]:
        settings = json.dumps(self.settings(rules))
        return subprocess.run(
            [str(word) for word in words],
            cwd=self.folder,
            env=self.environment(SPEC_SETTINGS=settings, **more),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )

    def left_over(self) -> list[str]:
        """The processes of this editor, its servers and theirs that still run after a while."""
        deadline = time.monotonic() + 30.0
        while True:
            left = [" ".join(words) for words in self._running()]
            if not left or time.monotonic() > deadline:
                return left
            time.sleep(0.05)

    def _running(self) -> Iterator[list[str]]:
        for process in psutil.process_iter(["environ", "cmdline", "status"]):
            found = process.info
            ours = (found["environ"] or {}).get("CODEPLAN_RUNTIME_DIR") == self._sockets
            if ours and found["status"] != psutil.STATUS_ZOMBIE:
                yield found["cmdline"] or []


@pytest.fixture
def terminal(
    editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Sequence[object]], Any]]:
    """Starts a program in a terminal: scripts/terminal.py's Terminal, which ends with the test."""
    if not shutil.which("tmux"):
        pytest.skip("no tmux on this machine")
    monkeypatch.syspath_prepend(SCRIPTS)
    module = importlib.import_module("terminal")
    with ExitStack() as stack, tempfile.TemporaryDirectory(prefix="codeplan-") as sockets:

        def start(words: Sequence[object]) -> Any:
            environment = {**editor.environment(), "TERM": "tmux-256color"}
            made = module.Terminal(
                [str(word) for word in words], editor.folder, environment, 100, 40, Path(sockets)
            )
            return stack.enter_context(made)

        yield start


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Editor]:
    # The sockets' folder is elsewhere: a test's folder can be longer than a socket's path may be.
    with tempfile.TemporaryDirectory(prefix="codeplan-") as sockets:
        yield Editor(tmp_path, sockets)
