"""The command line: `codeplan solve | plans | repair | check | doctor | bench | memory`.

Exit status: 0 all examples pass; 1 some fail; 2 usage, bad input, or a machine that can't do it; 3
nothing could be verified; 130 interrupted; 141 whoever reads the results went away.
"""

from __future__ import annotations

import os
import sys

INTERRUPTED = 130
INTERRUPTED_WORDS = "interrupted; nothing was left half-written"


def main() -> None:
    """The console script."""
    _open_what_is_closed()
    try:
        # Takes a quarter of a second, in which Ctrl-C is to end as well as later.
        from codeplan_model.cli.main import run
    except KeyboardInterrupt:
        print(f"codeplan: {INTERRUPTED_WORDS}", file=sys.stderr)
        sys.exit(INTERRUPTED)
    run()


def _open_what_is_closed() -> None:
    """Standard streams that the shell closed (`>&-`) lead nowhere, as with `>/dev/null`.

    Else the next file that is opened takes their number, and what is printed goes into it.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            try:
                os.fstat(number)
            except OSError:
                os.dup2(os.open(os.devnull, os.O_RDWR), number)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


__all__ = ["INTERRUPTED", "INTERRUPTED_WORDS", "main"]
