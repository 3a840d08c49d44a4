"""The host process: `python -m codeplan_model.host MODEL SETTINGS`; started by `launch`.

Its stderr is the log file; stdout is turned there too, because llama.cpp prints what it likes.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal
import sys
import time
from pathlib import Path

from codeplan_model.host import transport
from codeplan_model.host.places import places_for
from codeplan_model.host.server import Host, log
from codeplan_model.host.settings import HostSettings


def main(arguments: list[str]) -> int:
    model, settings = Path(arguments[0]), HostSettings.from_json(arguments[1])
    if sys.stdout is not None and sys.stderr is not None:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    faulthandler.enable()
    _be_the_one_to_die()
    places = places_for(model)
    running = open(places.running, "a+b")  # noqa: SIM115 (held until stepping down)
    if not _lock_soon(running.fileno()):
        log("another host serves this model already")
        return 0
    listener, secret = transport.listen(places.socket)

    def step_down() -> None:
        transport.withdraw(places.socket)
        running.close()

    log(f"pid {os.getpid()} serves {model}")
    host = Host(model, listener, secret, settings, step_down)
    signal.signal(signal.SIGTERM, lambda *_: host.end())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with host.woken_by_signals():
        host.run()
    return 0


def _lock_soon(descriptor: int) -> bool:
    """A host that steps down may need a moment to finish what it does."""
    for _ in range(250):
        if transport.try_lock(descriptor):
            return True
        time.sleep(0.02)
    return False


def _be_the_one_to_die() -> None:
    """When memory runs out, the kernel should end this process, not the editor."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
