"""One warm interpreter inside the sandbox, seen from outside: start it, ask it for runs, end it.

The program inside is `inside/zygote.py`. The two speak over a socket pair that no run inherits:
the outside sends descriptors of two jobs and a pipe, the inside answers with handles (pidfds) of
the processes that it forked, by which the outside kills them without any race over process ids.
"""

from __future__ import annotations

import base64
import concurrent.futures
import contextlib
import functools
import itertools
import json
import os
import pathlib
import select
import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import filters, linux
from .interpreter import Interpreter
from .limits import Limits

# A user id per zygote that no account has, so that Linux counts each zygote's threads alone.
_UIDS = itertools.count(0x60000000 + (os.getpid() & 0xFFFFF) * 64)
# Linux counts threads per user id, so for all runs in flight of one zygote together.
_SHARED_BY = 16


class ZygoteError(Exception):
    """The zygote could not be started, or has died; the text says which and why."""


class ImportsTooSlow(ZygoteError):
    """What the file imports took longer than allowed: trying again would take as long again."""


@dataclass(slots=True)
class Forked:
    """The processes of one run: pidfds to kill them by, and what to call when they are dead."""

    pidfds: list[int]
    ended: Callable[[], None]

    def kill(self) -> None:
        """End them now. Called once."""
        for fd in self.pidfds:
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(fd, signal.SIGKILL)
            os.close(fd)
        self.ended()


@dataclass(slots=True)
class Zygote:
    """A started zygote. landlock: the version in force; missing: imports that failed, in words."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    level: str
    pid: int
    base_memory: int
    threads_limited: bool
    landlock: int = 0
    missing: tuple[str, ...] = ()
    runs: int = 0
    in_flight: int = 0
    retired: bool = False
    broken: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fork(self, jobs: list[bytes], out: int, limits: Limits) -> Forked:
        """Start a run: two jobs for a split one (the candidate's first), one for a run alone.

        out: the writing end of the pipe for reports. Raises ZygoteError when the zygote is dead.
        """
        cpu = limits.processor_seconds
        request = {
            "split": len(jobs) == 2,
            "limits": {
                "memory": self.base_memory + (limits.memory_mb << 20),
                "cpu": max(1, int(cpu + 0.999)),
                "threads": limits.threads * _SHARED_BY if self.threads_limited else None,
            },
        }
        fds = [_in_memory(job) for job in jobs]
        try:
            with self.lock:
                self.runs += 1
                socket.send_fds(self.control, [json.dumps(request).encode()], [*fds, out])
                answer, pidfds, _, _ = socket.recv_fds(self.control, 1 << 16, 2)
                self.in_flight += 1
        except OSError as error:
            self.broken = True
            raise ZygoteError(f"the warm interpreter doesn't answer: {error}") from None
        finally:
            for fd in fds:
                os.close(fd)
        forked = Forked(list(pidfds), self._run_ended)
        if not answer:
            self.broken = True
            forked.kill()
            raise ZygoteError("the warm interpreter has died")
        error = json.loads(answer).get("error")
        if error:
            forked.kill()
            raise ZygoteError(f"the warm interpreter can't start a process: {error}")
        return forked

    @property
    def alive(self) -> bool:
        return not self.broken and self.process.poll() is None

    def retire(self) -> None:
        """End it as soon as no run is in flight (at once when there is none)."""
        with self.lock:
            self.retired = True
            idle = self.in_flight == 0
        if idle:
            self.close()

    def _run_ended(self) -> None:
        with self.lock:
            self.in_flight -= 1
            last = self.retired and self.in_flight == 0
        if last:
            self.close()

    def close(self) -> None:
        """End it and, with it, all that it started."""
        with contextlib.suppress(OSError):
            self.control.close()
        if self.level != "A" and self.process.returncode is None:
            # Its runs die with it (PDEATHSIG); code of imports that it started shares its group,
            # since the filter refuses setsid and setpgid.
            with contextlib.suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)
        elif self.process.poll() is None:
            # bubblewrap waits for the zygote, process 1 inside, whose end ends all the others.
            with contextlib.suppress(OSError):
                os.kill(self.pid, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(1.0)
        self.process.kill()
        self.process.wait()


def start(level: str, interpreter: Interpreter, imports: tuple[str, ...], limits: Limits) -> Zygote:
    """Start a zygote at exactly that level. Raises ZygoteError with what stood in the way."""
    # In a thread that never ends: the kernel's "kill when the parent dies" means the parent's
    # thread, and a thread of the caller's may end long before the process does.
    return _starter().submit(_start, level, interpreter, imports, limits).result()


def _start(
    level: str, interpreter: Interpreter, imports: tuple[str, ...], limits: Limits
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
        # bubblewrap, which is outside of the zygote's process namespace, is 0 inside.
        "parent": 0 if level == "A" else os.getpid(),
        "uid": uid,
        "isolated": level != "C",
        "readable": linux.readable(interpreter),
        "devices": linux.DEVICES,
        "zygote_filter": base64.b64encode(zygote_filter).decode(),
        "child_filter": base64.b64encode(child_filter).decode(),
        "secret": "/etc/passwd",
        "threads": limits.threads * _SHARED_BY if private_uid else 0,
        "memory": (limits.import_memory_mb + limits.memory_mb) << 20,
        # Ample for forking thousands of runs, whose own time it bounds as well.
        "cpu": int(limits.import_seconds) + 1000,
        "imports": imports,
    }
    program = json.dumps({"sources": _sources(), "main": "zygote", "config": config}).encode()
    program_fd = _in_memory(program)
    info_read, info_write = os.pipe()
    command = [interpreter.executable, "-s", "-B", "-c", _boot(), str(program_fd)]
    passed = [theirs.fileno(), program_fd]
    if level == "A":
        bwrap = linux.bubblewrap()
        if bwrap is None:
            ours.close()
            theirs.close()
            for fd in (info_read, info_write, program_fd):
                os.close(fd)
            raise ZygoteError("bubblewrap (the program bwrap) is not installed")
        command = linux.bubblewrap_command(bwrap, interpreter, info_write) + command
        passed.append(info_write)
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
        os.close(info_read)
        raise ZygoteError(f"can't start {command[0]}: {error}") from None
    finally:
        theirs.close()
        os.close(program_fd)
        os.close(info_write)
    pid = process.pid
    try:
        if level == "A":
            pid = _pid_inside(info_read)
        facts = _await_facts(ours, process, limits.import_seconds)
        if not pid:
            raise ZygoteError("bubblewrap did not name the process that it started")
    except ZygoteError:
        ours.close()
        if pid not in (0, process.pid):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        # With what its imports have started (at level A that ends with its namespace).
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    finally:
        os.close(info_read)
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


def _await_facts(ours: socket.socket, process: subprocess.Popen[bytes], seconds: float) -> Any:
    ours.settimeout(seconds)
    try:
        answer = ours.recv(1 << 16)
    except TimeoutError:
        raise ImportsTooSlow(f"importing what the file imports took over {seconds:g} s") from None
    except OSError:
        answer = b""
    ours.settimeout(None)
    if not answer:
        assert process.stderr is not None
        ready, _, _ = select.select([process.stderr], [], [], 1.0)
        words = os.read(process.stderr.fileno(), 4000) if ready else b""
        lines = words.decode("utf-8", "replace").strip().splitlines()
        raise ZygoteError(f"it ended at its start: {lines[-1] if lines else 'without a word'}")
    return json.loads(answer)


def _pid_inside(info_read: int) -> int:
    """The number that bubblewrap writes, 0 when it ends without (and says why elsewhere)."""
    text = b""
    with contextlib.suppress(OSError):
        while not text.rstrip().endswith(b"}") and (more := os.read(info_read, 4096)):
            text += more
    try:
        return int(json.loads(text)["child-pid"])
    except (ValueError, KeyError):
        return 0


def _virtual_memory(pid: int) -> int:
    """Bytes of address space in use. Read from outside, since there is no /proc inside."""
    try:
        pages = pathlib.Path(f"/proc/{pid}/statm").read_text().split()[0]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 1 << 30


def _in_memory(data: bytes) -> int:
    """A descriptor that reads as `data`."""
    fd = os.memfd_create("job")
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(fd, view) :]
        os.lseek(fd, 0, os.SEEK_SET)
    except BaseException:
        os.close(fd)
        raise
    return fd


@functools.cache
def _boot() -> str:
    return (pathlib.Path(__file__).parent / "inside" / "boot.py").read_text("utf-8")


@functools.cache
def _sources() -> dict[str, str]:
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
