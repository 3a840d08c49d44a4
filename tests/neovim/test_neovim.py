"""The plugin in a real headless Neovim with the real server: one spec (specs/*.lua) a process.

A spec checks what a user sees; here is checked that Neovim ended well and left nothing behind.
Neovim comes from `make test-neovim` or stands in the variable NVIM; without it nothing is tested.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SPECS = sorted((HERE / "specs").glob("*.lua"))
MODEL = ROOT / "model/codeplan_model/embedded/codeplan-embedded.gguf"


def neovim() -> str | None:
    """The Neovim to test in."""
    installed = ROOT / ".venv/neovim/bin/nvim"
    return os.environ.get("NVIM") or (str(installed) if installed.exists() else None)


pytestmark = pytest.mark.skipif(
    neovim() is None, reason="no Neovim: `make test-neovim` installs one, or name it in NVIM"
)


def parameters() -> list[object]:
    made: list[object] = []
    for path in SPECS:
        marks = []
        if path.stem == "embedded":
            absent = pytest.mark.skipif(not MODEL.exists(), reason="no embedded model yet")
            marks = [pytest.mark.model, absent]
        made.append(pytest.param(path, id=path.stem, marks=marks))
    return made


def run(spec: Path, folder: Path, sockets: str) -> subprocess.CompletedProcess[str]:
    """Neovim with nothing of this user's, and codeplan-server on its PATH."""
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "SPEC": str(spec),
        "SPEC_FOLDER": str(folder),
        "SPEC_HARNESS": str(HERE / "harness.lua"),
        "SPEC_PLUGIN": str(ROOT / "editors/neovim"),
        "CODEPLAN_RUNTIME_DIR": sockets,
        "CODEPLAN_STATE_DIR": str(folder / "codeplan-state"),
        **{f"XDG_{kind}_HOME": str(folder / kind) for kind in ("CONFIG", "DATA", "STATE", "CACHE")},
    }
    environment.pop("VIMINIT", None)
    command = [neovim() or "", "--headless", "-n", "-i", "NONE", "-u", str(HERE / "init.lua")]
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.mark.parametrize("spec", parameters())
def test_the_spec_passes_and_no_process_is_left(spec, tmp_path):
    # The sockets' folder is elsewhere: a test's folder can be longer than a socket's path may be.
    with tempfile.TemporaryDirectory(prefix="codeplan-") as sockets:
        ended = run(spec, tmp_path, sockets)

        assert ended.returncode == 0, ended.stderr
        left = {int(pid) for pid in (tmp_path / "processes").read_text().split()}
        deadline = time.monotonic() + 5.0
        while left and time.monotonic() < deadline:
            left = {pid for pid in left if is_running(pid)}
            time.sleep(0.05)
        assert not left


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
