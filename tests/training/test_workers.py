"""Evaluation on several processes, on a Ray cluster, after a kill; and students as a backend."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from codeplan_model.generation import BackendError, Request, Sampling
from codeplan_training import eval_tasks, evaluate, problems, render, tokenizer
from codeplan_training.evaluate_workers import Spec, local, on_ray
from codeplan_training.finetune import students
from codeplan_training.student_backend import StudentBackend

DATA = Path(__file__).parents[2] / "training" / "data"
STRATEGIES = ("greedy", "greedy-plan", "plans", "random", "codeplan")


@pytest.fixture(scope="module")
def found() -> list[problems.Problem]:
    every, _ = problems.read_exercises(DATA / "exercises.jsonl")
    return [p for p in every if not p.imports and len(p.examples) > 2][:4]


@pytest.fixture(scope="module")
def spec(found, tmp_path_factory) -> Spec:
    """A script that solves every other problem, with a second program that is wrong."""
    rules: list[dict[str, Any]] = [
        {"pattern": r"<\|plan\|>$", "texts": ["\n1. Do it.", "\n1. Do."]}
    ]
    for problem in found[::2]:
        texts = ["\n" + problem.solutions[0].code, "\n    return 1"]
        rules.append({"pattern": f"def {problem.entry_point}", "texts": texts})
    rules.append({"pattern": "", "texts": ["\n    return 0"], "seconds": 0.05})
    file = tmp_path_factory.mktemp("script") / "answers.json"
    file.write_text(json.dumps({"rules": rules}))
    return Spec("scripted", str(file), evaluate.Settings(n=2), STRATEGIES)


def figures(records: Any) -> list[Any]:
    found = [{k: v for k, v in r.items() if k != "seconds"} for r in records]
    return sorted(found, key=lambda r: r["id"])


def tasks(found: list[problems.Problem]) -> list[eval_tasks.EvalTask]:
    return [t for p in found if (t := eval_tasks.exercise_task(p)) is not None]


def test_two_workers_find_what_one_does(found, spec):
    one = figures(local(spec, tasks(found), 1))

    assert one == figures(local(spec, tasks(found), 2))
    assert [r["scores"]["greedy"] for r in one].count(1.0) == 2
    assert one[0]["samples"] == [2, 1]
    assert {p["right"] for p in one[0]["plans"]} <= {True, False}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_workers_of_a_killed_evaluation_end(found, spec, tmp_path):
    problems.write_jsonl(tmp_path / "some.jsonl", found)
    options = ["--sets", "none", "--problems", str(tmp_path / "some.jsonl"), "--workers", "2"]
    options += ["--backend", "scripted", "--model", str(spec.model), "--out", str(tmp_path / "r")]
    process = subprocess.Popen(
        [sys.executable, "-m", "codeplan_training", "evaluate", *options, "--n", "2"]
    )

    def workers() -> list[int]:
        found = [p for p in Path("/proc").iterdir() if p.name.isdigit()]
        return [int(p.name) for p in found if _parent(p) == process.pid]

    while process.poll() is None and len(started := workers()) < 3:  # one of them keeps count
        time.sleep(0.02)
    process.kill()
    process.wait()

    until = time.monotonic() + 60
    while any(Path(f"/proc/{pid}").exists() for pid in started):
        assert time.monotonic() < until, "a worker lives on"
        time.sleep(0.1)


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return 0


@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore")
def test_a_ray_cluster_of_two_nodes_finds_what_one_process_does(found, spec):
    pytest.importorskip("ray", reason="the extra 'ray' is not installed")
    from ray.cluster_utils import Cluster

    cluster = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False}
    )
    try:
        cluster.add_node(num_cpus=1)
        there = figures(on_ray(spec, tasks(found), 2, cluster.address))
    finally:
        cluster.shutdown()

    assert there == figures(local(spec, tasks(found), 1))


def test_an_evaluation_that_was_killed_ends_like_one_that_was_not(found, spec, tmp_path):
    problems.write_jsonl(tmp_path / "some.jsonl", found)

    def command(out: str) -> list[str]:
        options = ["--sets", "none", "--problems", str(tmp_path / "some.jsonl"), "--n", "2"]
        options += ["--tokens", "1500"]
        options += [
            "--backend",
            "scripted",
            "--model",
            str(spec.model),
            "--out",
            str(tmp_path / out),
        ]
        options += ["--strategies", ",".join(STRATEGIES)]
        return [sys.executable, "-m", "codeplan_training", "evaluate", *options]

    records = tmp_path / "cut" / "some.jsonl"
    process = subprocess.Popen(command("cut"), env=os.environ)
    while process.poll() is None and not (records.exists() and records.stat().st_size):
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = records.read_bytes()
    # As a kill in the middle of a write leaves it.
    records.write_bytes(before + b'{"id": "cut o')
    subprocess.run(command("cut"), check=True, capture_output=True)

    def read() -> list[Any]:
        lines = records.read_text().splitlines()
        return [json.loads(line) for line in lines if not line.startswith('{"id": "cut o')]

    assert records.read_bytes().startswith(before)
    assert figures(read()) == figures(local(spec, tasks(found), 1))


@pytest.mark.parametrize(
    ("n", "right", "k", "expected"),
    [(10, 0, 1, 0.0), (10, 3, 1, 0.3), (4, 2, 2, 5 / 6), (5, 5, 1, 1.0), (5, 1, 5, 1.0)],
)
def test_pass_at_k_is_unbiased(n, right, k, expected):
    assert evaluate.pass_at_k(n, right, k) == pytest.approx(expected)


def test_records_are_told_apart_by_difficulty():
    records = [{"difficulty": "interview"}, {"difficulty": "introductory"}, {}]

    assert set(evaluate.by_difficulty(records)) == {"interview", "introductory"}


@pytest.mark.parametrize("kind", ["llama", "t5"])
def test_any_student_can_be_asked(found, tmp_path, kind):
    torch.set_num_threads(1)
    rng = random.Random(1)
    texts = [s.prompt + s.completion for p in found for s in [render.sample(p, rng)]]
    tokenizer.train(texts, 400).save(str(tmp_path / "tokenizer.json"))
    shape = {"hidden": 32, "layers": 1, "feed_forward": 64, "heads": 2, "context": 128}
    students.new(tmp_path / kind, tmp_path / "tokenizer.json", kind, shape, seed=1)
    backend = StudentBackend(tmp_path / kind)
    request = Request("def f(x):\n<|plan|>", 3, Sampling(max_tokens=6, seed=1))

    first = list(backend.generate([request]))
    again = list(backend.generate([request]))

    assert backend.info().prompt_format == "codeplan-1"
    assert first == again
    assert len({c.text for c in first}) > 1
    assert all(c.logprob < 0 and 0 < c.tokens <= 6 for c in first)
    with pytest.raises(BackendError, match="no Hugging Face model folder"):
        StudentBackend(tmp_path / "none").info()
