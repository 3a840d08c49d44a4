"""Vim with ALE in a terminal, configured as docs/editors.md says, with the real server: failing
examples are marked. Vim and ALE are the machine's own. ALE takes no edits from servers.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VIM = shutil.which("vim") or ""
TEXT = '''\
def span(low, high):
    """How far apart.

    >>> span(2, 5)
    3
    >>> span(5, 2)
    3
    """
    return high - low
'''

pytestmark = pytest.mark.skipif(not VIM, reason="no Vim on this machine")


def has_ale(folder: Path) -> bool:
    """Whether `:packadd ale` finds ALE and this Vim can start servers."""
    found = folder / "found"
    check = f"call writefile([exists('g:loaded_ale') && has('job') ? 'yes' : 'no'], '{found}')"
    words = [VIM, "-u", "NONE", "-i", "NONE", "-es", "-N", "-c", "silent! packadd ale"]
    subprocess.run([*words, "-c", check, "-c", "qall!"], stdin=subprocess.DEVNULL, check=False)
    return found.exists() and found.read_text().strip() == "yes"


def saved_until_seen(screen, what: str) -> str:
    """Save again and again: what is saved before the server is ready is not looked at, and nothing
    on the screen tells when it is."""
    for _ in range(11):
        screen.type(":w\n")
        with suppress(AssertionError):
            return screen.see(what, 10.0)
    screen.type(":w\n")
    return screen.see(what)


def test_ale_marks_failing_examples_when_the_file_is_saved(editor, terminal):
    if not has_ale(editor.folder):
        pytest.skip("this Vim has no ALE")
    shown = (ROOT / "docs/editors.md").read_text()
    (config,) = re.findall(r"## Vim, ALE\n.*?```vim\n(.*?)```", shown, re.DOTALL)
    vimrc = editor.file("vimrc", f"set nocompatible\npackadd ale\nfiletype plugin on\n{config}")
    path = editor.file("cart.py", TEXT)
    screen = terminal([VIM, "-u", vimrc, "-i", "NONE", "-n", path])

    screen.see("def span")
    marked = saved_until_seen(screen, "expected 3, got -3")
    assert re.search(r"^(--|>>|W.) +>>> span\(5, 2\)", marked, re.MULTILINE)
    assert re.search(r"^ +>>> span\(2, 5\)$", marked, re.MULTILINE)
    screen.type(":qall!\n")
    screen.ends()

    assert editor.left_over() == []
