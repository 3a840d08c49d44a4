"""What a command line says about the sandbox: its options, and the sandbox that they ask for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import typer

from codeplan_model.cli.output import Output
from codeplan_model.sandbox import Limits, Sandbox, workspace_interpreter

Unsandboxed = Annotated[
    bool,
    typer.Option(
        "--allow-unsandboxed",
        help="Run generated code even where it can't be contained. Every verdict says so.",
    ),
]
Python = Annotated[
    str | None,
    typer.Option(
        "--python",
        metavar="FILE",
        help="The interpreter that runs the examples. Not given: that of the virtual environment "
        "(.venv or venv) of the file's folder or one above it, or of VIRTUAL_ENV; else codeplan's.",
    ),
]
LimitOption = Annotated[
    list[str] | None,
    typer.Option(
        "--limit",
        metavar="NAME=VALUE",
        help="What one run may take; may be given several times. wall=SECONDS for each docstring, "
        "cpu=SECONDS, memory=MB, output=BYTES, threads=N; import-wall=SECONDS and import-memory=MB "
        "for what the file imports. There is no number of processes: a run may start none.",
    ),
]

# The name on the command line -> the field of Limits, and how it is read.
_LIMITS: dict[str, tuple[str, type[int] | type[float]]] = {
    "wall": ("wall_seconds", float),
    "cpu": ("cpu_seconds", float),
    "memory": ("memory_mb", int),
    "output": ("output_bytes", int),
    "threads": ("threads", int),
    "import-wall": ("import_seconds", float),
    "import-memory": ("import_memory_mb", int),
}


@dataclass(frozen=True, slots=True)
class Judging:
    """How examples are to be run. python: None for the file's own environment, or codeplan's."""

    allow_unsandboxed: bool = False
    python: str | None = None
    limits: Limits = field(default_factory=Limits)

    def sandbox(self, paths: Iterable[str], output: Output) -> Sandbox:
        """The sandbox for these files. Says which environments are not used. SandboxUnavailable."""
        made = Sandbox(
            consent=self.allow_unsandboxed,
            python=self.python,
            environments=self.python is None,
            limits=self.limits,
        )
        if self.python is None:
            for note in dict.fromkeys(workspace_interpreter(path).note for path in paths):
                if note:
                    output.say(f"{note} (--python)" if "name the interpreter" in note else note)
        return made


def judging(allow_unsandboxed: bool, python: str | None, limits: list[str] | None) -> Judging:
    """The options together. Raises typer.BadParameter for a limit that can't be read."""
    return Judging(allow_unsandboxed, python, limits_of(limits or ()))


def limits_of(texts: Iterable[str]) -> Limits:
    """Limits from NAME=VALUE texts, the defaults for the others. Raises typer.BadParameter."""
    found: dict[str, Any] = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if name == "processes":
            raise _bad("a run may start no process at all; threads=N is what can be set")
        if name not in _LIMITS or not separator:
            raise _bad(f"{text!r}: write NAME=VALUE, with one of {', '.join(_LIMITS)}")
        which, read = _LIMITS[name]
        try:
            found[which] = read(value)
        except ValueError:
            what = "a whole number" if read is int else "a number"
            raise _bad(f"{text!r}: {name} must be {what}") from None
        if not 0 < found[which] < 1e9:
            raise _bad(f"{text!r}: {name} must be more than 0")
    return replace(Limits(), **found)


def _bad(words: str) -> typer.BadParameter:
    return typer.BadParameter(words, param_hint="--limit")
