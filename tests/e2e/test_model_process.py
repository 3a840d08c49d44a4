"""The real model process behind the server: it dies, is started again, and leaves with the server.

A tiny model with random weights: what it writes is nonsense, and how it is written is the same.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from types import ModuleType

import psutil
import pytest

TEXT = '''\
def total(numbers):
    """The sum.

    >>> total([1, 2, 3])
    6
    """
    ...
'''
URI = "file:///shop/cart.py"
SEARCH = {
    "strategy": "codeplan",
    "memory": False,
    "plans": 150,
    "samples": 1,
    "timeLimit": 30,
}


@pytest.fixture(scope="session")
def tiny_model(random_gguf: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "tiny.gguf"
    return random_gguf.write_random_gguf(path, random_gguf.TINY)


@pytest.fixture
def client(servers, tiny_model):
    client = servers.start()
    settings = {
        "backend": {"model": str(tiny_model)},
        "search": SEARCH,
        "insert": {"failing": "never", "unverified": "never"},
    }
    client.initialize(options={"settings": settings})
    return client


def host_of(client, seconds=120.0) -> psutil.Process:
    """The server's model process, once it is there."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for child in psutil.Process(client.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):  # the sandbox's come and go
                if "codeplan_model.host" in child.cmdline():
                    return child
        time.sleep(0.05)
    raise AssertionError("no model process")


def begin(client, buffer):
    """Start a command and wait until the model generates; its id."""
    client.notifications.clear()
    number = client.begin_command("planThenCode", client.place(buffer, "total"))
    # Any of them: several plans may end in one step, and only the last is told then.
    client.wait_progress(r"plan \d+ of 150")
    return number


def test_a_killed_model_process_is_said_and_the_next_command_works(client):
    buffer = client.open(URI, TEXT)
    number = begin(client, buffer)
    host = host_of(client)

    host.kill()
    result = client.answer(number)["result"]

    assert result["outcome"] == "error"
    assert "The model process died" in client.messages(1)[0]
    assert client.edits == []
    client.notifications.clear()
    number = begin(client, buffer)
    assert host_of(client).pid != host.pid
    client.notify("$/cancelRequest", {"id": number})
    assert client.answer(number)["error"]["code"] == -32800
    assert buffer.text == TEXT


def test_cancelling_stops_the_decoder_and_keeps_the_model_loaded(client):
    buffer = client.open(URI, TEXT)
    number = begin(client, buffer)
    host = host_of(client)

    client.notify("$/cancelRequest", {"id": number})

    assert client.answer(number, 3.0)["error"]["code"] == -32800
    end = time.monotonic() + 60.0
    while host.cpu_percent(0.3) > 20:
        assert time.monotonic() < end, "the decoder goes on"
    assert host.is_running()
    assert host.net_connections("inet") == []


def test_the_model_process_leaves_with_the_server(client, wait_gone):
    buffer = client.open(URI, TEXT)
    begin(client, buffer)
    host = host_of(client)

    assert client.end() == 0

    wait_gone({host}, 3.0)


def test_the_model_process_leaves_when_the_server_is_killed(client, wait_gone):
    buffer = client.open(URI, TEXT)
    begin(client, buffer)
    host = host_of(client)

    client.process.kill()
    client.process.wait()

    wait_gone({host}, 5.0)


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "no such file"), (b"", "is empty"), (b"GGUF" + b"\3\0\0\0" + bytes(3), "cut off")],
    ids=["absent", "empty", "truncated"],
)
def test_a_model_file_that_is_none_is_an_error_in_words(servers, tmp_path, content, words):
    path = tmp_path / "model.gguf"
    if content is not None:
        path.write_bytes(content)
    client = servers.start()
    client.initialize(options={"settings": {"backend": {"model": str(path)}}})
    buffer = client.open(URI, TEXT)

    result = client.command("planThenCode", client.place(buffer, "total"))

    assert result["outcome"] == "error"
    assert words in result["message"].lower()
    assert "model.gguf" in result["message"]
    assert client.status()["works"] == []


WRITTEN = TEXT.replace("    ...\n", "    return sum(numbers)\n")


def has_model_process(client, seconds: float) -> bool:
    """Whether a model process comes within so many seconds."""
    try:
        host_of(client, seconds)
    except AssertionError:
        return False
    return True


def test_a_file_with_a_function_to_write_has_the_model_loaded_before_any_command(client):
    client.open(URI, TEXT)

    host = host_of(client)
    status = client.command("status", {"show": False})

    assert status["backend"]["open"]
    assert not status["works"]
    assert host.is_running()


def test_a_file_whose_functions_are_all_written_loads_nothing(client):
    client.open(URI, WRITTEN)

    assert not has_model_process(client, 1.5)


def test_who_does_not_want_the_model_early_gets_it_with_the_first_command(servers, tiny_model):
    client = servers.start()
    backend = {"model": str(tiny_model), "loadEarly": False}
    client.initialize(options={"settings": {"backend": backend, "search": SEARCH}})
    buffer = client.open(URI, TEXT)

    assert not has_model_process(client, 1.5)

    begin(client, buffer)

    assert has_model_process(client, 60.0)


def test_a_model_that_cannot_be_loaded_early_is_told_by_the_command_that_needs_it(
    servers, tmp_path
):
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"GGUF and nothing else")
    client = servers.start()
    client.initialize(options={"settings": {"backend": {"model": str(path)}, "search": SEARCH}})
    buffer = client.open(URI, TEXT)
    time.sleep(1.0)
    shown = client.messages()

    result = client.command("planThenCode", client.place(buffer, "total"))

    assert not shown
    assert result["outcome"] == "error"
    assert "broken.gguf" in result["message"]


@pytest.mark.parametrize("text", ['def f(x): """doc"""\n    ...\n', "def f(x): pass\n    pass\n"])
def test_opening_a_file_that_is_half_typed_says_nothing(client, text):
    client.open(URI, text)
    host_of(client)

    assert client.messages() == []


def test_an_untrusted_workspace_has_the_model_loaded_and_nothing_run(servers, tiny_model):
    client = servers.start()
    client.initialize(options={"trusted": False, "settings": {"search": SEARCH}})
    client.open(URI, TEXT)
    host_of(client)

    assert client.status()["sandbox"] == "not started yet"


def test_a_trusted_workspace_has_the_sandbox_s_interpreter_too(client):
    client.open(URI, TEXT)
    host_of(client)
    end = time.monotonic() + 30
    while "bubblewrap" not in client.status()["sandbox"] and time.monotonic() < end:
        time.sleep(0.05)

    assert client.status()["sandbox"] != "not started yet"
