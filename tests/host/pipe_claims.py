"""Claims about named pipes, each in a process of its own: `python pipe_claims.py CLAIM FOLDER`.

Run by test_pipes_windows.py with a Python for Windows, which may lack pytest and numpy. Both ends
are the real ones: the host's loop, its transport, a client's connection. The model is scripted.
"""

from __future__ import annotations

import _winapi
import contextlib
import importlib.util
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import MagicMock

from codeplan_model.generation import Cancelled, CancelToken, Completion, Request, Sampling
from codeplan_model.host import pipes_windows, transport
from codeplan_model.host.client import HostClient
from codeplan_model.host.connection import Connection
from codeplan_model.host.settings import HostSettings
from codeplan_model.host.wire import file_version, request_to_json

MEGABYTE = 1 << 20
STRANGER = "S-1-5-21-1-2-3-1001"


def a_megabyte_goes_both_ways(folder: Path) -> None:
    with host(folder), client(folder) as connection:
        for letter in "abc":
            text = letter * MEGABYTE + "é"
            assert [text[::-1]] == texts(connection, text)


def several_clients_are_served_at_once(folder: Path) -> None:
    def work(number: int) -> bool:
        with client(folder) as connection:
            return all(
                texts(connection, f"{number} {k}" * 1000, n=3)
                == [(f"{number} {k}" * 1000)[::-1]] * 3
                for k in range(20)
            )

    with host(folder), client(folder), ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))


def a_client_that_waits_can_be_cancelled(folder: Path) -> None:
    with host(folder), client(folder) as connection:
        cancel = CancelToken()
        threading.Timer(0.3, cancel.cancel).start()
        begun = time.monotonic()
        try:
            connection.receive(cancel, check=True)
            raise AssertionError("nothing was said to it")
        except Cancelled:
            assert 0.2 < time.monotonic() - begun < 2.0


def a_call_is_cancelled_from_another_thread(folder: Path) -> None:
    with host(folder), client(folder) as connection:
        call = ask(connection, "endless", n=1_000_000)
        while connection.receive(CancelToken())["type"] != "completion":
            pass
        threading.Thread(target=connection.cancel, args=(call,)).start()
        assert connection.drain(call)
        assert texts(connection, "abc") == ["cba"]


def an_idle_connection_is_alive_until_the_host_is_killed(folder: Path) -> None:
    with host(folder) as process, client(folder) as connection:
        assert connection.alive()
        process.kill()
        assert until(lambda: not connection.alive())


def a_call_ends_when_the_host_is_killed(folder: Path) -> None:
    with host(folder) as process, client(folder) as connection:
        ask(connection, "endless", n=1_000_000)
        threading.Timer(0.3, process.kill).start()
        try:
            while True:
                connection.receive(CancelToken())
        except ConnectionError:
            pass


def a_host_ends_when_its_last_client_closes(folder: Path) -> None:
    with host(folder) as process:
        with client(folder) as connection:
            ask(connection, "endless", n=1_000_000)
        assert process.wait(10) == 0


def a_host_ends_when_its_last_client_is_killed(folder: Path) -> None:
    with host(folder) as process:
        asking = start("ask_endlessly", folder)
        assert asking.stdout is not None
        asking.stdout.readline()
        end(asking)
        assert process.wait(10) == 0


def a_host_ends_though_a_client_reads_nothing(folder: Path) -> None:
    with host(folder) as process, client(folder) as reader:
        ask(reader, "x" * MEGABYTE, n=20)
        time.sleep(1.0)
        with client(folder, version="another file"):
            pass  # the host steps down
        assert process.wait(10) == 0


def what_was_sent_before_the_end_arrives(folder: Path) -> None:
    process = start("speak_and_end", folder)
    try:
        assert until(lambda: listens(folder))
        connection, _secret = transport.connect(folder / "key.sock", 5.0)
        with connection:
            connection.settimeout(10.0)
            time.sleep(0.5)
            count = 0
            while data := connection.recv(MEGABYTE):
                count += len(data)
        assert count == MEGABYTE
    finally:
        end(process)


def a_wrong_secret_is_refused(folder: Path) -> None:
    with host(folder), client(folder):
        connection, secret = transport.connect(folder / "key.sock", 5.0)
        wrong = Connection(connection, secret[::-1], version_of(folder))
        try:
            wrong.hello("a stranger", version_of(folder), CancelToken())
            raise AssertionError("it was let in")
        except ConnectionError:
            wrong.close()


def a_taken_name_is_refused(_folder: Path) -> None:
    name = r"\\.\pipe\codeplan-claim-taken"
    listener = pipes_windows.Listener(name)
    assert not free(name)
    connection, _owner = pipes_windows.connect(name, 5.0)
    served = accepted(listener)
    listener.close()
    assert not free(name)
    connection.close()
    served.close()
    assert until(lambda: free(name))


def the_access_list_names_this_user_alone(_folder: Path) -> None:
    name = r"\\.\pipe\codeplan-claim-access"
    listener = pipes_windows.Listener(name)
    handle = open_pipe(name)
    owner, access = pipes_windows.security(handle)
    _winapi.CloseHandle(handle)
    listener.close()
    user = pipes_windows.current_user()
    print(f"user {user}, owner {owner}, access {access}")
    assert owner == user
    # "All" (GA) becomes all rights to a file (FA); Wine leaves it as it was written.
    assert access in (f"D:P(A;;FA;;;{user})", f"D:P(A;;GA;;;{user})")


def the_access_list_is_in_force(_folder: Path) -> None:
    name = r"\\.\pipe\codeplan-claim-stranger"
    pipes_windows.descriptor_text = lambda user: f"O:{user}D:P(A;;GA;;;{STRANGER})"
    listener = pipes_windows.Listener(name)
    try:
        _winapi.CloseHandle(open_pipe(name))
        raise AssertionError("it was opened")
    except PermissionError:
        listener.close()


def a_pipe_of_another_user_hears_nothing(folder: Path) -> None:
    listener, _secret = transport.listen(folder / "key.sock")
    pipes_windows.current_user = lambda: STRANGER
    try:
        transport.connect(folder / "key.sock", 5.0)
        raise AssertionError("it was trusted")
    except transport.NotTrusted:
        pass
    connection = accepted(listener)
    with connection:
        assert connection.recv(100) == b""
    listener.close()


def a_name_nobody_listens_to_is_told(folder: Path) -> None:
    listener, _secret = transport.listen(folder / "key.sock")
    listener.close()
    try:
        transport.connect(folder / "key.sock", 5.0)
        raise AssertionError("somebody listens")
    except FileNotFoundError:
        pass


def a_file_that_a_client_reads_can_be_withdrawn(folder: Path) -> None:
    listener, _secret = transport.listen(folder / "key.sock")
    with open(folder / "key.sock", "rb"):
        transport.withdraw(folder / "key.sock")
    try:
        transport.connect(folder / "key.sock", 5.0)
        raise AssertionError("the pipe is still named")
    except ConnectionRefusedError:
        listener.close()


def a_hundred_connections_leave_nothing_behind(folder: Path) -> None:
    with host(folder), client(folder):
        before = threading.active_count()
        for _ in range(100):
            with client(folder):
                pass
        assert until(lambda: threading.active_count() == before)


def a_client_starts_a_host_and_another_when_that_was_killed(folder: Path) -> None:
    model = folder / "model.gguf"
    model.write_bytes(struct.pack("<4sIQQQ", b"GGUF", 3, 0, 0, 0))
    # The host that the client starts, `python -m codeplan_model.host`, gets its model from here.
    (folder / "sitecustomize.py").write_text(
        f"import sys; sys.path.append({str(Path(__file__).parent)!r})\n"
        "if 'codeplan_model.host' in sys.orig_argv: import pipe_claims; pipe_claims.script()\n"
    )
    os.environ["PYTHONPATH"] += os.pathsep + str(folder)
    os.environ["CODEPLAN_RUNTIME_DIR"] = os.environ["CODEPLAN_STATE_DIR"] = str(folder)
    one, other = (HostClient(model, HostSettings()) for _ in range(2))
    first = one.process_id()
    assert other.process_id() == first
    assert [c.text for c in other.generate([Request("abc", 1, Sampling())])] == ["cba"]
    os.kill(first, signal.SIGTERM)  # which kills, on Windows
    assert [c.text for c in one.generate([Request("def", 1, Sampling())])] == ["fed"]
    second = one.process_id()
    assert second not in (first, os.getpid())
    assert other.process_id() == second
    one.close()
    other.close()
    log = next(folder.glob("*.log"))
    assert until(lambda: f"pid {second} ends" in log.read_text())
    assert f"pid {first} serves" in log.read_text()


# What other processes do.


def serve(folder: Path) -> None:
    script()
    from codeplan_model.host import server

    listener, secret = transport.listen(folder / "key.sock")
    server.Host(folder / "model.gguf", listener, secret, HostSettings(grace=0.0)).run()


def script() -> None:
    """Let this process's host have a scripted model."""
    if importlib.util.find_spec("numpy") is None:
        # The scripted engine computes nothing.
        sys.modules.update({"numpy": MagicMock(), "numpy.typing": MagicMock()})
    from codeplan_model.host import server

    server.LlamaModel = ScriptedModel  # type: ignore[misc, assignment]
    server.Engine = ScriptedEngine  # type: ignore[misc, assignment]


def ask_endlessly(folder: Path) -> None:
    with client(folder) as connection:
        ask(connection, "endless", n=1_000_000)
        while True:
            print(connection.receive(CancelToken())["type"], flush=True)


def speak_and_end(folder: Path) -> None:
    listener, _secret = transport.listen(folder / "key.sock")
    connection = accepted(listener)
    connection.sendall(b"x" * MEGABYTE)
    connection.close()


class ScriptedModel:
    """Says each prompt backwards."""

    metadata: dict[str, object] = {}  # noqa: RUF012 (never changed)
    parameters, context, device, interrupt = 1, 4096, "cpu", None

    def __init__(self, path: str, *_settings: object) -> None:
        self.path = path

    def close(self) -> None:
        pass


class ScriptedEngine:
    """One completion a step; those of "endless" come slowly."""

    def __init__(self, model: ScriptedModel, _parallel: int) -> None:
        self.model = model
        self._left: dict[Hashable, list[tuple[str, int]]] = {}

    @property
    def busy(self) -> bool:
        return bool(self._left)

    @property
    def calls(self) -> list[Hashable]:
        return list(self._left)

    def submit(self, call: Hashable, _owner: Hashable, requests: Sequence[Request]) -> None:
        self._left[call] = [(str(r.prompt)[::-1], r.n) for r in requests]

    def cancel(self, call: Hashable) -> None:
        self._left.pop(call, None)

    def step(self) -> list[object]:
        from codeplan_model.host.engine import Ended, Finished

        call, [(text, left), *_] = next(iter(self._left.items()))
        if text == "endless"[::-1]:
            time.sleep(0.01)
        events: list[object] = [Finished(call, Completion(0, left, text, 0.0, 1, "stop"))]
        self._left[call] = [(text, left - 1)]
        if left == 1:
            del self._left[call]
            events.append(Ended(call))
        return events


# Helpers.


def start(role: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, __file__, role, str(folder)], stdout=subprocess.PIPE, text=True
    )


def end(process: subprocess.Popen[str]) -> None:
    with process:
        process.kill()


@contextlib.contextmanager
def host(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A host process that listens; it is gone afterwards."""
    (folder / "model.gguf").write_bytes(b"a model")
    process = start("serve", folder)
    try:
        assert until(lambda: listens(folder) or process.poll() is not None)
        yield process
    finally:
        end(process)


@contextlib.contextmanager
def client(folder: Path, version: str = "") -> Iterator[Connection]:
    """A connection that has greeted the host."""
    version = version or version_of(folder)
    connection = Connection(*transport.connect(folder / "key.sock", 5.0), version)
    try:
        connection.hello(f"client {id(connection)}", version, CancelToken())
        yield connection
    finally:
        connection.close()


def ask(connection: Connection, prompt: str, n: int) -> int:
    call = connection.next_call()
    requests = [request_to_json(Request(prompt, n, Sampling()))]
    connection.send({"type": "generate", "call": call, "requests": requests})
    return call


def texts(connection: Connection, prompt: str, n: int = 1) -> list[str]:
    call = ask(connection, prompt, n)
    found: list[str] = []
    while True:
        frame = connection.receive(CancelToken())
        if frame.get("call") == call and frame["type"] == "completion":
            found.append(frame["completion"]["text"])
        elif frame.get("call") == call and frame["type"] == "end":
            return found


def accepted(listener: transport.Listener) -> socket.socket:
    while True:
        with contextlib.suppress(BlockingIOError):
            return listener.accept()[0]
        time.sleep(0.01)


def open_pipe(name: str) -> int:
    access = _winapi.GENERIC_READ | _winapi.GENERIC_WRITE
    return _winapi.CreateFile(name, access, 0, _winapi.NULL, _winapi.OPEN_EXISTING, 0, _winapi.NULL)


def listens(folder: Path) -> bool:
    file = folder / "key.sock"
    return file.exists() and file.stat().st_size > 0


def free(name: str) -> bool:
    try:
        pipes_windows.Listener(name).close()
    except PermissionError:
        return False
    return True


def version_of(folder: Path) -> str:
    return file_version((folder / "model.gguf").stat())


def until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


if __name__ == "__main__":
    globals()[sys.argv[1]](Path(sys.argv[2]))
