"""The model that ships, behind the real server, for real: plans, code, verdicts, the buffer."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODEL = "model/codeplan_model/embedded/codeplan-embedded.gguf"


def is_committed() -> bool:
    """Whether the model is part of the repository; a checkout without it is a failure then."""
    command = ["git", "ls-files", MODEL]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return bool(found.stdout.strip())


pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(
        not is_committed() and not (ROOT / MODEL).exists(), reason="no embedded model yet"
    ),
]
TEXT = '''\
def total(numbers: list[int]) -> int:
    """Return the sum of the numbers.

    >>> total([1, 2, 3])
    6
    >>> total([])
    0
    """
    ...
'''
URI = "file:///shop/cart.py"


@pytest.fixture
def client(servers):
    client = servers.start()
    settings = {
        "search": {"memory": False, "timeLimit": 50},
        "insert": {"failing": "never"},
    }
    client.initialize(options={"settings": settings})
    return client


def test_a_simple_function_is_written_and_verified(client):
    buffer = client.open(URI, TEXT)

    result = client.command("planThenCode", client.place(buffer, "total"))

    assert result["outcome"] == "passed"
    assert result["applied"] is True
    assert "codeplan" in result["model"]
    assert result["code"].strip() in buffer.text
    backend = client.status()["backend"]
    assert (backend["kind"], backend["model"], backend["open"]) == ("llama", "embedded", True)


def test_its_plans_are_shown_with_their_records(client):
    buffer = client.open(URI, TEXT)

    result = client.command("showPlans", client.place(buffer, "total"))

    assert len(result["plans"]) >= 2
    assert all(plan["steps"] for plan in result["plans"])
    assert {plan["total"] for plan in result["plans"] if plan["code"]} == {2}
    assert buffer.text == TEXT


def test_the_same_seed_gives_the_same_result(client):
    codes = []
    for number in range(2):
        buffer = client.open(f"file:///shop/cart{number}.py", TEXT)
        codes.append(client.command("planThenCode", client.place(buffer, "total"))["code"])

    assert codes[0] == codes[1]


def test_cancelling_in_mid_generation_leaves_the_text_alone(client):
    client.settings = {"search": {"plans": 100, "strategy": "codeplan"}}
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    buffer = client.open(URI, TEXT)
    number = client.begin_command("planThenCode", client.place(buffer, "total"))
    client.wait_progress("sampling|plan ")

    client.notify("$/cancelRequest", {"id": number})

    assert client.answer(number, 3.0)["error"]["code"] == -32800
    assert buffer.text == TEXT
    client.settings = {}
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    assert client.command("planThenCode", client.place(buffer, "total"))["outcome"] != "error"
