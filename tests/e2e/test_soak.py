"""Many commands in one session: memory, descriptors and processes stay where they were.

CODEPLAN_SOAK and CODEPLAN_SOAK_MODEL set how many with scripted answers and with the embedded
model; the tests take fewer than `make soak`.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import psutil
import pytest
from watched_processes import runs

COMMANDS = int(os.environ.get("CODEPLAN_SOAK", "180"))
WITH_MODEL = int(os.environ.get("CODEPLAN_SOAK_MODEL", "6"))
WARM_UP, WARM_UP_WITH_MODEL = 120, 20
pytestmark = pytest.mark.timeout(1200 + 3 * COMMANDS + 30 * WITH_MODEL)
EMBEDDED = Path(__file__).parents[2] / "model/codeplan_model/embedded/codeplan-embedded.gguf"
TEXT = '''\
def total(numbers):
    """The sum.

    >>> total([1, 2, 3])
    6
    """
    ...
'''
RULES = (
    (r"<\|plan\|>$", ["\n1. Zero.<|code|>", "\n1. Add.<|code|>"]),
    (r"Add\.<\|code\|>$", "\n    return sum(numbers)<|end|>"),
    (r"<\|code\|>$", "\n    return 0<|end|>"),
)
WRITTEN = TEXT.replace("    ...", "    return sum(numbers) + 1")
PLAIN = "def shout(text: str):\n    return text.upper()\n"
# Command, text of the document, function in it.
STEPS = (
    ("planThenCode", TEXT, "total"),
    ("showPlans", TEXT, "total"),
    ("runExamples", WRITTEN, "total"),
    ("planThenCode", TEXT, "total"),
    ("nextCandidate", TEXT, "total"),
    ("repair", WRITTEN, "total"),
    ("explain", WRITTEN, "total"),
    ("writeExamples", PLAIN, "shout"),
    ("codeFromPlan", TEXT, "total"),
    ("solveFile", TEXT, "total"),
)


def soak(client, buffer, count):
    """Run commands, one after the other; every seventh is cancelled on its way."""
    for number in range(count):
        name, buffer.text, function = STEPS[number % len(STEPS)]
        client.send_whole(buffer)
        argument = {**client.place(buffer, function), "plan": ["Add."]}
        request = client.begin_command(name, argument)
        if number % 7 == 6:
            client.notify("$/cancelRequest", {"id": request})
        client.answer(request, 60.0)
        for kept in (client.notifications, client.requests, client.responses, client.edits):
            kept.clear()


def check(client, commands, warm_up):
    buffer = client.open("file:///a.py", TEXT)
    process = psutil.Process(client.process.pid)
    soak(client, buffer, warm_up)
    before = measure(process, below=max)
    began = time.monotonic()

    soak(client, buffer, commands)

    seconds = time.monotonic() - began
    after = measure(process)
    print(f"\n{commands} commands in {seconds:.1f} s")
    print(f"before {before}\nafter  {after}")
    assert after["memory"] <= before["memory"] * 1.1
    # Two processes may have been forked ahead since, of a dozen MB each.
    assert after["children"] <= before["children"] * 1.1 + 24
    assert after["descriptors"] <= before["descriptors"] + 4
    assert after["processes"] <= before["processes"] + 2
    assert after["threads"] <= before["threads"] + 3


def test_nothing_grows_with_the_number_of_commands(fresh):
    check(fresh(*RULES, search={"plans": 2, "samples": 1}), COMMANDS, WARM_UP)


@pytest.mark.model
@pytest.mark.skipif(not EMBEDDED.exists(), reason="no embedded model yet")
def test_nothing_grows_with_the_embedded_model_either(servers):
    client = servers.start()
    search = {"memory": True, "timeLimit": 30, "plans": 4, "samples": 4}
    client.initialize(options={"settings": {"search": search, "insert": {"failing": "never"}}})
    check(client, WITH_MODEL, WARM_UP_WITH_MODEL)


def running(process):
    """Processes below this one. The sandbox's zygote collects its last dead children later."""
    return sum(map(runs, process.children(recursive=True)))


def resident(process):
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0  # it has just ended


def measure(process, below=min):
    """What is held at rest: the least of some looks, for the sandbox's last runs may be ending.

    memory: resident, in MB, of the server. children: of the model and the sandbox below it.
    below: how to take the number of processes below it and their memory; the sandbox forks some
    ahead and ends them when they are not needed, so that both go up and down by a few.
    """
    looks = []
    for _ in range(15):
        time.sleep(0.1)
        looks.append(
            {
                "memory": round(process.memory_info().rss / 1e6, 1),
                "children": round(sum(map(resident, process.children(recursive=True))) / 1e6, 1),
                "descriptors": process.num_fds(),
                "processes": running(process),
                "threads": process.num_threads(),
            }
        )
    least = {name: min(look[name] for look in looks) for name in looks[0]}
    return least | {name: below(look[name] for look in looks) for name in ("processes", "children")}
