"""A process that outlives the zygote by a moment, to end whatever its imports have started.

Used where there is no process namespace whose end does that (level B). It stays outside of all
containment and runs no code but this: nothing of a package, nothing of a candidate.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # signal without its enumerations
import os

from . import lockdown


def leave(parent: int) -> int:
    """Return in a new process, in a process group of its own; this one stays behind as its guard.

    parent: the process that started this one. When it ends, however it ends, or when it asks by
    SIGTERM, or when the zygote ends, the guard kills the whole group and ends. What imports start
    is in that group, since the filters refuse setsid and setpgid. Returns the guard's number.
    """
    guard = os.getpid()
    awaited = {_signal.SIGTERM, _signal.SIGCHLD}
    _signal.signal(_signal.SIGCHLD, _ignore)
    _signal.pthread_sigmask(_signal.SIG_BLOCK, awaited)
    zygote = os.fork()
    if zygote == 0:
        os.setpgid(0, 0)
        _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)
        _signal.pthread_sigmask(_signal.SIG_UNBLOCK, awaited)
        return guard
    os.closerange(3, 1 << 16)
    try:
        lockdown.die_with_parent(parent, _signal.SIGTERM)
        _signal.sigwait(awaited)
    finally:
        try:
            # Not waited for before: so the number still means that group.
            _kill(zygote)
            # Process 1 would leave it a zombie for as long as it likes: seconds, on some machines.
            os.waitpid(zygote, 0)
        finally:
            os._exit(0)


def _kill(zygote: int) -> None:
    for kill in (os.killpg, os.kill):  # It may not have its group yet.
        try:
            kill(zygote, _signal.SIGKILL)
        except ProcessLookupError:
            continue


def _ignore(*_: object) -> None:
    """A handler, since an ignored SIGCHLD would let the kernel forget the zygote's number."""
