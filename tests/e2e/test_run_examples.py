"""The command that runs a file's examples, and the marks that it leaves."""

from __future__ import annotations

URI = "file:///shop/cart.py"
WRITTEN = '''\
def double(number):
    """Twice.

    >>> double(2)
    4
    >>> double(3)
    7
    """
    return 2 * number


def half(number):
    """
    >>> half(4)
    2.0
    """
    return number / 2


assert double(4) == 9
'''


def test_the_examples_of_a_file_are_run_and_failing_ones_marked(ready):
    client = ready((".", "x"))
    buffer = client.open(URI, WRITTEN)

    result = client.command("runExamples", {"uri": URI})

    assert (result["outcome"], result["passed"], result["total"]) == ("failed", 2, 4)
    assert result["message"] == "the file: passed 2 of 4 examples"
    marks = published(client)
    assert marks["version"] == 1
    lines = {m["range"]["start"]["line"]: m["message"] for m in marks["diagnostics"]}
    assert lines[5] == "expected 7, got 6"
    assert "assertion fails" in lines[19]
    assert buffer.text == WRITTEN


def test_the_marks_cover_the_code_of_the_example(ready):
    client = ready((".", "x"))
    client.open(URI, WRITTEN)

    client.command("runExamples", {"uri": URI})

    (mark,) = [m for m in published(client)["diagnostics"] if m["range"]["start"]["line"] == 5]
    assert mark["range"] == {
        "start": {"line": 5, "character": 4},
        "end": {"line": 5, "character": 17},
    }
    assert mark["source"] == "codeplan"


def test_the_examples_of_one_function_are_run_alone(ready):
    client = ready((".", "x"))
    buffer = client.open(URI, WRITTEN)

    result = client.command("runExamples", client.place(buffer, "half"))

    assert result["function"] == "half"
    assert (result["outcome"], result["passed"], result["total"]) == ("passed", 1, 1)


def test_typing_clears_the_marks(ready):
    client = ready((".", "x"))
    buffer = client.open(URI, WRITTEN)
    client.command("runExamples", {"uri": URI})

    client.replace(buffer, "2 * number", "3 * number")

    client.wait(lambda: published(client)["diagnostics"] == [], 5.0, "cleared marks")


def test_results_for_a_text_that_has_changed_meanwhile_are_not_marked(ready):
    client = ready((".", "x"))
    text = "import time\ntime.sleep(0.5)\n" + WRITTEN
    buffer = client.open(URI, text)
    number = client.begin_command("runExamples", {"uri": URI})

    client.replace(buffer, "import time", "import  time")

    assert client.answer(number)["result"]["outcome"] == "failed"
    assert published(client) is None


def test_pulled_diagnostics_hold_the_same_and_nothing_is_pushed(ready):
    capabilities = {
        "workspace": {"diagnostics": {"refreshSupport": True}},
        "textDocument": {"diagnostic": {}},
    }
    client = ready((".", "x"), capabilities=capabilities)
    buffer = client.open(URI, WRITTEN)
    params = {"textDocument": {"uri": URI}}

    client.command("runExamples", {"uri": URI})
    report = client.ask("textDocument/diagnostic", params)
    client.replace(buffer, "2 * number", "3 * number")
    after = client.ask("textDocument/diagnostic", params)

    assert report["kind"] == "full"
    assert len(report["items"]) == 2
    assert after["items"] == []
    assert published(client) is None
    assert "workspace/diagnostic/refresh" in {r["method"] for r in client.requests}


def test_saving_runs_the_examples_where_the_setting_asks_for_it(ready):
    client = ready((".", "x"), diagnostics={"onSave": True})
    client.open(URI, WRITTEN)

    client.notify("textDocument/didSave", {"textDocument": {"uri": URI}})

    client.wait(lambda: published(client), 20.0, "marks")
    assert len(published(client)["diagnostics"]) == 2
    assert client.messages() == []


def test_saving_says_why_the_examples_are_not_run(ready):
    client = ready((".", "x"), diagnostics={"onSave": True}, sandbox={"level": "C"})
    client.open(URI, WRITTEN)

    client.notify("textDocument/didSave", {"textDocument": {"uri": URI}})

    (message,) = client.wait(lambda: client.messages(1), 20.0, "an error")
    assert "generated code is not run" in message
    assert "bug" not in message
    assert published(client) is None


def test_a_file_without_examples_and_one_that_does_not_parse_say_so(ready):
    client = ready((".", "x"))
    client.open(URI, "x = 1\n")
    client.open("file:///shop/broken.py", WRITTEN + "\nif:\n")

    none = client.command("runExamples", {"uri": URI})
    broken = client.command("runExamples", {"uri": "file:///shop/broken.py"})

    assert (none["outcome"], none["message"]) == ("untested", "the file: no examples")
    assert broken["outcome"] == "crashed"
    assert "parse" in broken["examples"][0]["got"]


def test_endless_examples_can_be_cancelled(ready):
    client = ready((".", "x"))
    client.open(URI, 'def f():\n    """\n    >>> f()\n    """\n    while True: pass\n')
    number = client.begin_command("runExamples", {"uri": URI})
    while not client.status()["works"]:
        assert number not in client.responses

    client.notify("$/cancelRequest", {"id": number})

    assert client.answer(number, 3.0)["error"]["code"] == -32800


def published(client):
    """What was last published about the file; None when nothing was."""
    found = [
        n["params"]
        for n in list(client.notifications)
        if n["method"] == "textDocument/publishDiagnostics" and n["params"]["uri"] == URI
    ]
    return found[-1] if found else None
