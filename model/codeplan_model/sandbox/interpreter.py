"""Which interpreter runs the file, which folders it must read, and which modules to import once."""

from __future__ import annotations

import ast
import functools
import json
import os
import subprocess
import sys
from dataclasses import dataclass

_QUESTION = """
import json, site, sys, sysconfig
paths = sysconfig.get_paths()
print(json.dumps({
    "version": sys.version_info[:3],
    "prefix": sys.prefix,
    "base": sys.base_prefix,
    "executable": sys.executable,
    "base_executable": getattr(sys, "_base_executable", sys.executable),
    "folders": sorted({paths[k] for k in ("stdlib", "platstdlib", "purelib", "platlib")}
        | {p for p in sys.path if p}),
}))
"""


class InterpreterError(Exception):
    """The interpreter can't be used; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """An interpreter as it described itself.

    executable: as given (a virtual environment's own link, not what it points to).
    readable: folders and files that it reads: its library, its packages, shared libraries.
    private: True when only root may enter one of them.
    """

    executable: str
    version: tuple[int, int, int]
    prefix: str
    base: str
    readable: tuple[str, ...]

    @property
    def private(self) -> bool:
        """Whether a user other than root can't get at it."""
        return any(
            not os.stat(part).st_mode & 0o001
            for folder in (self.prefix, self.base)
            for part in _with_parents(folder)
            if os.path.exists(part)
        )


@functools.lru_cache(maxsize=16)
def describe(executable: str | None) -> Interpreter:
    """Ask an interpreter about itself (None: the one that runs codeplan). Raises InterpreterError.

    It runs outside the sandbox, isolated (`-I`), and imports nothing but the standard library and
    what its own `site` does at every start.
    """
    executable = executable or sys.executable
    try:
        answer = subprocess.run(
            [executable, "-I", "-B", "-c", _QUESTION],
            capture_output=True,
            timeout=20,
            check=True,
            stdin=subprocess.DEVNULL,
            cwd=os.sep,
        ).stdout
        facts = json.loads(answer.decode("utf-8", "surrogateescape").strip().splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError) as error:
        raise InterpreterError(
            f"the interpreter {executable} doesn't run ({error}): choose another one"
        ) from None
    version = tuple(facts["version"])
    if version < (3, 10):
        raise InterpreterError(
            f"the interpreter {executable} is Python {version[0]}.{version[1]}: 3.10 is needed"
        )
    # Folders of the workspace (from .pth files of editable installs) are left out: they hold the
    # user's own files, and may hold the very file and tests that are being judged.
    own = (facts["prefix"] + os.sep, facts["base"] + os.sep, "/usr/lib", "/usr/local/lib")
    folders = {f for f in facts["folders"] if f.startswith(own)}
    folders |= {os.path.join(facts["prefix"], "pyvenv.cfg"), facts["executable"]}
    folders |= {os.path.realpath(facts["executable"]), os.path.join(facts["base"], "lib")}
    return Interpreter(
        facts["executable"],
        version,
        facts["prefix"],
        facts["base"],
        tuple(sorted(f for f in folders if os.path.exists(f))),
    )


def _with_parents(folder: str) -> list[str]:
    parts = [folder]
    while os.path.dirname(parts[-1]) != parts[-1]:
        parts.append(os.path.dirname(parts[-1]))
    return parts


def imports_of(*texts: str) -> tuple[str, ...]:
    """The modules that files import at their top level, absolute ones, sorted.

    Texts that don't parse give none. `from a import b` counts as `a`.
    """
    found: set[str] = set()
    for text in texts:
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            continue
        for node in tree.body:
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found.add(node.module)
    return tuple(sorted(found))
