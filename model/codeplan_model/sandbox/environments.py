"""The virtual environment that belongs to a file's workspace, found without running any of it.

A folder that was downloaded may bring a `.venv` of its own making. So nothing in it is executed
outside of the sandbox: not its `python`, which is only followed to the interpreter behind it, and
not the .pth files among its packages, which run in the sandbox, after everything is locked. The
interpreter behind it has to be one that is installed on this machine for its user anyway.
"""

from __future__ import annotations

import functools
import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from .interpreter import InterpreterError, describe

_NAMES = (".venv", "venv")
# Where interpreters are installed, by package managers and by version managers.
_PLACES = (
    "/usr",
    "/opt",
    "/nix/store",
    "/home/linuxbrew/.linuxbrew",
    "~/.pyenv/versions",
    "~/.local/share/uv/python",
    "~/.local/share/mise/installs",
    "~/.asdf/installs/python",
    "~/.rye/py",
    "~/miniconda3",
    "~/miniforge3",
    "~/anaconda3",
)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found for a file.

    python: the environment's interpreter, for `Sandbox(python=...)`; None when there is none that
        can be used. note: why one that was found isn't used; "" otherwise.
    """

    python: str | None = None
    note: str = ""


def workspace_interpreter(path: str | None) -> Found:
    """The interpreter of the virtual environment that a file belongs to. Runs nothing of it.

    Looked for: a folder `.venv` or `venv` with a pyvenv.cfg, beside the file or in a folder above
    it, up to the user's home; then the one that VIRTUAL_ENV names. The nearest counts. It is not
    used (and the note says so) when another user could have written it, when the interpreter
    behind it is not one of this machine's own, or when that is too old.
    """
    for folder in _environments(path):
        if os.path.isfile(os.path.join(folder, "pyvenv.cfg")):
            problem = _problem(folder)
            if problem:
                return Found(None, f"the virtual environment {folder} isn't used: {problem}")
            return Found(_python_in(folder))
    return Found()


def _environments(path: str | None) -> Iterator[str]:
    if path is not None:
        home = os.path.expanduser("~")
        folder = os.path.dirname(os.path.abspath(path))
        while True:
            yield from (os.path.join(folder, name) for name in _NAMES)
            above = os.path.dirname(folder)
            if folder == home or above == folder:
                break
            folder = above
    named = os.environ.get("VIRTUAL_ENV")
    if named and os.path.isabs(named):
        yield named


def _python_in(folder: str) -> str | None:
    found = (os.path.join(folder, "bin", name) for name in ("python", "python3"))
    return next((python for python in found if os.path.exists(python)), None)


def _problem(folder: str) -> str:
    """Why an environment can't be used; "" when it can."""
    try:
        if not _is_ours(folder) or not _is_ours(os.path.join(folder, "pyvenv.cfg")):
            return "another user can write to it"
        python = _python_in(folder)
        if python is None:
            return "it has no interpreter"
        program = os.path.realpath(python)
        if not _is_known(program, os.path.dirname(os.path.realpath(folder))):
            return (
                f"its interpreter {program} is not one that is installed on this machine;"
                " name the interpreter to use it all the same"
            )
        describe(python)
    except OSError as error:
        return str(error)
    except InterpreterError as error:
        return str(error)
    return ""


def _is_ours(path: str) -> bool:
    """Whether only this user and root can change it."""
    facts = os.stat(path)
    return facts.st_uid in (0, os.getuid()) and not facts.st_mode & stat.S_IWOTH


def _is_known(program: str, workspace: str) -> bool:
    """Whether an interpreter is installed on this machine and no part of the workspace."""
    if not os.access(program, os.X_OK) or not os.path.isfile(program) or not _is_ours(program):
        return False
    if program == os.path.realpath(getattr(sys, "_base_executable", sys.executable)):
        return True
    if _is_below(program, workspace):
        return False
    places = [os.path.realpath(os.path.expanduser(place)) for place in _PLACES]
    return any(_is_below(program, place) for place in places) or program in _on_path(
        os.environ.get("PATH", "")
    )


def _is_below(path: str, folder: str) -> bool:
    return folder != os.sep and path.startswith(folder.rstrip(os.sep) + os.sep)


@functools.lru_cache(maxsize=4)
def _on_path(variable: str) -> frozenset[str]:
    """The interpreters that the user's search path leads to."""
    found: set[str] = set()
    for folder in variable.split(os.pathsep):
        if os.path.isabs(folder):
            try:
                names = os.listdir(folder)
            except OSError:
                continue
            found.update(
                os.path.realpath(os.path.join(folder, name))
                for name in names
                if name.startswith("python")
            )
    return frozenset(found)
