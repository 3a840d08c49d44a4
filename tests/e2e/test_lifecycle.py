"""Start and end of the server process: quick, complete, and with stdout for the protocol alone."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest

PLAN = "\n1. Add the numbers up.<|code|>"
GOOD = "\n    return sum(numbers)<|end|>"
TEXT = '''\
def total(numbers):
    """The sum.

    >>> total([1, 2, 3])
    6
    """
    ...
'''
SLOW = ((r"<\|plan\|>$", PLAN, 200.0), (r"<\|code\|>$", GOOD))
FAST = ((r"<\|plan\|>$", PLAN), (r"<\|code\|>$", GOOD))
URI = "file:///shop/cart.py"
# The promise is a second, on a quiet machine; the server's own watchdog sees to it. The work that
# is going on would take minutes.
WITHIN = 20.0
HEAVY = ("torch", "transformers", "openai", "llama_cpp")


def warm(client):
    """Run a command to its end, so that the sandbox's processes exist."""
    buffer = client.open("file:///warm.py", TEXT)
    assert client.command("planThenCode", client.place(buffer, "total"))["applied"] is True


def begin_slow(client, fresh_script):
    client.use(fresh_script(*SLOW))
    buffer = client.open(URI, TEXT)
    client.notifications.clear()
    number = client.begin_command("planThenCode", client.place(buffer, "total"))
    client.wait_progress("sampling")
    return number


def test_the_version_is_told_without_loading_anything_heavy(servers):
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "codeplan_server", "--version"],
        env=servers.environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.startswith("codeplan-server ")
    loaded = {
        line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()
    }
    assert "codeplan_server" in loaded
    assert loaded.isdisjoint({*HEAVY, "numpy"})


def test_a_whole_session_loads_nothing_heavy_into_the_server(fresh):
    client = fresh(*FAST)
    warm(client)

    maps = psutil.Process(client.process.pid).memory_maps()

    loaded = {name for name in HEAVY for entry in maps if name in entry.path}
    assert loaded == set()


def test_initialize_is_answered_while_no_model_is_loaded(servers):
    client = servers.start()

    client.initialize(options={"backend": {"model": "/nowhere/model.gguf"}})

    backend = client.status()["backend"]
    assert (backend["model"], backend["open"]) == ("/nowhere/model.gguf", False)
    assert psutil.Process(client.process.pid).children() == []


def test_shutdown_and_exit_in_mid_generation_end_everything_within_a_second(
    fresh, script, descendants, wait_gone
):
    client = fresh(*FAST)
    warm(client)
    number = begin_slow(client, script)
    children = descendants(client.process.pid)
    assert children

    assert client.end() == 0

    wait_gone(children, 1.0)
    (response,) = client.responses.get(number, [None])
    assert response is None or response["result"]["outcome"] == "cancelled"


@pytest.mark.parametrize("at", ["rest", "endless examples"])
def test_shutdown_and_exit_end_everything_at_rest_and_while_examples_run(
    fresh, descendants, wait_gone, at
):
    """How long it takes is measured by benchmarks/ending: here it would be the machine's load."""
    client = fresh(*FAST, sandbox={"wallSeconds": 600})
    warm(client)
    if at == "endless examples":
        text = 'def f():\n    """\n    >>> f()\n    """\n    while True: pass\n'
        buffer = client.open(URI, text)
        client.begin_command("runExamples", client.place(buffer, "f("))
        while not client.status()["works"]:
            time.sleep(0.02)
    children = descendants(client.process.pid)
    assert children
    began = time.monotonic()

    assert client.end() == 0

    wait_gone(children, 1.0)
    print(f"at {at}: gone after {time.monotonic() - began:.2f} s")


def test_exit_without_shutdown_ends_with_status_one(fresh, script):
    client = fresh(*FAST)
    begin_slow(client, script)

    client.notify("exit")

    assert client.process.wait(WITHIN) == 1


def test_end_of_input_in_mid_generation_ends_everything(fresh, script, descendants, wait_gone):
    client = fresh(*FAST)
    warm(client)
    begin_slow(client, script)
    children = descendants(client.process.pid)

    client.process.stdin.close()

    assert client.process.wait(WITHIN) == 1
    wait_gone(children, 1.0)


def test_the_death_of_the_parent_process_ends_everything(fresh, script, descendants, wait_gone):
    parent = subprocess.Popen(["sleep", "60"])
    client = fresh(*FAST, process_id=parent.pid)
    warm(client)
    begin_slow(client, script)
    children = descendants(client.process.pid)

    parent.kill()
    parent.wait()

    assert client.process.wait(WITHIN) == 1
    wait_gone(children, 1.0)


def test_a_parent_that_is_not_there_from_the_start_is_not_waited_for(fresh):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()

    client = fresh(*FAST, process_id=gone.pid)

    warm(client)
    assert client.end() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_in_mid_generation_ends_everything(fresh, script, descendants, wait_gone, number):
    client = fresh(*FAST)
    warm(client)
    begin_slow(client, script)
    children = descendants(client.process.pid)

    client.process.send_signal(number)

    assert client.process.wait(WITHIN) == 128 + number
    wait_gone(children, 1.0)


# A server whose main thread is never interrupted by a signal: another thread gets it.
ELSEWHERE = """
import signal, threading, time
threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
from codeplan_server.__main__ import main
main([])
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_that_does_not_wake_the_main_thread_ends_the_server_too(servers, number):
    process = servers.process(program=("-c", ELSEWHERE))
    client = servers.client(process.stdout, process.stdin, process)
    client.initialize()
    client.status()  # nothing moves in the server from now on

    process.send_signal(number)

    assert process.wait(WITHIN) == 128 + number


def test_an_interrupt_ends_a_server_that_was_started_with_interrupts_ignored(servers):
    process = servers.process(before=("sh", "-c", "trap '' INT; exec \"$@\"", "sh"))
    client = servers.client(process.stdout, process.stdin, process)
    client.initialize()
    client.status()

    process.send_signal(signal.SIGINT)

    assert process.wait(WITHIN) == 128 + signal.SIGINT


def test_a_killed_server_leaves_no_sandbox_behind(fresh, descendants, wait_gone):
    client = fresh(*FAST)
    warm(client)
    children = descendants(client.process.pid)
    assert children

    client.process.kill()
    client.process.wait()

    wait_gone(children, 3.0)


def test_a_client_that_does_not_read_stops_nobody(servers):
    process = servers.process()
    body = b'{"jsonrpc":"2.0","id":%d,"method":"nothing","params":"%s"}'
    filler = b"x" * 2000
    for number in range(3000):  # the answers are far more than a pipe holds
        message = body % (number, filler)
        process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(message), message))
    process.stdin.flush()

    process.stdin.close()

    assert process.wait(WITHIN) == 1


def test_a_client_that_does_not_read_stderr_stops_nobody(servers):
    process = servers.process("--trace", stderr=subprocess.PIPE)
    message = b'{"jsonrpc":"2.0","method":"textDocument/didChange","params":7}'
    for _ in range(5000):
        process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(message), message))
    question = b'{"jsonrpc":"2.0","id":1,"method":"shutdown"}'
    process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(question), question))
    process.stdin.flush()

    assert process.stdout.readline().startswith(b"Content-Length")
    process.stdin.close()
    assert process.wait(WITHIN) == 1
    process.stderr.close()


def test_a_process_of_the_server_that_prints_does_not_disturb_the_protocol(fresh):
    """`print` and writes to descriptor 1 go to stderr: the client would choke on them."""
    client = fresh((r".", "\n1. x<|code|>"))
    text = 'import os\nprint("on import")\nos.write(1, b"raw")\n' + TEXT

    buffer = client.open(URI, text)
    client.command("planThenCode", client.place(buffer, "def total"))

    assert client.end() == 0  # every byte until then was a message: the client asserts it


def test_the_log_holds_no_source_text(servers, script, tmp_path):
    log = tmp_path / "server.log"
    client = servers.start("--log-file", str(log), "--trace")
    client.initialize(options={"settings": script(*FAST)})
    buffer = client.open(URI, "SECRET = 1\n" + TEXT)
    client.command("planThenCode", client.place(buffer, "def total"))
    client.notify("textDocument/didChange", {"textDocument": "SECRET"})
    client.answer(client.begin("textDocument/codeLens", {"SECRET": 1}))
    assert client.end() == 0

    text = log.read_text()
    assert "ending: exit" in text
    assert "SECRET" not in text
    assert "return sum" not in text


def test_a_log_file_that_cannot_be_written_is_said(servers):
    process = servers.process("--log-file", "/nowhere/at/all.log")

    assert process.wait(WITHIN) == 2
    assert "log file can't be written" in servers.log()


def has_loopback():
    with socket.socket() as listening, socket.socket() as calling:
        try:
            listening.bind(("127.0.0.1", 0))
            listening.listen()
            calling.connect(listening.getsockname())
        except OSError:
            return False
    return True


def test_a_session_over_tcp(servers, script):
    if not has_loopback():
        pytest.skip("no loopback interface here")
    from_log = re.compile(r"listening on (127\.0\.0\.1):(\d+)")
    process = servers.process("--tcp", "127.0.0.1:0")
    end = time.monotonic() + WITHIN
    while not (match := from_log.search(servers.log())):
        assert time.monotonic() < end
        time.sleep(0.02)
    connection = socket.create_connection((match[1], int(match[2])))
    with connection, connection.makefile("rb") as reader, connection.makefile("wb") as writer:
        client = servers.client(reader, writer, process)
        client.initialize(options={"settings": script(*FAST)})
        warm(client)
        client.ask("shutdown")
        client.notify("exit")
        assert process.wait(WITHIN) == 0


def test_tcp_is_for_this_machine_alone(servers):
    process = servers.process("--tcp", "0.0.0.0:0")

    assert process.wait(WITHIN) == 2
    assert "not an address of this machine alone" in servers.log()


def test_a_port_that_is_none_is_said(servers):
    process = servers.process("--tcp", "here")

    assert process.wait(WITHIN) == 2
    assert "must be a port number" in servers.log()
