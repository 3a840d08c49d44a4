"""The plugin in real headless Neovims with the real server: one spec (specs/*.lua) a process.

A spec checks what a user sees; here is checked that Neovim ended well and left nothing behind.
The Neovims come from `make test-neovim`; one of your own is named in CODEPLAN_TEST_NVIM. Where
there is none, nothing is tested. A spec's first lines may say which versions it is for.
"""

from __future__ import annotations

import os
import re
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
# The plugin works from here on; older ones only have to say so.
OLDEST = (0, 8)


def neovims() -> dict[tuple[int, int], str]:
    """The Neovims to test in, by version."""
    named = os.environ.get("CODEPLAN_TEST_NVIM")
    if named:
        said = subprocess.run([named, "--version"], capture_output=True, text=True, check=True)
        return {version_in(said.stdout): named}
    found = (ROOT / ".venv").glob("neovim-*/bin/nvim")
    return {version_in(path.parents[1].name): str(path) for path in found}


def version_in(text: str) -> tuple[int, int]:
    major, minor = re.findall(r"\d+", text)[:2]
    return int(major), int(minor)


def is_for(spec: Path, version: tuple[int, int]) -> bool:
    """Whether a spec is to be run in this version of Neovim."""
    head = spec.read_text().split("return {")[0]
    only = re.search(r"Only for Neovim older than (\d+\.\d+)", head)
    if only:
        return version < version_in(only[1])
    needs = re.search(r"Needs Neovim (\d+\.\d+) or newer", head)
    return version >= (version_in(needs[1]) if needs else OLDEST)


def parameters() -> list[object]:
    made: list[object] = []
    for version, program in sorted(neovims().items()):
        for path in SPECS:
            if not is_for(path, version):
                continue
            marks = []
            if path.stem == "embedded":
                absent = pytest.mark.skipif(not MODEL.exists(), reason="no embedded model yet")
                marks = [pytest.mark.model, absent]
            name = f"{path.stem}-{version[0]}.{version[1]}"
            made.append(pytest.param(program, path, id=name, marks=marks))
    if not made:
        reason = "no Neovim: `make test-neovim` installs some, or name one in CODEPLAN_TEST_NVIM"
        made.append(pytest.param("", SPECS[0], id="none", marks=pytest.mark.skip(reason=reason)))
    return made


def run(program: str, spec: Path, folder: Path, sockets: str) -> subprocess.CompletedProcess[str]:
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
    command = [program, "--headless", "-n", "-i", "NONE", "-u", str(HERE / "init.lua")]
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


@pytest.mark.parametrize(("program", "spec"), parameters())
def test_the_spec_passes_and_no_process_is_left(program, spec, tmp_path):
    # The sockets' folder is elsewhere: a test's folder can be longer than a socket's path may be.
    with tempfile.TemporaryDirectory(prefix="codeplan-") as sockets:
        ended = run(program, spec, tmp_path, sockets)

        assert ended.returncode == 0, ended.stderr
        left = {int(pid) for pid in (tmp_path / "processes").read_text().split()}
        deadline = time.monotonic() + 30.0
        while left and time.monotonic() < deadline:
            left = {pid for pid in left if is_running(pid)}
            time.sleep(0.05)
        assert not left


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
