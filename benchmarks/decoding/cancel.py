"""How long it takes from a client's cancel to the idle decoder: median and worst, by phase.

    python benchmarks/decoding/cancel.py [MODEL.gguf] [--times 50]

The host's word that the call is dropped is what counts; a step that runs then is finished before.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
import threading
import time
from pathlib import Path

from bench import FUNCTION
from random_gguf import EMBEDDED, write_random_gguf

from codeplan_model.backends import open_backend
from codeplan_model.generation import Backend, Cancelled, CancelToken, Request, Sampling


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", nargs="?", type=Path)
    parser.add_argument("--times", type=int, default=50)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CODEPLAN_RUNTIME_DIR"] = os.environ["CODEPLAN_STATE_DIR"] = folder
        model = arguments.model or write_random_gguf(Path(folder) / "random.gguf", EMBEDDED)
        backend = open_backend("llama", str(model), grace=0.0)
        print(f"{backend.info().name}; {backend.info().device}; {arguments.times} times\n")
        print("| phase | median ms | worst ms |\n|---|---|---|")
        for phase in ("generation", "prompt"):
            found = [latency(backend, phase, number) for number in range(arguments.times)]
            median, worst = statistics.median(found) * 1000, max(found) * 1000
            print(f"| {phase} | {median:.1f} | {worst:.1f} |")
        backend.close()


def latency(backend: Backend, phase: str, number: int) -> float:
    """Seconds from the cancel of a call in this phase to its end."""
    if phase == "generation":
        requests = [Request(FUNCTION, 500, Sampling(max_tokens=500, seed=number))]
    else:
        requests = [
            Request(f"{number} {part} {FUNCTION * 15}", 1, Sampling(max_tokens=1))
            for part in range(200)
        ]
    token = CancelToken()
    fired: list[float] = []

    def fire() -> None:
        fired.append(time.perf_counter())
        token.cancel()

    threading.Timer(0.1 + random.random() * 0.1, fire).start()
    try:
        for _ in backend.generate(requests, token):
            pass
    except Cancelled:
        return time.perf_counter() - fired[0]
    raise SystemExit("the call ended before it was cancelled: the work is too short")


if __name__ == "__main__":
    main()
