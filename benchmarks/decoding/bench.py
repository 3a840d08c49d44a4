"""Generated tokens per second by number of sequences, beside what they can be compared with.

In one run, in turns, so that a busy moment of the machine hits all alike: codeplan's shared
process at 1 to 64 samples of one prompt; the prompt rate of the same model there, which is the
ceiling; and llama-cpp-python's high-level `Llama` asked once per sample, as most people would
write it. Medians of the rounds; the ratios are medians of each round's own, since from one minute
to the next the machine itself may be a third faster.

    python benchmarks/decoding/bench.py [MODEL.gguf] [--rounds 7] [--tokens 64]

Without a model, three with random weights are made: one of 16 million parameters, one of the
embedded model's shape, and one of half a billion parameters, which is kept in the user's cache
folder and gets fewer tokens and rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from random_gguf import EMBEDDED, SIXTEEN_MILLION, half_billion, write_random_gguf

from codeplan_model.backends import open_backend
from codeplan_model.generation import Backend, Request, Sampling

COUNTS = (1, 4, 8, 16, 32, 64)
LARGE_COUNTS = (1, 8, 32)
LARGE_TOKENS, LARGE_ROUNDS = 12, 3
FUNCTION = 'def total(prices):\n    """Return the sum of the prices, 0 for none."""\n'
PROMPT = FUNCTION * 7 + "<|plan|>"
ONE_BY_ONE = "Llama, once per sample"

HIGH_LEVEL = """
import json, sys, time
from llama_cpp import Llama

settings = json.loads(sys.argv[1])
llama = Llama(settings["model"], n_ctx=1024, n_threads=settings["threads"], verbose=False)
for line in sys.stdin:
    text = json.loads(line)
    if text:
        print(len(llama.tokenize(text.encode(), special=True)), flush=True)
        continue
    start, tokens = time.perf_counter(), 0
    for seed in range(settings["samples"]):
        answer = llama.create_completion(
            settings["prompt"], max_tokens=settings["tokens"], temperature=0.8, top_p=0.95,
            top_k=0, min_p=0.0, repeat_penalty=1.0, seed=seed,
        )
        tokens += answer["usage"]["completion_tokens"]
    print(tokens / (time.perf_counter() - start), flush=True)
"""


class HighLevel:
    """llama-cpp-python's `Llama` in a process of its own, with as many threads."""

    def __init__(self, model: Path, tokens: int, threads: int) -> None:
        settings = {"model": str(model), "threads": threads, "prompt": PROMPT}
        settings |= {"tokens": tokens, "samples": 4}
        self._process = subprocess.Popen(
            [sys.executable, "-c", HIGH_LEVEL, json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, text: str = "") -> float:
        """The number of tokens of `text`, or with no text the rate of generation."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(text) + "\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", nargs="?", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--counts", type=int, nargs="+", default=COUNTS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CODEPLAN_RUNTIME_DIR"] = os.environ["CODEPLAN_STATE_DIR"] = folder
        models = [arguments.model] if arguments.model else []
        for shape in () if models else (SIXTEEN_MILLION, EMBEDDED):
            path = Path(folder) / f"random-{shape.hidden}.gguf"
            models.append(write_random_gguf(path, shape))
        for model in models:
            run(model, arguments.counts, arguments.rounds, arguments.tokens)
            print()
        if arguments.model is None:
            run(half_billion(), LARGE_COUNTS, LARGE_ROUNDS, LARGE_TOKENS, parts=1)


def run(model: Path, counts: Sequence[int], rounds: int, tokens: int, *, parts: int = 4) -> None:
    """Measure one model. parts: prompts that are read for the prompt rate in each round."""
    backend = open_backend("llama", str(model), grace=0.0, parallel=max(counts))
    info = backend.info()
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    rates: dict[str, list[float]] = {}
    other = HighLevel(model, tokens, threads or 1)
    for number in range(rounds):
        note(rates, "prompt", prompt_rate(backend, other, number, parts))
        for count in counts:
            note(rates, str(count), generation_rate(backend, count, tokens, number))
        note(rates, ONE_BY_ONE, other.ask())
    other.close()
    backend.close()
    report(info.name, info.device, rates)


def note(rates: dict[str, list[float]], name: str, rate: float) -> None:
    rates.setdefault(name, []).append(rate)
    print(f"  {name}: {rate:.0f} tokens/s", file=sys.stderr)


def prompt_rate(backend: Backend, other: HighLevel, number: int, parts: int) -> float:
    """Tokens a second while prompts are read that the cache doesn't know."""
    seconds, tokens = 0.0, 0.0
    for part in range(parts):
        text = f"{number} {part} {FUNCTION * 20}"
        start = time.perf_counter()
        list(backend.generate([Request(text, 1, Sampling(max_tokens=1))]))
        seconds += time.perf_counter() - start
        tokens += other.ask(text)
    return tokens / seconds


def generation_rate(backend: Backend, count: int, tokens: int, number: int) -> float:
    """Tokens a second of `count` samples of a prompt that is there already."""
    list(backend.generate([Request(PROMPT, 1, Sampling(max_tokens=1))]))
    request = Request(PROMPT, count, Sampling(max_tokens=tokens, seed=number))
    start = time.perf_counter()
    found = list(backend.generate([request]))
    return sum(c.tokens for c in found) / (time.perf_counter() - start)


def report(name: str, device: str, rates: dict[str, list[float]]) -> None:
    print(f"{name}; {device}; {platform.platform()}; medians of {len(rates['prompt'])} rounds\n")
    print("| | tokens/s | of the prompt rate | against one by one |")
    print("|---|---|---|---|")
    for key, values in rates.items():
        label = f"{key} sequences" if key.isdigit() else key
        share, times = of(values, rates["prompt"]), of(values, rates[ONE_BY_ONE])
        print(f"| {label} | {median(values):,.0f} | {share:.0%} | {times:.1f} x |")


def of(values: Sequence[float], others: Sequence[float]) -> float:
    """The median ratio of what was measured in the same rounds."""
    return median(one / other for one, other in zip(values, others, strict=True))


if __name__ == "__main__":
    main()
