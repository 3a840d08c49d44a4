"""What the server opens: nothing but local things, whatever it does."""

from __future__ import annotations

import shutil
import subprocess
import sys

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
    opened = [c for process in processes for c in process.net_connections("inet")]

    assert opened == []


@pytest.mark.skipif(not can_unshare(), reason="no network namespaces here")
def test_everything_works_without_any_network(servers, script):
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
