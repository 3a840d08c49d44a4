"""A step of a large model is put off for a message. Here a step lasts until somebody speaks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from codeplan_model.generation import Cancelled, CancelToken, Request, Sampling
from codeplan_model.host import transport
from codeplan_model.host.client import HostClient
from codeplan_model.host.llama import Interrupted, LlamaModel
from codeplan_model.host.places import places_for
from codeplan_model.host.server import Host
from codeplan_model.host.settings import HostSettings

SHORT = Request("def total(prices):\n", 2, Sampling(max_tokens=3))
Connect = Callable[..., HostClient]


@pytest.fixture
def host(host_folders: Path, tiny_gguf: Path) -> Iterator[Host]:
    """A host in a thread of this process, so that its steps can be made long."""
    listener, secret = transport.listen(places_for(tiny_gguf).socket)
    host = Host(tiny_gguf, listener, secret, HostSettings(grace=0.0, threads=1))
    thread = threading.Thread(target=host.run, daemon=True)
    thread.start()
    yield host
    host.end()
    thread.join(20)
    assert not thread.is_alive()
    transport.withdraw(places_for(tiny_gguf).socket)


def test_every_cancel_is_heard_in_the_step_that_runs(
    host: Host, connect: Connect, tiny_gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connect(tiny_gguf)
    client.info()
    computing = threading.Event()
    over = threading.Event()

    def endless(model: LlamaModel, *_columns: Any) -> None:
        computing.set()
        while not over.wait(0.001):
            if model.interrupt is not None and model.interrupt():
                break
        raise Interrupted

    monkeypatch.setattr(LlamaModel, "decode", endless)
    # A step that nobody can stop ends with the test.
    backstop = threading.Timer(20, over.set)
    backstop.start()
    for _ in range(6):
        computing.clear()
        cancel = CancelToken()
        threading.Thread(target=lambda c=cancel: (computing.wait(), c.cancel())).start()
        with pytest.raises(Cancelled):
            list(client.generate([SHORT], cancel))
    backstop.cancel()

    assert not over.is_set()


def test_a_talkative_client_cannot_keep_another_one_from_going_on(
    host: Host, connect: Connect, tiny_gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, talkative = connect(tiny_gguf), connect(tiny_gguf)
    client.info()
    compute = LlamaModel.decode
    put_off = 0

    def slow(model: LlamaModel, *columns: Any) -> Any:
        nonlocal put_off
        for _ in range(40):
            if model.interrupt is not None and model.interrupt():
                put_off += 1
                raise Interrupted
            time.sleep(0.001)
        return compute(model, *columns)

    def talk() -> None:
        while not done.is_set():
            talkative.info()

    monkeypatch.setattr(LlamaModel, "decode", slow)
    done = threading.Event()
    thread = threading.Thread(target=talk)
    thread.start()
    # Put off for ever, it ends with the test.
    cancel = CancelToken()
    backstop = threading.Timer(20, cancel.cancel)
    backstop.start()
    try:
        found = list(client.generate([SHORT], cancel))
    finally:
        backstop.cancel()
        done.set()
        thread.join()

    assert len(found) == 2
    assert put_off > 0
