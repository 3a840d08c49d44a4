"""The socket in front of a pipe; the pipe's part is played by a socket pair of the kernel."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from codeplan_model.host import bridge as bridges
from codeplan_model.host.bridge import PIECE, bridge

MEGABYTE = 1 << 20

LAST_WORDS = """
import socket, sys
sys.path.insert(0, sys.argv[1])
from test_bridge import KernelPipe
from codeplan_model.host.bridge import bridge

with bridge(KernelPipe(socket.socket(fileno=int(sys.argv[2])))) as near:
    near.sendall(b"x" * int(sys.argv[3]))
"""


class KernelPipe:
    """See `bridge.Pipe`."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end

    def read(self) -> bytes:
        return self.end.recv(PIECE)

    def write(self, data: bytes) -> None:
        self.end.sendall(data)

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self.end.shutdown(socket.SHUT_RD)

    def close(self) -> None:
        self.end.close()


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The bridge's socket, and the other end of the pipe behind it; no thread is left over."""
    before = threading.active_count()
    pipe, other = socket.socketpair()
    near = bridge(KernelPipe(pipe))
    near.settimeout(10.0)
    other.settimeout(10.0)
    yield near, other
    near.close()
    other.close()
    end = time.monotonic() + 10.0
    while threading.active_count() > before and time.monotonic() < end:
        time.sleep(0.01)
    assert threading.active_count() == before


def everything(end: socket.socket) -> bytes:
    found = bytearray()
    while data := end.recv(PIECE):
        found += data
    return bytes(found)


def test_megabytes_go_both_ways_at_once(ends: tuple[socket.socket, socket.socket]) -> None:
    near, other = ends
    there, back = b"there" * MEGABYTE, b"back" * MEGABYTE
    answering = threading.Thread(target=lambda: (other.sendall(back), other.shutdown(1)))
    asking = threading.Thread(target=lambda: (near.sendall(there), near.shutdown(1)))
    found: list[bytes] = []
    listening = threading.Thread(target=lambda: found.append(everything(other)))
    for thread in (answering, asking, listening):
        thread.start()

    assert back == everything(near)
    for thread in (answering, asking, listening):
        thread.join()
    assert [there] == found


def test_closing_closes_the_other_end_after_all_that_was_sent(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    near, other = ends
    near.sendall(b"last words")
    near.close()

    assert everything(other) == b"last words"


def test_the_other_ends_closing_is_seen_after_all_that_it_sent(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    near, other = ends
    other.sendall(b"last words")
    other.close()

    assert everything(near) == b"last words"


def test_who_goes_on_sending_to_a_gone_end_gets_an_error(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    near, other = ends
    other.close()

    with pytest.raises(ConnectionError):
        near.sendall(b"x" * 100 * MEGABYTE)


def test_who_waits_gives_up_in_time(ends: tuple[socket.socket, socket.socket]) -> None:
    near, _other = ends
    near.settimeout(0.05)

    with pytest.raises(TimeoutError):
        near.recv(1)


def test_who_does_not_read_holds_up_the_sender(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    near, _other = ends
    near.settimeout(0.2)

    with pytest.raises(TimeoutError):
        near.sendall(b"x" * 100 * MEGABYTE)


def test_what_was_sent_before_the_process_ended_arrives() -> None:
    pipe, other = socket.socketpair()
    with other, pipe:
        folder = __file__.rpartition("/")[0]
        process = subprocess.Popen(
            [sys.executable, "-c", LAST_WORDS, folder, str(pipe.fileno()), str(4 * MEGABYTE)],
            pass_fds=(pipe.fileno(),),
        )
        pipe.close()
        other.settimeout(10.0)
        first = other.recv(1)
        time.sleep(0.3)
        rest = everything(other)
        assert process.wait(10) == 0

    assert len(first) + len(rest) == 4 * MEGABYTE


def test_a_stranger_between_two_sockets_of_a_pair_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        ours = socket.create_connection(server.getsockname())
        stranger = socket.create_connection(server.getsockname())
        accepted, later = server.accept()[0], server.accept()[0]
    monkeypatch.setattr(socket, "socketpair", lambda: (later, ours))

    with pytest.raises(ConnectionAbortedError):
        bridges.socket_pair()
    assert -1 == ours.fileno() == later.fileno()
    for end in (stranger, accepted):
        end.close()
