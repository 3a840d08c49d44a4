"""Settings on their way: folders of their own, trust that comes and goes, changes in mid-flight."""

from __future__ import annotations

import pytest

TEXT = '''\
def total(numbers):
    """The sum.

    >>> total([1, 2, 3])
    6
    """
    ...
'''
GOOD = ((r"<\|plan\|>$", "\n1. Add.<|code|>"), (".", "\n    return sum(numbers)<|end|>"))
OTHER = (
    (r"<\|plan\|>$", "\n1. Loop.<|code|>"),
    (".", "\n    return sum(n for n in numbers)<|end|>"),
)
A, B = "file:///somewhere/a", "file:///somewhere/a/in%20b"
FOLDERS = {
    "workspace": {
        "applyEdit": True,
        "configuration": True,
        "workspaceFolders": True,
        "workspaceEdit": {"documentChanges": True},
        "codeLens": {"refreshSupport": True},
    }
}


def start(servers, settings, folder_settings, folders):
    client = servers.start()
    client.settings = settings
    client.folder_settings = folder_settings
    client.initialize(FOLDERS, folders=folders)
    return client


def plan(client, uri):
    buffer = client.open(uri, TEXT)
    return client.command("planThenCode", client.place(buffer, "total"))["plan"]


def test_a_command_right_behind_a_change_of_settings_uses_the_new_ones(ready, script):
    client = ready(*GOOD)
    buffer = client.open("file:///a.py", TEXT)

    for rules, steps in ((OTHER, ["Loop."]), (GOOD, ["Add."]), (OTHER, ["Loop."])):
        client.settings = script(*rules)
        client.notify("workspace/didChangeConfiguration", {"settings": None})
        number = client.begin_command("planThenCode", client.place(buffer, "total"))
        assert client.answer(number)["result"]["plan"] == steps
        buffer.text = TEXT
        client.send_whole(buffer)


def test_so_do_lenses_and_the_status(ready, script):
    client = ready(*GOOD)
    client.open("file:///a.py", TEXT)
    document = {"textDocument": {"uri": "file:///a.py"}}

    for enable in (False, True, False):
        client.settings = script(*GOOD, codeLens={"enable": enable})
        client.notify("workspace/didChangeConfiguration", {"settings": None})
        lenses = client.begin("textDocument/codeLens", document)
        status = client.begin_command("status")
        assert bool(client.answer(lenses)["result"]) is enable
        assert client.answer(status)["result"]["settings"]["code_lens"]["enable"] is enable


def test_a_client_that_is_silent_about_its_settings_does_not_hold_up_the_status(ready):
    client = ready(*GOOD)
    client.silent.add("workspace/configuration")

    client.notify("workspace/didChangeConfiguration", {"settings": None})

    assert client.status()["settings"]["backend"]["kind"] == "scripted"


def test_each_folder_has_its_own_settings(servers, script):
    base, other = script(*GOOD), script(*OTHER)
    client = start(servers, base, {B: other}, [A, B])

    assert plan(client, f"{A}/x.py") == ["Add."]
    assert plan(client, f"{B}/x.py") == ["Loop."]
    assert plan(client, "file:///somewhere/a/in b/y.py") == ["Loop."]
    assert plan(client, "file:///somewhere/a/in%20bc.py") == ["Add."]
    assert plan(client, "untitled:Untitled-1") == ["Add."]
    asked = [r["params"]["items"] for r in client.requests if r["method"].endswith("configuration")]
    assert [item.get("scopeUri") for item in asked[0]] == [None, A, B]
    assert (
        client.command("status", {"uri": f"{B}/x.py"})["backend"]["model"]
        == (other["backend"]["model"])
    )


def test_folders_that_come_and_go_take_their_settings_along(servers, script):
    base, other = script(*GOOD), script(*OTHER)
    client = start(servers, base, {B: other}, [A])
    assert plan(client, f"{B}/x.py") == ["Add."]

    def change(added, removed):
        event = {
            "added": [{"uri": uri, "name": "x"} for uri in added],
            "removed": [{"uri": uri, "name": "x"} for uri in removed],
        }
        client.notify("workspace/didChangeWorkspaceFolders", {"event": event})

    change([B], [])
    assert plan(client, f"{B}/x.py") == ["Loop."]
    change([], [B])
    assert plan(client, f"{B}/x.py") == ["Add."]
    assert client.status()["folders"] == [A]


def test_a_wrong_setting_of_a_folder_is_reported_by_name(servers, script):
    base = script(*GOOD)
    client = start(servers, base, {B: {**base, "search": {"plans": "many"}}}, [A, B])

    (told,) = client.wait(lambda: client.messages(2), 10.0, "a warning")

    assert "codeplan.search.plans must be a whole number" in told
    assert plan(client, f"{B}/x.py") == ["Add."]


def test_trust_that_is_taken_back_stops_what_runs_and_ignores_restricted_settings(ready):
    client = ready((r"<\|plan\|>$", "\n1. x<|code|>", 100.0), *GOOD)
    buffer = client.open("file:///a.py", TEXT)
    number = client.begin_command("planThenCode", client.place(buffer, "total"))
    client.wait_progress("sampling")

    client.notify("codeplan/didChangeTrust", {"trusted": False})

    try:
        assert client.answer(number, 10.0)["result"]["outcome"] == "cancelled"
        status = client.status()
        assert status["trusted"] is False
        assert status["backend"] == {**status["backend"], "kind": "llama", "model": "embedded"}
        assert any("not trusted" in problem for problem in status["settingsProblems"])
    finally:
        client.notify("codeplan/didChangeTrust", {"trusted": True})
    status = client.status()
    assert (status["trusted"], status["backend"]["kind"]) == (True, "scripted")


def test_trust_that_is_granted_brings_the_settings_into_force(servers, script):
    client = servers.start()
    client.settings = script(*GOOD)
    client.initialize(options={"trusted": False})
    assert client.status()["backend"]["kind"] == "llama"

    client.notify("codeplan/didChangeTrust", {"trusted": True})

    assert client.status()["backend"]["kind"] == "scripted"
    assert plan(client, "file:///a.py") == ["Add."]


@pytest.mark.parametrize("params", [None, {}, {"trusted": "yes"}, [True]])
def test_a_malformed_word_about_trust_changes_nothing(ready, params):
    client = ready(*GOOD)

    client.notify("codeplan/didChangeTrust", params)

    assert client.status()["trusted"] is True
    assert client.messages(1) == []
