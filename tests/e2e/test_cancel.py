"""Cancelling in mid-generation, by every route: the work stops, nothing is edited.

The work would take minutes: an answer at all is one that did not wait for its end.
"""

from __future__ import annotations

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
SLOW = ((r"<\|plan\|>$", PLAN, 100.0), (r"<\|code\|>$", GOOD))
URI = "file:///shop/cart.py"


def begin(client):
    """Start the slow command and wait until it generates; (its id, the document)."""
    buffer = client.open(URI, TEXT)
    number = client.begin_command("planThenCode", client.place(buffer, "total"))
    client.wait_progress(r"sampling 3 plans|plan \d of 3")
    return number, buffer


def check_works_again(client, script):
    client.use(script((r"<\|plan\|>$", PLAN), (r"<\|code\|>$", GOOD)) | {"codeLens": {}})
    client.settings["search"]["seed"] = 1
    buffer = client.open("file:///shop/next.py", TEXT)
    assert client.command("planThenCode", client.place(buffer, "total"))["applied"] is True


def test_a_cancelled_request_is_answered_with_the_error_of_the_specification(ready, script):
    client = ready(*SLOW)
    number, buffer = begin(client)
    client.notify("$/cancelRequest", {"id": number})
    response = client.answer(number, 2.0)

    assert response["error"]["code"] == -32800
    client.wait_idle()
    assert client.progress()[-1] == {"kind": "end", "message": "cancelled"}
    assert client.edits == []
    assert buffer.text == TEXT
    check_works_again(client, script)


def test_the_cancel_button_of_the_progress_stops_the_work(ready, script):
    client = ready(*SLOW)
    number, buffer = begin(client)
    token = next(n for n in client.notifications if n["method"] == "$/progress")["params"]["token"]
    client.notify("window/workDoneProgress/cancel", {"token": token})
    response = client.answer(number, 2.0)

    assert response["result"]["outcome"] == "cancelled"
    assert response["result"]["applied"] is False
    client.wait_idle()
    assert client.edits == []
    assert buffer.text == TEXT
    check_works_again(client, script)


def test_the_cancel_command_stops_everything_of_a_document(ready):
    client = ready(*SLOW)
    number, _ = begin(client)

    assert client.command("cancel", {"uri": "file:///another.py"}) == {"cancelled": 0}
    assert client.command("cancel", {"uri": URI}) == {"cancelled": 1}

    assert client.answer(number, 2.0)["result"]["outcome"] == "cancelled"
    client.wait_idle()


def test_the_cancel_command_stops_one_work_by_its_number(ready):
    client = ready(*SLOW)
    number, _ = begin(client)
    (work,) = client.status()["works"]

    assert work["command"] == "codeplan.planThenCode"
    assert work["function"] == "total"
    assert client.command("cancel", {"number": work["number"] + 1}) == {"cancelled": 0}
    assert client.command("cancel", {"number": work["number"]}) == {"cancelled": 1}
    assert client.answer(number, 2.0)["result"]["outcome"] == "cancelled"


def test_cancelling_ends_an_endless_candidate_too(ready):
    endless = "\n    while True:\n        pass<|end|>"
    rules = ((r"<\|plan\|>$", PLAN), (r"<\|code\|>$", endless))
    # It must not be over by itself before it is cancelled.
    client = ready(*rules, sandbox={"wallSeconds": 600})
    buffer = client.open(URI, TEXT)
    number = client.begin_command("planThenCode", client.place(buffer, "total"))
    client.wait_progress("plan 3 of 3")
    client.notify("$/cancelRequest", {"id": number})

    answer = client.answer(number, 2.0)
    assert answer.get("error", {}).get("code") == -32800, answer
    client.wait_idle()


def test_cancelling_takes_back_a_question_to_the_user(ready):
    client = ready((r"<\|plan\|>$", PLAN), (r"<\|code\|>$", "\n    return 0<|end|>"))
    client.silent.add("window/showMessageRequest")
    buffer = client.open(URI, TEXT)
    number = client.begin_command("planThenCode", client.place(buffer, "total"))
    client.wait(
        lambda: [r for r in client.requests if r["method"] == "window/showMessageRequest"],
        20.0,
        "the question",
    )

    client.notify("$/cancelRequest", {"id": number})

    assert client.answer(number, 2.0)["error"]["code"] == -32800
    (question,) = [r for r in client.requests if r["method"] == "window/showMessageRequest"]
    withdrawn = [
        n["params"]["id"] for n in client.notifications if n["method"] == "$/cancelRequest"
    ]
    assert withdrawn == [question["id"]]
    assert buffer.text == TEXT


def test_cancelling_what_has_ended_or_never_was_harms_nothing(ready):
    client = ready((r"<\|plan\|>$", PLAN), (r"<\|code\|>$", GOOD))
    buffer = client.open(URI, TEXT)
    number = client.begin_command("planThenCode", client.place(buffer, "total"))
    assert client.answer(number)["result"]["applied"] is True

    for id in (number, 999_999, "never"):
        client.notify("$/cancelRequest", {"id": id})
    client.notify("window/workDoneProgress/cancel", {"token": "never"})

    client.status()
    assert len(client.responses[number]) == 1


def test_a_hundred_requests_are_answered_while_a_command_works(ready):
    client = ready(*SLOW)
    number, _ = begin(client)
    numbers = [
        client.begin("textDocument/codeLens", {"textDocument": {"uri": URI}}) for _ in range(100)
    ]
    for one in numbers:
        assert len(client.answer(one, 5.0)["result"]) == 1

    assert number not in client.responses
