"""Starting a warm interpreter inside the sandbox: its program, its walls, its first words."""

from __future__ import annotations

import concurrent.futures
import contextlib
import functools
import itertools
import json
import marshal
import os
import pathlib
import select
import socket
import struct
import subprocess
import threading
from collections.abc import Callable
from typing import Any

from . import filters, linux
from .interpreter import Interpreter
from .jobs import MARSHAL
from .limits import Limits
from .spares import in_memory
from .zygotes import SHARED_BY, ImportsTooSlow, Zygote, ZygoteError, end

# A user id per zygote that no account has, so that Linux counts each zygote's threads alone.
_UIDS = itertools.count(0x60000000 + (os.getpid() & 0xFFFFF) * 64)


Begun = Callable[[subprocess.Popen[bytes]], None]


def start(
    level: str,
    interpreter: Interpreter,
    imports: tuple[str, ...],
    limits: Limits,
    begun: Begun = lambda _: None,
) -> Zygote:
    """Start a zygote at exactly that level. Raises ZygoteError with what stood in the way.

    begun: called with its process before it has imported anything; to end that, ends the waiting.
    """
    # In a thread that never ends: the kernel's "kill when the parent dies" means the parent's
    # thread, and a thread of the caller's may end long before the process does.
    return _starter().submit(_start, level, interpreter, imports, limits, begun).result()


def _start(
    level: str, interpreter: Interpreter, imports: tuple[str, ...], limits: Limits, begun: Begun
) -> Zygote:
    if level in ("A", "B"):
        try:
            zygote_filter, child_filter = filters.compile_filters()
        except filters.FiltersUnavailable as error:
            raise ZygoteError(str(error)) from None
    else:
        zygote_filter = child_filter = b""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    root = linux.can_change_user()
    # Level C contains nothing, and is what attacks are compared with.
    leaves_root = root and (level == "A" or (level == "B" and not interpreter.private))
    uid = next(_UIDS) if leaves_root else 0
    private_uid = bool(uid) or (level == "A" and not root)
    config = {
        "control": theirs.fileno(),
        # Inside, bubblewrap's own process is number 1.
        "parent": 1 if level == "A" else os.getpid(),
        "guarded": level != "A",
        "uid": uid,
        "isolated": level != "C",
        "readable": linux.readable(interpreter),
        "devices": linux.DEVICES,
        "zygote_filter": zygote_filter,
        "child_filter": child_filter,
        "secret": "/etc/passwd",
        "threads": limits.threads * SHARED_BY if private_uid else 0,
        "memory": (limits.import_memory_mb + limits.memory_mb) << 20,
        # Ample for forking thousands of runs, whose own time it bounds as well.
        "cpu": int(limits.import_seconds) + 1000,
        "prefix": interpreter.prefix,
        "packages": interpreter.packages,
        "imports": imports,
    }
    program = marshal.dumps(
        {"sources": inside_sources(), "main": "zygote", "config": config}, MARSHAL
    )
    program_fd = in_memory(program)
    # Without site (-S): it would run code of .pth files, which lie among the packages, before
    # anything holds. `inside/zygote.py` does its work later.
    command = [interpreter.program, "-s", "-S", "-B", "-c", boot_program(), str(program_fd)]
    passed = [theirs.fileno(), program_fd]
    if level == "A":
        bwrap = linux.bubblewrap()
        if bwrap is None:
            ours.close()
            theirs.close()
            os.close(program_fd)
            raise ZygoteError("bubblewrap (the program bwrap) is not installed")
        command = linux.bubblewrap_command(bwrap, interpreter) + command
    try:
        process = subprocess.Popen(
            command,
            pass_fds=passed,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=linux.ENVIRONMENT,
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        ours.close()
        raise ZygoteError(f"can't start {command[0]}: {error}") from None
    finally:
        theirs.close()
        os.close(program_fd)
    begun(process)
    try:
        facts, pid = _await_facts(ours, process, limits.import_seconds)
    except ZygoteError:
        ours.close()
        end(process, level)
        raise
    finally:
        assert process.stderr is not None
        process.stderr.close()
    zygote = Zygote(
        process,
        ours,
        level,
        pid,
        _virtual_memory(pid),
        private_uid,
        facts["landlock"],
        tuple(facts["missing"]),
    )
    problems = list(facts["holes"])
    if level == "B" and zygote.landlock < 4:
        version = zygote.landlock or "none"
        problems.append(f"Landlock version 4 (Linux 6.7) is needed, this kernel has {version}")
    if problems:
        zygote.close()
        raise ZygoteError("; ".join(problems))
    with contextlib.suppress(OSError):
        # When memory runs out, the kernel should take these first.
        pathlib.Path(f"/proc/{pid}/oom_score_adj").write_text("900")
    return zygote


def _await_facts(
    ours: socket.socket, process: subprocess.Popen[bytes], seconds: float
) -> tuple[Any, int]:
    """What the zygote says when its imports are there, and its process id as the outside sees it.

    The kernel tells the id with the message, since the zygote knows only the one inside.
    """
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    ours.settimeout(seconds)
    credentials = struct.Struct("3i")
    pid = 0
    try:
        answer, ancillary, _, _ = ours.recvmsg(1 << 16, socket.CMSG_SPACE(credentials.size))
        for _, kind, data in ancillary:
            if kind == socket.SCM_CREDENTIALS:
                pid = credentials.unpack(data[: credentials.size])[0]
    except TimeoutError:
        raise ImportsTooSlow(f"importing what the file imports took over {seconds:g} s") from None
    except OSError:
        answer = b""
    ours.settimeout(None)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
    if not answer:
        assert process.stderr is not None
        ready, _, _ = select.select([process.stderr], [], [], 1.0)
        words = os.read(process.stderr.fileno(), 4000) if ready else b""
        lines = words.decode("utf-8", "replace").strip().splitlines()
        raise ZygoteError(f"it ended at its start: {lines[-1] if lines else 'without a word'}")
    return json.loads(answer), pid


def _virtual_memory(pid: int) -> int:
    """Bytes of address space in use. Read from outside, since there is no /proc inside."""
    try:
        pages = pathlib.Path(f"/proc/{pid}/statm").read_text().split()[0]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 1 << 30


@functools.cache
def boot_program() -> str:
    """The text that the interpreter inside runs first."""
    return (pathlib.Path(__file__).parent / "inside" / "boot.py").read_text("utf-8")


@functools.cache
def inside_sources() -> dict[str, str]:
    """The modules of the program inside, by the names that they have there."""
    folder = pathlib.Path(__file__).parent / "inside"
    sources = {"codeplan_inside": ""}
    for path in sorted(folder.glob("*.py")):
        if path.stem not in ("__init__", "boot"):
            sources[f"codeplan_inside.{path.stem}"] = path.read_text("utf-8")
    return sources


_starter_of: dict[int, concurrent.futures.ThreadPoolExecutor] = {}
_starter_lock = threading.Lock()


def _starter() -> concurrent.futures.ThreadPoolExecutor:
    with _starter_lock:
        pid = os.getpid()
        if pid not in _starter_of:
            # A forked copy of this process has none of its threads.
            _starter_of.clear()
            _starter_of[pid] = concurrent.futures.ThreadPoolExecutor(1, "sandbox-starter")
        return _starter_of[pid]
