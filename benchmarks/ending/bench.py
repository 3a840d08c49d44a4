"""From a client's `shutdown` and `exit` until the server and all processes below it are gone.

    python benchmarks/ending/bench.py [MODEL.gguf] [--times 10]

Real processes: the server, the sandbox's and the model's. Idle, in mid-generation, and while
endless examples run; by `shutdown` and `exit`, and by `exit` alone. Gone is every process that was
below the server when it was told. Without a model, one of the embedded model's shape with random
weights.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "decoding"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "e2e" / "support"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "support"))
from lsp_client import RawClient
from lsp_servers import Servers
from random_gguf import EMBEDDED, write_random_gguf
from watched_processes import runs

PROMISED = 1.0
TEXT = '''\
def total(numbers):
    """The sum.

    >>> total([1, 2, 3])
    6
    """
    ...


def endless():
    """
    >>> endless()
    """
    while True:
        pass
'''
SEARCH = {"strategy": "codeplan", "plans": 200, "samples": 1, "memory": False, "timeLimit": 600}


def main() -> int:
    """Print the table; 1 where something took longer than a second."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", nargs="?", type=Path)
    parser.add_argument("--times", type=int, default=10)
    arguments = parser.parse_args()
    late = False
    with tempfile.TemporaryDirectory() as folder:
        model = arguments.model or write_random_gguf(Path(folder) / "random.gguf", EMBEDDED)
        print(f"{arguments.times} times each; processes: the most that were below the server\n")
        print("| while | told by | processes | median s | worst s | promised |")
        print("|---|---|---|---|---|---|")
        for name, begin in (("idle", None), ("generating", _generate), ("testing", _test)):
            for way in ("shutdown, exit", "exit"):
                took, most = [], 0
                for _ in range(arguments.times):
                    seconds, below = _measure(Path(folder), model, begin, shutdown=way != "exit")
                    took.append(seconds)
                    most = max(most, below)
                late |= max(took) > PROMISED
                print(
                    f"| {name} | {way} | {most} | {statistics.median(took):.3f} "
                    f"| {max(took):.3f} | {PROMISED:.1f} |",
                    flush=True,
                )
    return int(late)


def _measure(folder: Path, model: Path, begin, *, shutdown: bool) -> tuple[float, int]:
    """Seconds until all are gone, and how many processes there were below the server."""
    run = Path(tempfile.mkdtemp(dir=folder))
    servers = Servers(run)
    try:
        client = servers.start()
        settings = {
            "backend": {"model": os.fspath(model)},
            "search": SEARCH,
            "sandbox": {"wallSeconds": 600},
        }
        client.settings = settings
        client.initialize(options={"settings": settings})
        _warm(client)
        if begin is not None:
            begin(client)
        assert client.process is not None
        server = psutil.Process(client.process.pid)
        below = server.children(recursive=True)
        began = time.perf_counter()
        if shutdown:
            client.ask("shutdown")
        client.notify("exit")
        client.process.wait(60)
        left = below
        while left and time.perf_counter() - began < 60:
            left = [p for p in left if runs(p)]
            time.sleep(0.002)
        return time.perf_counter() - began, len(below)
    finally:
        servers.end()


def _warm(client: RawClient) -> None:
    """Every process that a session has is there: the model's, and the sandbox's."""
    buffer = client.open("file:///warm.py", TEXT)
    client.command("runExamples", client.place(buffer, "total"))
    number = client.begin_command("planThenCode", client.place(buffer, "total"))
    client.wait_progress(r"plan \d+ of|writing code")
    client.command("cancel")
    client.answer(number)
    client.notifications.clear()


def _generate(client: RawClient) -> None:
    buffer = client.open("file:///generating.py", TEXT)
    client.begin_command("planThenCode", client.place(buffer, "total"))
    client.wait_progress(r"plan \d+ of|writing code")


def _test(client: RawClient) -> None:
    buffer = client.open("file:///testing.py", TEXT)
    client.begin_command("runExamples", client.place(buffer, "endless"))
    while not client.status()["works"]:
        time.sleep(0.01)
    time.sleep(0.5)  # until the loop runs


if __name__ == "__main__":
    sys.exit(main())
