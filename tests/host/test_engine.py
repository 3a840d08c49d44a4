"""The engine in this process, on a tiny model, with the setting that no processor crashes on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from codeplan_model.generation import BackendError, Completion, Message, Request, Sampling, Then
from codeplan_model.host.engine import Engine, Finished
from codeplan_model.host.llama import LlamaModel, ModelSettings

PROMPT = 'def total(prices):\n    """Return the sum of the prices."""\n' * 4 + "<|plan|>"


@pytest.fixture(scope="module")
def model(tiny_gguf: Path) -> Iterator[LlamaModel]:
    loaded = LlamaModel(str(tiny_gguf), ModelSettings(threads=2, extra_buffers=False))
    yield loaded
    loaded.close()


@pytest.fixture
def engine(model: LlamaModel) -> Iterator[Engine]:
    model.clear()
    yield Engine(model, parallel=8)
    model.clear()


@pytest.fixture
def computed(model: LlamaModel, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The size of every batch that is computed."""
    sizes: list[int] = []
    decode = model.decode

    def counted(tokens, positions, sequences, wanted):
        sizes.append(len(tokens))
        return decode(tokens, positions, sequences, wanted)

    monkeypatch.setattr(model, "decode", counted)
    return sizes


def run(engine: Engine, *requests: Request) -> list[Completion]:
    engine.submit("call", "me", requests)
    return finish(engine)


def finish(engine: Engine, call: str = "call") -> list[Completion]:
    found: list[Completion] = []
    while engine.busy:
        events = [e for e in engine.step() if isinstance(e, Finished)]
        found += [e.completion for e in events if e.call == call]
    return found


def texts(completions: list[Completion]) -> dict[tuple[int, int], tuple[str, float]]:
    return {(c.request, c.sample): (c.text, c.logprob) for c in completions}


def sampled(n: int = 1, **options) -> Request:
    return Request(PROMPT, n, Sampling(**{"max_tokens": 24, "top_p": 1.0, **options}))


def test_every_sample_of_every_request_comes_once(engine: Engine) -> None:
    found = run(engine, sampled(20), Request("other", 3), Request("none", 0))

    assert sorted((c.request, c.sample) for c in found) == [
        *((0, n) for n in range(20)),
        *((1, n) for n in range(3)),
    ]
    assert len({c.text for c in found}) > 15


def test_a_prompt_is_computed_once_for_all_its_samples(
    engine: Engine, computed: list[int], model: LlamaModel
) -> None:
    found = run(engine, sampled(8, max_tokens=5))
    prompt = len(model.tokenize(PROMPT))
    # The last token of a completion is drawn, but never computed.
    drawn = sum(c.tokens - 1 for c in found)

    assert prompt < sum(computed) <= prompt + drawn + len(computed)


def test_what_samples_have_in_common_is_computed_once(
    engine: Engine, computed: list[int], model: LlamaModel
) -> None:
    found = run(engine, sampled(8, temperature=0.0, max_tokens=20))
    one = len(model.tokenize(PROMPT)) + found[0].tokens - 1

    assert len({c.text for c in found}) == 1
    assert one <= sum(computed) <= one + len(computed)


def test_samples_that_part_say_what_each_says_alone(
    engine: Engine, computed: list[int], model: LlamaModel
) -> None:
    request = sampled(24, temperature=0.04, max_tokens=40)
    together = texts(run(engine, request))
    shared = sum(computed)
    model.clear()
    one_by_one = texts(run(Engine(model, parallel=1), request))

    assert together == one_by_one
    assert len(set(together.values())) > 2
    assert shared < (sum(computed) - shared) * 0.8


def test_what_was_written_before_is_written_again_in_fewer_steps(
    engine: Engine, computed: list[int]
) -> None:
    # Behind so many tokens a lone one needs company.
    request = Request(PROMPT * 4, 3, Sampling(temperature=0.0, max_tokens=40))
    first = texts(run(engine, request))
    before = len(computed)
    again = texts(run(engine, request))

    assert again == first
    assert len(computed) - before < 30


@pytest.mark.parametrize("guess", [5, None])
def test_guesses_change_no_text(
    engine: Engine, model: LlamaModel, monkeypatch: pytest.MonkeyPatch, guess: int | None
) -> None:
    requests = [
        Request(PROMPT * 4, 3, Sampling(temperature=t, max_tokens=40, seed=7)) for t in (0.0, 0.1)
    ]
    # The second run guesses by the first.
    guessed = [texts(run(engine, request)) for request in (*requests, *requests)][2:]
    model.clear()
    monkeypatch.setattr("codeplan_model.host.guessing.Guesses.after", lambda *_: guess)

    other = Engine(model, parallel=8)

    assert [texts(run(other, request)) for request in requests] == guessed


def test_requests_with_one_prompt_keep_their_own_temperature(
    engine: Engine, model: LlamaModel
) -> None:
    requests = [sampled(3, temperature=t, max_tokens=30) for t in (0.0, 0.5, 1.5)]
    together = texts(run(engine, *requests))
    model.clear()
    one_by_one = texts(run(Engine(model, parallel=1), *requests))

    assert len({together[0, n] for n in range(3)}) == 1
    assert together == one_by_one


def test_more_samples_than_the_cache_has_sequences_all_come(model: LlamaModel) -> None:
    model.clear()
    requests = [sampled(200, temperature=t, max_tokens=10) for t in (0.3, 1.0)]

    found = run(Engine(model, parallel=120), *requests)

    assert len(texts(found)) == 400


def test_a_prompt_that_was_there_is_not_computed_again(engine: Engine, computed: list[int]) -> None:
    first = run(engine, sampled(4, max_tokens=2))
    before = sum(computed)
    second = run(engine, sampled(4, max_tokens=2))

    assert texts(first) == texts(second)
    assert sum(computed) - before <= 2 * 4


def test_what_a_call_can_not_use_is_let_go_before_it(
    engine: Engine, model: LlamaModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    cleared: list[int] = []
    clear = model.clear
    monkeypatch.setattr(model, "clear", lambda: (cleared.append(1), clear()))
    run(engine, Request("another function " * 20, 4, Sampling(max_tokens=40)))
    before = len(cleared)

    run(engine, sampled(2, max_tokens=4))
    let_go = len(cleared)
    run(engine, sampled(2, max_tokens=4))

    assert let_go == before + 1
    assert len(cleared) == let_go


def test_code_prompts_reuse_the_plan_that_they_extend(
    engine: Engine, computed: list[int], model: LlamaModel
) -> None:
    # Random weights write bytes that are no text; only what is text can be asked for again.
    plans = [c for c in run(engine, sampled(16, max_tokens=3)) if "\ufffd" not in c.text]
    before = sum(computed)
    prompts = [PROMPT + plan.text + "<|code|>" for plan in plans]
    run(engine, *(Request(p, 1, Sampling(max_tokens=1)) for p in prompts))
    length = len(model.tokenize(PROMPT))
    # Sampled tokens and a tokenizer's tokens may differ, so some of the plan is computed again,
    # but the shared prompt never.
    extension = sum(len(model.tokenize(p)) - length for p in prompts)

    assert plans
    assert sum(computed) - before <= extension + len(computed)


def test_prompts_of_one_call_share_their_beginning(
    engine: Engine, computed: list[int], model: LlamaModel
) -> None:
    run(engine, *(Request(f"{PROMPT}{n}", 1, Sampling(max_tokens=1)) for n in range(6)))

    assert sum(computed) <= len(model.tokenize(PROMPT)) + 6 * 3 + len(computed)


def test_the_same_seed_gives_the_same_whatever_is_in_the_cache(engine: Engine) -> None:
    requests = [sampled(10, max_tokens=60), Request(PROMPT[:-20] + "x", 3, Sampling(seed=4))]
    cold = texts(run(engine, *requests))
    warm = texts(run(engine, *requests))
    run(engine, Request("something else entirely", 12, Sampling(seed=9)))
    mixed = texts(run(engine, *requests))

    assert cold == warm == mixed


def test_the_same_seed_gives_the_same_whoever_else_is_served(engine: Engine) -> None:
    alone = texts(run(engine, sampled(6)))
    engine.submit("other", "they", [Request("a neighbour's prompt", 6, Sampling(seed=1))])
    for _ in range(5):
        engine.step()
    engine.submit("call", "me", [sampled(6)])

    assert texts(finish(engine)) == alone


def test_seeds_requests_and_samples_differ(engine: Engine) -> None:
    one = texts(run(engine, sampled(2), sampled(2)))
    two = texts(run(engine, sampled(2, seed=1)))

    assert len({*one.values(), *two.values()}) == 6


def test_greedy_text_and_log_probability_match_plain_decoding(
    engine: Engine, model: LlamaModel
) -> None:
    [found] = run(engine, sampled(temperature=0.0, max_tokens=12))
    model.clear()
    tokens = model.tokenize(PROMPT).tolist()
    data, logprobs = b"", []
    for _ in range(found.tokens):
        count = len(tokens)
        wanted = np.zeros(count, dtype=np.int8)
        wanted[-1] = 1
        model.clear()
        rows = np.zeros(0)
        for start in range(0, count, 32):
            part = np.array(tokens[start : start + 32], dtype=np.int32)
            where = np.arange(start, start + len(part), dtype=np.int32)
            zeros = np.zeros(len(part), dtype=np.int32)
            rows = model.decode(part, where, zeros, wanted[start : start + 32])
        logits = rows[-1].astype(np.float64)
        token = int(logits.argmax())
        logprobs.append(logits[token] - np.log(np.exp(logits - logits.max()).sum()) - logits.max())
        data += model.piece(token) or b""
        tokens.append(token)

    assert found.text == data.decode("utf-8", errors="replace")
    assert found.logprob == pytest.approx(np.mean(logprobs), abs=1e-4)


def test_a_stop_string_ends_a_completion_before_it(engine: Engine) -> None:
    [whole] = run(engine, sampled(seed=3, max_tokens=40))
    match = re.compile(r"[ -~]{2}").search(whole.text, 8)
    assert match is not None
    stop = match.group()
    [cut] = run(engine, sampled(seed=3, max_tokens=40, stop=("never there", stop)))

    assert cut.text == whole.text[: whole.text.index(stop)]
    assert cut.finish == "stop"
    assert cut.tokens < whole.tokens


def test_max_tokens_ends_a_completion(engine: Engine) -> None:
    found = run(engine, sampled(8, max_tokens=3))

    assert {c.tokens for c in found if c.finish == "length"} == {3}


def test_special_tokens_are_one_token_and_the_start_comes_once(model: LlamaModel) -> None:
    plain = model.tokenize("x<|plan|>").tolist()
    started = model.tokenize("<|bos|>x<|plan|>").tolist()

    assert plain == started
    assert [model.piece(plain[0]), model.piece(plain[-1])] == [b"<|bos|>", b"<|plan|>"]
    assert model.piece(model.eos) is None


@pytest.mark.parametrize(
    "text", ["", "plain", "tabs\tand\r\nlines", "\u20ac \U0001f600 \u4e2d", "1234567", "\x00\x01"]
)
def test_tokens_spell_the_text(model: LlamaModel, text: str) -> None:
    pieces = [model.piece(token) for token in model.tokenize(text)[1:].tolist()]

    assert b"".join(p or b"" for p in pieces).decode() == text


def test_a_prompt_longer_than_the_context_is_refused(engine: Engine) -> None:
    with pytest.raises(BackendError, match="tokens, and the model reads 1,024") as caught:
        engine.submit("call", "me", [sampled(), Request("word " * 3000)])

    assert not caught.value.retryable
    assert not engine.busy


def test_a_completion_ends_at_the_context(engine: Engine, model: LlamaModel) -> None:
    prompt = "a" * 1020
    length = len(model.tokenize(prompt))
    while length < model.context - 3:
        prompt += "b"
        length = len(model.tokenize(prompt))
    found = run(engine, Request(prompt, 3, Sampling(max_tokens=100)))

    assert all(c.tokens <= model.context - length for c in found)


def test_a_cancelled_call_frees_its_places_at_once(engine: Engine) -> None:
    expected = texts(run(engine, sampled(8)))
    engine.submit("long", "they", [Request("busy", 50, Sampling(max_tokens=500))])
    for _ in range(5):
        engine.step()
    engine.submit("call", "me", [sampled(8)])
    engine.step()
    engine.cancel("long")
    engine.cancel("long")

    assert texts(finish(engine)) == expected


def test_two_owners_share_the_places(engine: Engine) -> None:
    engine.submit("long", "they", [Request("busy", 40, Sampling(max_tokens=20))])
    for _ in range(3):
        engine.step()
    engine.submit("call", "me", [sampled(8, max_tokens=20)])
    order = []
    while engine.busy:
        order += [e.call for e in engine.step() if isinstance(e, Finished)]

    # 8 + 40 completions; the newcomer's last doesn't wait for the 40 of who came first.
    assert max(i for i, call in enumerate(order) if call == "call") < 34


def test_old_branches_give_way_when_the_cache_is_full(
    engine: Engine, model: LlamaModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = texts(run(engine, sampled(8)))
    monkeypatch.setattr(model, "cells", 400)
    for seed in range(4):
        requests = [Request(f"{seed}{k} {PROMPT}", 4, Sampling(max_tokens=60)) for k in range(4)]
        assert len(run(engine, *requests)) == 16

    assert texts(run(engine, sampled(8))) == expected


def test_an_interrupted_step_is_done_again(
    tiny_gguf: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = texts(run(engine, sampled(5)))
    monkeypatch.setattr("codeplan_model.host.llama._LARGE", 0)
    model = LlamaModel(str(tiny_gguf), ModelSettings(threads=2, extra_buffers=False))
    asked = 0

    def every_hundredth() -> bool:
        nonlocal asked
        asked += 1
        return asked % 100 == 0

    model.interrupt = every_hundredth
    found = texts(run(Engine(model, parallel=8), sampled(5)))
    model.close()

    assert asked > 200
    assert found == expected


def test_a_step_with_a_large_vocabulary_has_so_few_rows_that_a_cancel_need_not_wait(
    engine: Engine, model: LlamaModel, computed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    # As with 250,000 entries: ten rows a step.
    monkeypatch.setattr("codeplan_model.host.engine._LOGITS_A_STEP", 10 * model.vocabulary)

    found = run(Engine(model, parallel=32), sampled(24))

    assert len(found) == 24
    reading = sum(size > 10 for size in computed)
    assert max(computed[reading + 1 :]) == 10


def test_a_dead_decoder_fails_every_call_and_the_next_works(
    engine: Engine, model: LlamaModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(model._lib, "llama_decode", lambda *_: -3)
        engine.submit("call", "me", [sampled(2)])
        engine.submit("call 2", "me", [sampled(2)])
        with pytest.raises(BackendError, match="status -3"):
            engine.step()
        assert engine.fail() == ["call", "call 2"]

    assert len(run(engine, sampled(3))) == 3


def test_chat_messages_go_through_the_models_template(chat_gguf: Path) -> None:
    model = LlamaModel(str(chat_gguf), ModelSettings(threads=2, extra_buffers=False))
    engine = Engine(model, parallel=4)
    messages = (Message("system", "be brief"), Message("user", "hello"))
    options = Sampling(max_tokens=10)
    by_chat = run(engine, Request(messages, 2, options))
    by_text = run(engine, Request("system: be brief\nuser: hello\nassistant:", 2, options))
    model.close()

    assert texts(by_chat) == texts(by_text)


def test_loading_tells_its_progress_and_can_be_given_up(tiny_gguf: Path) -> None:
    seen: list[float] = []
    LlamaModel(str(tiny_gguf), ModelSettings(), lambda f: not seen.append(f)).close()
    assert seen[-1] == 1.0
    with pytest.raises(BackendError, match="given up"):
        LlamaModel(str(tiny_gguf), ModelSettings(), lambda _: False)


def test_a_file_whose_inside_is_wrong_is_refused_in_words(
    tmp_path: Path, write_gguf: Callable[..., Path]
) -> None:
    path = write_gguf(tmp_path / "odd.gguf")
    data = path.read_bytes()
    path.write_bytes(data.replace(b"blk.1.attn_q.weight", b"blk.1.nobody.weight"))

    with pytest.raises(BackendError, match="can't load"):
        LlamaModel(str(path), ModelSettings(extra_buffers=False))


CODE = Then("<|code|>", 1, Sampling(max_tokens=6, top_p=1.0, seed=5))


def test_a_text_goes_on_as_soon_as_it_is_finished(engine: Engine) -> None:
    request = Request(PROMPT, 4, Sampling(max_tokens=24, top_p=1.0, stop=("e", "\n")), CODE)
    found = run(engine, request)
    plans = {c.sample: c for c in found if c.after is None}
    code = [c for c in found if c.after is not None]
    order = [(c.after is None, c.sample if c.after is None else c.after) for c in found]

    assert sorted(plans) == [0, 1, 2, 3]
    assert {c.after for c in code} == {n for n, c in plans.items() if c.text.strip()}
    assert all(order.index((True, c.after)) < order.index((False, c.after)) for c in code)
    # The first plan's code is there before the last plan.
    assert order.index((False, code[0].after)) < max(order.index((True, n)) for n in plans)


def test_a_text_goes_on_as_its_whole_prompt_would(engine: Engine) -> None:
    (plan, code) = run(engine, Request(PROMPT, 1, Sampling(max_tokens=8, top_p=1.0), CODE))
    alone = run(engine, Request(PROMPT + plan.text + CODE.joint, 1, CODE.sampling))

    assert (code.request, code.sample, code.after) == (0, 0, 0)
    assert (code.text, code.logprob) == (alone[0].text, alone[0].logprob)


def test_equal_texts_go_on_once_and_empty_ones_never(engine: Engine) -> None:
    same = run(engine, Request(PROMPT, 3, Sampling(temperature=0, max_tokens=4), CODE))
    empty = run(
        engine,
        Request(PROMPT, 3, Sampling(max_tokens=4, stop=tuple(map(chr, range(1, 256)))), CODE),
    )

    assert [c.after for c in same].count(None) == 3
    assert len(same) == 4
    assert {c.after for c in empty if not c.text} <= {None}
    assert len(empty) == 3 + len({c.text for c in empty if c.text.strip() and c.after is None})


def test_a_text_that_leaves_no_room_does_not_go_on(engine: Engine, model: LlamaModel) -> None:
    joint = Then("<|code|>" + "x " * model.context, 1)
    found = run(engine, Request(PROMPT, 2, Sampling(max_tokens=3), joint))

    assert [c.after for c in found] == [None, None]


def test_a_cancelled_call_takes_what_goes_on_with_it(engine: Engine) -> None:
    engine.submit("call", "me", [Request(PROMPT, 8, Sampling(max_tokens=4, top_p=1.0), CODE)])
    while not any(isinstance(e, Finished) for e in engine.step()):
        pass
    engine.cancel("call")

    assert not engine.busy
    assert engine.step() == []


def test_a_completion_says_when_it_was_finished(engine: Engine) -> None:
    found = run(engine, sampled(6))

    assert [c.seconds for c in found] == sorted(c.seconds for c in found)
    assert found[0].seconds > 0


def test_the_number_of_threads_changes_no_result(tiny_gguf: Path) -> None:
    found = []
    for threads in (1, 2, 0):
        model = LlamaModel(str(tiny_gguf), ModelSettings(threads=threads, extra_buffers=False))
        # A lone sample behind a long prompt is the case that llama.cpp divides in another way.
        long = Request(PROMPT * 6, 1, Sampling(max_tokens=20, top_p=1.0))
        engine = Engine(model, parallel=8)
        found.append((texts(run(engine, long)), texts(run(engine, sampled(7)))))
        model.close()

    assert found[0] == found[1] == found[2]
