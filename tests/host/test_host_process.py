"""Real host processes, real sockets, real signals."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from codeplan_model.generation import BackendError, Cancelled, CancelToken, Request, Sampling
from codeplan_model.host import wire
from codeplan_model.host.client import HostClient
from codeplan_model.host.places import places_for
from codeplan_model.host.settings import HostSettings

Connect = Callable[..., HostClient]
PROMPT = "def total(prices):\n" * 5
SHORT = Request(PROMPT, 3, Sampling(max_tokens=8))
# Minutes of work, even for a tiny model.
ENDLESS = Request(PROMPT, 3000, Sampling(max_tokens=900))

CLIENT = """
import sys
from pathlib import Path
from codeplan_model.generation import Request, Sampling
from codeplan_model.host.client import HostClient
from codeplan_model.host.settings import HostSettings

client = HostClient(Path(sys.argv[1]), HostSettings(grace=0.0))
print(client.process_id(), flush=True)
for _ in client.generate([Request("endless", int(sys.argv[2]), Sampling(max_tokens=900))]):
    print("completion", flush=True)
client.close()
"""


def start_client(model: Path, samples: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(model), str(samples)],
        stdout=subprocess.PIPE,
        text=True,
    )


def until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def gone(pid: int) -> bool:
    """Neither running nor a zombie."""
    return not psutil.pid_exists(pid)


def idle(pid: int) -> bool:
    """The process uses no processor time for a while."""
    process = psutil.Process(pid)
    before = process.cpu_times().user
    time.sleep(0.3)
    return process.cpu_times().user - before < 0.1


def test_a_model_is_described_and_sampled(connect: Connect, tiny_gguf: Path) -> None:
    progress: list[float] = []
    client = connect(tiny_gguf, on_progress=progress.append)
    info = client.info()
    found = list(client.generate([SHORT, SHORT]))

    assert info.name == "random 0.0 (0.1M)"
    assert (info.prompt_format, info.context) == ("codeplan-1", 1024)
    assert info.device.startswith(("CPU, ", "CUDA"))
    assert len(found) == 6
    assert all(c.logprob < 0 and 1 <= c.tokens <= 8 for c in found)
    assert all(0 <= fraction <= 1 for fraction in progress)


def test_a_model_that_is_not_ours_is_asked_by_chat(connect: Connect, chat_gguf: Path) -> None:
    assert connect(chat_gguf).info().prompt_format == "chat"


def test_two_clients_share_one_process_and_it_ends_with_the_last(
    connect: Connect, tiny_gguf: Path
) -> None:
    one, two = connect(tiny_gguf), connect(tiny_gguf)
    pid = one.process_id()
    assert two.process_id() == pid
    one.close()
    assert len(list(two.generate([SHORT]))) == 3
    two.close()
    two.close()

    assert until(lambda: gone(pid))


def test_the_host_waits_for_the_next_client_during_its_grace(
    connect: Connect, tiny_gguf: Path
) -> None:
    first = connect(tiny_gguf, grace=1.0)
    pid = first.process_id()
    first.close()
    time.sleep(0.3)
    second = connect(tiny_gguf)
    assert second.process_id() == pid
    second.close()
    time.sleep(0.5)
    assert not gone(pid)
    assert until(lambda: gone(pid))


def test_clients_that_start_together_end_with_one_host(connect: Connect, tiny_gguf: Path) -> None:
    clients = [connect(tiny_gguf, grace=2.0) for _ in range(6)]
    processes = [start_client(tiny_gguf, 1) for _ in range(3)]
    with ThreadPoolExecutor(6) as pool:
        pids = set(pool.map(lambda client: client.process_id(), clients))
    for process in processes:
        output, _ = process.communicate(timeout=60)
        pids.add(int(output.split()[0]))

    assert len(pids) == 1


def test_several_clients_are_served_at_once_and_each_gets_its_own(
    connect: Connect, tiny_gguf: Path
) -> None:
    clients = [connect(tiny_gguf) for _ in range(4)]
    requests = [Request(f"prompt {n}", 12, Sampling(max_tokens=20, seed=n)) for n in range(4)]
    alone = [sorted(c.text for c in clients[0].generate([r])) for r in requests]
    with ThreadPoolExecutor(4) as pool:
        together = list(
            pool.map(
                lambda pair: sorted(c.text for c in pair[0].generate([pair[1]])),
                zip(clients, requests, strict=True),
            )
        )

    assert together == alone


def test_one_client_can_run_several_calls_at_once(connect: Connect, tiny_gguf: Path) -> None:
    client = connect(tiny_gguf)
    outer = []
    for completion in client.generate([Request("outer", 10, Sampling(max_tokens=5))]):
        outer.append(completion)
        assert len(list(client.generate([SHORT]))) == 3

    assert len(outer) == 10


def test_a_cancel_stops_the_decoder_at_once(connect: Connect, tiny_gguf: Path) -> None:
    client = connect(tiny_gguf)
    pid = client.process_id()
    client.info()
    for _ in range(3):
        token = CancelToken()
        fired: list[float] = []

        def fire(token: CancelToken = token, fired: list[float] = fired) -> None:
            fired.append(time.monotonic())
            token.cancel()

        threading.Timer(0.1, fire).start()
        with pytest.raises(Cancelled):
            list(client.generate([ENDLESS], token))
        # The usual figure is a few milliseconds; the bound allows for a busy machine.
        assert time.monotonic() - fired[0] < 1.0
    assert idle(pid)
    assert len(list(client.generate([SHORT]))) == 3


def test_a_token_that_fired_before_asks_nothing(connect: Connect, tiny_gguf: Path) -> None:
    token = CancelToken()
    token.cancel()
    client = connect(tiny_gguf)

    with pytest.raises(Cancelled):
        list(client.generate([SHORT], token))
    with pytest.raises(Cancelled):
        client.info(token)


def test_who_stops_pulling_stops_the_decoder(connect: Connect, tiny_gguf: Path) -> None:
    client = connect(tiny_gguf)
    completions = client.generate([Request("x", 3000, Sampling(max_tokens=20))])
    next(completions)
    completions.close()  # type: ignore[attr-defined]

    assert idle(client.process_id())


def test_the_others_go_on_when_one_cancels(connect: Connect, tiny_gguf: Path) -> None:
    one, two = connect(tiny_gguf), connect(tiny_gguf)
    token = CancelToken()
    with ThreadPoolExecutor(1) as pool:
        endless = pool.submit(lambda: list(one.generate([ENDLESS], token)))
        try:
            # The endless call fills the cache, so texts may differ from those of an idle host.
            counts = [len(list(two.generate([SHORT]))) for _ in range(3)]
        finally:
            token.cancel()
        with pytest.raises(Cancelled):
            endless.result(timeout=10)

    assert counts == [3, 3, 3]
    expected = sorted(c.text for c in two.generate([SHORT]))
    assert sorted(c.text for c in two.generate([SHORT])) == expected


def test_a_killed_client_leaves_no_work_behind(connect: Connect, tiny_gguf: Path) -> None:
    client = connect(tiny_gguf)
    pid = client.process_id()
    other = start_client(tiny_gguf, 3000)
    assert other.stdout is not None
    assert int(other.stdout.readline()) == pid
    other.stdout.readline()
    other.kill()
    other.communicate()

    assert until(lambda: idle(pid))
    assert len(list(client.generate([SHORT]))) == 3


def test_a_host_whose_only_client_is_killed_ends(tiny_gguf: Path, host_folders: Path) -> None:
    process = start_client(tiny_gguf, 3000)
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    process.kill()
    process.communicate()

    assert until(lambda: gone(pid))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (signal.SIGKILL, "killed, by hand or because memory ran out"),
        (signal.SIGSEGV, "crashed; the model file may be damaged"),
        (signal.SIGILL, r"can't do \(SIGILL\)"),
        (signal.SIGABRT, "crashed|SIGABRT"),
    ],
)
def test_a_host_that_dies_is_reported_in_words_and_replaced(
    connect: Connect, tiny_gguf: Path, number: signal.Signals, words: str
) -> None:
    client = connect(tiny_gguf)
    pid = client.process_id()
    completions = client.generate([ENDLESS])
    threading.Timer(0.2, os.kill, (pid, number)).start()
    with pytest.raises(BackendError, match=words) as caught:
        list(completions)

    assert caught.value.retryable
    assert "The next call starts a new one" in str(caught.value)
    assert until(lambda: gone(pid))
    assert len(list(client.generate([SHORT]))) == 3
    assert client.process_id() != pid
    assert ("safe setting" in client.info().device) == (number == signal.SIGILL)


def test_every_client_survives_the_hosts_death(connect: Connect, tiny_gguf: Path) -> None:
    clients = [connect(tiny_gguf) for _ in range(3)]
    pid = clients[0].process_id()
    with ThreadPoolExecutor(3) as pool:
        calls = [pool.submit(lambda c=c: list(c.generate([ENDLESS]))) for c in clients]
        time.sleep(0.3)
        os.kill(pid, signal.SIGKILL)
        for call in calls:
            with pytest.raises(BackendError, match="died"):
                call.result(timeout=20)
        again = list(pool.map(lambda c: len(list(c.generate([SHORT]))), clients))

    assert again == [3, 3, 3]
    assert len({c.process_id() for c in clients}) == 1


def test_a_host_that_died_between_calls_is_replaced_silently(
    connect: Connect, tiny_gguf: Path
) -> None:
    client = connect(tiny_gguf)
    os.kill(client.process_id(), signal.SIGKILL)
    assert until(lambda: not client._idle[0].alive())

    assert len(list(client.generate([SHORT]))) == 3


def test_a_host_that_dies_as_a_call_reaches_it_is_replaced_silently(
    connect: Connect, tiny_gguf: Path
) -> None:
    client = connect(tiny_gguf)
    pid = client.process_id()
    # It still accepts bytes, but will never read them.
    os.kill(pid, signal.SIGSTOP)
    threading.Timer(0.3, os.kill, (pid, signal.SIGKILL)).start()

    assert len(list(client.generate([SHORT]))) == 3
    assert client.process_id() != pid


def test_a_host_that_keeps_dying_is_not_started_again_and_again(
    connect: Connect, tiny_gguf: Path
) -> None:
    client = connect(tiny_gguf)
    for _ in range(3):
        pid = client.process_id()
        threading.Timer(0.1, os.kill, (pid, signal.SIGKILL)).start()
        with pytest.raises(BackendError, match="died"):
            list(client.generate([ENDLESS]))
    with pytest.raises(BackendError, match="died 3 times within a minute") as caught:
        client.info()

    assert caught.value.retryable
    # The pause is two seconds after the third death.
    assert until(lambda: _works(client), 15)


def _works(client: HostClient) -> bool:
    try:
        return len(list(client.generate([SHORT]))) == 3
    except BackendError:
        return False


def test_a_replaced_model_file_replaces_the_host(
    connect: Connect, tmp_path: Path, write_gguf: Callable[..., Path]
) -> None:
    model = write_gguf(tmp_path / "model.gguf")
    one, two = connect(model), connect(model)
    pid = one.process_id()
    assert two.process_id() == pid
    before = sorted(c.text for c in two.generate([SHORT]))
    os.replace(write_gguf(tmp_path / "new.gguf", seed=7), model)
    after = sorted(c.text for c in one.generate([SHORT]))

    assert before != after
    assert one.process_id() != pid
    assert two.process_id() == one.process_id()
    assert until(lambda: gone(pid))


def test_a_host_of_another_version_steps_down_when_its_work_is_done(
    connect: Connect, tiny_gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = connect(tiny_gguf)
    pid = old.process_id()
    work = old.generate([Request("x", 60, Sampling(max_tokens=60))])
    next(work)
    monkeypatch.setattr("codeplan_model.host.connection.__version__", "99.0")
    places = places_for(tiny_gguf)
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(places.socket))
    hello = {"type": "hello", "client": "new", "protocol": wire.PROTOCOL, "codeplan": "99.0"}
    connection.sendall(wire.pack(hello))
    [reply] = wire.Unpacker().feed(connection.recv(10_000))
    connection.close()

    assert reply["type"] == "stale"
    assert "99.0" in reply["why"]
    assert len(list(work)) == 59
    assert until(lambda: gone(pid))
    assert not places.socket.exists()


def test_an_idle_model_is_unloaded_and_comes_back(connect: Connect, tiny_gguf: Path) -> None:
    client = connect(tiny_gguf, unload_after=0.2)
    before = [c.text for c in client.generate([SHORT])]
    pid = client.process_id()
    log = places_for(tiny_gguf).log
    assert until(lambda: "unloading" in log.read_text())

    assert [c.text for c in client.generate([SHORT])] == before
    assert client.process_id() == pid


@pytest.mark.parametrize("grace", [0.0, 60.0])
def test_a_host_ends_by_sigterm(connect: Connect, tiny_gguf: Path, grace: float) -> None:
    client = connect(tiny_gguf, grace=grace)
    pid = client.process_id()
    os.kill(pid, signal.SIGTERM)

    assert until(lambda: gone(pid))


# A host whose main thread is never interrupted by a signal: another thread gets it.
ELSEWHERE = """
import signal, sys, threading, time
threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
from codeplan_model.host.__main__ import main
main(sys.argv[1:])
"""


def test_a_signal_that_does_not_wake_the_main_thread_ends_the_host_too(
    host_folders: Path, tiny_gguf: Path
) -> None:
    settings = HostSettings(grace=3600.0)
    with subprocess.Popen(
        [sys.executable, "-c", ELSEWHERE, str(tiny_gguf), settings.to_json()],
        stderr=subprocess.DEVNULL,
    ) as host:
        client = HostClient(tiny_gguf, settings)
        assert until(places_for(tiny_gguf).socket.exists, 60.0)
        assert client.process_id() == host.pid
        assert until(lambda: idle(host.pid), 60.0)

        host.send_signal(signal.SIGTERM)

        assert host.wait(20.0) == 0
        client.close()


def test_nothing_reaches_the_clients_streams(tiny_gguf: Path, host_folders: Path) -> None:
    code = CLIENT.replace("print(client.process_id(), flush=True)", "client.info()")
    done = subprocess.run(
        [sys.executable, "-c", code, str(tiny_gguf), "2"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "completion\n" * 2
    assert done.stderr == ""
