"""What a process inside does to itself so that it can do nothing to others. Linux only.

Every step is one-way: it holds for the process and all that it starts, and can't be undone. Each
function says which attack it stops. The order matters and is `zygote.main`'s business.
"""

from __future__ import annotations

import _socket
import ctypes
import errno
import os
import resource
import struct

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long

# prctl options, from linux/prctl.h.
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2

# Landlock is younger than the table of system calls that all architectures share, so these three
# numbers are the same everywhere. libc has no names for them.
_LANDLOCK_CREATE_RULESET = 444
_LANDLOCK_ADD_RULE = 445
_LANDLOCK_RESTRICT_SELF = 446
_LANDLOCK_VERSION_QUESTION = 1
_LANDLOCK_RULE_PATH_BENEATH = 1
_FS_WRITE_FILE = 1 << 1
_FS_READ_FILE = 1 << 2
_FS_READ_DIR = 1 << 3
# How many kinds of access to files each version of Landlock knows: all of them are refused.
_FS_KINDS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NET_TCP_BIND_AND_CONNECT = 3
_SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS = 3


def _prctl(option: int, *arguments: int) -> None:
    padded = [ctypes.c_ulong(a) for a in (*arguments, 0, 0, 0, 0)[:4]]
    if _libc.prctl(option, *padded) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option}) failed")


def _syscall(number: int, *arguments: int) -> int:
    result = _libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) for a in arguments])
    if result < 0:
        raise OSError(ctypes.get_errno(), f"system call {number} failed")
    return result


def die_with_parent(parent: int, number: int = 9) -> None:
    """Be killed when the parent ends, however it ends. Stops: processes that outlive the run.

    Not inherited by fork, so every new process asks for itself. `parent` is the expected parent:
    when it died before this call, ProcessLookupError is raised.
    """
    _prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        raise ProcessLookupError("the parent has ended")


def no_new_privileges() -> None:
    """Stops: gaining rights from set-uid programs. Also what lets plain users filter syscalls."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def not_dumpable() -> None:
    """Stops: reading another run's memory through /proc or ptrace, and core dumps."""
    _prctl(_PR_SET_DUMPABLE, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def become(uid: int) -> None:
    """Change from root to a user id that nobody has. Stops: everything that root may do.

    Also needed because Linux does not count root's processes against RLIMIT_NPROC.
    """
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def drop_capabilities() -> None:
    """Give up every capability while keeping the user id.

    Used for root at level B when the interpreter lies in a folder that only root may enter.
    """
    header = ctypes.create_string_buffer(struct.pack("=II", 0x20080522, 0))
    data = ctypes.create_string_buffer(24)
    if _libc.capset(header, data) != 0:
        raise OSError(ctypes.get_errno(), "capset failed")


def landlock_version() -> int:
    """The kernel's version of Landlock, 0 when it has none or has it turned off."""
    try:
        return _syscall(_LANDLOCK_CREATE_RULESET, 0, 0, _LANDLOCK_VERSION_QUESTION)
    except OSError:
        return 0


def landlock(readable: list[str], writable_devices: list[str]) -> int:
    """Refuse every file but those under `readable`, for reading; returns Landlock's version.

    Stops: reading the user's files, writing anywhere, TCP (version 4), abstract Unix sockets and
    signals to processes outside (version 6). Does not stop: stat, chmod, UDP: those are left to
    the system call filter. Paths that don't exist are skipped.
    """
    version = landlock_version()
    if version == 0:
        return 0
    kinds = (1 << _FS_KINDS.get(version, 16)) - 1
    attributes = struct.pack(
        "=QQQ",
        kinds,
        _NET_TCP_BIND_AND_CONNECT if version >= 4 else 0,
        _SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS if version >= 6 else 0,
    )[: 8 if version < 4 else 16 if version < 6 else 24]
    buffer = ctypes.create_string_buffer(attributes, len(attributes))
    ruleset = _syscall(_LANDLOCK_CREATE_RULESET, ctypes.addressof(buffer), len(attributes), 0)
    try:
        for path in readable:
            access = _FS_READ_FILE | _FS_READ_DIR if os.path.isdir(path) else _FS_READ_FILE
            _allow(ruleset, path, access)
        for path in writable_devices:
            _allow(ruleset, path, _FS_READ_FILE | _FS_WRITE_FILE)
        _syscall(_LANDLOCK_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return version


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rule = ctypes.create_string_buffer(struct.pack("=Qi", access, fd), 12)
        _syscall(
            _LANDLOCK_ADD_RULE, ruleset, _LANDLOCK_RULE_PATH_BENEATH, ctypes.addressof(rule), 0
        )
    finally:
        os.close(fd)


class Filter:
    """A system call filter, compiled on the trusted side (see `filters.py`), ready to install."""

    def __init__(self, program: bytes) -> None:
        self._code = ctypes.create_string_buffer(program, len(program))
        self._program = ctypes.create_string_buffer(
            struct.pack("@HP", len(program) // 8, ctypes.addressof(self._code))
        )

    def install(self) -> None:
        """Stops: every system call that `filters.py` does not list. Needs no_new_privileges."""
        _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(self._program))


def limit(memory: int, cpu_seconds: int, threads: int | None) -> None:
    """Hard limits of one run. Stops: memory, CPU and thread bombs.

    memory: bytes of address space in all. threads: None where the user id is shared with others,
    whose processes would be counted too; then memory bounds them (each needs a stack).
    """
    limits = [(resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, cpu_seconds)]
    if threads is not None:
        limits.append((resource.RLIMIT_NPROC, threads))
    _set_limits(limits)


def limit_runs() -> None:
    """Hard limits that all runs share and inherit. Stops: big files, many descriptors."""
    _set_limits(
        [
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_NOFILE, 64),
            (resource.RLIMIT_STACK, 8 << 20),
            (resource.RLIMIT_MEMLOCK, 0),
        ]
    )


def limit_imports(memory: int, cpu_seconds: int) -> None:
    """Hard limits of the warm interpreter. Stops: imports that fill the memory or never end.

    memory: bytes of its own, the later runs' included. Address space is allowed four times that,
    since libraries map far more of their files than they use; the limit on it holds for shared
    memory, which the other one doesn't count.
    """
    _set_limits(
        [
            (resource.RLIMIT_DATA, memory),
            (resource.RLIMIT_AS, 4 * memory),
            (resource.RLIMIT_CPU, cpu_seconds),
        ]
    )


def _set_limits(limits: list[tuple[int, int]]) -> None:
    for kind, wanted in limits:
        _, hard = resource.getrlimit(kind)
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (value, value))


def holes(secret_path: str) -> list[str]:
    """What this process can do that it should not: the check that each zygote makes of itself.

    A level that is claimed but not in force is worse than none, so the zygote refuses to start
    when this is not empty. secret_path: a file outside that must not be readable.
    """
    found = []
    try:
        with open(secret_path, "rb") as file:
            file.read(1)
        found.append(f"could read {secret_path}")
    except OSError:
        pass
    for folder in ("/tmp", "/dev/shm", "/var/tmp", os.path.expanduser("~")):
        name = os.path.join(folder, f"codeplan-probe-{os.getpid()}")
        try:
            os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except OSError:
            continue
        os.unlink(name)
        found.append(f"could write to {folder}")
    for family, kind in (("AF_INET", "SOCK_DGRAM"), ("AF_UNIX", "SOCK_STREAM")):
        try:
            _socket.socket(getattr(_socket, family), getattr(_socket, kind)).close()
            found.append(f"could open a socket ({family})")
        except OSError:
            pass
    try:
        os.kill(os.getpid(), 0)
        found.append("could send signals")
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOSYS):
            found.append(f"signals: unexpected answer {error}")
    return found
