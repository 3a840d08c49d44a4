"""Models that are no plain transformers, in this process: texts are those of plain decoding.

Plain decoding is one sample at a time, each read anew, in a cache that holds nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType

import llama_cpp
import numpy as np
import pytest
from model_kinds import write_model

from codeplan_model.generation import Completion, Request, Sampling, Then
from codeplan_model.host import states
from codeplan_model.host.engine import Engine, Finished
from codeplan_model.host.llama import LlamaModel, ModelSettings
from codeplan_model.host.sampling import draw
from codeplan_model.host.seeds import sequence_key
from codeplan_model.host.text import TextBuilder

# All layers with a state; short convolutions, Mamba, gated delta nets with attention; a window.
RECURRENT, HYBRID, WINDOWED = ["mamba"], ["lfm2", "jamba", "qwen35"], ["gemma3"]
STATEFUL = [*RECURRENT, *HYBRID]

BEGINNING = 'def total(prices):\n    """Return the sum of the prices."""\n' * 3
PROMPT = BEGINNING + "<|plan|>"
# Behind so many tokens a lone one needs company.
LONG = BEGINNING * 3 + "<|plan|>"

Load = Callable[..., LlamaModel]


@pytest.fixture(scope="module")
def load(random_gguf: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Load]:
    """load(kind, quantization, again): a model, the same one unless it is wanted once more."""
    pytest.importorskip("llama_cpp")
    folder = tmp_path_factory.mktemp("kinds")
    loaded: dict[tuple[str, str, str], LlamaModel] = {}

    def get(kind: str, quantization: str = "Q8_0", again: str = "") -> LlamaModel:
        if (kind, quantization, again) not in loaded:
            path = folder / f"{kind}-{quantization}.gguf"
            if not path.exists():
                write_model(random_gguf, kind, path, quantization)
            settings = ModelSettings(threads=2, extra_buffers=False)
            loaded[kind, quantization, again] = LlamaModel(str(path), settings)
        model = loaded[kind, quantization, again]
        model.clear()
        return model

    yield get
    for model in loaded.values():
        model.close()


@pytest.fixture(autouse=True)
def _everything_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for large models: what was read is never let go because it is cheap to read again."""
    monkeypatch.setattr("codeplan_model.host.cache._IDLE_CELLS", 100.0)


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The size of every batch that is computed."""
    sizes: list[int] = []
    decode = LlamaModel.decode

    def counted(model, tokens, *others):
        sizes.append(len(tokens))
        return decode(model, tokens, *others)

    monkeypatch.setattr(LlamaModel, "decode", counted)
    return sizes


Texts = dict[tuple[int, int, int | None], tuple[str, float]]


def run(engine: Engine, *requests: Request) -> Texts:
    engine.submit("call", "me", requests)
    return finish(engine)


def finish(engine: Engine) -> Texts:
    found: list[Completion] = []
    while engine.busy:
        found += [event.completion for event in engine.step() if isinstance(event, Finished)]
    return {(c.request, c.sample, c.after): (c.text, c.logprob) for c in found}


def plainly(model: LlamaModel, found: Texts, *requests: Request) -> Texts:
    """The same samples by plain decoding."""
    texts: Texts = {}
    for index, sample, after in found:
        request = requests[index]
        prompt, sampling = str(request.prompt), request.sampling
        if after is not None:
            assert request.then is not None
            prompt += found[index, after, None][0] + request.then.joint
            sampling = request.then.sampling
        texts[index, sample, after] = plain_text(model, prompt, sampling, index, sample)
    return texts


def plain_text(
    model: LlamaModel, prompt: str, sampling: Sampling, index: int, sample: int
) -> tuple[str, float]:
    model.clear()
    tokens = model.tokenize(prompt)
    size, end = model.batch, len(tokens)
    rows = np.zeros((0, 0), dtype=np.float32)
    for start in range(0, end, size):
        part = tokens[start : start + size]
        wanted = np.zeros(len(part), dtype=np.int8)
        wanted[-1] = 1
        places = np.arange(start, start + len(part), dtype=np.int32)
        rows = model.decode(part, places, np.zeros_like(part), wanted)
    text, logprob, count = TextBuilder(sampling.stop), 0.0, 0
    options = [
        np.array([value], dtype=np.float32)
        for value in (sampling.temperature, sampling.top_p, sampling.min_p)
    ]
    key = np.array([sequence_key(sampling.seed, index, sample)], dtype=np.uint64)
    zero, one = np.zeros(1, dtype=np.int32), np.ones(1, dtype=np.int8)
    while True:
        drawn = np.array([count], dtype=np.uint64)
        token, its = draw(rows[-1:], *options, np.zeros(1, dtype=np.intp), key, drawn)
        logprob += float(its[0])
        count += 1
        piece = model.piece(int(token[0]))
        if piece is None or text.add(piece) or count == sampling.max_tokens:
            return text.text(), logprob / count
        place = np.array([end + count - 1], dtype=np.int32)
        rows = model.decode(token.astype(np.int32), place, zero, one)


def sampled(prompt: str = PROMPT, n: int = 1, **options) -> Request:
    return Request(prompt, n, Sampling(**{"max_tokens": 20, "top_p": 1.0, **options}))


@pytest.mark.parametrize("kind", [*STATEFUL, *WINDOWED])
def test_samples_are_those_of_one_by_one_decoding(load: Load, kind: str) -> None:
    model = load(kind)
    requests = [
        sampled(n=9),
        # Samples that part late, some of them never.
        sampled(n=12, temperature=0.1, seed=1),
        sampled(n=2, temperature=0.0),
    ]
    found = run(Engine(model, parallel=8), *requests)

    assert len(found) == 23
    assert found == plainly(model, found, *requests)


@pytest.mark.parametrize("kind", [*STATEFUL, *WINDOWED])
def test_what_goes_on_with_a_text_is_what_its_whole_prompt_gives(load: Load, kind: str) -> None:
    model = load(kind)
    code = Then("<|code|>", 2, Sampling(max_tokens=12, top_p=1.0, seed=5))
    plans = Request(PROMPT, 6, Sampling(max_tokens=24, top_p=1.0, stop=("e", "\n")), code)
    found = run(Engine(model, parallel=8), plans)

    assert len(found) > 12
    assert found == plainly(model, found, plans)


@pytest.mark.parametrize("kind", [*STATEFUL, *WINDOWED])
@pytest.mark.parametrize(
    "then",
    [PROMPT, BEGINNING[:-12] + "names.<|plan|>", BEGINNING[:-40], PROMPT + "1. Sum.<|code|>"],
    ids=["the same", "its end changed", "shorter", "longer"],
)
def test_so_they_are_after_another_prompt(load: Load, kind: str, then: str) -> None:
    model = load(kind)
    engine = Engine(model, parallel=8)
    run(engine, sampled(n=3))
    second = sampled(then, n=4, seed=1)
    found = run(engine, second)

    assert found == plainly(model, found, second)


@pytest.mark.parametrize("kind", [*STATEFUL, *WINDOWED])
def test_so_they_are_beside_prompts_that_begin_alike(load: Load, kind: str) -> None:
    model = load(kind)
    requests = [sampled(f"{BEGINNING}{n} {'ab' * n}", n=2) for n in range(5)]
    requests += [sampled(requests[0].prompt, n=2, temperature=0.5)]
    found = run(Engine(model, parallel=8), *requests)

    assert found == plainly(model, found, *requests)


@pytest.mark.parametrize("kind", [*STATEFUL, *WINDOWED])
def test_what_was_written_before_is_written_again(load: Load, kind: str) -> None:
    model = load(kind)
    engine = Engine(model, parallel=8)
    # An ordinary model would guess by the first at the second and the third.
    requests = [sampled(LONG[cut:], temperature=0.0, max_tokens=30) for cut in (0, 0, 62)]
    for request in requests:
        found = run(engine, request)

        assert found == run(Engine(load(kind, again="other"), parallel=1), request)


@pytest.mark.parametrize("kind", HYBRID)
def test_unpacked_weights_give_a_sample_the_same_alone_and_among_others(
    load: Load, kind: str
) -> None:
    model = load(kind, "F32")
    # Of the second, one token is left for the last batch.
    for prompt in (PROMPT, "a" * 49):
        model.clear()
        alone = run(Engine(model), sampled(prompt))
        model.clear()
        engine = Engine(model)
        engine.submit("other", "they", [sampled("a neighbour", n=5, max_tokens=99, seed=1)])
        for _ in range(9):
            engine.step()
        engine.submit("call", "me", [sampled(prompt, n=9)])
        found: list[Completion] = []
        while engine.busy:
            events = [e for e in engine.step() if isinstance(e, Finished)]
            found += [e.completion for e in events if e.call == "call"]
        among = {c.sample: (c.text, c.logprob) for c in found}

        assert among[0] == alone[0, 0, None]


@pytest.mark.parametrize("kind", STATEFUL)
def test_a_prompt_is_read_once_for_all_that_begin_with_it(
    load: Load, kind: str, computed: list[int]
) -> None:
    model = load(kind)
    engine = Engine(model, parallel=8)
    length = len(model.tokenize(PROMPT))
    run(engine, sampled(n=6, max_tokens=1), sampled(n=6, max_tokens=1, seed=1))
    once = sum(computed)
    run(engine, sampled(PROMPT + "<|code|>", n=3, max_tokens=1))

    assert once == length
    assert sum(computed) - once <= 2


@pytest.mark.parametrize("kind", STATEFUL)
def test_nobody_waits_for_a_prompt_that_was_given_up(load: Load, kind: str) -> None:
    model = load(kind)
    engine = Engine(model, parallel=8)
    engine.submit("other", "they", [sampled(LONG)])
    engine.step()
    engine.cancel("other")
    found = run(engine, sampled(n=2))

    assert found == plainly(model, found, sampled(n=2))


def test_where_states_are_large_there_are_fewer_of_them(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = states.bytes_of_one(llama_cpp, load("mamba")._model, on_gpu=False)
    monkeypatch.setattr(states, "_BYTES", 9 * one)
    model = load("mamba", again="few")
    code = Then("<|code|>", 1, Sampling(max_tokens=5, top_p=1.0, seed=5))
    requests = [Request(f"{n}{PROMPT}", 3, Sampling(max_tokens=9, top_p=1.0), code) for n in "abcd"]
    requests += [sampled(n=9)]
    found = run(Engine(model, parallel=32), *requests)

    assert model.sequences == 9
    assert len(found) > 30
    assert found == plainly(model, found, *requests)


@pytest.mark.parametrize("kind", STATEFUL)
def test_no_step_is_interrupted_whose_state_would_be_lost(
    load: Load, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("codeplan_model.host.llama._LARGE", 0)
    model = load(kind, again="large")
    asked = 0

    def every_fiftieth() -> bool:
        nonlocal asked
        asked += 1
        return asked % 50 == 0

    model.interrupt = every_fiftieth
    found = run(Engine(model, parallel=4), sampled(n=2))

    assert found == plainly(model, found, sampled(n=2))


def test_a_windowed_models_sequence_that_lost_its_start_is_no_beginning(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load("gemma3", "F32")
    engine = Engine(model, parallel=2)
    # Cells get scarce, so that llama.cpp gives away those before the windows.
    monkeypatch.setattr(model, "cells", 600)
    prompts = [f"{word} {word.lower()} " * 20 for word in ("Y0", "Y1", "Y2")]
    prompts += ["ab cd ef " * 30, *(f"Z{n} w{n} " * 20 for n in range(4))]
    requests = [sampled(prompt, temperature=0.0, max_tokens=2) for prompt in prompts]
    found = run(engine, *requests)
    right = plainly(model, found, *requests)

    # Cells that are taken out of order give other roundings.
    for key, (_text, logprob) in found.items():
        assert logprob == pytest.approx(right[key][1], abs=0.01)
