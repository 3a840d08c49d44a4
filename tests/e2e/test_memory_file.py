"""Memories behind a real server: programs are used, insertions remembered, damage is survived."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from codeplan_model.memory import SHIPPED, Store

URI = "file:///a.py"
TEXT = '''\
def reverse_words(text: str) -> str:
    """Return the words of the text in reverse order.

    >>> reverse_words("one two three")
    'three two one'
    """
    ...
'''
RULES = ((r"<\|plan\|>$", "\n1. x<|code|>"), (r"<\|code\|>$", "\n    return text<|end|>"))
START = """
import sys
from pathlib import Path
from codeplan_model.memory import places

places.SHIPPED = Path(sys.argv.pop())
from codeplan_server.__main__ import main

main([])
"""


@pytest.fixture
def client_of(servers, script, tmp_path):
    """client_of(path): a client of a server whose memory is this file."""

    def start(memory: Path, data: Path | None = None, **own: str):
        # Never the memories of who runs the tests.
        own_folder = str(data or tmp_path / "no-data")
        environment = {**servers.environment, "CODEPLAN_DATA_DIR": own_folder}
        process = subprocess.Popen(
            [sys.executable, "-c", START, str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        servers.adopt(process)
        client = servers.client(process.stdout, process.stdin, process)
        settings = script(*RULES, insert={"failing": "never"}, search={"memory": True}, memory=own)
        client.initialize(options={"settings": settings})
        return client

    return start


def run(client, buffer):
    return client.command("planThenCode", client.place(buffer, "reverse_words"))


def test_a_program_from_memory_is_judged_and_inserted(client_of):
    client = client_of(SHIPPED)
    buffer = client.open(URI, TEXT)

    result = run(client, buffer)

    # The scripted model's own code fails the example.
    assert (result["outcome"], result["applied"], result["total"]) == ("passed", True, 1)
    assert result["code"] in buffer.text


def test_an_installation_without_a_memory_does_without(client_of, tmp_path):
    client = client_of(tmp_path / "none.sqlite")

    result = run(client, client.open(URI, TEXT))

    assert result["outcome"] == "failed"
    assert client.messages(1) == []


@pytest.mark.parametrize("damage", ["garbage", "empty", "cut", "overwritten"])
def test_a_damaged_memory_is_said_in_words_and_the_next_command_works(
    client_of, script, tmp_path, damage
):
    data = SHIPPED.read_bytes()
    path = tmp_path / "memory.sqlite"
    path.write_bytes(
        {
            "garbage": b"no database" * 1000,
            "empty": b"",
            "cut": data[:20_000],
            "overwritten": data[:4096] + b"\xff" * (len(data) - 4096),
        }[damage]
    )
    client = client_of(path)
    buffer = client.open(URI, TEXT)

    result = run(client, buffer)

    assert (result["outcome"], result["applied"]) == ("error", False)
    assert client.messages(1) == [f"reverse_words: {result['message']}"]
    assert "memory.sqlite" in result["message"]
    assert "codeplan.search.memory" in result["message"]
    assert buffer.text == TEXT

    client.settings = {"search": {"memory": False}}
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    assert run(client, buffer)["outcome"] == "failed"
    assert client.end() == 0


@pytest.fixture
def data(tmp_path):
    """The user's data folder; the workspace is `tmp_path / "shop"` with a file that has no body."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "pyproject.toml").touch()
    (folder / "a.py").write_text(TEXT)
    return tmp_path / "data"


def remembered(data):
    (path,) = (data / "workspaces").glob("shop-*.sqlite")
    with Store(path, read_only=True) as store:
        return [found.entry for found in store.entries()]


def test_accepted_code_is_remembered_when_the_settings_say_so_and_used_by_the_next_search(
    client_of, data, tmp_path
):
    uri = (tmp_path / "shop" / "a.py").as_uri()
    client = client_of(SHIPPED, data, remember="workspace")
    buffer = client.open(uri, TEXT)
    first = run(client, buffer)
    client.end()
    (entry,) = remembered(data)

    # The shipped memory is not there, so that only the workspace's can help.
    client = client_of(tmp_path / "none.sqlite", data)
    again = run(client, client.open(uri, TEXT))
    status = client.command("status")

    assert first["applied"]
    assert entry.origin == "a.py::reverse_words"
    assert entry.code == first["code"]
    assert (again["outcome"], again["origin"], again["code"]) == (
        "passed",
        "adapted",
        first["code"],
    )
    assert status["last"]["origin"] == "adapted"


def test_nothing_is_remembered_by_default(client_of, data, tmp_path):
    client = client_of(SHIPPED, data)
    buffer = client.open((tmp_path / "shop" / "a.py").as_uri(), TEXT)

    assert run(client, buffer)["applied"]
    assert not data.exists()


def test_a_damaged_memory_of_ones_own_is_told_and_the_search_goes_on(client_of, data):
    data.mkdir()
    (data / "memory.sqlite").write_bytes(b"no database" * 1000)
    client = client_of(SHIPPED, data)
    buffer = client.open(URI, TEXT)

    assert run(client, buffer)["applied"]
    (told,) = client.messages(2)
    assert "codeplan memory repair" in told
