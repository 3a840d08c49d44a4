"""One warm interpreter inside the sandbox, seen from outside: start it, ask it for runs, end it.

The program inside is `inside/zygote.py`. The two speak over a socket pair that no run inherits:
the outside sends what a run's processes need (`spares.py`), the inside answers with handles
(pidfds) of the processes that it forked, by which the outside kills them without any race over
process ids. One run is always ordered ahead, so that its fork happens beside the run before.
"""

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
import signal
import socket
import struct
import subprocess
import threading
from dataclasses import dataclass, field
from typing import Any

from . import filters, linux
from .interpreter import Interpreter
from .jobs import MARSHAL
from .limits import Limits
from .spares import Kind, Spare, make

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
    """The processes of one run: pidfds to kill them by, and the zygote that they come from.

    reports: the reading end of the pipe for reports; whoever drives the run closes it.
    """

    pidfds: list[int]
    reports: int
    zygote: Zygote

    def kill(self) -> None:
        """End them now. Called once."""
        for fd in self.pidfds:
            with contextlib.suppress(OSError):
                signal.pidfd_send_signal(fd, signal.SIGKILL)
            os.close(fd)
        self.zygote.run_ended()


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
    # Ordered, its processes not yet heard of.
    _ahead: Spare | None = None

    def fork(self, jobs: list[bytes], limits: Limits) -> Forked:
        """Start a run: two jobs for a split one (the candidate's first), one for a run alone.

        Raises ZygoteError when the zygote is dead or can't start a process.
        """
        split = len(jobs) == 2
        kind = (split, tuple(self._limits_of(limits).items()))
        with self.lock:
            self.runs += 1
            spare = self._take(kind)
            try:
                if split:
                    # This also finds out whether the zygote has died since it made the spare.
                    self._ahead = self._order(kind)
            except ZygoteError:
                spare.drop()
                raise
            self.in_flight += 1
        forked = Forked(spare.pidfds, spare.reports, self)
        try:
            spare.begin(jobs)
        except OSError as error:
            forked.kill()
            os.close(forked.reports)
            raise ZygoteError(f"the code can't be handed over: {error}") from None
        return forked

    def drop_spare(self) -> None:
        """End the processes that wait for a next run, for what little memory they take."""
        with self.lock:
            spare, self._ahead = self._ahead, None
            if spare is not None:
                with contextlib.suppress(ZygoteError):
                    self._collect(spare)
                spare.drop()

    def _limits_of(self, limits: Limits) -> dict[str, int | None]:
        return {
            "memory": self.base_memory + (limits.memory_mb << 20),
            "cpu": max(1, int(limits.processor_seconds + 0.999)),
            "threads": limits.threads * _SHARED_BY if self.threads_limited else None,
        }

    def _take(self, kind: Kind) -> Spare:
        """The processes that were ordered ahead if they fit, else new ones."""
        spare, self._ahead = self._ahead, None
        if spare is not None:
            try:
                self._collect(spare)
                if spare.kind == kind:
                    return spare
            except ZygoteError:
                if self.broken:
                    raise
            spare.drop()
        spare = self._order(kind)
        self._collect(spare)
        return spare

    def _order(self, kind: Kind) -> Spare:
        request = marshal.dumps({"split": kind[0], "limits": dict(kind[1])}, MARSHAL)
        try:
            spare, theirs = make(kind)
        except OSError as error:
            raise ZygoteError(f"a run can't be prepared: {error}") from None
        try:
            socket.send_fds(self.control, [request], theirs)
        except OSError as error:
            self.broken = True
            spare.drop()
            raise ZygoteError(f"the warm interpreter doesn't answer: {error}") from None
        finally:
            for fd in theirs:
                os.close(fd)
        return spare

    def _collect(self, spare: Spare) -> None:
        """Take the zygote's answer to an order. Drops the spare when there are no processes."""
        try:
            answer, spare.pidfds, _, _ = socket.recv_fds(self.control, 1 << 16, 2)
        except OSError as error:
            answer, problem = b"", f"doesn't answer: {error}"
        else:
            problem = "has died"
        if not answer:
            self.broken = True
            spare.drop()
            raise ZygoteError(f"the warm interpreter {problem}")
        error = json.loads(answer).get("error")
        if error:
            spare.drop()
            raise ZygoteError(f"the warm interpreter can't start a process: {error}")

    @property
    def alive(self) -> bool:
        """Whether it still serves. Right from the moment on when its runs have died with it."""
        if not self.broken and self.process.poll() is None:
            # The kernel closes a process's descriptors before it ends its children.
            poller = select.poll()
            poller.register(self.control, select.POLLHUP)
            self.broken = bool(poller.poll(0))
        return not self.broken and self.process.returncode is None

    @property
    def processes(self) -> frozenset[int]:
        """The zygote and those that look after it: bubblewrap's two, or the guard."""
        with contextlib.suppress(OSError, IndexError):
            stat = pathlib.Path(f"/proc/{self.pid}/stat").read_text()
            return frozenset({self.pid, self.process.pid, int(stat.rpartition(")")[2].split()[1])})
        return frozenset({self.pid, self.process.pid})

    def retire(self) -> None:
        """End it as soon as no run is in flight (at once when there is none)."""
        with self.lock:
            self.retired = True
            idle = self.in_flight == 0
        if idle:
            self.close()

    def run_ended(self) -> None:
        """Count a run that was started as ended."""
        with self.lock:
            self.in_flight -= 1
            last = self.retired and self.in_flight == 0
        if last:
            self.close()

    def close(self) -> None:
        """End it and, with it, all that it started."""
        with self.lock:
            spare, self._ahead = self._ahead, None
            with contextlib.suppress(OSError):
                self.control.close()
        if spare is not None:
            spare.drop()
        _end(self.process, self.level)


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
        "threads": limits.threads * _SHARED_BY if private_uid else 0,
        "memory": (limits.import_memory_mb + limits.memory_mb) << 20,
        # Ample for forking thousands of runs, whose own time it bounds as well.
        "cpu": int(limits.import_seconds) + 1000,
        "prefix": interpreter.prefix,
        "packages": interpreter.packages,
        "imports": imports,
    }
    program = marshal.dumps({"sources": _sources(), "main": "zygote", "config": config}, MARSHAL)
    program_fd = _in_memory(program)
    # Without site (-S): it would run code of .pth files, which lie among the packages, before
    # anything holds. `inside/zygote.py` does its work later.
    command = [interpreter.program, "-s", "-S", "-B", "-c", _boot(), str(program_fd)]
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
    try:
        facts, pid = _await_facts(ours, process, limits.import_seconds)
    except ZygoteError:
        ours.close()
        _end(process, level)
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


def _end(process: subprocess.Popen[bytes], level: str) -> None:
    """End a zygote with all that it and its imports have started."""
    if level != "A":
        # The guard kills the zygote's whole group; see `inside/guard.py`.
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(2.0)
    # At level A process 1 inside dies with bubblewrap, and everything inside with process 1.
    process.kill()
    process.wait()


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
