"""The transformers backend beside `model.generate` called once per sample, and llama.cpp.

    python benchmarks/transformers/bench.py [--size embedded|0.5b] [--rounds 3] [--tokens 48]
        [--counts 16 64] [--compiled] [--without-llama]

In turns in one process, on the device that the backend chooses: a Llama of the embedded model's
shape or of half a billion parameters with random weights, written as a folder by this script. On a
GPU the share of its memory bandwidth is given as well (weights read once a step, over a copy's rate
measured here). --compiled adds `generate` with a static cache and torch.compile, warmed up first.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from hf_folder import PROMPT, write_folder

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "decoding"))
from random_gguf import EMBEDDED, HALF_BILLION, write_random_gguf

from codeplan_model.backends import open_backend
from codeplan_model.generation import Backend, Request, Sampling

ONE_BY_ONE = "`generate`, once per sample"
_ONE_BY_ONE_SAMPLES = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", choices=["embedded", "0.5b"], default="embedded")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=48)
    parser.add_argument("--counts", type=int, nargs="+", default=[16, 64])
    parser.add_argument("--dtypes", nargs="+", default=["float32", "bfloat16"])
    parser.add_argument("--compiled", action="store_true")
    parser.add_argument("--without-llama", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CODEPLAN_RUNTIME_DIR"] = os.environ["CODEPLAN_STATE_DIR"] = folder
        shape = EMBEDDED if chosen.size == "embedded" else HALF_BILLION
        path = write_folder(Path(folder) / "model", shape)
        gguf = None
        if not chosen.without_llama:
            gguf = write_random_gguf(Path(folder) / "random.gguf", shape)
        run(path, gguf, chosen)


def run(path: Path, gguf: Path | None, chosen: argparse.Namespace) -> None:
    ways: dict[str, Callable[[int], float]] = {}
    opened: list[Backend] = []
    bytes_a_step = 0
    for dtype in chosen.dtypes:
        backend = open_backend("transformers", str(path), dtype=dtype)
        info = backend.info()
        opened.append(backend)
        bytes_a_step = info.parameters * (4 if dtype == "float32" else 2)
        plain = Plain(path, dtype, chosen.tokens)
        ways[f"{ONE_BY_ONE}, {dtype}"] = plain.rate
        if chosen.compiled:
            compiled = Plain(path, dtype, chosen.tokens, static=True)
            compiled.rate(0)
            ways[f"{ONE_BY_ONE}, compiled, {dtype}"] = compiled.rate
        for count in chosen.counts:
            ways[f"backend, {count} samples, {dtype}"] = _of(backend, count, chosen.tokens)
    if gguf is not None:
        llama = open_backend("llama", str(gguf), grace=0.0, parallel=max(chosen.counts))
        opened.append(llama)
        for count in chosen.counts:
            ways[f"llama.cpp, {count} samples"] = _of(llama, count, chosen.tokens)
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(chosen.rounds + 1):
        for name, rate in ways.items():
            found = rate(number)
            print(f"  {name}: {found:.0f} tokens/s", file=sys.stderr)
            # The first round warms up.
            if number:
                rates[name].append(found)
    for backend in opened:
        backend.close()
    print(
        f"{info.name}; {info.device}; torch {torch.__version__}; {chosen.rounds} rounds in turns\n"
    )
    print("| | tokens/s (median) | against one by one |\n|---|---|---|")
    base = rates[f"{ONE_BY_ONE}, {chosen.dtypes[0]}"]
    for name, found in rates.items():
        times = statistics.median(a / b for a, b in zip(found, base, strict=True))
        print(f"| {name} | {statistics.median(found):,.0f} | {times:.1f} x |")
    if torch.cuda.is_available():
        most = max(chosen.counts)
        steps = statistics.median(rates[f"backend, {most} samples, {chosen.dtypes[-1]}"]) / most
        share = steps * bytes_a_step / _copy_rate()
        print(f"\nShare of the memory bandwidth at {most} samples: {share:.0%}")


class Plain:
    """What the documentation shows: tokenise, `generate`, one sample at a time."""

    def __init__(self, path: Path, dtype: str, tokens: int, *, static: bool = False) -> None:
        from transformers import AutoModelForCausalLM, AutoTokenizer

        device = "cuda" if torch.cuda.is_available() else "cpu"
        self._tokenizer = AutoTokenizer.from_pretrained(path)
        model: Any = AutoModelForCausalLM.from_pretrained(path, dtype=getattr(torch, dtype))
        self._model = model.to(device).eval()
        self._options: dict[str, Any] = {"cache_implementation": "static"} if static else {}
        if static:
            self._model.forward = torch.compile(self._model.forward)
        self._tokens = tokens

    def rate(self, number: int) -> float:
        torch.manual_seed(number)
        inputs = self._tokenizer(PROMPT, return_tensors="pt").to(self._model.device)
        inputs.pop("token_type_ids", None)
        began, tokens = time.perf_counter(), 0
        for _ in range(_ONE_BY_ONE_SAMPLES):
            out = self._model.generate(
                **inputs,
                do_sample=True,
                temperature=0.8,
                top_p=0.95,
                top_k=0,
                max_new_tokens=self._tokens,
                pad_token_id=0,
                **self._options,
            )
            tokens += out.shape[1] - inputs["input_ids"].shape[1]
        return tokens / (time.perf_counter() - began)


def _of(backend: Backend, count: int, tokens: int) -> Callable[[int], float]:
    def rate(number: int) -> float:
        sampling = Sampling(temperature=0.8, top_p=0.95, max_tokens=tokens, seed=number)
        began = time.perf_counter()
        found = list(backend.generate([Request(PROMPT, count, sampling)]))
        return sum(c.tokens for c in found) / (time.perf_counter() - began)

    return rate


def _copy_rate() -> float:
    """Bytes a second that a large copy on the GPU reads and writes together."""
    source = torch.empty(1 << 30, dtype=torch.uint8, device="cuda")
    target = torch.empty_like(source)
    target.copy_(source)
    torch.cuda.synchronize()
    began = time.perf_counter()
    for _ in range(10):
        target.copy_(source)
    torch.cuda.synchronize()
    return 10 * 2 * source.numel() / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
