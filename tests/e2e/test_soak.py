"""Many commands in one session: memory, descriptors and processes stay where they were.

CODEPLAN_SOAK sets the number of commands; the tests take fewer than a soak of its own.
"""

from __future__ import annotations

import os
import time

import psutil

COMMANDS = int(os.environ.get("CODEPLAN_SOAK", "240"))
WARM_UP = 120
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
NAMES = ("planThenCode", "showPlans", "runExamples", "nextCandidate", "planThenCode")


def test_nothing_grows_with_the_number_of_commands(fresh):
    client = fresh(*RULES, search={"plans": 2, "samples": 1})
    process = psutil.Process(client.process.pid)
    buffer = client.open("file:///a.py", TEXT)

    def run(count):
        for number in range(count):
            place = client.place(buffer, "total")
            name = NAMES[number % len(NAMES)]
            if number % 7 == 6:
                request = client.begin_command(name, place)
                client.notify("$/cancelRequest", {"id": request})
                client.answer(request)
            else:
                client.command(name, place)
            buffer.text = TEXT
            client.send_whole(buffer)
            client.notifications.clear()
            client.requests.clear()
            client.responses.clear()
            client.edits.clear()

    run(WARM_UP)
    before = measure(process)
    began = time.monotonic()
    run(COMMANDS)
    seconds = time.monotonic() - began
    after = measure(process)

    print(f"{COMMANDS} commands in {seconds:.1f} s: before {before}, after {after}")
    assert after["memory"] <= before["memory"] * 1.1
    assert after["descriptors"] <= before["descriptors"] + 4
    assert after["processes"] <= before["processes"] + 1
    assert after["threads"] <= before["threads"] + 3


def running(process):
    """Processes below this one. The sandbox's zygote collects its last dead children later."""
    children = process.children(recursive=True)
    return sum(child.status() != psutil.STATUS_ZOMBIE for child in children)


def measure(process):
    """Resident memory in MB and what is open, at rest: the least of some looks.

    The sandbox's last runs may still be ending.
    """
    looks = []
    for _ in range(15):
        time.sleep(0.1)
        looks.append(
            {
                "memory": round(process.memory_info().rss / 1e6, 1),
                "descriptors": process.num_fds(),
                "processes": running(process),
                "threads": process.num_threads(),
            }
        )
    return {name: min(look[name] for look in looks) for name in looks[0]}
