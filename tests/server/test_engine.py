"""What is shared and replaced (engine.py), and the threads that work (workers.py)."""

from __future__ import annotations

import asyncio
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from codeplan_model.extract import task_named
from codeplan_model.generation import Cancelled, CancelToken
from codeplan_model.sandbox import Limits
from codeplan_model.values import Candidate, Outcome
from codeplan_server.engine import Engine, EngineClosed, Shared
from codeplan_server.sections import BackendSettings, SandboxSettings
from codeplan_server.settings import read_settings
from codeplan_server.workers import Workers


class Thing:
    def __init__(self, key):
        self.key = key
        self.closed = 0

    def close(self):
        self.closed += 1


def test_the_same_key_opens_once():
    shared = Shared(Thing)

    with shared.use(1) as one, shared.use(1) as other:
        assert one is other
    assert one.closed == 0
    assert shared.current() is one


def test_another_key_replaces_what_nobody_uses_at_once():
    shared = Shared(Thing)
    with shared.use(1) as one:
        pass

    with shared.use(2) as two:
        assert one.closed == 1

    assert shared.current() is two
    assert two.closed == 0


def test_what_is_in_use_is_closed_by_its_last_user():
    shared = Shared(Thing)
    with shared.use(1) as one:
        with shared.use(1):
            with shared.use(2):
                assert one.closed == 0
            assert one.closed == 0
        assert one.closed == 0
    assert one.closed == 1


def test_what_cannot_be_opened_leaves_the_current_thing_alone():
    def open_thing(key):
        if key == "bad":
            raise ValueError("no")
        return Thing(key)

    shared = Shared(open_thing)
    with shared.use(1) as one:
        pass
    with pytest.raises(ValueError, match="no"), shared.use("bad"):
        pass

    assert shared.current() is one
    with shared.use(1) as again:
        assert again is one


def test_closing_closes_what_is_in_use_too_and_opens_nothing_more():
    shared = Shared(Thing)
    with shared.use(1) as one, shared.use(2) as two:
        shared.close()
        assert (one.closed, two.closed) == (1, 1)
    assert (one.closed, two.closed) == (1, 1)
    with pytest.raises(EngineClosed), shared.use(3):
        pass


async def test_work_gives_its_result_or_its_exception():
    workers = Workers("test", 2)

    assert await workers.submit(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        await workers.submit(lambda: 1 // 0)


async def test_an_escaped_stop_iteration_is_an_error_and_not_a_hang():
    workers = Workers("test", 1)

    with pytest.raises(RuntimeError, match="StopIteration"):
        await asyncio.wait_for(workers.submit(lambda: next(iter(()))), 5.0)
    assert await workers.submit(lambda: "alive") == "alive"


async def test_no_more_work_runs_at_a_time_than_there_are_workers():
    workers = Workers("test", 2)
    lock = threading.Lock()
    now = most = 0

    def work():
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.02)
        with lock:
            now -= 1

    await asyncio.gather(*(workers.submit(work) for _ in range(8)))

    assert most == 2


async def test_work_that_was_cancelled_while_it_waited_never_begins():
    workers = Workers("test", 1)
    cancel = CancelToken()
    gate = threading.Event()
    begun = []
    first = workers.submit(gate.wait)
    second = workers.submit(lambda: begun.append(1), cancel)

    cancel.cancel()
    gate.set()

    await first
    with pytest.raises(Cancelled):
        await second
    assert begun == []


async def test_the_loop_goes_on_while_work_is_done():
    workers = Workers("test", 1)
    work = workers.submit(lambda: time.sleep(0.2))
    ticks = 0

    while not work.done():
        await asyncio.sleep(0.01)
        ticks += 1

    assert ticks > 3


def test_a_key_is_taken_from_the_variable_of_the_settings_and_from_no_other(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "for another server")
    monkeypatch.setenv("MY_KEY", "for this one")
    received: list[str | None] = []

    class Server(BaseHTTPRequestHandler):
        def do_GET(self):
            received.append(self.headers["Authorization"])
            body = b'{"data": [{"id": "small"}]}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format, *args):
            """Nothing on stderr."""

    engine = Engine()
    with HTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        for variable in ("MY_KEY", "UNSET_KEY"):
            settings = BackendSettings(kind="openai", base_url=url, key_variable=variable)
            with engine.backends.use(settings) as backend:
                assert backend.info().name == "small"
        server.shutdown()
    engine.close()

    assert received == ["Bearer for this one", None]


def test_the_settings_defaults_are_the_sandbox_s():
    engine = Engine()
    try:
        with engine.sandboxes.use(SandboxSettings()) as sandbox:
            assert sandbox.limits == Limits()
    finally:
        engine.close()


def test_the_limits_that_are_set_are_those_of_the_runs():
    settings, problems = read_settings(
        {
            "sandbox": {
                "wallSeconds": 0.5,
                "cpuSeconds": 3,
                "memoryMb": 200,
                "outputBytes": 5000,
                "threads": 2,
                "importSeconds": 20,
                "importMemoryMb": 1000,
            }
        }
    )
    task = task_named('def f(x):\n    """\n    >>> f(1)\n    2\n    """\n', "f", with_tests=False)
    engine = Engine()
    try:
        with engine.sandboxes.use(settings.sandbox) as sandbox:
            limits = sandbox.limits
            slow = sandbox.judge(task, Candidate("    while True: pass"))
            loud = sandbox.judge(task, Candidate("    print('x' * 9000)\n    return x + 1"))
    finally:
        engine.close()

    assert problems == ()
    assert limits == Limits(0.5, 3.0, 200, 5000, 2, 20.0, 1000)
    assert slow.outcome is Outcome.TIMED_OUT
    assert slow.seconds < 20
    assert loud.outcome not in (Outcome.PASSED, Outcome.TIMED_OUT)
