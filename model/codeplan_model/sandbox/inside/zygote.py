"""The first process inside: imports once, then forks a run for each candidate. Linux only.

It never reads a job: the texts arrive as descriptors that only the forked process reads, so that
nothing of one run, least of all an expected value, lies in memory that another run inherits.
"""

from __future__ import annotations

import base64
import contextlib
import gc
import importlib
import io
import json
import os
import resource
import select
import signal
import socket
import sys
import threading

from . import candidate, examiner, forbidden, lockdown, rehearsal


def main(config: dict) -> None:
    """Lock this process down, import what the file imports, then fork on request until told off.

    config: see `zygote.py` on the trusted side. Order: leave root first, since the other steps
    should hold for the final user; then files, then system calls; imports last, since a package's
    import code is trusted no more than a candidate.
    """
    control = socket.socket(fileno=config["control"])
    lockdown.die_with_parent(config["parent"])
    lockdown.no_new_privileges()
    if config["uid"]:
        lockdown.become(config["uid"])
        # The kernel forgets the wish when the user changes, bubblewrap's too.
        lockdown.die_with_parent(config["parent"])
    elif os.getuid() == 0 and config["isolated"]:
        lockdown.drop_capabilities()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lockdown.not_dumpable()
    facts: dict = {"landlock": 0, "holes": [], "missing": []}
    child_filter = None
    if config["isolated"]:
        facts["landlock"] = lockdown.landlock(config["readable"], config["devices"])
        lockdown.Filter(base64.b64decode(config["zygote_filter"])).install()
        child_filter = lockdown.Filter(base64.b64decode(config["child_filter"]))
        facts["holes"] = lockdown.holes(config["secret"])
    if config["threads"]:
        resource.setrlimit(resource.RLIMIT_NPROC, (config["threads"], config["threads"]))
    lockdown.limit_imports(config["memory"], config["cpu"])
    rehearsal.rehearse()
    # Nobody reads what imports print. (An error of our own still goes to standard error, which
    # the trusted side quotes when we end at this point.)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 2)
    sys.stdout = sys.stderr = io.TextIOWrapper(io.FileIO(null, "w"), encoding="utf-8")
    with _ended_with(control):
        for name in config["imports"]:
            try:
                importlib.import_module(name)
            except BaseException as error:
                facts["missing"].append(f"{name}: {type(error).__name__}: {error}"[:300])
    gc.collect()
    gc.freeze()
    control.send(json.dumps(facts).encode())
    _serve(control, child_filter)


@contextlib.contextmanager
def _ended_with(control: socket.socket):
    """End this process when the other end of `control` is gone, while nothing reads it.

    For root at level A, where the kernel doesn't do it: bubblewrap, the parent, has no right to
    signal the user that this process has become, not even by its death.
    """
    wakes, wake = os.pipe()

    def watch() -> None:
        poller = select.poll()
        poller.register(control, 0)
        poller.register(wakes, select.POLLIN)
        if all(fd != wakes for fd, _ in poller.poll()):
            os._exit(0)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        os.write(wake, b".")
        thread.join()
        os.close(wakes)
        os.close(wake)


def _serve(control: socket.socket, child_filter: lockdown.Filter | None) -> None:
    while True:
        message, fds, _, _ = socket.recv_fds(control, 1 << 16, 3)
        if not message:
            os._exit(0)
        _reap()
        handles: list[int] = []
        answer: dict = {}
        try:
            handles += _start_run(json.loads(message), fds, child_filter)
        except OSError as error:
            answer["error"] = str(error)
        socket.send_fds(control, [json.dumps(answer).encode()], handles)
        for fd in (*fds, *handles):
            os.close(fd)


def _reap() -> None:
    """Let go of ended processes. Here and not when they end, so that no number is reused early."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _start_run(request: dict, fds: list[int], child_filter) -> list[int]:
    """Fork a run's processes; returns pidfds. fds: its jobs, then the pipe for reports."""
    *jobs, out = fds
    if not request["split"]:
        return [_fork(request, child_filter, jobs[0], [out])]
    a, b = socket.socketpair()
    with a, b:
        first = _fork(request, child_filter, jobs[0], [a.fileno()])
        return [first, _fork(request, child_filter, jobs[1], [b.fileno(), out])]


def _fork(request: dict, child_filter, job_fd: int, keep: list[int]) -> int:
    """Fork one process of a run; returns its pidfd.

    keep: what it may hold: [its end of the conversation] or [that, out] or [out].
    """
    parent = os.getpid()
    pid = os.fork()
    if pid:
        # Not reaped before `_reap`, so the number is still its own.
        return os.pidfd_open(pid)
    try:
        lockdown.die_with_parent(parent)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        _close_all_but([job_fd, *keep])
        limits = request["limits"]
        lockdown.limit(limits["memory"], limits["cpu"], limits["threads"])
        if child_filter is not None:
            child_filter.install()
        with os.fdopen(job_fd, "rb") as file:
            job = json.load(file)
        if request["split"] and len(keep) == 1:
            candidate.Candidate(keep[0], job).serve()
        watch = forbidden.Watch()
        watch.install()
        if request["split"]:
            examiner.Examiner(keep[0], keep[1], job, watch).run()
        else:
            examiner.run_alone(keep[0], job, watch)
    except BaseException:
        # Nobody is left to tell: the other side sees that this one has gone.
        os._exit(70)
    os._exit(0)


def _close_all_but(keep: list[int]) -> None:
    """Close every descriptor but the standard ones and these. Stops: using what others hold."""
    last = 3
    for fd in [*sorted(keep), 1 << 16]:
        if fd > last:  # An empty range would be taken for "all".
            os.closerange(last, fd)
        last = fd + 1
