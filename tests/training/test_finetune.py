"""Fine-tuning tiny students for real: both kinds, both heads, resume, several processes."""

from __future__ import annotations

import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState

from codeplan_model.backends import open_backend
from codeplan_model.generation import Request, Sampling
from codeplan_model.prompts import codeplan1
from codeplan_training import decontaminate, problems, render, tokenizer
from codeplan_training.finetune import loop, rows, students
from codeplan_training.finetune.pairs import CODE, pairs
from codeplan_training.finetune.settings import Settings
from codeplan_training.problems import Problem

ROOT = Path(__file__).parents[2]
DATA = ROOT / "training" / "data"
FSDP = ROOT / "training" / "recipes" / "fsdp.yaml"
SHAPE = {"hidden": 32, "layers": 1, "feed_forward": 64, "heads": 2, "context": 256}
SETTINGS = Settings(
    steps=6, batch=4, length=224, warmup=1, rate=1e-2, report_every=1, precision="fp32"
)
OPTIONS = """--steps 6 --batch 4 --length 224 --warmup 1 --rate 0.01 --report-every 1 --save-every 2
--threads 1""".split()
ONE_THREAD = {**os.environ, "OMP_NUM_THREADS": "1", "MASTER_ADDR": "127.0.0.1"}


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def known() -> list[Problem]:
    found, _ = problems.read_exercises(DATA / "exercises.jsonl")
    return [p for p in found if not p.imports][:24]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, known: list[Problem]) -> Path:
    """A folder with a tokenizer, two students and the problems."""
    folder = tmp_path_factory.mktemp("students")
    rng = random.Random(1)
    texts = [s.prompt + s.completion for p in known for s in [render.sample(p, rng)] * 2]
    tokenizer.train(texts, 500).save(str(folder / "tokenizer.json"))
    for kind in ("llama", "t5"):
        students.new(folder / kind, folder / "tokenizer.json", kind, SHAPE, seed=1)
    problems.write_jsonl(folder / "problems.jsonl", known)
    return folder


@pytest.fixture(scope="module")
def plain(made: Path, known: list[Problem]) -> Path:
    """A decoder-only run, uninterrupted, in one process."""
    loop.finetune(made / "plain", made / "llama", known, SETTINGS)
    return made / "plain"


def losses(run: Path) -> dict[int, dict[str, float]]:
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == list(range(1, len(lines) + 1))
    return {x["step"]: {k: v for k, v in x.items() if k.endswith("_loss")} for x in lines}


def command(made: Path, out: Path, *options: str) -> list[str]:
    where = ["--student", str(made / "llama"), "--out", str(out)]
    return ["finetune", str(made / "problems.jsonl"), *where, *OPTIONS, *options]


def test_tasks_take_turns_and_their_losses_fall(plain):
    found = losses(plain)

    assert [next(iter(found[step])) for step in (1, 2, 3, 4)] == [
        "code_loss",
        "plan_loss",
        "code_loss",
        "plan_loss",
    ]
    assert found[5]["code_loss"] < found[1]["code_loss"] - 0.3
    assert found[6]["plan_loss"] < found[2]["plan_loss"] - 0.3


def test_the_result_is_a_model_of_ours_to_the_backend(plain):
    backend = open_backend("transformers", str(plain / "model"))
    try:
        info = backend.info()
        (done,) = backend.generate([Request("def f():\n<|plan|>", 1, Sampling(max_tokens=4))])
    finally:
        backend.close()

    assert info.prompt_format == "codeplan-1"
    assert done.tokens > 0


def test_a_run_notes_which_data_it_trained_on(plain, known):
    told = json.loads((plain / "data.json").read_text())

    assert sum(row["problems"] for row in told) == len(known)
    assert {(row["source"], row["licence"]) for row in told} == {
        (p.source, p.licence) for p in known
    }


def test_an_encoder_decoder_learns_both_tasks(made, known, tmp_path):
    loop.finetune(tmp_path, made / "t5", known, replace(SETTINGS, length=256))

    found = losses(tmp_path)
    assert found[5]["code_loss"] < found[1]["code_loss"] - 0.1
    assert found[6]["plan_loss"] < found[2]["plan_loss"] - 0.1


def test_parts_of_a_batch_add_up_to_the_batch(made, known, plain, tmp_path):
    loop.finetune(tmp_path, made / "llama", known, replace(SETTINGS, steps=4, accumulate=2))

    # The rate falls to the last step, which is another one here: the first steps compare.
    assert losses(tmp_path)[2] == pytest.approx(losses(plain)[2], abs=2e-4)


def test_two_processes_compute_what_one_does(made, plain, tmp_path):
    launcher = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2"]
    launcher += ["--master_port", "0", "--rdzv_backend", "c10d", "--rdzv_endpoint", "127.0.0.1:0"]
    program = [*launcher, "-m", "codeplan_training"]
    arguments = command(made, tmp_path / "two", "--precision", "fp32")

    done = subprocess.run(
        [*program, *arguments], env=ONE_THREAD, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr[-3000:]
    one, two = losses(plain), losses(tmp_path / "two")
    assert one.keys() == two.keys()
    for step in one:
        assert two[step] == pytest.approx(one[step], abs=1e-4)


def test_sharded_over_two_processes_it_computes_what_one_does(made, plain, tmp_path):
    launcher = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(FSDP)]
    launcher += ["--num_processes", "2", "--main_process_port", "0"]
    program = [*launcher, str(Path(__file__).with_name("fsdp_on_cpu.py"))]
    arguments = command(made, tmp_path / "two", "--precision", "fp32")

    for _ in range(2):  # the second one begins with the checkpoint of the first
        done = subprocess.run(
            [*program, *arguments], env=ONE_THREAD, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        assert done.stderr.count("FSDP DTensor") == 2

    one, two = losses(plain), losses(tmp_path / "two")
    assert one.keys() == two.keys()
    for step in one:
        assert two[step] == pytest.approx(one[step], abs=1e-4)
    before, after = (
        students.read_folder(run / "model")[0].state_dict() for run in (plain, tmp_path / "two")
    )
    assert before.keys() == after.keys()
    for name, weight in before.items():
        assert torch.allclose(after[name], weight, atol=1e-4), name


def test_in_bf16_the_losses_are_near_those_of_fp32(made, known, plain, tmp_path):
    AcceleratorState._reset_state()  # a process has one precision
    try:
        loop.finetune(tmp_path, made / "llama", known, replace(SETTINGS, precision="bf16"))
    finally:
        AcceleratorState._reset_state()

    one, other = losses(plain), losses(tmp_path)
    assert one.keys() == other.keys()
    for step in one:
        assert other[step] == pytest.approx(one[step], abs=0.05)
    assert other != one


@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler")
def test_compiled_it_computes_the_same_losses(made, plain, tmp_path):
    program = [sys.executable, "-m", "codeplan_training"]
    arguments = command(made, tmp_path / "run", "--precision", "fp32", "--compile")

    done = subprocess.run(
        [*program, *arguments], env=ONE_THREAD, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr[-3000:]
    one, other = losses(plain), losses(tmp_path / "run")
    assert one.keys() == other.keys()
    for step in one:
        assert other[step] == pytest.approx(one[step], abs=1e-3)


def test_a_run_that_was_killed_has_the_same_loss_curve(made, tmp_path):
    program = [sys.executable, "-m", "codeplan_training"]
    cut = tmp_path / "cut"
    process = subprocess.Popen([*program, *command(made, cut)], env=ONE_THREAD)
    while process.poll() is None and not loop.checkpoints(cut):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 0 < int(loop.checkpoints(cut)[-1].name.removeprefix("step-")) < 6
    for out in (cut, tmp_path / "whole"):
        subprocess.run([*program, *command(made, out)], env=ONE_THREAD, check=True)

    assert losses(cut) == losses(tmp_path / "whole")
    weights = [
        torch.load(next(p.glob("checkpoints/step-6/*model*.bin")))
        for p in (cut, tmp_path / "whole")
    ]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_samples_in_one_row_do_not_see_each_other(made, known):
    model, own, _ = students.read_folder(made / "llama")
    found = list(pairs(known[:3], SETTINGS))
    samples, _ = rows.tokenize(found, own, SETTINGS, encoder_decoder=False)
    samples = sorted(samples, key=lambda s: len(s.ids))[:2]
    row = rows.Row(tuple(samples))
    batch = rows.decoder_batch([row], 448, own.pad_token_id)
    segments = torch.from_numpy(batch["segments"])
    mask = (segments[:, None, :, None] == segments[:, None, None, :]).tril()

    with torch.no_grad():
        together = model(
            input_ids=torch.from_numpy(batch["ids"]),
            attention_mask=mask,
            position_ids=torch.from_numpy(batch["positions"]),
        ).logits[0]
        apart = [model(input_ids=torch.from_numpy(s.ids)[None]).logits[0] for s in samples]

    joined = torch.cat(apart)
    assert torch.allclose(together[: len(joined)], joined, atol=1e-4)


@pytest.mark.parametrize("kind", ["llama", "t5"])
def test_only_what_counts_goes_through_the_head_and_the_loss_is_that_of_all_logits(
    made, known, kind
):
    settings = replace(SETTINGS, length=256)
    student = students.load(made / kind, settings)
    run = loop.Run(Accelerator(cpu=True), student, student.model, settings, {})
    samples, _ = rows.tokenize(
        list(pairs(known[:3], settings)),
        student.tokenizer,
        settings,
        encoder_decoder=student.encoder_decoder,
    )
    whole = 0.0
    with torch.no_grad():
        for sample in samples:
            ids = torch.from_numpy(sample.ids)[None]
            weights = torch.from_numpy(sample.weights)
            if student.encoder_decoder:
                source = torch.from_numpy(sample.source)[None]
                logits = student.model(input_ids=source, labels=ids).logits[0]
                losses = torch.nn.functional.cross_entropy(logits, ids[0], reduction="none")
            else:
                logits = student.model(input_ids=ids).logits[0, :-1]
                losses = torch.nn.functional.cross_entropy(logits, ids[0, 1:], reduction="none")
                weights = weights[1:]
            whole += float((losses * weights).sum())
    shapes = []
    student.head.register_forward_hook(lambda head, given, made: shapes.append(made.shape))
    together = [rows.Row((sample,)) for sample in samples]

    loss = float(run.loss(together).detach())

    assert loss == pytest.approx(whole, rel=1e-4)
    counted = sum(int((s.weights > 0).sum()) for s in samples)
    assert [shape[0] for shape in shapes] == [counted]


def test_rows_hold_every_sample_once_and_none_is_too_long():
    rng = np.random.default_rng(1)
    sizes = rng.integers(1, 100, 200)
    samples = [rows.Tokens(np.arange(n), np.ones(n), np.zeros(0)) for n in sizes]

    packed = rows.pack(samples, 100)

    assert sorted(len(s.ids) for row in packed for s in row.samples) == sorted(sizes)
    assert all(row.tokens <= 100 for row in packed)
    assert len(packed) <= sizes.sum() / 100 * 1.1


def test_a_stream_gives_every_row_once_an_epoch_wherever_it_is_entered():
    found = [rows.Row((rows.Tokens(np.arange(n), np.ones(n), np.zeros(0)),)) for n in range(1, 41)]
    for grouped in (False, True):
        stream = rows.Stream(found, 8, seed=3, grouped=grouped)
        epoch = [row for number in range(5) for row in stream.at(number)]
        assert sorted(row.tokens for row in epoch) == list(range(1, 41))
        later = rows.Stream(found, 8, seed=3, grouped=grouped).at(7)
        assert [r.tokens for r in stream.at(7)] == [r.tokens for r in later]
    with pytest.raises(ValueError, match="no training samples"):
        rows.Stream([], 8, seed=3, grouped=False)


def test_the_baseline_sees_the_same_problems_and_no_plan(known):
    codeplan = list(pairs(known, SETTINGS))
    baseline = list(pairs(known, loop.conventional(SETTINGS)))

    assert {p.task for p in baseline} == {CODE}
    assert [p.completion for p in baseline] == [p.completion for p in codeplan if p.task == CODE]
    assert not any(codeplan1.PLAN in p.prompt + p.completion for p in baseline)
    assert any(p.task == CODE and codeplan1.PLAN in p.prompt for p in codeplan)
    assert [SETTINGS.is_plan_step(s) for s in range(4)] == [False, True, False, True]
    quarter = replace(SETTINGS, plan_share=0.25)
    assert sum(quarter.is_plan_step(s) for s in range(100)) == 25


def test_texts_like_a_held_out_problem_are_left_out_under_another_name(
    made, known, tmp_path, capsys
):
    secret = known[0]
    problems.write_jsonl(tmp_path / "secret.jsonl", [secret])
    renamed = replace(secret, id="mine/1", entry_point="my_own")
    unlike = decontaminate.held_out([tmp_path / "secret.jsonl"])
    one = replace(SETTINGS, steps=1)

    loop.finetune(tmp_path / "some", made / "llama", [renamed, *known[1:]], one, unlike=unlike)

    count = int(re.search(r"(\d+) samples are left out: like", capsys.readouterr().out)[1])
    code = [pair for pair in pairs([renamed], one) if pair.task == CODE]
    assert len(code) <= count < len(list(pairs(known, one)))
    only_code = replace(one, method="conventional")
    with pytest.raises(ValueError, match="every sample is like a held-out problem"):
        loop.finetune(tmp_path / "none", made / "llama", [renamed], only_code, unlike=unlike)


@pytest.mark.parametrize("kind", ["llama", "t5"])
def test_a_second_head_is_trained_saved_and_found_again(made, known, tmp_path, kind):
    settings = replace(SETTINGS, steps=4, plan_head="separate", length=256)
    loop.finetune(tmp_path, made / kind, known, settings)

    model, _, _ = students.read_folder(tmp_path / "model")
    heads = students.load_plan_head(model, tmp_path / "model")

    assert heads is not None
    assert not torch.equal(heads.plan.weight, heads.code.weight)
    assert "plan_loss" in losses(tmp_path)[4]


def test_lora_trains_little_and_leaves_a_whole_model(made, known, tmp_path):
    loop.finetune(tmp_path, made / "llama", known, replace(SETTINGS, steps=4, lora=4))

    before, _, _ = students.read_folder(made / "llama")
    after, _, _ = students.read_folder(tmp_path / "model")
    changed = {
        name
        for (name, a), b in zip(before.named_parameters(), after.parameters(), strict=True)
        if not torch.equal(a, b)
    }
    assert changed
    assert all("proj" in name for name in changed)
    assert (tmp_path / "adapter" / "adapter_config.json").is_file()


def test_a_student_with_another_tokenizer_learns_our_marks(known, tmp_path):
    import transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    own = Tokenizer(models.BPE())
    own.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    own.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<s>"],
        initial_alphabet=alphabet,
        show_progress=False,
    )
    own.train_from_iterator([p.signature + p.wordings[0] for p in known], trainer)
    wrapped = transformers.PreTrainedTokenizerFast(tokenizer_object=own, eos_token="<s>")
    config = transformers.GPT2Config(
        vocab_size=400, n_positions=512, n_embd=32, n_layer=1, n_head=2, resid_pdrop=0.1
    )
    transformers.GPT2LMHeadModel(config).save_pretrained(tmp_path / "gpt")
    wrapped.save_pretrained(tmp_path / "gpt")

    loop.finetune(tmp_path / "run", tmp_path / "gpt", known, replace(SETTINGS, steps=4, length=400))

    backend = open_backend("transformers", str(tmp_path / "run" / "model"))
    try:
        assert backend.info().prompt_format == "codeplan-1"
    finally:
        backend.close()
    saved = transformers.AutoTokenizer.from_pretrained(tmp_path / "run" / "model")
    assert len(saved(codeplan1.PLAN)["input_ids"]) == 1


def test_figures_go_to_tensorboard_on_request(made, known, tmp_path):
    events = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    loop.finetune(tmp_path, made / "llama", known, replace(SETTINGS, steps=2, tensorboard=True))

    read = events.EventAccumulator(str(tmp_path / "tensorboard"))
    read.Reload()

    (found,) = read.Scalars("code_loss")
    assert found.value == pytest.approx(losses(tmp_path)[1]["code_loss"], abs=1e-6)


def test_held_out_problems_are_measured_not_trained_on(made, known, tmp_path):
    settings = replace(SETTINGS, steps=2, report_every=2)
    figures = loop.finetune(tmp_path, made / "llama", known[:16], settings, held_out=known[16:])

    assert figures["held_out_code_loss"] > 0
    assert figures["held_out_plan_loss"] > 0


def test_no_space_for_a_checkpoint_is_said_and_the_one_before_is_kept(made, known, tmp_path):
    settings = replace(SETTINGS, save_every=2)
    loop.finetune(tmp_path, made / "llama", known, replace(settings, steps=6))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    (tmp_path / "checkpoints" / "step-6").rename(tmp_path / "checkpoints" / "step-2")
    state = {"step": 2, "tokens": 0}
    (tmp_path / "checkpoints" / "step-2" / loop.STATE).write_text(json.dumps(state))
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(OSError, match="free some space and run the same command again"):
            loop.finetune(tmp_path, made / "llama", known, settings)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert [path.name for path in loop.checkpoints(tmp_path)] == ["step-2"]


def problem_without_plan(problem: Problem) -> Problem:
    return replace(problem, solutions=tuple(replace(s, steps=()) for s in problem.solutions))


def test_bad_input_is_said_in_words(made, known, plain, tmp_path):
    def run(student: Path, found: list[Problem], out: Path = tmp_path / "r", **changes: Any):
        return loop.finetune(out, student, found, replace(SETTINGS, **changes))

    with pytest.raises(FileNotFoundError, match="no Hugging Face model folder"):
        run(tmp_path, known)
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "config.json").write_bytes((made / "llama" / "config.json").read_bytes())
    with pytest.raises(FileNotFoundError, match="has no tokenizer"):
        run(tmp_path / "bare", known)
    with pytest.raises(ValueError, match="no problem has a plan"):
        run(made / "llama", [problem_without_plan(p) for p in known])
    with pytest.raises(ValueError, match=r"rate was 0\.01 and is 0\.02"):
        run(made / "llama", known, plain, rate=0.02)
    with pytest.raises(ValueError, match="held out"):
        run(made / "llama", [replace(known[0], id="mbpp/11")])
    with pytest.raises(ValueError, match="can't be divided among 1 processes"):
        run(made / "llama", known, batch=3, accumulate=2)
    with pytest.raises(ValueError, match="method is one of"):
        Settings(method="x")
