"""The transformers backend on a tiny model with random weights, on the CPU."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from codeplan_model.backends.transformers import TransformersBackend
from codeplan_model.generation import (
    BackendError,
    Cancelled,
    CancelToken,
    Completion,
    Message,
    Request,
    Sampling,
)

pytest.importorskip("torch")
pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def backend(hf_folder: Path) -> Iterator[TransformersBackend]:
    opened = TransformersBackend(hf_folder, device="cpu", dtype="float32")
    yield opened
    opened.close()


def texts(completions: list[Completion]) -> dict[tuple[int, int], str]:
    return {(c.request, c.sample): c.text for c in completions}


def test_a_folder_is_described(backend: TransformersBackend, hf_folder: Path) -> None:
    info = backend.info()

    assert info.path == str(hf_folder)
    assert (info.prompt_format, info.context) == ("chat", 256)
    assert info.device.startswith("CPU")


def test_every_sample_comes_once_and_differs(backend: TransformersBackend) -> None:
    options = Sampling(max_tokens=20, top_p=1.0)
    found = list(
        backend.generate([Request("one", 6, options), Request("a longer prompt", 3, options)])
    )

    assert sorted(texts(found)) == [*((0, n) for n in range(6)), *((1, n) for n in range(3))]
    assert len(set(texts(found).values())) == 9
    assert all(c.logprob < 0 and 1 <= c.tokens <= 20 for c in found)


def test_the_same_seed_gives_the_same_and_prompts_of_other_lengths_change_nothing(
    backend: TransformersBackend,
) -> None:
    options = Sampling(max_tokens=15, top_p=0.95, seed=3)
    alone = texts(list(backend.generate([Request("one", 3, options)])))
    again = texts(list(backend.generate([Request("one", 3, options)])))
    beside = texts(
        list(backend.generate([Request("one", 3, options), Request("x" * 50, 2, options)]))
    )

    assert alone == again
    assert {key: text for key, text in beside.items() if key[0] == 0} == alone


def test_greedy_decoding_matches_the_librarys_own(
    backend: TransformersBackend, hf_folder: Path
) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(hf_folder)
    model = AutoModelForCausalLM.from_pretrained(hf_folder, dtype=torch.float32)
    prompts = ["hello world", "hi"]
    options = Sampling(temperature=0.0, max_tokens=12)
    found = texts(list(backend.generate([Request(p, 1, options) for p in prompts])))
    for index, prompt in enumerate(prompts):
        ids = tokenizer(prompt, return_tensors="pt")["input_ids"]
        expected = model.generate(ids, max_new_tokens=12, do_sample=False, pad_token_id=0)
        text = tokenizer.decode(expected[0, ids.shape[1] :])

        assert found[index, 0] == text.removesuffix("<|end|>")


def test_stop_strings_end_a_completion(backend: TransformersBackend) -> None:
    [whole] = backend.generate([Request("x", 1, Sampling(max_tokens=30, seed=5))])
    stop = whole.text[len(whole.text) // 2 :][:2]
    [cut] = backend.generate([Request("x", 1, Sampling(max_tokens=30, seed=5, stop=(stop,)))])

    assert cut.text == whole.text[: whole.text.index(stop)]
    assert cut.finish == "stop"
    assert cut.tokens <= whole.tokens


def test_more_samples_than_the_batch_come_in_turns(hf_folder: Path) -> None:
    small = TransformersBackend(hf_folder, device="cpu", batch=4)
    found = list(small.generate([Request("x", 10, Sampling(max_tokens=4))]))
    small.close()

    assert sorted(c.sample for c in found) == list(range(10))


def test_messages_without_a_template_are_asked_plainly(backend: TransformersBackend) -> None:
    messages = (Message("user", "hi"),)
    options = Sampling(temperature=0.0, max_tokens=5)
    [by_chat] = backend.generate([Request(messages, 1, options)])
    [by_text] = backend.generate([Request("### User:\nhi\n\n### Assistant:\n", 1, options)])

    assert by_chat.text == by_text.text


def test_a_cancel_stops_the_decoding(backend: TransformersBackend) -> None:
    token = CancelToken()
    threading.Timer(0.2, token.cancel).start()
    start = time.monotonic()
    with pytest.raises(Cancelled):
        list(backend.generate([Request("x", 5000, Sampling(max_tokens=200))], token))

    assert time.monotonic() - start < 10


def test_the_callers_torch_mode_is_untouched(backend: TransformersBackend) -> None:
    import torch

    completions = backend.generate([Request("x", 3, Sampling(max_tokens=5))])
    next(completions)

    assert not torch.is_inference_mode_enabled()


def test_a_prompt_that_is_too_long_is_refused(backend: TransformersBackend) -> None:
    with pytest.raises(BackendError, match="256 at most"):
        list(backend.generate([Request("x" * 300)]))


@pytest.mark.parametrize(
    ("options", "words"),
    [({"device": "cuda"}, "can't use the device"), ({"dtype": "int3"}, "no dtype 'int3'")],
)
def test_what_this_machine_has_not_is_refused(
    hf_folder: Path, options: dict[str, str], words: str
) -> None:
    import torch

    if options.get("device") == "cuda" and torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    with pytest.raises(BackendError, match=words):
        TransformersBackend(hf_folder, **{"device": "cpu", **options}).info()


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path, hf_folder: Path) -> None:
    with pytest.raises(BackendError, match=r"no config\.json"):
        TransformersBackend(tmp_path).info()
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(BackendError, match="transformers can't load") as caught:
        TransformersBackend(tmp_path).info()
    assert not caught.value.retryable


def test_a_closed_backend_says_so(hf_folder: Path) -> None:
    backend = TransformersBackend(hf_folder)
    backend.close()
    with pytest.raises(BackendError, match="closed"):
        backend.info()
