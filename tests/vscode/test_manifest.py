"""The extension's package.json against what it stands for: the server's settings and version."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import codeplan_server
from codeplan_server.server import COMMANDS
from codeplan_server.settings import schema

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "editors/vscode"
MANIFEST = json.loads((EXTENSION / "package.json").read_text("utf-8"))
LOCK = EXTENSION / "package-lock.json"


def test_the_settings_are_those_of_the_server():
    script = ROOT / "scripts/vscode_settings.py"
    done = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_settings_that_an_untrusted_workspace_may_not_have_are_declared():
    declared = set(MANIFEST["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"])

    assert declared >= {f"codeplan.{entry.key}" for entry in schema() if entry.restricted}
    assert "codeplan.server.interpreter" in declared


def test_every_command_of_the_server_can_be_asked_for():
    offered = {entry["command"] for entry in MANIFEST["contributes"]["commands"]}

    # The status is what the menu shows; it is no command for people.
    assert set(COMMANDS) - {"codeplan.status"} <= offered


def test_menus_keys_and_buttons_name_commands_that_exist():
    contributes = MANIFEST["contributes"]
    offered = {entry["command"] for entry in contributes["commands"]}
    used = {entry["command"] for entry in contributes["keybindings"]}
    for entries in contributes["menus"].values():
        used |= {entry["command"] for entry in entries if "command" in entry}

    assert used <= offered


def test_extension_and_server_have_one_version():
    assert MANIFEST["version"] == codeplan_server.__version__


def test_no_registry_is_named_in_the_lock_file():
    packages = json.loads(LOCK.read_text("utf-8"))["packages"]

    assert not [name for name, package in packages.items() if "resolved" in package]
    assert all("integrity" in package for name, package in packages.items() if name)
