"""The host on a GPU: where llama.cpp was built for one that is here, and what is said of one.

Without a GPU these run on Vulkan's driver in software, see CONTRIBUTING.md.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import llama_cpp
import numpy as np
import pytest

from codeplan_model.backends import EMBEDDED_MODEL
from codeplan_model.generation import Completion, Request, Sampling
from codeplan_model.host.device import describe_device
from codeplan_model.host.engine import Engine, Finished
from codeplan_model.host.gguf_file import check_gguf
from codeplan_model.host.gpus import Gpu
from codeplan_model.host.launch import how_it_died
from codeplan_model.host.llama import Floats, LlamaModel, ModelSettings
from codeplan_model.host.offload import layers_for
from codeplan_model.host.places import places_for

on_a_gpu = pytest.mark.skipif(
    not llama_cpp.llama_supports_gpu_offload(), reason="llama.cpp knows no GPU here"
)
PROMPT = 'def total(prices):\n    """Return the sum of the prices."""\n<|plan|>'


def logits(model: LlamaModel) -> Floats:
    """Of every token of the prompt: [tokens, vocabulary]."""
    tokens = model.tokenize(PROMPT)
    places = np.arange(len(tokens), dtype=np.int32)
    return model.decode(tokens, places, np.zeros_like(places), np.ones(len(tokens))).copy()


def samples(model: LlamaModel) -> list[Completion]:
    engine = Engine(model, parallel=4)
    engine.submit("call", "me", [Request(PROMPT, 6, Sampling(max_tokens=16, seed=3))])
    found: list[Completion] = []
    while engine.busy:
        found += [e.completion for e in engine.step() if isinstance(e, Finished)]
    return found


@on_a_gpu
def test_a_gpu_is_used_and_named_and_computes_what_the_processor_does(tiny_gguf: Path) -> None:
    gpu = LlamaModel(str(tiny_gguf), ModelSettings())
    cpu = LlamaModel(str(tiny_gguf), ModelSettings(gpu=False))
    try:
        assert gpu.on_gpu
        assert not cpu.on_gpu
        assert not gpu.device.startswith(("CPU", "GPU"))
        assert f"the GPU {gpu.device} is here, but the settings say not to use it" in cpu.device
        # Roundings differ, so texts may.
        np.testing.assert_allclose(logits(gpu), logits(cpu), atol=0.1)
        gpu.clear()
        assert len({c.text for c in samples(gpu)}) == 6
    finally:
        gpu.close()
        cpu.close()


@on_a_gpu
def test_a_gpu_with_room_for_some_layers_takes_those(monkeypatch: pytest.MonkeyPatch) -> None:
    # The memory that it says is free: 20 MB of this model's 35, beside what else is needed.
    free = (704 + 20) * 2**20
    monkeypatch.setattr("codeplan_model.host.llama.gpus", lambda: [Gpu("some", free)])
    some = LlamaModel(str(EMBEDDED_MODEL), ModelSettings())
    cpu = LlamaModel(str(EMBEDDED_MODEL), ModelSettings(gpu=False))
    try:
        assert some.on_gpu
        assert "(6 of 11 layers, its memory has no room for more)" in some.device
        np.testing.assert_allclose(logits(some), logits(cpu), atol=0.5)
    finally:
        some.close()
        cpu.close()


@pytest.mark.parametrize(
    ("free", "layers"),
    [
        (0, -1),  # nothing is known
        (10 * 2**30, -1),  # it fits
        (724 * 2**20, 6),
        (720 * 2**20, 5),
        (710 * 2**20, -1),  # fewer than a quarter: not worth it
    ],
)
def test_a_gpu_gets_as_many_layers_as_its_free_memory_holds(free: int, layers: int) -> None:
    assert layers_for(check_gguf(EMBEDDED_MODEL), free)[0] == layers


LOAD = """
import sys
from codeplan_model.host.llama import LlamaModel, ModelSettings
model = LlamaModel(sys.argv[1], ModelSettings())
print(model.on_gpu, model.device)
"""


@on_a_gpu
def test_a_gpu_without_room_leaves_the_model_to_the_processor_and_says_so(tiny_gguf: Path) -> None:
    if not (Path(llama_cpp.__file__).parent / "lib" / "libggml-vulkan.so").exists():
        pytest.skip("only Vulkan's memory can be made small")
    # No buffer of more than a kilobyte.
    small = {"GGML_VK_FORCE_MAX_BUFFER_SIZE": "1000", "GGML_VK_FORCE_MAX_ALLOCATION_SIZE": "1000"}
    run = subprocess.run(
        [sys.executable, "-c", LOAD, str(tiny_gguf)],
        env={**os.environ, **small},
        capture_output=True,
        text=True,
        check=True,
    )

    assert run.stdout.startswith("False CPU, ")
    assert "is here, but the model could not be loaded there" in run.stdout
    assert "failed to allocate" in run.stdout


def test_a_model_that_the_gpu_had_no_room_for_says_why_and_what_to_do() -> None:
    said = describe_device(False, 4, True, True, "failed to allocate CUDA0 buffer of size 9")

    assert said.startswith("CPU, 4 threads (the GPU ")
    assert "could not be loaded there: failed to allocate CUDA0 buffer of size 9." in said
    assert "Close what else uses its memory, or choose a smaller model" in said


@pytest.mark.parametrize(
    ("device", "words"),
    [
        ("CUDA0: NVIDIA H100", "llama.cpp crashed on CUDA0: NVIDIA H100; update its driver, or "),
        ("CPU, 2 threads (an NVIDIA H100 is here)", "crashed; the model file may be damaged"),
    ],
)
def test_a_crash_on_a_gpu_names_the_gpu_and_not_the_file(
    tiny_gguf: Path, host_folders: Path, device: str, words: str
) -> None:
    places = places_for(tiny_gguf)
    places.log.write_text(
        "2026-11-27 03:00:00 pid 77 serves /m.gguf\n"
        f"2026-11-27 03:00:01 loaded /m.gguf in 0.42 s: {device}\n"
        "Fatal Python error: Segmentation fault\n"
    )

    assert words in how_it_died(77, places).reason
