"""What a host and its client refuse: strangers, files that are no model, prompts without end."""

from __future__ import annotations

import os
import socket
import stat
import warnings
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from codeplan_model.generation import BackendError, Request, Sampling
from codeplan_model.host import wire
from codeplan_model.host.client import HostClient
from codeplan_model.host.places import places_for

Connect = Callable[..., HostClient]
SHORT = Request("def total(prices):\n" * 5, 3, Sampling(max_tokens=8))


def test_nonsense_on_the_socket_is_dropped_and_nobody_else_notices(
    connect: Connect, tiny_gguf: Path
) -> None:
    client = connect(tiny_gguf)
    pid = client.process_id()
    for data in (b"GET / HTTP/1.1\r\n\r\n", wire.pack({"type": "generate"}), b"\0\0\0\2{}"):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(places_for(tiny_gguf).socket))
        connection.sendall(data)
        connection.settimeout(10)
        assert connection.recv(100) == b""
        connection.close()

    assert len(list(client.generate([SHORT]))) == 3
    assert client.process_id() == pid


def test_the_socket_is_the_users_alone(connect: Connect, tiny_gguf: Path) -> None:
    connect(tiny_gguf).process_id()
    path = places_for(tiny_gguf).socket

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_another_user_is_not_greeted(connect: Connect, tiny_gguf: Path) -> None:
    client = connect(tiny_gguf)
    client.process_id()
    path = places_for(tiny_gguf).socket
    os.chmod(path.parent, 0o755)
    os.chmod(path, 0o666)
    with warnings.catch_warnings():
        # Python 3.12 warns of forks beside threads; this child only opens a socket.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        os._exit(_greeted_as_another(str(path)))
    _, status = os.waitpid(child, 0)
    os.chmod(path.parent, 0o700)

    assert os.waitstatus_to_exitcode(status) == 0
    assert len(list(client.generate([SHORT]))) == 3


def _greeted_as_another(path: str) -> int:
    """In a child: 0 when the host hangs up on another user, 1 when it talks."""
    try:
        os.setuid(65534)
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(10)
        connection.connect(path)
        connection.sendall(wire.pack({"type": "hello"}))
        return 1 if connection.recv(10) else 0
    except (ConnectionError, PermissionError):
        return 0
    except BaseException:
        return 2


def test_a_stale_socket_file_is_no_obstacle(connect: Connect, tiny_gguf: Path) -> None:
    path = places_for(tiny_gguf).socket
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.close()

    assert len(list(connect(tiny_gguf).generate([SHORT]))) == 3


def test_a_model_that_llama_cpp_refuses_is_reported_and_the_host_ends(
    connect: Connect, tmp_path: Path, write_gguf: Callable[..., Path]
) -> None:
    model = write_gguf(tmp_path / "odd.gguf")
    model.write_bytes(model.read_bytes().replace(b"blk.1.attn_q.weight", b"blk.1.nobody.weight"))
    client = connect(model)
    for _ in range(5):
        with pytest.raises(BackendError, match="can't load") as caught:
            client.info()
        assert not caught.value.retryable


@pytest.mark.parametrize("what", ["missing", "empty", "cut"])
def test_a_bad_file_is_refused_before_a_process_is_started(
    connect: Connect, tiny_gguf: Path, tmp_path: Path, what: str
) -> None:
    path = tmp_path / "bad.gguf"
    if what != "missing":
        path.write_bytes(tiny_gguf.read_bytes()[: 0 if what == "empty" else -500])
    with pytest.raises(BackendError) as caught:
        list(connect(path).generate([SHORT]))

    assert not caught.value.retryable
    assert not places_for(path).log.exists()


def test_a_prompt_that_is_too_long_fails_its_own_call_only(
    connect: Connect, tiny_gguf: Path
) -> None:
    client = connect(tiny_gguf)
    with pytest.raises(BackendError, match="reads 1,024 at most") as caught:
        list(client.generate([Request("word " * 2000)]))

    assert not caught.value.retryable
    assert len(list(client.generate([SHORT]))) == 3


def test_a_closed_client_says_so(connect: Connect, tiny_gguf: Path) -> None:
    client = connect(tiny_gguf)
    client.close()

    with pytest.raises(BackendError, match="closed"):
        client.info()


def test_the_host_opens_no_network_socket(connect: Connect, tiny_gguf: Path) -> None:
    client = connect(tiny_gguf)
    list(client.generate([SHORT]))

    assert psutil.Process(client.process_id()).net_connections("inet") == []
