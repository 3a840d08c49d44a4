"""The packaged extension in a clean profile: small, complete, and at work without any network.

The server is installed by the extension's own command, from the wheel that is built here, with the
wheels of what it needs beside it, as a user without a network would do it.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = [pytest.mark.model, pytest.mark.timeout(1800)]
ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "editors/vscode/test/ui/packaged.mjs"
LARGEST_BYTES = 500_000


def test_the_package_is_small_and_holds_what_it_names(packaged):
    with zipfile.ZipFile(packaged) as package:
        names = {name.removeprefix("extension/") for name in package.namelist()}
        manifest = json.loads(package.read("extension/package.json"))

    assert packaged.stat().st_size < LARGEST_BYTES
    steps = manifest["contributes"]["walkthroughs"][0]["steps"]
    named = {step["media"]["markdown"] for step in steps}
    named |= {manifest["main"].removeprefix("./"), manifest["icon"]}
    named |= {c["icon"] for c in manifest["contributes"]["viewsContainers"]["activitybar"]}
    assert named <= names
    assert {"readme.md", "changelog.md", "LICENSE.txt"} <= names
    assert not [name for name in names if name.startswith(("src", "test", "node_modules"))]


def can_unshare() -> bool:
    if shutil.which("unshare") is None:
        return False
    command = ["unshare", "--net", "--map-root-user", "true"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def wheels(tmp_path_factory) -> Path:
    """The built wheel, and beside it the wheels of everything that it needs."""
    folder = tmp_path_factory.mktemp("wheels")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "-q"]
    # The packages of the shared environment, so that nothing is compiled a second time.
    constraints = folder / "constraints.txt"
    installed = importlib.metadata.distributions()
    constraints.write_text(
        "\n".join(f"{d.name}=={d.version}" for d in installed if d.name != "codeplan"), "utf-8"
    )
    # Should llama.cpp be compiled all the same, then as `make setup` does it.
    script = [sys.executable, str(ROOT / "scripts/llama_cmake_flags.py")]
    flags = subprocess.run(script, capture_output=True, text=True, check=True).stdout.strip()
    environment = {**os.environ, "CMAKE_ARGS": flags}
    command = [*pip, "-w", str(folder), "-c", str(constraints), f"{ROOT}[llama]"]
    subprocess.run(command, env=environment, check=True, timeout=1500)
    return folder


@pytest.mark.skipif(not can_unshare(), reason="no network namespaces here")
def test_it_installs_its_server_and_works_without_any_network(
    editor, packaged, wheels, pictures, tmp_path
):
    # A python3 that has no codeplan, before any other.
    bare = tmp_path / "bare"
    bare.mkdir()
    base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    (bare / "python3").symlink_to(base)
    new = editor(python_first=str(bare))
    new.environment.pop("PYTHONPATH", None)
    new.without_network()
    new.settings(
        codeplan__search__strategy="codeplan",
        codeplan__search__memory=False,
        codeplan__search__timeLimit=600,
        codeplan__sandbox__wallSeconds=60,
        workbench__colorTheme="Default Dark Modern",
    )
    new.install(packaged)
    new.start()
    (wheel,) = wheels.glob("codeplan-*.whl")

    ended = new.node(SCRIPT, new.url, new.workspace, pictures, wheel, seconds=1500)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    (server,) = new.servers()
    assert (new.folder / "data/User/globalStorage/codeplan.codeplan/server") in Path(
        server.cmdline()[0]
    ).parents
    new.close()
    assert not server.is_running()
