"""Several windows at once on one model process: throughput, memory, and what dies with whom.

    python benchmarks/clients/bench.py [MODEL.gguf] [--rounds 5] [--sequences 30]

In turns: one client with all the sequences; three with a third of them each, at the same time. Then
a client is killed (-9) in the middle of its work, and at last the model process. Without a model,
one of the embedded model's shape with random weights.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "decoding"))
from random_gguf import EMBEDDED, write_random_gguf

CLIENTS = 3
# What each window's process does: a line in, a line out.
CLIENT = """
import json, sys, time
from codeplan_model.backends import open_backend
from codeplan_model.generation import Request, Sampling

backend = open_backend("llama", sys.argv[1], grace=0.0)
prompt = 'def total(prices):\\n    "Return the sum of the prices."\\n' * 7 + "<|plan|>"
for line in sys.stdin:
    count, tokens, seed = json.loads(line)
    requests = [Request(f"{prompt}", count, Sampling(max_tokens=tokens, seed=seed))]
    try:
        found = list(backend.generate(requests))
        print(json.dumps([sum(c.tokens for c in found), backend.process_id()]), flush=True)
    except Exception as error:
        print(json.dumps(["failed", str(error)]), flush=True)
"""


class Client:
    def __init__(self, model: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", CLIENT, str(model)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, count: int, tokens: int, seed: int) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([count, tokens, seed]) + "\n")
        self.process.stdin.flush()

    def answer(self) -> list:
        """[tokens, the host's process id], or ["failed", why]."""
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        self.process.communicate()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", nargs="?", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sequences", type=int, default=30)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CODEPLAN_RUNTIME_DIR"] = os.environ["CODEPLAN_STATE_DIR"] = folder
        model = arguments.model or write_random_gguf(Path(folder) / "random.gguf", EMBEDDED)
        return run(model, arguments.rounds, arguments.sequences)


def run(model: Path, rounds: int, sequences: int) -> int:
    clients = [Client(model) for _ in range(CLIENTS)]
    (_, pid) = _together(clients[:1], 1, 4, 0)
    one = [_rate(clients[:1], sequences, number) for number in range(rounds)]
    host = psutil.Process(pid)
    small = host.memory_info().rss
    ratios = []
    for number in range(rounds):
        alone = _rate(clients[:1], sequences, number)
        ratios.append(_rate(clients, sequences // CLIENTS, number) / alone)
        one.append(alone)
    large = host.memory_info().rss
    share = statistics.median(ratios)
    print(
        f"{sequences} sequences; {len(ratios)} rounds in turns\n\n"
        "| | figure | wanted |\n|---|---|---|"
    )
    print(f"| one client, tokens/s (median) | {statistics.median(one):,.0f} | |")
    print(f"| three clients together against one | {share:.0%} | at least 85% |")
    print(f"| the model process, MB with one client | {small / 2**20:.0f} | |")
    print(f"| with three against that | {large / small:.2f} | at most 1.1 |")
    ok = _client_killed(clients, host)
    ok = _host_killed(clients[1:], host) and ok
    for client in clients[1:]:
        client.close()
    return 0 if ok else 1


def _rate(clients: list[Client], each: int, seed: int) -> float:
    began = time.perf_counter()
    tokens, _ = _together(clients, each, 64, seed)
    return tokens / (time.perf_counter() - began)


def _together(clients: list[Client], each: int, tokens: int, seed: int) -> tuple[int, int]:
    for number, client in enumerate(clients):
        client.ask(each, tokens, 100 * seed + number)
    answers = [client.answer() for client in clients]
    return sum(answer[0] for answer in answers), answers[0][1]


def _client_killed(clients: list[Client], host: psutil.Process) -> bool:
    """Its samples leave the decoder: what the others wait for then is their own work."""
    clients[0].ask(400, 400, 7)
    time.sleep(0.5)
    clients[0].process.kill()
    clients[0].process.communicate()
    began = time.perf_counter()
    tokens, pid = _together(clients[1:], 2, 16, 8)
    took = time.perf_counter() - began
    before = sum(host.cpu_times()[:2])
    time.sleep(1.0)
    idle = sum(host.cpu_times()[:2]) - before
    ok = pid == host.pid and tokens > 0 and idle < 0.2
    print(
        f"| after kill -9 of a client: s for another's next command | {took:.2f} | |\n"
        f"| and then processor seconds that the model process takes in one | {idle:.2f} | 0 |"
    )
    return ok


def _host_killed(clients: list[Client], host: psutil.Process) -> bool:
    """Each client's next command works, on one new process."""
    host.kill()
    pids = set()
    words = []
    for client in clients:
        client.ask(2, 8, 9)
        tokens, pid = client.answer()
        words.append("failed" if tokens == "failed" else "works")
        pids.add(pid)
    ok = words == ["works"] * len(clients) and len(pids) == 1 and host.pid not in pids
    print(f"| after kill -9 of the model process: next commands | {', '.join(words)} | works |")
    return ok


if __name__ == "__main__":
    sys.exit(main())
