"""Emacs in batch mode with the real server and a scripted model: one spec (emacs/*.el) a process.

What a user gets through eglot and lsp-mode is in the specs; here is checked that Emacs ended well
and left no process behind. Emacs and lsp-mode are the machine's own.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "emacs"
ROOT = HERE.parents[2]
EMACS = shutil.which("emacs") or ""
TEXT = '''\
def total(numbers):
    """The sum.

    >>> total([1, 2, 3])
    6
    """
    ... # total


def half(number):
    """Half of it.

    >>> half(4)
    2
    """
    ...


def span(low, high):
    """How far apart.

    >>> span(2, 5)
    3
    >>> span(5, 2)
    3
    """
    return high - low


def slow(number):
    """Itself.

    >>> slow(4)
    4
    """
    ...
'''
RULES = [
    (r"def slow.*<\|plan\|>$", "\n1. Give it back.<|code|>", 600),
    (r"def total.*<\|plan\|>$", "\n1. Add the numbers up.<|code|>", 0),
    (r"def half.*<\|plan\|>$", "\n1. Halve it.<|code|>", 0),
    (r"Add the numbers up\.<\|code\|>$", "\n    return sum(numbers)<|end|>", 0),
    (r"Halve it\.<\|code\|>$", "\n    return number // 2<|end|>", 0),
    (r"<\|plan\|>$", "\n1. Take the distance.<|code|>", 0),
    (r"<\|code\|>$", "\n    return abs(high - low)<|end|>", 0),
]

pytestmark = pytest.mark.skipif(not EMACS, reason="no Emacs on this machine")


def has(library: str) -> bool:
    """Whether this Emacs has a library, built in or from a package of the system."""
    form = f"(progn (package-initialize) (kill-emacs (if (locate-library {library!r}) 0 1)))"
    form = form.replace("'", '"')
    words = [EMACS, "-q", "--batch", "--eval", "(require 'package)", "--eval", form]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("library", ["eglot", "lsp-mode"])
def test_commands_edits_actions_and_diagnostics_work_through(library, tmp_path, editor):
    if not has(library):
        pytest.skip(f"this Emacs has no {library}")
    path = editor.file("cart.py", TEXT)
    words = ["-q", "--batch", "-l", HERE / "harness.el", "-l", HERE / f"{library}.el", path]

    ended = editor.run(
        [EMACS, *words, "-f", "spec-run"], RULES, SPEC_PACKAGE=ROOT / "editors/emacs"
    )

    assert ended.returncode == 0, ended.stderr[-6000:]
    assert editor.left_over() == []


def test_the_package_compiles_without_a_warning(tmp_path):
    source = tmp_path / "codeplan.el"
    shutil.copy(ROOT / "editors/emacs/codeplan.el", source)
    strict = "(setq byte-compile-error-on-warn t)"
    words = [EMACS, "-Q", "--batch", "--eval", strict, "-f", "batch-byte-compile", source]

    ended = subprocess.run(words, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr
