"""Whether an exported GGUF file is the student: the same logits, and an example through llama.cpp.

Every part that llama.cpp has in it runs in a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from transformers import LlamaForCausalLM

from codeplan_model.backends import open_backend
from codeplan_model.extract import task_named
from codeplan_model.generation import Backend, BackendError, Request, Sampling
from codeplan_model.prompts import codeplan1
from codeplan_model.sandbox import Sandbox, SandboxUnavailable
from codeplan_model.search import Budget, Finished, solve
from codeplan_model.values import Outcome

TOLERANCE = {"f32": 0.001, "f16": 0.002, "q8_0": 0.01, "q4_k": 0.1}
"""By quantization: the largest mean divergence, in nats a token, of a file that is accepted."""

PROMPTS = (
    '''def order_total(prices: list[float], rate: float = 0.07) -> float:
    """Return the sum of prices with 7 % tax – rounded to 2 digits.

    >>> order_total([10.0, 2.5])
    13.38
    """
<|plan|>
1. Add up the prices.
2. Multiply the sum by one plus the rate and round it.<|code|>
    return round(sum(prices) * (1 + rate), 2)<|end|>''',
    '''def initials(name):
    """Return the first letters of the words of name, in upper case.

    >>> initials("ada  lovelace")
    \'AL\'
    """
<|code|>
    return "".join(word[0].upper() for word in name.split())<|end|>''',
    "def f(x):\n<|plan|>\n1. Æther, 日本 and \ttabs: 0123456789 are bytes as well.<|end|>",
)

EXAMPLE = '''def add(a: int, b: int) -> int:
    """Return the sum of a and b.

    >>> add(2, 3)
    5
    >>> add(-1, 1)
    0
    """
    ...
'''


@dataclass(frozen=True, slots=True)
class Difference:
    """How far the exported model is from the student on PROMPTS.

    tokens: whether both tokenize the prompts alike. largest: the largest difference of two logits.
    divergence: mean Kullback-Leibler divergence of the next-token distributions, in nats.
    """

    tokens: bool
    largest: float
    divergence: float

    def in_words(self) -> str:
        """For the command line."""
        if not self.tokens:
            return "DIFFERENT tokens"
        return (
            f"the same tokens, logits differ by at most {self.largest:.3f}, "
            f"mean divergence {self.divergence:.5f} nats"
        )


def compare(model_folder: Path, tokenizer: Path, gguf_file: Path) -> Difference:
    """Run PROMPTS through the student (float32) and through llama.cpp."""
    from tokenizers import Tokenizer

    own = Tokenizer.from_file(str(tokenizer))
    student = LlamaForCausalLM.from_pretrained(model_folder, dtype=torch.float32)
    largest, divergences = 0.0, []
    for prompt, (their_ids, logits) in zip(PROMPTS, _llama_logits(gguf_file), strict=True):
        ids: list[int] = own.encode(codeplan1.BOS + prompt, add_special_tokens=False).ids
        if their_ids != ids:
            return Difference(False, float("inf"), float("inf"))
        with torch.no_grad():
            expected = student(torch.tensor([ids])).logits[0]
        got = torch.from_numpy(logits)
        log_expected = torch.log_softmax(expected, -1)
        log_got = torch.log_softmax(got, -1)
        divergences.append((log_expected.exp() * (log_expected - log_got)).sum(-1))
        largest = max(largest, float((expected - got).abs().max()))
    return Difference(True, largest, float(torch.cat(divergences).mean()))


def check(difference: Difference, quantization: str, gguf_file: Path) -> None:
    """Raise ValueError for a difference that is not one of rounding."""
    allowed = TOLERANCE[quantization]
    if not difference.tokens or difference.divergence > allowed:
        raise ValueError(
            f"{gguf_file} is not the student: {difference.in_words()}; {quantization} may diverge "
            f"by {allowed} nats. The file is kept for a look at it; don't use it. "
            "Name the tokenizer that the student was trained with, or take another --quantization"
        )


def try_out(gguf_file: Path) -> str:
    """Let the file solve EXAMPLE through the llama backend; what came of it, in words.

    A student that can't solve it is no error. Raises BackendError when nothing is generated.
    """
    backend = open_backend("llama", str(gguf_file), grace=0)
    try:
        with Sandbox() as sandbox:
            return _solved(backend, sandbox, gguf_file)
    except SandboxUnavailable:
        request = Request(codeplan1.plan_prompt(task_named(EXAMPLE, "add")), 1, Sampling())
        if not sum(done.tokens for done in backend.generate([request])):
            raise _silent(gguf_file) from None
        return "llama.cpp generates with it; no sandbox here, so that nothing was judged"
    finally:
        backend.close()


def _solved(backend: Backend, sandbox: Sandbox, gguf_file: Path) -> str:
    budget = Budget(plans=4, samples=4, plan_tokens=60, code_tokens=60, token_limit=600)
    events = solve(task_named(EXAMPLE, "add"), backend, sandbox, budget)
    finished = next(event for event in events if isinstance(event, Finished))
    if not finished.tokens:
        raise _silent(gguf_file)
    solved = finished.outcome == Outcome.PASSED.value
    return (
        f"llama.cpp generated {finished.tokens} tokens with it, the example `add(a, b)` is "
        f"{'solved' if solved else 'not solved'}"
    )


def _silent(gguf_file: Path) -> BackendError:
    return BackendError(
        f"llama.cpp loads {gguf_file} and generates nothing: the student ends every answer at once"
    )


def _llama_logits(gguf_file: Path) -> list[tuple[list[int], np.ndarray]]:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "logits.npz"
        program = [sys.executable, "-m", "codeplan_training.llama_logits", str(gguf_file), str(out)]
        given = json.dumps(PROMPTS).encode()
        done = subprocess.run(program, input=given, capture_output=True, check=False)
        if done.returncode != 0 or not out.exists():
            tail = done.stderr.decode(errors="replace").strip()[-400:]
            raise ValueError(f"llama.cpp can't run {gguf_file} (status {done.returncode}): {tail}")
        with np.load(out) as data:
            return [(data[f"ids{n}"].tolist(), data[f"logits{n}"]) for n in range(len(PROMPTS))]
