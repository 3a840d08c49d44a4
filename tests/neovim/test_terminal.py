"""The plugin as a person uses it: typed into Neovim 0.11 in a terminal, with the model that ships.

scripts/neovim_screens.py types and waits until the screen shows what is expected; here the parts of
the screens that matter are compared, and the page that shows them.
"""

from __future__ import annotations

import importlib
import os
import re
import shutil
import tempfile
import time
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "model/codeplan_model/embedded/codeplan-embedded.gguf"


@pytest.mark.model
def test_what_is_typed_leads_to_the_screens_that_the_page_shows(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "scripts")
    screens = importlib.import_module("neovim_screens")
    neovim = Path(os.environ.get("CODEPLAN_TEST_NVIM") or screens.NEOVIM)
    if not shutil.which("tmux"):
        pytest.skip("no tmux on this machine")
    if not neovim.exists():
        pytest.skip("no Neovim: `make test-neovim` installs it")
    if not MODEL.exists():
        pytest.skip("no embedded model")

    # Not in a test's folder: the path of a socket must be short.
    with tempfile.TemporaryDirectory(prefix="codeplan-") as folder:
        shots = screens.record(neovim, Path(folder), screens.environment(Path(folder)))
        assert left_over(folder) == []

    by_keys = {shot.keys: shot.screen for shot in shots}
    assert "def total(numbers: list[int]) -> int: Plan then code" in by_keys["nvim shop.py"]
    written = by_keys[":Codeplan plan"]
    assert re.search(r'"""\n    [^.\n].*\n', written)
    assert "    ...\n" not in written
    assert "Plan then code" not in written
    plans = re.findall(r"^(\d+): \[(.*)\] \S", by_keys[":Codeplan plans"], re.MULTILINE)
    assert [int(number) for number, _ in plans] == list(range(1, len(plans) + 1))
    assert len(plans) >= 2
    assert plans[1][1] == "passed 2 of 2 of your examples"
    preview = by_keys["2 <Enter>"]
    assert f"# Plan 2 of {len(plans)}: passed 2 of 2 of your examples" in preview
    assert "│-    ..." in preview
    assert re.search(r"│\+    \S", preview)
    assert "codeplan: total: passed 2 of 2 of your examples" in by_keys["<Enter>"]
    failing = by_keys[":Codeplan examples"].splitlines()
    assert next(line for line in failing if "expected 3, got -3" in line).startswith("W ")
    assert "return high - low\n" not in by_keys[":Codeplan repair"]
    assert "codeplan: span: passed 2 of 2 of your examples" in by_keys[":Codeplan repair"]
    assert "model: embedded (llama), in memory" in by_keys[":Codeplan status"]
    shown = screens.PAGE.read_text()
    assert re.findall(r"^## (.*)\n\n`(.*)`$", shown, re.MULTILINE) == [
        (shot.title, shot.keys) for shot in shots
    ]


def left_over(folder: str) -> list[str]:
    """The processes that have this folder for their sockets and still run after a while."""
    deadline = time.monotonic() + 30.0
    while True:
        left: list[str] = []
        for process in psutil.process_iter(["environ", "cmdline", "status"]):
            found = process.info
            ours = (found["environ"] or {}).get("CODEPLAN_RUNTIME_DIR") == folder
            if ours and found["status"] != psutil.STATUS_ZOMBIE:
                left.append(" ".join(found["cmdline"] or []))
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.05)
