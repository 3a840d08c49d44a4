"""Readers for data sets: a path in, problems and rejected records out.

The form is found by looking at what is there, not by the name. Nothing is run, nothing is
downloaded, and a record that can't be used is named with its file and line.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from codeplan_training.problems import Problem, Rejected, read_written
from codeplan_training.readers import apps, lines

__all__ = ["read", "read_paths"]


def read(path: Path) -> tuple[list[Problem], list[Rejected]]:
    """Problems of one path, in the order in which they stand there.

    path: a JSONL file, also compressed (.jsonl.gz), with records of MBPP, HumanEval, or our own
    keys, which may be mixed; a text file of written exercises; a folder of APPS problems; or a
    folder that holds any of these. Raises FileNotFoundError, or ValueError when nothing is there.
    """
    if not path.exists():
        raise FileNotFoundError(f"no such file or folder: {path}")
    if path.is_dir():
        return _read_folder(path)
    if path.name.endswith((".jsonl", ".jsonl.gz")):
        return lines.read(path)
    if path.suffix == ".txt":
        return read_written(path)
    raise ValueError(f"{path} is none of: .jsonl, .jsonl.gz, .txt, a folder of APPS problems")


def read_paths(paths: Sequence[Path]) -> tuple[list[Problem], list[Rejected]]:
    """Problems of several paths, one after the other."""
    problems: list[Problem] = []
    rejected: list[Rejected] = []
    for path in paths:
        more, bad = read(path)
        problems += more
        rejected += bad
    return problems, rejected


def _read_folder(path: Path) -> tuple[list[Problem], list[Rejected]]:
    folders = apps.problem_folders(path)
    if folders:
        return apps.read(folders)
    files = sorted(
        file
        for file in path.rglob("*")
        if file.name.endswith((".jsonl", ".jsonl.gz", ".txt")) and file.is_file()
    )
    if not files:
        raise ValueError(f"{path} holds no problems (.jsonl, .jsonl.gz, .txt, APPS folders)")
    return read_paths(files)
