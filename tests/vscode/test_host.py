"""Tests that run inside of a real extension host: editors/vscode/test/host, one suite an editor."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.model, pytest.mark.timeout(1200)]
HERE = Path(__file__).parent
# Memory off: the model that ships writes, and there are plans to look at.
USUAL = {
    "codeplan__search__strategy": "codeplan",
    "codeplan__search__memory": False,
    "codeplan__search__timeLimit": 600,
    "codeplan__insert__failing": "never",
}
# A machine may be so busy that an example takes seconds. Not for untrusted workspaces.
PATIENT = {"codeplan__sandbox__wallSeconds": 60, "codeplan__sandbox__importSeconds": 300}


def run_suite(name: str, started, built: Path) -> None:
    """Run a suite in a started editor; every test in it must pass."""
    results = started.folder / "results"
    ended = started.node(
        built / "test/ui/host.mjs",
        started.url,
        started.workspace,
        built,
        built / "dist/test/host.js",
        started.folder / "failed.png",
        seconds=1100,
    )
    said = ended.stdout + ended.stderr
    assert results.exists(), f"{name}: no test ran\n{said}\n{started.log.read_text('utf-8')}"
    found = [json.loads(line) for line in results.read_text("utf-8").splitlines()]
    for result in found:
        print("not ok" if result["problem"] else "ok", result["name"])
    failed = [f"{r['name']}\n{r['problem']}" for r in found if r["problem"]]
    assert not failed, "\n\n".join(failed)
    assert ended.returncode == 0, said


def prepare(new, suite: str) -> None:
    new.environment |= {
        "CODEPLAN_SUITE": suite,
        "CODEPLAN_RESULTS": str(new.folder / "results"),
        "CODEPLAN_PYTHON": sys.executable,
    }


def test_in_a_trusted_workspace(editor, built):
    new = editor()
    prepare(new, "trusted")
    new.settings(**USUAL, **PATIENT)
    new.start()

    run_suite("trusted", new, built)


def test_in_an_untrusted_workspace(editor, built):
    new = editor()
    prepare(new, "untrusted")
    new.settings(**USUAL)
    folder = new.workspace / ".vscode"
    folder.mkdir()
    mine = {
        "codeplan.backend.model": "evil.gguf",
        "codeplan.sandbox.interpreter": "./evil",
        "codeplan.server.interpreter": "./evil",
        "codeplan.search.plans": 4,
    }
    (folder / "settings.json").write_text(json.dumps(mine), "utf-8")
    new.start(trust=False)

    run_suite("untrusted", new, built)


def test_without_a_server(editor, built, tmp_path):
    # A python3 that has no codeplan, before any other.
    bare = tmp_path / "bare"
    bare.mkdir()
    base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    os.symlink(base, bare / "python3")
    new = editor(python_first=str(bare))
    new.environment.pop("PYTHONPATH", None)
    prepare(new, "missing")
    new.settings(**USUAL)
    new.start()

    run_suite("missing", new, built)
