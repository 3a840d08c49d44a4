"""The outer wall on macOS: a profile for sandbox-exec. NOT VERIFIED ON THIS PLATFORM.

Written from Apple's and others' profiles without a machine to try it on, so the sandbox does not
use it yet and refuses to run on macOS: a wall that nobody has tried to climb is no wall. Whoever
has one can try `command` by hand and report what `codeplan doctor --attack` says.

There is no fork of a warm interpreter here: system libraries start threads, and a forked copy of
a process with threads may hang. Each run would start its own interpreter.
"""

from __future__ import annotations

from .interpreter import Interpreter

_SANDBOX_EXEC = "/usr/bin/sandbox-exec"
_SYSTEM = ("/usr/lib", "/System/Library", "/Library/Apple/System", "/private/var/db/dyld")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")


def profile(interpreter: Interpreter) -> str:
    """A profile that denies everything but reading the interpreter and the system's libraries.

    Denied by default: writing, network, other processes (fork and exec included), signals, Mach
    services, shared memory. `file-read-metadata` stays allowed, as Python's start needs it: a
    candidate can learn that a file exists.
    """
    readable = [*interpreter.readable, *_SYSTEM]
    lines = ["(version 1)", "(deny default)", "(deny process-fork)", "(deny signal)"]
    lines.append(f'(allow process-exec (literal "{_quoted(interpreter.executable)}"))')
    lines.append("(allow file-read-metadata)")
    lines += [f'(allow file-read* (subpath "{_quoted(path)}"))' for path in readable]
    lines += [f'(allow file-read* file-write-data (literal "{d}"))' for d in _DEVICES]
    lines.append("(allow sysctl-read)")
    return "\n".join(lines) + "\n"


def command(interpreter: Interpreter, arguments: list[str]) -> list[str]:
    """The interpreter with its arguments, under the profile."""
    start = [_SANDBOX_EXEC, "-p", profile(interpreter), interpreter.executable]
    return [*start, "-s", "-B", *arguments]


def _quoted(path: str) -> str:
    """A path inside a profile's string. Raises ValueError for one that can't be written there."""
    if any(ord(c) < 32 for c in path):
        raise ValueError(f"a path with control characters: {path!r}")
    return path.replace("\\", "\\\\").replace('"', '\\"')
