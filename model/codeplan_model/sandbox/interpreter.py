"""Which interpreter runs the file, which folders it must read, and which modules to import once."""

from __future__ import annotations

import ast
import functools
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

_QUESTION = """
import json, site, sys, sysconfig
paths = sysconfig.get_paths()
print(json.dumps({
    "version": sys.version_info[:3],
    "base": sys.base_prefix,
    "folders": sorted({paths["stdlib"], paths["platstdlib"]} | {p for p in sys.path if p}),
    "packages": site.getsitepackages([sys.base_prefix, sys.base_exec_prefix]),
}))
"""


class InterpreterError(Exception):
    """The interpreter can't be used; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """An interpreter, and the virtual environment that it is used for, if any.

    executable: as given (a virtual environment's own link, not what it points to).
    program: what is really run: the file behind all links.
    prefix: the virtual environment, or `base` when there is none.
    readable: folders and files that it reads: its library, its packages, shared libraries.
    packages: folders of installed packages, in order; where .pth files count.
    """

    executable: str
    version: tuple[int, int, int]
    prefix: str
    base: str
    readable: tuple[str, ...]
    program: str = ""
    packages: tuple[str, ...] = ()

    @property
    def private(self) -> bool:
        """Whether a user other than root can't get at it."""
        return any(
            not os.stat(part).st_mode & 0o001
            for folder in (self.prefix, self.base)
            for part in _with_parents(folder)
            if os.path.exists(part)
        )


@functools.lru_cache(maxsize=64)
def describe(executable: str | None) -> Interpreter:
    """Learn about an interpreter (None: the one that runs codeplan). Raises InterpreterError.

    The program behind it runs once outside the sandbox, isolated and without `site` (`-I -S`), so
    that it executes nothing but itself and the standard library. What belongs to a virtual
    environment is read from its pyvenv.cfg and never executed here.
    """
    executable = executable or sys.executable
    program = os.path.realpath(executable)
    facts = _ask(program)
    version = facts["version"]
    if version < (3, 10):
        raise InterpreterError(
            f"the interpreter {executable} is Python {version[0]}.{version[1]}: 3.10 is needed"
        )
    base, packages = facts["base"], list(facts["packages"])
    environment = environment_of(executable)
    if environment is not None:
        own = os.path.join(environment.folder, "lib", f"python{version[0]}.{version[1]}")
        own = os.path.join(own, "site-packages")
        # A link that leads out of the environment would show what lies there.
        inside = os.path.realpath(environment.folder) + os.sep
        theirs = packages if environment.system else []
        packages = [*([own] if os.path.realpath(own).startswith(inside) else ()), *theirs]
    # Folders of the workspace (from .pth files of editable installs) are left out: they hold the
    # user's own files, and may hold the very file and tests that are being judged.
    roots = (base + os.sep, "/usr/lib", "/usr/local/lib")
    folders = {f for f in facts["folders"] if f.startswith(roots)}
    folders |= {program, os.path.join(base, "lib"), *packages}
    return Interpreter(
        executable,
        version,
        environment.folder if environment is not None else base,
        base,
        tuple(sorted(f for f in folders if os.path.exists(f))),
        program,
        tuple(p for p in packages if os.path.isdir(p)),
    )


@functools.lru_cache(maxsize=16)
def _ask(program: str) -> dict[str, Any]:
    try:
        answer = subprocess.run(
            [program, "-I", "-S", "-B", "-c", _QUESTION],
            capture_output=True,
            timeout=20,
            check=True,
            stdin=subprocess.DEVNULL,
            cwd=os.sep,
        ).stdout
        facts = json.loads(answer.decode("utf-8", "surrogateescape").strip().splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError) as error:
        raise InterpreterError(
            f"the interpreter {program} doesn't run ({error}): choose another one"
        ) from None
    return {**facts, "version": tuple(facts["version"])}


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment as its pyvenv.cfg describes it.

    system: whether the packages of the interpreter behind it count too.
    """

    folder: str
    system: bool


def environment_of(executable: str) -> Environment | None:
    """The virtual environment that an interpreter belongs to, None when it is in none.

    Found as Python itself does: pyvenv.cfg beside the executable or one folder up.
    """
    beside = os.path.dirname(os.path.abspath(executable))
    for folder in (beside, os.path.dirname(beside)):
        try:
            with open(os.path.join(folder, "pyvenv.cfg"), encoding="utf-8") as file:
                lines = file.read(1 << 16).splitlines()
        except (OSError, UnicodeDecodeError):
            continue
        settings = {
            key.strip().lower(): value.strip()
            for key, _, value in (line.partition("=") for line in lines)
        }
        system = settings.get("include-system-site-packages", "").lower() == "true"
        return Environment(folder, system)
    return None


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
