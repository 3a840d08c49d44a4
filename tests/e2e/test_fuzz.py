"""Random messages from fixed seeds: no crash, no hang, every request answered exactly once.

Well-formed ones in any order (edits, cancels, commands, closes, settings), with the server's texts
compared to the client's; and malformed ones.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import time
from collections import Counter

import pytest

pytestmark = pytest.mark.timeout(1200)

MESSAGES = int(os.environ.get("CODEPLAN_FUZZ", "20000"))
MALFORMED = 2000
TEXT = '''\
def total(numbers):
    """The sum 🎉.

    >>> total([1, 2, 3])
    6
    """
    ...


class Cart:
\tdef size(self):
\t\t"""How many.

\t\t>>> Cart().size()
\t\t0
\t\t"""
\t\tpass


assert total([4]) == 4
'''
RULES = (
    (r"<\|plan\|>$", ["\n1. Zero.<|code|>", "\n1. Add.<|code|>"], 0.002),
    (r"def size.*<\|code\|>$", "\n    return 0<|end|>", 0.002),
    (r"Add\.<\|code\|>$", "\n    return sum(numbers)<|end|>", 0.002),
    (r"<\|code\|>$", "\n    return 0<|end|>", 0.002),
)
URIS = ("file:///a.py", "file:///b%20c.py", "untitled:Untitled-1")
PIECES = (
    "x",
    "\n",
    "    ",
    "def f():\n    ...\n",
    "🎉",
    "é",
    '"""',
    "\r\n",
    "(",
    "",
    "#",
    "\f",
    "\u2028",
)
HARMLESS = ("# 🎉\n", "\n", "x = 'é'\n", "# \u2028\r\n", "def later():\n    return 1\n")
COMMANDS = (
    "planThenCode",
    "planThenCode",
    "showPlans",
    "codeFromPlan",
    "nextCandidate",
    "runExamples",
    "repair",
    "writeExamples",
    "explain",
    "solveFile",
    "fly",
)
ENCODINGS = ("utf-8", "utf-16", "utf-32")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_random_messages_in_any_order(ready, script, encoding):
    client = ready(*RULES, encoding=encoding, search={"timeLimit": 5})
    fuzz = Fuzz(client, random.Random(f"codeplan {encoding}"), [])
    answers = ({"title": "Insert anyway"}, {"title": "Show plans"}, None, {"title": "?"}, 3)
    choose = random.Random(1)
    client.answers["window/showMessageRequest"] = lambda params: choose.choice(answers)

    for _ in range(-(-MESSAGES // len(ENCODINGS))):  # rounded up: together at least so many
        fuzz.step()

    client.command("cancel", seconds=30.0)
    for number in fuzz.sent:
        client.answer(number, 30.0)
    fuzz.compare()
    assert {number: len(client.responses[number]) for number in fuzz.sent} == dict.fromkeys(
        fuzz.sent, 1
    )
    assert client.status()["works"] == []
    codes = {r["error"]["code"] for n in fuzz.sent for r in client.responses[n] if "error" in r}
    assert codes <= {-32602, -32601, -32800, -32803}
    assert [m for m in client.messages(1) if "bug" in m] == []
    results = [r["result"] for n in fuzz.sent for r in client.responses[n] if "result" in r]
    outcomes = Counter(r["outcome"] for r in results if isinstance(r, dict) and "outcome" in r)
    print(f"{encoding}: {len(fuzz.sent)} requests, commands ended {dict(outcomes)}")
    for name in URIS[1:]:
        client.close(client.buffers.get(name) or client.open(name, TEXT))
    client.use(script(*RULES))
    buffer = client.open("file:///afterwards.py", TEXT)
    assert client.command("planThenCode", client.place(buffer, "total"))["applied"] is True


class Fuzz:
    """A user with three documents, and now and then a notebook, who does anything at any time."""

    def __init__(self, client, rng, sent):
        self.client, self.rng, self.sent = client, rng, sent
        self.actions = [
            (60, self.edit),
            (8, self.whole),
            (1, self.pause),
            (3, self.close_or_open),
            (8, self.ask_lenses),
            (5, self.ask_actions),
            (3, self.ask_ghost),
            (3, self.command),
            (7, self.cancel),
            (2, self.cancel_progress),
            (2, self.settings),
            (2, self.save),
            (1, self.folders),
            (1, self.trust),
            (2, self.notebook),
            (1, self.unknown),
            (1, self.compare),
        ]

    def step(self):
        weights = [weight for weight, _ in self.actions]
        (act,) = self.rng.choices([act for _, act in self.actions], weights)
        act()

    def buffer(self):
        uri = self.rng.choice(URIS)
        return self.client.buffers.get(uri) or self.client.open(uri, TEXT)

    def offset(self, buffer):
        offset = self.rng.randint(0, len(buffer.text))
        return offset - 1 if buffer.text[offset - 1 : offset + 1] == "\r\n" and offset else offset

    def place(self, buffer):
        if self.rng.random() < 0.7 and "total" in buffer.text:
            return buffer.of("total")
        if self.rng.random() < 0.2:
            return {"line": self.rng.randint(0, 99), "character": self.rng.randint(0, 99)}
        return buffer.position(self.offset(buffer))

    def edit(self):
        with self.client.typing:
            buffer = self.buffer()
            if len(buffer.text) > 4000:
                buffer.text = TEXT
                self.client.send_whole(buffer)
            if self.rng.random() < 0.85:  # above or below everything, so that the code stays code
                at = self.rng.choice((0, len(buffer.text)))
                self.client.change(buffer, at, at, self.rng.choice(HARMLESS))
                return
            start, end = sorted((self.offset(buffer), self.offset(buffer)))
            if self.rng.random() < 0.9:
                end = start
            self.client.change(buffer, start, end, self.rng.choice(PIECES))

    def pause(self):
        """Wait for something that was asked."""
        if self.sent:
            self.client.answer(self.rng.choice(self.sent[-8:]), 30.0)

    def whole(self):
        with self.client.typing:
            buffer = self.buffer()
            buffer.text = TEXT
            self.client.send_whole(buffer)

    def close_or_open(self):
        with self.client.typing:
            buffer = self.buffer()
            self.client.close(buffer)
            if self.rng.random() < 0.7:
                self.client.open(buffer.uri, buffer.text)

    def ask(self, method, params):
        self.sent.append(self.client.begin(method, params))

    def ask_lenses(self):
        self.ask("textDocument/codeLens", {"textDocument": {"uri": self.rng.choice(URIS)}})

    def ask_actions(self):
        with self.client.typing:
            buffer = self.buffer()
            position = self.place(buffer)
            params = {
                "textDocument": {"uri": buffer.uri},
                "range": {"start": position, "end": position},
                "context": {"diagnostics": []},
            }
            self.ask("textDocument/codeAction", params)

    def ask_ghost(self):
        with self.client.typing:
            buffer = self.buffer()
            params = {
                "textDocument": {"uri": buffer.uri},
                "position": self.place(buffer),
                "context": {"triggerKind": self.rng.choice((1, 2))},
            }
            self.ask("textDocument/inlineCompletion", params)

    def command(self):
        with self.client.typing:
            buffer = self.buffer()
            argument = {"uri": buffer.uri, "position": self.place(buffer)}
            if self.rng.random() < 0.1:
                argument = {"uri": "file:///never.py", "position": argument["position"]}
            if self.rng.random() < 0.2:
                argument["plan"] = ["Add."]
            name = self.rng.choice(COMMANDS)
            self.sent.append(self.client.begin_command(name, argument))

    def cancel(self):
        recent = self.sent[-8:] or [0]
        self.client.notify("$/cancelRequest", {"id": self.rng.choice([*recent, -1])})

    def cancel_progress(self):
        token = f"codeplan/{self.rng.randint(0, 50)}"
        self.client.notify("window/workDoneProgress/cancel", {"token": token})

    def settings(self):
        search = self.client.settings["search"]
        search["plans"] = self.rng.choice((1, 2, 3, "many"))
        search["samples"] = self.rng.choice((1, 2, 3))
        insert = {name: self.rng.choice(("ask", "always", "never")) for name in ("failing",)}
        self.client.settings["insert"] = insert
        self.client.notify("workspace/didChangeConfiguration", {"settings": None})

    def folders(self):
        folder = {"uri": "file:///folder", "name": "folder"}
        event = {"added": [folder], "removed": [folder]}
        event[self.rng.choice(("added", "removed"))] = []
        self.client.notify("workspace/didChangeWorkspaceFolders", {"event": event})

    def trust(self):
        """Taken back and given again: the commands that run are stopped."""
        for trusted in (False, True):
            self.client.notify("codeplan/didChangeTrust", {"trusted": trusted})

    def notebook(self):
        """A notebook opened, typed in, asked about and closed."""
        with self.client.typing:
            uri = f"file:///{self.rng.randint(0, 99)}.ipynb"
            first, second = self.client.open_notebook(uri, "RATE = 1\n", TEXT)
            self.client.change(first, 0, 0, self.rng.choice(PIECES))
            for name in self.rng.choices(COMMANDS, k=self.rng.randint(0, 2)):
                argument = {"uri": second.uri, "position": second.of("total")}
                self.sent.append(self.client.begin_command(name, argument))
            self.ask("textDocument/codeLens", {"textDocument": {"uri": second.uri}})
            self.client.close_notebook(uri)

    def save(self):
        uri = self.rng.choice(URIS)
        self.client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})

    def unknown(self):
        self.ask(self.rng.choice(("textDocument/hover", "$/what", "codeplan/x")), {"a": [1]})
        self.client.notify(self.rng.choice(("$/what", "telemetry/x")), {"a": [1]})

    def compare(self):
        """The server's texts are the client's."""
        with self.client.typing:
            number = self.client.begin_command("status")
            expected = {
                buffer.uri: (buffer.version, hashlib.sha256(buffer.text.encode()).hexdigest())
                for buffer in self.client.buffers.values()
            }
        status = self.client.answer(number, 30.0)["result"]
        assert {d["uri"]: (d["version"], d["sha256"]) for d in status["documents"]} == expected


def test_malformed_messages(ready):
    client = ready(*RULES)
    rng = random.Random("codeplan malformed")
    buffer = client.open(URIS[0], TEXT)

    for _ in range(MALFORMED):
        client.send_body(malformed(rng))

    began = time.monotonic()
    assert client.status()["documents"][0]["length"] == len(buffer.text)
    assert time.monotonic() - began < 20.0
    assert [m for m in client.messages(1) if "bug" in m] == []


def malformed(rng):
    """A body with something wrong in it. Documents are named, never changed in a valid way."""
    message = rng.choice(
        [
            {"id": 10**9, "method": "textDocument/codeLens", "params": {}},
            {"id": 10**9, "method": "workspace/executeCommand", "params": {"command": 3}},
            {"method": "textDocument/didChange", "params": {"textDocument": {"uri": URIS[0]}}},
            {"id": 10**9, "method": "initialize", "params": {}},
            {"method": "$/cancelRequest", "params": {}},
            {"method": "$/setTrace", "params": {"value": "off"}},
            {"id": "codeplan-1", "result": {}},
            {"id": 10**9, "method": "textDocument/inlineCompletion", "params": {}},
        ]
    )
    message = {"jsonrpc": "2.0", **message}
    way = rng.randint(0, 5)
    if way == 0:
        body = bytearray(json.dumps(message).encode())
        for _ in range(rng.randint(1, 5)):
            body[rng.randrange(len(body))] = rng.randrange(256)
        return bytes(body)
    if way == 1:
        return json.dumps(message).encode()[: rng.randint(0, 60)]
    if way == 2:
        return bytes(rng.randrange(256) for _ in range(rng.randint(0, 80)))
    key = rng.choice([*message, "extra"])
    message[key] = rng.choice([None, 1, "x", [], {}, [[]], True, 1.5, {"a": {}}, 10**30, "\ud800"])
    if way == 3:
        message.pop(rng.choice(list(message)))
    return json.dumps(message).encode()
