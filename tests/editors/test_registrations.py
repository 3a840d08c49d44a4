"""The registration files in editors/registrations agree with the package and with the editors."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "editors/registrations"


def test_mason_describes_the_package_as_pyproject_does():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    described = yaml.safe_load((PLACE / "mason/package.yaml").read_text())

    assert described["name"] == project["name"]
    assert described["licenses"] == [project["license"]]
    assert described["languages"] == ["Python"]
    assert described["categories"] == ["LSP"]
    assert described["source"]["id"] == (
        f"pkg:pypi/{project['name']}@{project['version']}?extra=llama"
    )
    assert "llama" in project["optional-dependencies"]
    for program, where in described["bin"].items():
        assert where == f"pypi:{program}"
        assert program in project["scripts"]
    assert (ROOT / f"editors/neovim/lsp/{described['neovim']['lspconfig']}.lua").exists()


def test_nvim_lspconfigs_entry_names_the_servers_program():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    entry = (ROOT / "editors/neovim/lsp/codeplan.lua").read_text()

    (line,) = [line for line in entry.splitlines() if line.startswith("  cmd = ")]
    program = line.split("'")[1]
    assert program in project["scripts"]


@pytest.mark.skipif(not shutil.which("emacs"), reason="no Emacs on this machine")
def test_eglots_entry_finds_the_server(tmp_path):
    form = """(progn
      (require 'package) (package-initialize)
      (unless (locate-library "eglot") (kill-emacs 3))
      (load (getenv "ENTRY") nil t)
      (let ((contact (cdar eglot-server-programs)))
        (princ (format "%S" (if (functionp contact) (funcall contact) contact)))))"""
    environment = {
        # Only codeplan-server is there to be found.
        "PATH": str(tmp_path),
        "HOME": str(tmp_path),
        "ENTRY": str(PLACE / "eglot.el"),
    }
    (tmp_path / "codeplan-server").symlink_to(Path(sys.executable).parent / "codeplan-server")
    words = [shutil.which("emacs") or "", "-q", "--batch", "--eval", form]

    ended = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)

    if ended.returncode == 3:
        pytest.skip("this Emacs has no eglot")
    assert ended.returncode == 0, ended.stderr
    assert Path(ended.stdout.strip("()\"' ").strip('"')).name == "codeplan-server"
