"""Install what the tests of tests/editors run in and can be had without root, below .venv.

That is Helix, unpacked from Debian's packages (8 MB) where this machine's apt reaches them. Emacs
and Vim are taken as they are on the machine, with packages of the system (Debian: emacs-nox,
elpa-eglot, elpa-lsp-mode, vim, vim-ale, tmux). What is not there is left out by the tests, which
say so.
"""

from __future__ import annotations

import sys
from pathlib import Path

from debian_packages import NotToBeHad, unpack, write_program

HELIX = Path(__file__).resolve().parents[1] / ".venv/helix"


def main() -> int:
    if not (HELIX / "bin/hx").exists():
        print(f"Installing Helix in {HELIX}", flush=True)
        try:
            unpack("hx", "trixie", HELIX)
            write_program(HELIX, "hx", {"HELIX_RUNTIME": "{folder}/usr/lib/hx/runtime"})
        except NotToBeHad as problem:
            print(f"Helix is not tested: {problem}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
