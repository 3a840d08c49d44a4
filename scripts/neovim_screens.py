"""Use the Neovim plugin as a person does, in a terminal (tmux), and keep what the screen shows.

    neovim_screens.py          writes the screens into docs/neovim.md

The model is the one that ships. The test of the terminal (tests/neovim/test_terminal.py) types the
same and looks at the same screens.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from terminal import Terminal

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/neovim.md"
NEOVIM = ROOT / ".venv/neovim-0.11/bin/nvim"
COLUMNS, LINES = 90, 30

SHOP = '''\
def total(numbers: list[int]) -> int:
    """Return the sum of the numbers.

    >>> total([1, 2, 3])
    6
    >>> total([])
    0
    """
    ...


def span(low: int, high: int) -> int:
    """How far apart two numbers are.

    >>> span(2, 5)
    3
    >>> span(5, 2)
    3
    """
    return high - low
'''
# The plugin alone, with what Neovim 0.11 does not do by itself: say diagnostics beside the line.
INIT = """\
vim.opt.runtimepath:prepend({plugin})
vim.opt.swapfile = false
vim.opt.laststatus = 2
vim.opt.statusline = "%f %=%{{v:lua.require'codeplan'.statusline()}}"
vim.diagnostic.config({{ virtual_text = true }})
"""


@dataclass(frozen=True, slots=True)
class Shot:
    """A screen, under what was typed to get there."""

    title: str
    keys: str
    screen: str


def record(neovim: Path | str, folder: Path, environment: dict[str, str]) -> list[Shot]:
    """Type, look, and return what was seen, in order. environment: of Neovim's process, with
    codeplan-server on its PATH. Raises NotSeen when something does not appear."""
    (folder / "shop.py").write_text(SHOP)
    plugin = json.dumps(str(ROOT / "editors/neovim"))
    (folder / "init.lua").write_text(INIT.format(plugin=plugin))
    shots: list[Shot] = []
    words = [str(neovim), "-n", "-i", "NONE", "-u", "init.lua", "shop.py"]
    with Terminal(words, folder, environment, COLUMNS, LINES) as terminal:

        def shot(title: str, keys: str, screen: str) -> None:
            shots.append(Shot(title, keys, screen))

        lens = terminal.see("Plan then code")
        shot("A function that waits for a body has a code lens", "nvim shop.py", lens)

        terminal.type(":Codeplan plan\n")
        terminal.see("total: passed 2 of 2")
        # The lens goes when Neovim has asked for lenses again, a moment later.
        done = terminal.see(lambda screen: "Plan then code" not in screen)
        shot("Verified code takes the place of the dots", ":Codeplan plan", done)
        terminal.type("u")
        terminal.see(lambda screen: "    ..." in screen)

        terminal.type(":Codeplan plans\n")
        terminal.see("Plans for total")
        listed = terminal.see(lambda screen: prompt(screen) == "Type number")
        shot("The plans, each with its record on the examples", ":Codeplan plans", listed)
        terminal.type("2\n")
        preview = terminal.see("# Plan 2 of ")
        shot("The second plan: its steps, and what its code would change", "2 <Enter>", preview)
        terminal.press("Enter")
        terminal.see(lambda screen: "Plan 2 of" not in screen and "total: passed" in screen)
        shot("Code that was written from it", "<Enter>", terminal.see(is_written))

        terminal.type("/def span\n:Codeplan examples\n")
        failing = terminal.see("expected 3, got -3")
        shot("A failing example is marked", ":Codeplan examples", failing)
        terminal.type(":Codeplan repair\n")
        terminal.see("span: passed 2 of 2")
        mended = terminal.see(lambda screen: "got -3" not in screen)
        shot("Repaired", ":Codeplan repair", mended)

        terminal.type(":Codeplan status\n")
        status = terminal.see("running: nothing")
        shot("What the server is and does", ":Codeplan status", status)
        terminal.press("Enter")
        terminal.type(":qall!\n")
        terminal.ends()
    return shots


def prompt(screen: str) -> str:
    """The first two words of the last line."""
    return " ".join(screen.splitlines()[-1].split()[:2]) if screen else ""


def is_written(screen: str) -> bool:
    """Whether the body of total holds code."""
    return re.search(r'"""\n(    (?!\.\.\.).*\S.*\n)+\n*def span', screen) is not None


def page(shots: list[Shot]) -> str:
    """The page that shows the screens. Names of this machine are taken out."""
    parts = [
        "# The Neovim plugin on the screen\n",
        "Made by `python scripts/neovim_screens.py`, which types into Neovim 0.11 in a terminal",
        "and keeps what it shows; the model is the one that ships. `editors/neovim/README.md` says",
        "how to set the plugin up, `:help codeplan` has the rest.",
    ]
    for shot in shots:
        shown = re.sub(r"process \d+", "process 4711", shot.screen)
        parts.append(f"\n## {shot.title}\n\n`{shot.keys}`\n\n```text\n{shown}\n```")
    return "\n".join(parts) + "\n"


def environment(folder: Path) -> dict[str, str]:
    """What Neovim gets: nothing of this user's."""
    paths = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    return {
        "PATH": os.pathsep.join(paths),
        "TERM": "tmux-256color",
        "LC_ALL": "C.UTF-8",
        "HOME": str(folder),
        **{f"XDG_{kind}_HOME": str(folder / kind) for kind in ("CONFIG", "DATA", "STATE", "CACHE")},
        "CODEPLAN_RUNTIME_DIR": str(folder),
        "CODEPLAN_STATE_DIR": str(folder / "state"),
    }


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="codeplan-") as folder:
        shots = record(NEOVIM, Path(folder), environment(Path(folder)))
    PAGE.write_text(page(shots))
    print(f"{len(shots)} screens in {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
