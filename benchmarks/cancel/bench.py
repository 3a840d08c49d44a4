"""How long it takes from a client's cancel until nothing works for it any more, by phase.

    python benchmarks/cancel/bench.py [MODEL.gguf] [--times 200]

Generation and prompt evaluation: until the host's word that the call is dropped; a step that runs
just then is finished before. Test runs: until the judge has given up an endless loop, whose
processes are dead then. Without a model, one of the embedded model's shape with random weights.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "decoding"))
from random_gguf import EMBEDDED, write_random_gguf

from codeplan_model.backends import open_backend
from codeplan_model.extract import task_named
from codeplan_model.generation import Backend, Cancelled, CancelToken, Request, Sampling
from codeplan_model.sandbox import Limits, Sandbox
from codeplan_model.values import Candidate

FUNCTION = 'def total(prices):\n    """Return the sum of the prices, 0 for none."""\n'
ENDLESS = task_named('def f(x):\n    """Loop.\n\n    >>> f(1)\n    1\n    """\n    ...\n', "f")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", nargs="?", type=Path)
    parser.add_argument("--times", type=int, default=200)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CODEPLAN_RUNTIME_DIR"] = os.environ["CODEPLAN_STATE_DIR"] = folder
        model = arguments.model or write_random_gguf(Path(folder) / "random.gguf", EMBEDDED)
        backend = open_backend("llama", str(model), grace=0.0)
        with Sandbox(limits=Limits(wall_seconds=30.0)) as sandbox:
            print(f"{backend.info().name}; {backend.info().device}; {arguments.times} times\n")
            print("| cancelled during | median ms | worst ms | at most |\n|---|---|---|---|")
            phases: dict[str, tuple[Callable[[CancelToken, int], None], int]] = {
                "generation": (lambda token, n: _generate(backend, token, n), 50),
                "prompt evaluation": (lambda token, n: _read(backend, token, n), 200),
                "test runs": (lambda token, _: _judge(sandbox, token), 200),
            }
            for name, (work, limit) in phases.items():
                work_once = [latency(work, number) for number in range(arguments.times)]
                median, worst = statistics.median(work_once) * 1000, max(work_once) * 1000
                print(f"| {name} | {median:.1f} | {worst:.1f} | {limit} |", flush=True)
        backend.close()


def latency(work: Callable[[CancelToken, int], None], number: int) -> float:
    """Seconds from the cancel of this work to its end."""
    token = CancelToken()
    fired: list[float] = []

    def fire() -> None:
        fired.append(time.perf_counter())
        token.cancel()

    threading.Timer(0.05 + random.random() * 0.05, fire).start()
    try:
        work(token, number)
    except Cancelled:
        return time.perf_counter() - fired[0]
    raise SystemExit("the work ended before it was cancelled: it is too short")


def _generate(backend: Backend, token: CancelToken, number: int) -> None:
    request = Request(FUNCTION, 500, Sampling(max_tokens=500, seed=number))
    for _ in backend.generate([request], token):
        pass


def _read(backend: Backend, token: CancelToken, number: int) -> None:
    texts = (f"{number} {part} {FUNCTION * 15}" for part in range(200))
    for _ in backend.generate([Request(t, 1, Sampling(max_tokens=1)) for t in texts], token):
        pass


def _judge(sandbox: Sandbox, token: CancelToken) -> None:
    sandbox.judge(ENDLESS, Candidate("    while True:\n        pass"), cancel=token)


if __name__ == "__main__":
    main()
