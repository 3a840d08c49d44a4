"""What the server opens: nothing but local things, whatever it does."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import shutil
import socket
import struct
import subprocess
import sys
import threading

import psutil
import pytest

TEXT = '''\
def reverse_words(text: str) -> str:
    """Return the words of the text in reverse order.

    >>> reverse_words("one two three")
    'three two one'
    """
    ...
'''
RULES = ((r"<\|plan\|>$", "\n1. x<|code|>"), (r"<\|code\|>$", "\n    return text<|end|>"))
GOOD = '\n    return " ".join(reversed(text.split()))<|end|>'
WRITTEN = '''\


def twice(number):
    """
    >>> twice(3)
    6
    >>> twice(5)
    10
    """
    return 2 + number


def shout(text: str):
    return text.upper()
'''
URI = "file:///a.py"


def can_unshare() -> bool:
    """Whether a network namespace without any interface can be had here."""
    if shutil.which("unshare") is None:
        return False
    command = ["unshare", "--net", "--map-root-user", "true"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_a_session_has_no_socket_but_local_ones(fresh):
    client = fresh(*RULES, insert={"failing": "never"}, search={"memory": True})
    buffer = client.open(URI, TEXT)
    client.command("planThenCode", client.place(buffer, "reverse_words"))
    client.command("showPlans", client.place(buffer, "reverse_words"))
    client.command("runExamples", {"uri": URI})

    tree = psutil.Process(client.process.pid)
    processes = [tree, *tree.children(recursive=True)]
    opened = []
    for process in processes:
        # A run of the sandbox's may have ended since.
        with contextlib.suppress(psutil.NoSuchProcess):
            opened += process.net_connections("inet")

    assert opened == []


# Has the kernel ask the parent about every socket but Unix and netlink ones (by which libraries
# list this machine's own interfaces), in this process and all below it. Where the sandbox's own
# filter refuses a socket already, as it does for what it runs, nobody is asked.
GUARD = """
import ctypes, os, platform, socket, struct, sys
calls = {"x86_64": (41, 317), "aarch64": (198, 277)}
make_socket, seccomp = calls[platform.machine()]
load, equal, end = 0x20, 0x15, 0x06
program = [
    (load, 0, 0, 0),  # the system call's number
    (equal, 0, 4, make_socket),
    (load, 0, 0, 16),  # its first argument: the family
    (equal, 2, 0, socket.AF_UNIX),
    (equal, 1, 0, socket.AF_NETLINK),
    (end, 0, 0, 0x7FC00000),  # SECCOMP_RET_USER_NOTIF
    (end, 0, 0, 0x7FFF0000),  # SECCOMP_RET_ALLOW
]
code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *one) for one in program))
head = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program), ctypes.addressof(code)))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(38, 1, 0, 0, 0):  # PR_SET_NO_NEW_PRIVS
    sys.exit("no new privileges")
notify = libc.syscall(seccomp, 1, 8, head)  # with a listener
if notify < 0:
    sys.exit(os.strerror(ctypes.get_errno()))
with socket.socket(fileno=int(sys.argv[1])) as parent:
    socket.send_fds(parent, [b"x"], [notify])
os.close(notify)
os.execv(sys.argv[2], sys.argv[2:])
"""
NOTIFICATION, ANSWER = struct.Struct("=QII iIQ 6Q"), struct.Struct("=QqiI")
RECEIVE, SEND = 0xC0502100, 0xC0182101  # SECCOMP_IOCTL_NOTIF_RECV, _SEND


class Guarded:
    """A process that can open no socket but local ones; `opened` are the families it tried."""

    def __init__(self, *command, **options):
        self.opened = []
        mine, its = socket.socketpair()
        with mine, its:
            number = str(its.fileno())
            self.process = subprocess.Popen(
                [sys.executable, "-c", GUARD, number, sys.executable, *command],
                pass_fds=[its.fileno()],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                **options,
            )
            its.close()
            _, received, _, _ = socket.recv_fds(mine, 1, 1)
        if not received:
            self.process.communicate()
            raise OSError("no guard on this machine")
        (self._notify,) = received
        threading.Thread(target=self._refuse, daemon=True).start()

    def _refuse(self):
        waiting = select.poll()
        waiting.register(self._notify, select.POLLIN)
        while not waiting.poll()[0][1] & select.POLLHUP:  # some process is left that may ask
            data = bytearray(NOTIFICATION.size)
            try:
                fcntl.ioctl(self._notify, RECEIVE, data)
            except OSError:
                continue  # who asked has ended
            id, _, _, _, _, _, family, *_ = NOTIFICATION.unpack(data)
            self.opened.append(family)
            answer = bytearray(ANSWER.pack(id, 0, -errno.EACCES, 0))
            with contextlib.suppress(OSError):
                fcntl.ioctl(self._notify, SEND, answer)
        os.close(self._notify)


def can_be_asked():
    """Whether this kernel lets a process decide about another's system calls."""
    try:
        guarded = Guarded("-c", "")
    except OSError:
        return False
    guarded.process.communicate()
    return guarded.process.returncode == 0


needs_guard = pytest.mark.skipif(not can_be_asked(), reason="no seccomp notifications here")


@needs_guard
def test_the_guard_notices_whatever_opens_another_socket():
    """The control: without it the next test could not fail."""
    code = """
import socket
socket.socket(socket.AF_UNIX)
try:
    socket.socket(socket.AF_INET)
except PermissionError:
    print("refused")
"""
    below = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {code!r}])"

    guarded = Guarded("-c", below)
    out, _ = guarded.process.communicate(timeout=60)

    assert out == b"refused\n"
    assert guarded.opened == [socket.AF_INET]


@needs_guard
@pytest.mark.parametrize("model", ["scripted", pytest.param("llama", marks=pytest.mark.model)])
def test_no_socket_but_local_ones_is_ever_opened(servers, script, model):
    """By the server, the model's process, the sandbox's supervisor, or what they start."""
    settings = script(*RULES, insert={"failing": "never"}, search={"memory": True, "plans": 2})
    if model == "llama":
        settings["backend"] = {"kind": "llama"}
    guarded = Guarded("-m", "codeplan_server", stdin=subprocess.PIPE, env=servers.environment)
    process = guarded.process
    servers.adopt(process)
    client = servers.client(process.stdout, process.stdin, process)
    client.initialize(options={"settings": settings})
    buffer = client.open(URI, TEXT + WRITTEN)

    for name, needle in (
        ("planThenCode", "reverse_words"),
        ("showPlans", "reverse_words"),
        ("repair", "twice"),
        ("writeExamples", "shout"),
        ("explain", "shout"),
        ("runExamples", "twice"),
    ):
        result = client.command(name, client.place(buffer, f"def {needle}"))
        assert result["outcome"] not in ("error", "crashed"), (name, result)

    assert client.end() == 0
    assert guarded.opened == []


@pytest.mark.skipif(not can_unshare(), reason="no network namespaces here")
def test_everything_works_without_any_network(servers, script):
    """As `make test-offline` for all of these tests."""
    process = subprocess.Popen(
        ["unshare", "--net", "--map-root-user", sys.executable, "-m", "codeplan_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=servers.environment,
    )
    servers.adopt(process)
    client = servers.client(process.stdout, process.stdin, process)
    client.initialize(options={"settings": script((r"<\|plan\|>$", "\n1. x<|code|>"), (".", GOOD))})
    buffer = client.open(URI, TEXT)

    result = client.command("planThenCode", client.place(buffer, "reverse_words"))

    assert result["outcome"] == "passed"
    assert result["applied"] is True
    assert client.end() == 0
