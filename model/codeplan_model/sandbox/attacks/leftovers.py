"""Processes that a run has left behind, seen from outside."""

from __future__ import annotations

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
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = path.read_text().partition("(")[2].rpartition(")")
        except OSError:
            continue
        state, parent, group = rest.split()[:3]
        pid = int(path.parent.name)
        if (
            pid not in zygotes
            and state != "Z"
            and not {int(parent), int(group)}.isdisjoint(zygotes)
        ):
            found.append(f"{pid} {name}")
    return found
