"""How long it takes from a client's cancel until nothing works for it any more, by phase.

    python benchmarks/cancel/bench.py [MODEL.gguf] [--times 200]

Generation and prompt evaluation: until the host's word that the call is dropped; a step that runs
just then is finished before. Test runs: until the judge has given up an endless loop, whose
processes are dead then. Without a model, two with random weights: one of the embedded model's shape
and one of half a billion parameters (see ../decoding/random_gguf.py).
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
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "decoding"))
from random_gguf import EMBEDDED, half_billion, write_random_gguf

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
        models = [model] if arguments.model else [model, half_billion()]
        print(f"{arguments.times} times each\n")
        print("| cancelled during | median ms | worst ms | at most |\n|---|---|---|---|")
        for path in models:
            backend = open_backend("llama", str(path), grace=0.0)
            size = f"{backend.info().parameters / 1e6:,.0f}M"
            measure(f"generation, {size}", partial(_generate, backend), arguments.times, 50)
            measure(f"prompt evaluation, {size}", partial(_read, backend), arguments.times, 200)
            backend.close()
        with Sandbox(limits=Limits(wall_seconds=30.0)) as sandbox:
            measure("test runs", partial(_judge, sandbox), arguments.times, 200)


def measure(name: str, work: Callable[[CancelToken, int], None], times: int, most: int) -> None:
    """Print a row of the table. most: the milliseconds that it may take."""
    found = [latency(work, number) * 1000 for number in range(times)]
    print(f"| {name} | {statistics.median(found):.1f} | {max(found):.1f} | {most} |", flush=True)


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


def _judge(sandbox: Sandbox, token: CancelToken, _number: int) -> None:
    sandbox.judge(ENDLESS, Candidate("    while True:\n        pass"), cancel=token)


if __name__ == "__main__":
    main()
