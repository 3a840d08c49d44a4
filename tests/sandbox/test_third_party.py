"""The doctests of installed packages: the same counts as `python -m doctest`."""

from __future__ import annotations

import doctest
import importlib.util
import pathlib
import subprocess
import sys

import pytest

from codeplan_model import extract
from codeplan_model.sandbox import Limits
from codeplan_model.values import Status

# Modules whose doctests `python -m doctest` can run at all: many can't, since it executes a file of
# a package once more, as a module of its own (networkx's own refuse that).
_MODULES = [
    "fontTools.misc.arrayTools",
    "fontTools.misc.intTools",
    "fontTools.misc.textTools",
    "fontTools.misc.transform",
    "fontTools.misc.vector",
    "networkx.utils.misc",
]


def _source_of(name: str) -> pathlib.Path | None:
    try:
        spec = importlib.util.find_spec(name)
    except ImportError:
        return None
    return pathlib.Path(spec.origin) if spec and spec.origin else None


# As `python -m doctest` does it. From Python 3.13 on `attempted` counts the skipped ones too.
_COUNT = """
import doctest, importlib, sys
sys.path.insert(0, sys.argv[1])
counts = doctest.testmod(importlib.import_module(sys.argv[2]))
print()
print(counts.attempted - getattr(counts, "skipped", 0), counts.failed)
"""


def _doctest_counts(path: pathlib.Path) -> tuple[int, int]:
    """Attempted and failed, as doctest counts them."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", _COUNT, str(path.parent), path.stem],
        capture_output=True,
        text=True,
        cwd=path.parent,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    attempted, failed = done.stdout.splitlines()[-1].split()
    return int(attempted), int(failed)


_PRESENT = [m for m in _MODULES if _source_of(m) is not None]


def test_at_least_five_modules_are_installed() -> None:
    assert len(_PRESENT) >= 5


@pytest.mark.parametrize("name", _PRESENT)
def test_counts_are_those_of_doctest(name: str, best) -> None:
    path = _source_of(name)
    assert path is not None
    source = path.read_text("utf-8")
    examples = [e for e in extract.file_examples(source, str(path)) if e.kind == "doctest"]

    results = best.run(source, examples, path=str(path), limits=Limits(wall_seconds=20.0))

    attempted, failed = _doctest_counts(path)
    not_judged = [r for r in results if r.status is Status.NOT_JUDGED]
    unskipped = [r for r in not_judged if not dict(r.example.options).get(doctest.SKIP)]
    judged = len(results) - len(not_judged)
    assert judged + len(unskipped) == attempted
    wrong = [(r.example.source, r.got) for r in results if r.status is Status.FAILED]
    assert len(wrong) == failed, wrong
    assert len(unskipped) <= attempted // 10
