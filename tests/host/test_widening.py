"""Eight-bit weights in bfloat16: when, and that what the model says stays the same."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from codeplan_model.generation import Completion, Request, Sampling
from codeplan_model.host.engine import Engine, Finished
from codeplan_model.host.gguf_file import GgufHeader, check_gguf
from codeplan_model.host.llama import LlamaModel, ModelSettings
from codeplan_model.host.widening import pays, widened

PROMPT = 'def total(prices):\n    """Return the sum of the prices."""\n' * 4 + "<|plan|>"
NEW, OLD = b"AVX2 = 1 | AVX512_BF16 = 1 | ", b"AVX2 = 1 | "
AMX = NEW + b"AMX_INT8 = 1 | "


def header(parameters: int = 1_000_000, file_type: int = 7) -> GgufHeader:
    return GgufHeader(3, 10, parameters, {"general.file_type": file_type}, 0)


def processor(words: bytes) -> SimpleNamespace:
    return SimpleNamespace(llama_print_system_info=lambda: words)


def test_a_small_eight_bit_model_is_widened_where_the_processor_multiplies_bfloat16() -> None:
    assert pays(processor(NEW), header())


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (OLD, header()),
        (AMX, header()),
        (NEW, header(parameters=500_000_000)),
        (NEW, header(file_type=2)),
    ],
    ids=["an older processor", "faster eight-bit products", "a large model", "four bits"],
)
def test_others_stay_as_they_are(words: bytes, what: GgufHeader) -> None:
    assert not pays(processor(words), what)


def test_a_random_model_of_eight_bits_says_so(tiny_gguf: Path) -> None:
    assert check_gguf(tiny_gguf).metadata["general.file_type"] == 7


@pytest.fixture
def wide(tiny_gguf: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LlamaModel]:
    """Widened, whatever this processor is: llama.cpp has slower ways to multiply bfloat16."""
    monkeypatch.setattr("codeplan_model.host.widening.pays", lambda lib, header: True)
    model = LlamaModel(str(tiny_gguf), ModelSettings(threads=2))
    yield model
    model.close()


def test_what_the_model_says_stays_the_same(wide: LlamaModel, tiny_gguf: Path) -> None:
    plain = LlamaModel(str(tiny_gguf), ModelSettings(threads=2, extra_buffers=False))
    tokens = wide.tokenize(PROMPT)[:40]
    places = np.arange(len(tokens), dtype=np.int32)
    ones = np.ones(len(tokens), dtype=np.int32)
    here, there = (m.decode(tokens, places, ones, ones).copy() for m in (wide, plain))
    plain.close()

    assert divergence(there, here) < 0.01
    assert not np.array_equal(here, there)


def divergence(right: np.ndarray, found: np.ndarray) -> float:
    """Kullback-Leibler, nats a token."""
    p, q = (x - np.log(np.exp(x).sum(axis=1, keepdims=True)) for x in (right, found))
    return float((np.exp(p) * (p - q)).sum(axis=1).mean())


@pytest.mark.parametrize("prompt", [PROMPT, PROMPT[:157], "x"])
def test_a_sample_is_the_same_alone_and_among_others(wide: LlamaModel, prompt: str) -> None:
    alone = run(wide, prompt, 1)
    among = run(wide, prompt, 9)

    assert [(c.text, c.logprob) for c in among[:1]] == [(c.text, c.logprob) for c in alone]


@pytest.mark.parametrize("quantization", ["F16", "F32"])
def test_so_it_is_with_weights_that_were_never_packed(
    random_gguf: ModuleType, tmp_path: Path, quantization: str
) -> None:
    shape = replace(random_gguf.TINY, quantization=quantization)
    path = random_gguf.write_random_gguf(tmp_path / "plain.gguf", shape)
    model = LlamaModel(str(path), ModelSettings(threads=2))
    alone = run(model, PROMPT, 1)
    among = run(model, PROMPT, 9)
    model.close()

    assert [(c.text, c.logprob) for c in among[:1]] == [(c.text, c.logprob) for c in alone]


@pytest.mark.parametrize("length", [47, 48, 49, 96, 97])
def test_a_prompt_is_the_same_beside_running_samples(wide: LlamaModel, length: int) -> None:
    text = PROMPT * 2
    while len(wide.tokenize(text)) > length:
        text = text[:-1]
    alone = run(wide, text, 2)
    wide.clear()
    engine = Engine(wide, parallel=12)
    engine.submit("other", "they", [Request("a neighbour", 5, Sampling(max_tokens=99, seed=1))])
    for _ in range(4):
        engine.step()
    among = run(wide, text, 2, engine)

    assert [(c.text, c.logprob) for c in among] == [(c.text, c.logprob) for c in alone]


def run(model: LlamaModel, prompt: str, n: int, engine: Engine | None = None) -> list[Completion]:
    if engine is None:
        model.clear()
        engine = Engine(model, parallel=12)
    engine.submit("call", "me", [Request(prompt, n, Sampling(max_tokens=40, top_p=1.0, seed=3))])
    found = []
    while engine.busy:
        found += [
            e.completion for e in engine.step() if isinstance(e, Finished) and e.call == "call"
        ]
    return sorted(found, key=lambda completion: completion.sample)


def test_nothing_stays_open_but_what_is_mapped(wide: LlamaModel) -> None:
    links = []
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # the listing's own
            links.append(str(descriptor.readlink()))

    assert not [link for link in links if "codeplan-weights" in link]


def test_a_file_that_cannot_be_widened_is_loaded_as_it_is(tmp_path: Path) -> None:
    import llama_cpp

    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF")

    with widened(llama_cpp, str(broken), 1) as path:
        assert path == str(broken)
