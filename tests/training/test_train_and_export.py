"""A tiny student, trained, resumed and exported for real."""

from __future__ import annotations

import json
import random
import shutil
import sys
from pathlib import Path

import gguf
import numpy as np
import pytest
import torch
import transformers

from codeplan_model.backends import open_backend
from codeplan_model.generation import BackendError, Request, Sampling
from codeplan_training import (
    averaging,
    cli,
    export,
    parts,
    problems,
    render,
    tokenizer,
    tokens,
    train,
    verify,
)
from codeplan_training.finetune import students
from codeplan_training.from_gguf import write_student

DATA = Path(__file__).parents[2] / "training" / "data"
SHAPE = train.Shape(vocabulary=600, hidden=64, layers=2, feed_forward=128, heads=2, context=256)
SETTINGS = train.Settings(
    minutes=60,
    steps=12,
    batch=4,
    length=64,
    report_every=4,
    compile=False,
    warmup_steps=2,
    fall=0.0,
)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("student")
    rng = random.Random(1)
    found, _ = problems.read_exercises(DATA / "exercises.jsonl")
    samples = [render.sample(p, rng) for p in found[:200]]
    own = tokenizer.train([s.prompt + s.completion for s in samples], SHAPE.vocabulary)
    own.save(str(folder / "tokenizer.json"))
    ids, weights = tokens.encode(samples, own, prompt_weight=0.2, longest=256)
    tokens.save(folder / "tokens.npz", ids, weights)
    return folder


@pytest.fixture(scope="module")
def trained(prepared):
    train.train(prepared / "run", [prepared / "tokens.npz"], SETTINGS, shape=SHAPE)
    return prepared / "run"


def metrics(run: Path) -> list[dict]:
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


def test_the_loss_falls(trained):
    losses = [line["loss"] for line in metrics(trained)]

    assert losses[-1] < losses[0] - 0.3


def test_a_run_that_was_cut_goes_on_as_if_it_had_not_been(prepared, trained, tmp_path):
    halves = [train.Settings(**{**_dict(SETTINGS), "steps": steps}) for steps in (8, 12)]
    for settings in halves:
        train.train(tmp_path / "run", [prepared / "tokens.npz"], settings, shape=SHAPE)

    whole = {line["step"]: line["loss"] for line in metrics(trained)}
    resumed = {line["step"]: line["loss"] for line in metrics(tmp_path / "run")}

    assert resumed == pytest.approx(whole, abs=2e-3)


def test_the_weights_of_another_run_can_be_the_beginning(prepared, trained, tmp_path):
    settings = train.Settings(**{**_dict(SETTINGS), "steps": 4, "warmup_steps": 4})

    train.train(tmp_path, [prepared / "tokens.npz"], settings, start_from=trained)

    assert metrics(tmp_path)[0]["loss"] < metrics(trained)[0]["loss"] - 0.3


def test_starting_from_a_folder_without_a_checkpoint_is_an_error_in_words(prepared, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no checkpoint\.pt"):
        train.train(
            tmp_path / "a", [prepared / "tokens.npz"], SETTINGS, start_from=tmp_path / "none"
        )


@pytest.mark.parametrize(
    ("quantization", "largest"), [("f32", 0.05), ("f16", 0.05), ("q8_0", 0.5), ("q4_k", 3.0)]
)
def test_the_exported_file_answers_like_the_student(
    prepared, trained, tmp_path, quantization, largest
):
    out = tmp_path / "student.gguf"
    own = prepared / "tokenizer.json"

    export.export(trained / "model", own, out, quantization, export.Card("student"))
    difference = verify.compare(trained / "model", own, out)

    assert difference.tokens
    assert difference.largest < largest
    assert difference.divergence < (0.1 if quantization == "q4_k" else 0.01)


def test_the_exported_file_is_one_of_ours_to_the_backend(prepared, trained, tmp_path):
    out = tmp_path / "student.gguf"
    card = export.Card("student", worked_examples=2)
    export.export(trained / "model", prepared / "tokenizer.json", out, "q8_0", card)
    backend = open_backend("llama", str(out), grace=0)
    try:
        info = backend.info()
        request = Request("def f(x):\n<|code|>", 3, Sampling(max_tokens=5, seed=1))
        completions = list(backend.generate([request]))
    finally:
        backend.close()

    assert info.prompt_format == "codeplan-1"
    assert info.name.startswith("student")
    assert info.worked_examples == 2
    assert len(completions) == 3


@pytest.mark.parametrize(("quantization", "largest"), [("f32", 0.0), ("q8_0", 0.01)])
def test_an_exported_file_becomes_the_student_that_it_came_from(
    prepared, trained, tmp_path, quantization, largest
):
    out, own = tmp_path / "student.gguf", prepared / "tokenizer.json"
    export.export(trained / "model", own, out, quantization, export.Card("student"))

    write_student(out, tmp_path / "again")

    before, after = (
        students.read_folder(folder)[0].state_dict()
        for folder in (_with_tokenizer(trained / "model", own, tmp_path), tmp_path / "again")
    )
    assert before.keys() == after.keys()
    for name, weight in before.items():
        far = (weight - after[name]).abs().max()
        assert far <= largest * weight.abs().max(), name
    read = transformers.AutoTokenizer.from_pretrained(tmp_path / "again")
    ids = tokenizer.load(prepared).encode(verify.PROMPTS[0], add_special_tokens=False).ids
    assert read(verify.PROMPTS[0])["input_ids"] == [1, *ids]


def test_only_files_of_ours_become_students(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such file"):
        write_student(tmp_path / "none.gguf", tmp_path / "out")
    (tmp_path / "bad.gguf").write_bytes(b"GGUF nonsense, and more of it to have some length")
    with pytest.raises(ValueError, match="no GGUF file that can be read"):
        write_student(tmp_path / "bad.gguf", tmp_path / "out")
    writer = gguf.GGUFWriter(str(tmp_path / "other.gguf"), "llama")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    with pytest.raises(ValueError, match="only files that"):
        write_student(tmp_path / "other.gguf", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("quantization", ["f32", "q8_0", "q4_k"])
def test_export_generates_through_llama_cpp_and_writes_a_card(
    prepared, trained, tmp_path, quantization, capsys, monkeypatch
):
    out = tmp_path / "student.gguf"
    monkeypatch.setattr(sys, "argv", ["codeplan-train", "export", "run"])
    (trained / "data.json").write_text(
        json.dumps([{"source": "written", "licence": "Apache-2.0", "problems": 200}])
    )

    cli.export(trained, out, prepared, quantization, "small")

    told = capsys.readouterr().out
    assert "the same tokens" in told
    assert "llama.cpp generated" in told
    assert "the example `add(a, b)` is" in told
    card = (tmp_path / "student.md").read_text()
    for part in (
        "# small",
        f"File: student.gguf, {quantization.upper()}",
        "0.1 million parameters (hidden 64, 2 layers, 2 heads",
        "vocabulary 600",
        "codeplan-1",
        "mean divergence",
        "| written | Apache-2.0 | 200 |",
        "- steps: 12",
        "codeplan-train export run",
    ):
        assert part in card


def test_a_file_that_is_not_the_student_is_refused_and_one_that_cant_generate(
    prepared, trained, tmp_path
):
    out, own = tmp_path / "student.gguf", prepared / "tokenizer.json"
    export.export(trained / "model", own, out, "q8_0", export.Card("student"))
    other = transformers.LlamaForCausalLM.from_pretrained(trained / "model")
    with torch.no_grad():
        other.model.embed_tokens.weight.mul_(3.0)
    other.save_pretrained(tmp_path / "other")

    difference = verify.compare(tmp_path / "other", own, out)

    with pytest.raises(ValueError, match="is not the student"):
        verify.check(difference, "q8_0", out)
    out.write_bytes(out.read_bytes()[:20_000])
    with pytest.raises(BackendError):
        verify.try_out(out)


def test_an_unknown_quantization_names_the_known_ones(trained, tmp_path):
    with pytest.raises(ValueError, match="q8_0"):
        export.export(trained / "model", tmp_path, tmp_path / "x", "q1", export.Card("x"))


def test_a_student_with_a_plan_head_of_its_own_is_not_exported_without_it(trained, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(trained / "model", folder)
    (folder / "plan_head.pt").write_bytes(b"")

    with pytest.raises(ValueError, match="shared head"):
        export.export(folder, tmp_path, tmp_path / "x.gguf", "q8_0", export.Card("x"))


def test_missing_and_broken_token_files_are_said(tmp_path):
    with pytest.raises(FileNotFoundError, match="codeplan-train render"):
        tokens.load(tmp_path / "none.npz")
    (tmp_path / "bad.npz").write_bytes(b"PK nonsense")
    with pytest.raises(ValueError, match="make it again"):
        tokens.load(tmp_path / "bad.npz")


def test_batches_do_not_depend_on_where_a_run_was_resumed():
    stream = (np.arange(5000, dtype=np.uint16), np.full(5000, 255, np.uint8))
    settings = train.Settings(batch=2, length=32)

    whole = train.batches([stream], settings)
    first = [next(whole)[0] for _ in range(90)]
    later = next(train.batches([stream], settings, start=85))[0]

    assert torch.equal(first[85], later)


def test_the_prompt_weighs_less_than_the_completion(prepared):
    own = tokenizer.load(prepared)
    one = render.Sample("def f():\n<|code|>", "\n    return 1<|end|>")

    ids, weights = tokens.encode([one], own, prompt_weight=0.2, longest=256)

    assert ids[0] == 1
    assert weights[0] == 0
    assert set(weights.tolist()) == {0, 51, 255}


def _with_tokenizer(model: Path, own: Path, folder: Path) -> Path:
    """A copy that is a whole student."""
    shutil.copytree(model, folder / "copy")
    shutil.copy(own, folder / "copy")
    return folder / "copy"


def _dict(settings: train.Settings) -> dict:
    return {name: getattr(settings, name) for name in settings.__slots__}


@pytest.mark.parametrize("kv_heads", [1, 2])
def test_attention_without_a_mask_is_the_same_attention(kv_heads):
    model = train.new_student(train.Shape(**{**_dict(SHAPE), "kv_heads": kv_heads}), seed=1)
    ids = torch.randint(0, SHAPE.vocabulary, (2, 33))
    weights = torch.ones(2, 33)

    masked = train.loss_of(model, ids, weights)
    model.set_attn_implementation(train.CAUSAL)

    torch.testing.assert_close(train.loss_of(model, ids, weights), masked)


def test_late_token_files_are_read_in_the_last_part(prepared, tmp_path):
    early, late = np.full(8000, 20, np.uint16), np.full(8000, 30, np.uint16)
    for name, ids in (("early", early), ("late", late)):
        tokens.save(tmp_path / f"{name}.npz", ids, np.full(8000, 255, np.uint8))
    settings = train.Settings(**{**_dict(SETTINGS), "steps": 16, "late_from": 0.5})

    train.train(
        tmp_path / "run",
        [tmp_path / "early.npz"],
        settings,
        shape=SHAPE,
        late=[tmp_path / "late.npz"],
    )

    before, after = (line["loss"] for line in metrics(tmp_path / "run")[1:3])
    assert after > before + 1  # a token that it had never seen


def test_late_token_files_that_are_too_small_are_told_before_anything_is_trained(
    prepared, tmp_path
):
    few = np.full(40, 30, np.uint16)
    tokens.save(tmp_path / "few.npz", few, np.full(40, 255, np.uint8))

    with pytest.raises(ValueError, match="only 40 training tokens"):
        train.train(
            tmp_path / "run",
            [prepared / "tokens.npz"],
            SETTINGS,
            shape=SHAPE,
            late=[tmp_path / "few.npz"],
        )
    assert not (tmp_path / "run" / "metrics.jsonl").exists()


def test_heads_can_share_keys_and_values(prepared, tmp_path):
    shape = train.Shape(**{**_dict(SHAPE), "kv_heads": 1})
    settings = train.Settings(**{**_dict(SETTINGS), "steps": 2})
    train.train(tmp_path / "run", [prepared / "tokens.npz"], settings, shape=shape)
    out = tmp_path / "student.gguf"

    own = prepared / "tokenizer.json"
    export.export(tmp_path / "run" / "model", own, out, "f32", export.Card("student"))

    assert verify.compare(tmp_path / "run" / "model", own, out).largest < 0.05


def test_a_run_travels_in_parts(trained, tmp_path):
    written = parts.pack(trained, tmp_path / "parts", part_bytes=100_000)

    said = parts.unpack(tmp_path / "parts", tmp_path / "run")

    assert len(written) > 2
    assert all(path.stat().st_size <= 100_000 for path in written)
    assert "tokens read" in said
    first, second = (
        transformers.LlamaForCausalLM.from_pretrained(run / "model").state_dict()
        for run in (trained, tmp_path / "run")
    )
    for name, tensor in first.items():
        torch.testing.assert_close(second[name], tensor, rtol=0.005, atol=1e-4)
    assert metrics(tmp_path / "run") == metrics(trained)


def test_an_average_lies_between_two_runs_and_can_be_exported(prepared, trained, tmp_path):
    settings = train.Settings(**{**_dict(SETTINGS), "steps": 3})
    train.train(
        tmp_path / "more", [prepared / "tokens.npz"], settings, shape=SHAPE, start_from=trained
    )
    ends = [str(trained), str(tmp_path / "more")]

    cli.app(["average", *ends, str(tmp_path / "mid"), "--share", "0.25"], standalone_mode=False)

    first, second, mid = (
        torch.load(Path(run) / "checkpoint.pt", weights_only=True)["model"]
        for run in (*ends, tmp_path / "mid")
    )
    name = "model.layers.0.mlp.up_proj.weight"
    assert not torch.equal(first[name], second[name])
    assert torch.allclose(mid[name], 0.75 * first[name] + 0.25 * second[name], atol=1e-6)
    out = tmp_path / "student.gguf"
    own = prepared / "tokenizer.json"
    export.export(tmp_path / "mid" / "model", own, out, "f32", export.Card("student"))
    assert verify.compare(tmp_path / "mid" / "model", own, out).largest < 0.05


def test_runs_of_different_shapes_have_no_average(trained, tmp_path):
    state = torch.load(trained / "checkpoint.pt", weights_only=True)
    (tmp_path / "other").mkdir()
    torch.save(
        {**state, "shape": {**state["shape"], "layers": 9}}, tmp_path / "other/checkpoint.pt"
    )

    with pytest.raises(ValueError, match="different shapes"):
        averaging.average(trained, tmp_path / "other", tmp_path / "mid", 0.5)
    with pytest.raises(FileNotFoundError, match="nothing was trained there"):
        averaging.average(trained, tmp_path / "none", tmp_path / "mid", 0.5)
    with pytest.raises(ValueError, match="name another folder"):
        averaging.average(trained, tmp_path / "other", trained, 0.5)


def test_a_run_of_parts_begins_another_and_is_not_resumed(prepared, trained, tmp_path):
    parts.pack(trained, tmp_path / "parts", part_bytes=1_000_000)
    parts.unpack(tmp_path / "parts", tmp_path / "run")
    data = [prepared / "tokens.npz"]

    with pytest.raises(ValueError, match="start another"):
        train.train(tmp_path / "run", data, SETTINGS)
    train.train(tmp_path / "next", data, SETTINGS, start_from=tmp_path / "run")

    assert metrics(tmp_path / "next")[0]["loss"] < metrics(trained)[0]["loss"] - 0.3


def test_missing_and_cut_parts_are_errors_in_words(trained, tmp_path):
    folder = tmp_path / "parts"
    with pytest.raises(FileNotFoundError, match="nothing was trained"):
        parts.pack(tmp_path, folder, part_bytes=100_000)
    written = parts.pack(trained, folder, part_bytes=100_000)

    written[1].write_bytes(b"short")
    with pytest.raises(ValueError, match="bytes, not"):
        parts.unpack(folder, tmp_path / "run")
    written[0].unlink()
    with pytest.raises(FileNotFoundError, match=r"lacks weights\.00"):
        parts.unpack(folder, tmp_path / "run")
    (folder / parts.ABOUT).write_text('{"parts": 2, "byt')
    with pytest.raises(ValueError, match=r"run\.json is damaged"):
        parts.unpack(folder, tmp_path / "run")


def test_a_token_file_for_carrying_is_smaller_and_the_same(prepared, tmp_path):
    ids, weights = tokens.load(prepared / "tokens.npz")

    tokens.save(tmp_path / "tokens.npz.xz", ids, weights)

    again = tokens.load(tmp_path / "tokens.npz.xz")
    assert all(np.array_equal(a, b) for a, b in zip(again, (ids, weights), strict=True))
    sizes = [path.stat().st_size for path in (tmp_path / "tokens.npz.xz", prepared / "tokens.npz")]
    assert sizes[0] < sizes[1]
    (tmp_path / "cut.npz.xz").write_bytes((tmp_path / "tokens.npz.xz").read_bytes()[:500])
    with pytest.raises(ValueError, match="make it again"):
        tokens.load(tmp_path / "cut.npz.xz")
