"""The system call filters of Linux, written by name and compiled by libseccomp.

An allow list: what is not named is refused. (A deny list forgets the calls of next year's kernel,
and forgot io_uring.) The zygote installs it before any import, and every run inherits it. A run
then adds a second, short filter on top, which takes away what only the zygote needs: starting
processes, passing descriptors, changing itself. The kernel obeys the stricter of the two.

pyseccomp binds libseccomp.so.2, which knows the numbers of each architecture. The compiled program
travels into the sandbox as bytes, so that the interpreter there needs neither.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import importlib.util
import os
from typing import Any

# Memory, threads and their synchronisation, time, and ends.
_PROCESS = """
brk mmap mmap2 munmap mremap mprotect madvise mincore msync mlock munlock membarrier
futex futex_time64 futex_waitv set_robust_list get_robust_list set_tid_address rseq
rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack
restart_syscall pause alarm setitimer getitimer nanosleep clock_nanosleep clock_nanosleep_time64
clock_gettime clock_gettime64 clock_getres clock_getres_time64 gettimeofday time times
timer_create timer_settime timer_gettime timer_delete timer_getoverrun
exit exit_group sched_yield sched_getaffinity getcpu arch_prctl
getpid gettid getppid getpgrp getpgid getsid getuid geteuid getgid getegid getresuid getresgid
getgroups uname sysinfo getrusage getrandom getrlimit ugetrlimit getcwd umask
"""

# Reading files (which ones is Landlock's and the mount namespace's business), and descriptors.
_FILES = """
read pread64 readv preadv preadv2 write writev pwrite64 lseek _llseek close close_range
open openat stat lstat fstat fstat64 stat64 lstat64 newfstatat fstatat64 statx fstatfs fstatfs64
statfs access faccessat faccessat2 readlink readlinkat getdents getdents64 dup dup2 dup3
pipe pipe2 fadvise64 chdir fchdir ftruncate fsync fdatasync
"""

# Event loops: asyncio, selectors, and the socket pair that wakes them.
_EVENTS = """
select _newselect pselect6 poll ppoll ppoll_time64 epoll_create epoll_create1 epoll_ctl epoll_wait
epoll_pwait epoll_pwait2 eventfd eventfd2 timerfd_create timerfd_settime timerfd_gettime signalfd4
sendto recvfrom shutdown getsockopt setsockopt getsockname getpeername
"""

# Refused with "operation not permitted", which Python shows as PermissionError. Whatever is named
# nowhere is refused with "not implemented", so that libc falls back to older calls where it can:
# for clone3 to clone, whose flags a filter can read.
_REFUSED = """
fork vfork execve execveat kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal
socket connect bind listen accept accept4 sendmsg sendmmsg recvmsg recvmmsg
mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat
creat truncate chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat mknod mknodat
utime utimes utimensat futimesat setxattr lsetxattr fsetxattr removexattr
ptrace process_vm_readv process_vm_writev kcmp pidfd_open pidfd_getfd
setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid setfsgid capset
unshare setns mount umount2 pivot_root chroot swapon swapoff reboot sethostname setdomainname
init_module finit_module delete_module kexec_load bpf perf_event_open userfaultfd keyctl add_key
request_key io_uring_setup io_uring_enter io_uring_register memfd_create shmget shmat msgget
semget mq_open setpriority sched_setaffinity sched_setscheduler sched_setparam sched_setattr
ioprio_set setrlimit setsid setpgid personality syslog acct quotactl iopl ioperm settimeofday
clock_settime adjtimex vmsplice splice tee sendfile fanotify_init inotify_init inotify_init1
inotify_add_watch seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self
"""

_ZYGOTE_ONLY = """
fork sendmsg recvmsg pidfd_open seccomp wait4 waitid
"""

_CLONE_THREAD = 0x00010000
_CLONE_NEW_NAMESPACES = 0x7E020080
_AF_UNIX, _SOCK_STREAM, _SOCK_TYPE_MASK = 1, 1, 0xF
_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NAME = 1, 22, 15
_IOCTLS = {"TCGETS": 0x5401, "FIONREAD": 0x541B, "FIONBIO": 0x5421, "FIOCLEX": 0x5451}
# Not F_SETOWN and F_SETSIG: with them a process can have any signal sent to any other of its user.
_FCNTLS = {
    "F_DUPFD": 0,
    "F_GETFD": 1,
    "F_SETFD": 2,
    "F_GETFL": 3,
    "F_SETFL": 4,
    "F_DUPFD_CLOEXEC": 1030,
    "F_GETPIPE_SZ": 1032,
}


class FiltersUnavailable(Exception):
    """No filter can be compiled here; the text says why and what to do."""


@functools.lru_cache(maxsize=1)
def compile_filters() -> tuple[bytes, bytes]:
    """The zygote's filter and the run's, as BPF programs. Raises FiltersUnavailable."""
    if importlib.util.find_spec("pyseccomp") is None:
        raise FiltersUnavailable("pyseccomp is not installed: pip install pyseccomp")
    try:
        import pyseccomp as seccomp
    except Exception as error:
        raise FiltersUnavailable(
            f"the library libseccomp.so.2 can't be loaded ({error}): install it (package"
            " libseccomp2 on Debian and Ubuntu, libseccomp on Fedora and Arch)"
        ) from error
    try:
        return _zygote_filter(seccomp), _run_filter(seccomp)
    except OSError as error:
        raise FiltersUnavailable(f"libseccomp can't build the filter: {error}") from error


def _zygote_filter(seccomp: Any) -> bytes:
    filter_ = seccomp.SyscallFilter(seccomp.ERRNO(errno.ENOSYS))
    allow, arg = seccomp.ALLOW, seccomp.Arg
    allowed = f"{_PROCESS} {_FILES} {_EVENTS} {_ZYGOTE_ONLY}".split()
    for name in allowed:
        _rule(filter_, allow, name)
    _rule(filter_, allow, "prlimit64", arg(0, seccomp.EQ, 0))  # Of oneself, not of others.
    for value in _IOCTLS.values():
        _rule(filter_, allow, "ioctl", arg(1, seccomp.MASKED_EQ, 0xFFFFFFFF, value))
    for name in ("fcntl", "fcntl64"):
        for value in _FCNTLS.values():
            _rule(filter_, allow, name, arg(1, seccomp.MASKED_EQ, 0xFFFFFFFF, value))
    stream = arg(1, seccomp.MASKED_EQ, _SOCK_TYPE_MASK, _SOCK_STREAM)
    _rule(filter_, allow, "socketpair", arg(0, seccomp.EQ, _AF_UNIX), stream)
    _rule(filter_, allow, "clone", arg(0, seccomp.MASKED_EQ, _CLONE_NEW_NAMESPACES, 0))
    for option in (_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NAME):
        _rule(filter_, allow, "prctl", arg(0, seccomp.EQ, option))
    for name in _REFUSED.split():
        if name not in allowed:
            _rule(filter_, seccomp.ERRNO(errno.EPERM), name)
    return _program(filter_)


def _run_filter(seccomp: Any) -> bytes:
    filter_ = seccomp.SyscallFilter(seccomp.ALLOW)
    refuse, arg = seccomp.ERRNO(errno.EPERM), seccomp.Arg
    for name in _ZYGOTE_ONLY.split():
        _rule(filter_, refuse, name)
    _rule(filter_, refuse, "clone", arg(0, seccomp.MASKED_EQ, _CLONE_THREAD, 0))
    _rule(filter_, refuse, "prctl", arg(0, seccomp.NE, _PR_SET_NAME))
    return _program(filter_)


def _program(filter_: Any) -> bytes:
    # libseccomp writes to a descriptor; one in memory works with a full disk too.
    with os.fdopen(os.memfd_create("filter"), "w+b") as file:
        filter_.export_bpf(file)
        file.seek(0, os.SEEK_SET)
        return file.read()


def _rule(filter_: Any, action: int, name: str, *conditions: Any) -> None:
    # A name that this libseccomp or this architecture doesn't know: then it stays refused.
    with contextlib.suppress(OSError, ValueError):
        filter_.add_rule(action, name, *conditions)
