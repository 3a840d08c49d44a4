"""Helix in a terminal, configured as docs/editors.md says, with the real server and a scripted
model. Helix comes from `make test-editors` or is the machine's own.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INSTALLED = ROOT / ".venv/helix/bin/hx"
HELIX = str(INSTALLED) if INSTALLED.exists() else shutil.which("hx")
TEXT = '''\
def total(numbers):
    """The sum.

    >>> total([1, 2, 3])
    6
    """
    ...


def span(low, high):
    """How far apart.

    >>> span(5, 2)
    3
    """
    return high - low
'''
RULES = [
    (r"<\|plan\|>$", "\n1. Add the numbers up.<|code|>", 0),
    (r"Add the numbers up\.<\|code\|>$", "\n    return sum(numbers)<|end|>", 0),
    (r"<\|code\|>$", "\n    return abs(high - low)<|end|>", 0),
]

pytestmark = pytest.mark.skipif(not HELIX, reason="no Helix: `make test-editors` installs it")


def test_code_actions_write_code_mark_failing_examples_and_repair(editor, terminal):
    shown = (ROOT / "docs/editors.md").read_text()
    (config,) = re.findall(r"## Helix\n.*?```toml\n(.*?)```", shown, re.DOTALL)
    settings = editor.settings(RULES)
    inline = f"config = {{ {', '.join(toml(key, value) for key, value in settings.items())} }}"
    config = re.sub(r"config = .*", inline.replace("\\", r"\\"), config)
    config = config.replace('"codeplan", "ruff"', '"codeplan"')
    editor.file("home/CONFIG/helix/languages.toml", config)
    path = editor.file("cart.py", TEXT)
    screen = terminal([HELIX, path])

    screen.see("def total")
    screen.type("jl")
    act(screen, "Plan then code (codeplan)")
    screen.see("total: passed")
    screen.see("return sum(numbers)")
    screen.type("u")
    screen.see(lambda shown: re.search(r"^ *7 +\.\.\.$", shown, re.MULTILINE))
    screen.type("U")
    screen.see("return sum(numbers)")

    screen.type("/def span\n")
    act(screen, "Run the examples of span (codeplan)")
    screen.see(lambda shown: re.search(r"^● +\d+ +>>> span\(5, 2\)", shown, re.MULTILINE))
    act(screen, "Repair span (codeplan)")
    screen.see(lambda shown: "●" not in shown and "return high - low" not in shown)
    screen.type(":wq\n")
    screen.ends()

    assert "return sum(numbers)" in path.read_text()
    assert editor.left_over() == []


def act(screen, title: str) -> None:
    """Choose a code action, asked for until it is offered: the server may not be ready yet."""

    def offered(shown: str) -> bool:
        if title in shown:
            return True
        screen.press("Escape")
        screen.type(" a")
        return False

    screen.see(offered)
    # Down to the action; the first is chosen from the start, and which that is is seen by colour
    # alone, so the order on the screen tells.
    titles = re.findall(r"\S[^\n│]*? \(codeplan\)", screen.see(title))
    for _ in range([title in one for one in titles].index(True)):
        screen.press("Down")
    screen.press("Enter")


def toml(key: str, value: object) -> str:
    """A key and its value as TOML, on one line."""
    if isinstance(value, dict):
        return f"{key} = {{ {', '.join(toml(k, v) for k, v in value.items())} }}"
    return f"{key} = {json.dumps(value)}"
