"""The first process inside: imports once, then forks a run for each candidate. Linux only.

It never reads a job: the texts arrive as descriptors that only the forked process reads, so that
nothing of one run, least of all an expected value, lies in memory that another run inherits. What
the candidates of one task share, their examiner's job, is read in a process of its own, the
template, from which only examiners are forked.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # signal without its enumerations
import _socket
import gc
import importlib
import io
import marshal
import os
import resource
import struct
import sys

from . import candidate, examiner, forbidden, guard, lockdown, rehearsal, wire


def main(config: dict) -> None:
    """Lock this process down, import what the file imports, then fork on request until told off.

    config: see `launch.py` on the trusted side. Order: leave root first, since the other steps
    should hold for the final user; then files, then system calls; packages last, since their code
    (of imports, and of .pth files) is trusted no more than a candidate.
    """
    parent = config["parent"]
    if config["guarded"]:
        parent = guard.leave(parent)
    control = _socket.socket(fileno=config["control"])
    lockdown.die_with_parent(parent)
    if _is_alone(control):
        # The supervisor died before anything could tell this process of it.
        os._exit(0)
    lockdown.no_new_privileges()
    if config["uid"]:
        lockdown.become(config["uid"])
        # The kernel forgets the wish when the user changes, bubblewrap's too.
        lockdown.die_with_parent(parent)
    elif os.getuid() == 0 and config["isolated"]:
        lockdown.drop_capabilities()
    _signal.signal(_signal.SIGINT, _signal.SIG_IGN)
    lockdown.not_dumpable()
    facts: dict = {"landlock": 0, "holes": [], "missing": []}
    child_filter = None
    if config["isolated"]:
        facts["landlock"] = lockdown.landlock(config["readable"], config["devices"])
        lockdown.Filter(config["zygote_filter"]).install()
        child_filter = lockdown.Filter(config["child_filter"])
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
    try:
        _add_packages(config["prefix"], config["packages"])
    except BaseException as error:
        facts["missing"].append(f"site-packages: {type(error).__name__}: {error}"[:300])
    for name in config["imports"]:
        try:
            importlib.import_module(name)
        except BaseException as error:
            facts["missing"].append(f"{name}: {type(error).__name__}: {error}"[:300])
    lockdown.limit_runs()
    gc.collect()
    gc.freeze()
    control.send(wire.to_text(facts))
    _serve(control, child_filter)


def _is_alone(control: _socket.socket) -> bool:
    """Whether nobody holds the other end of the control socket any more."""
    try:
        return not control.recv(1, _socket.MSG_PEEK | _socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False


def _add_packages(prefix: str, packages: list[str]) -> None:
    """Do what the interpreter's own start would have done (it runs with -S), now contained.

    Stops: .pth files of a virtual environment that run code before anything holds.
    """
    import site

    sys.prefix = sys.exec_prefix = prefix
    site.setquit()
    site.setcopyright()
    site.sethelper()
    for folder in packages:
        site.addsitedir(folder)


def _serve(
    control: _socket.socket, child_filter, template: examiner.Examiner | None = None
) -> None:
    """Fork what is asked for; returns never.

    Requests: {"role", "limits"} with descriptors. A "candidate" gets [job, go, its end of the
    conversation], an "examiner" (asked of a template only) [go, its end, reports], a run "alone"
    [job, go, reports], a "template" [job, its control socket].
    """
    while True:
        message, fds = _receive(control, 3)
        if not message:
            os._exit(0)
        _reap()
        handles: list[int] = []
        answer = b"{}"
        try:
            request = marshal.loads(message)
            handles.append(_fork(request["role"], request["limits"], fds, child_filter, template))
        except OSError as error:
            answer = wire.to_text({"error": str(error)})
        _send(control, answer, handles)
        for fd in (*fds, *handles):
            os.close(fd)


def _receive(control: _socket.socket, most: int) -> tuple[bytes, list[int]]:
    """As socket.recv_fds, without the module socket; see boot.py."""
    size = struct.calcsize("i")
    message, ancillary, _, _ = control.recvmsg(1 << 16, _socket.CMSG_LEN(most * size))
    fds: list[int] = []
    for level, kind, data in ancillary:
        if (level, kind) == (_socket.SOL_SOCKET, _socket.SCM_RIGHTS):
            fds += struct.unpack(f"{len(data) // size}i", data[: len(data) // size * size])
    return message, fds


def _send(control: _socket.socket, message: bytes, fds: list[int]) -> None:
    rights = (_socket.SOL_SOCKET, _socket.SCM_RIGHTS, struct.pack(f"{len(fds)}i", *fds))
    control.sendmsg([message], [rights] if fds else [])


def _reap() -> None:
    """Let go of ended processes. Here and not when they end, so that no number is reused early."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _fork(role: str, limits: dict, fds: list[int], child_filter, template) -> int:
    """Fork one process, which does its work with these descriptors alone; returns its pidfd."""
    parent = os.getpid()
    pid = os.fork()
    if pid:
        # Not reaped before `_reap`, so the number is still its own.
        return os.pidfd_open(pid)
    try:
        lockdown.die_with_parent(parent)
        _close_all_but(fds)
        if role == "template":
            _be_template(fds[0], fds[1], child_filter)
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
        lockdown.limit(limits["memory"], limits["cpu"], limits["threads"])
        if child_filter is not None:
            child_filter.install()
        if role == "candidate":
            candidate.warm()
        # Up to here there is nothing of any candidate in this process.
        go = fds[0] if role == "examiner" else fds[1]
        if not os.read(go, 1):
            os._exit(0)
        os.close(go)
        if role == "examiner":
            template.run(fds[1], fds[2])
        elif role == "candidate":
            candidate.Candidate(fds[2], _job(fds[0])).serve()
        else:
            watch = forbidden.Watch()
            watch.install()
            examiner.run_alone(fds[2], _job(fds[0]), watch)
    except BaseException:
        # Nobody is left to tell: the other side sees that this one has gone.
        os._exit(70)
    os._exit(0)


def _be_template(job: int, control: int, child_filter) -> None:
    """Read an examiner's job once for all its candidates, then fork an examiner for each.

    No candidate's process comes from here, and none of the file's code runs here.
    """
    watch = forbidden.Watch()
    watch.install()
    template = examiner.Examiner(_job(job), watch)
    gc.collect()
    gc.freeze()
    socket = _socket.socket(fileno=control)
    socket.send(b"{}")
    _serve(socket, child_filter, template)


def _job(fd: int) -> dict:
    with os.fdopen(fd, "rb") as file:
        return marshal.load(file)


def _close_all_but(keep: list[int]) -> None:
    """Close every descriptor but the standard ones and these. Stops: using what others hold."""
    last = 3
    for fd in [*sorted(keep), 1 << 16]:
        if fd > last:  # An empty range would be taken for "all".
            os.closerange(last, fd)
        last = fd + 1
