"""Processes that a run has left behind, seen from outside."""

from __future__ import annotations

import os
import pathlib
import time

from ..pool import Sandbox


def of(sandbox: Sandbox, patience: float = 1.0) -> list[str]:
    """Living processes of a sandbox's zygotes beside these themselves, as "pid name".

    Everything that a zygote starts shares its process group, since the filters refuse to leave it.
    The kernel may need a moment to end what was killed: waits up to `patience` seconds.
    """
    for zygote in sandbox.zygotes():
        zygote.rest()
    deadline = time.monotonic() + patience
    while (found := _now(sandbox)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return found


def _now(sandbox: Sandbox) -> list[str]:
    zygotes = {pid for zygote in sandbox.zygotes() for pid in zygote.processes}
    found = []
    # A glob would look at each file by itself, and raise where a process has ended meanwhile.
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        pid = int(entry)
        try:
            status = pathlib.Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            continue
        name, _, rest = status.partition("(")[2].rpartition(")")
        state, parent, group = rest.split()[:3]
        if (
            pid not in zygotes
            and state != "Z"
            and not {int(parent), int(group)}.isdisjoint(zygotes)
        ):
            found.append(f"{pid} {name}")
    return found
