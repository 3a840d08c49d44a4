"""What ships: the embedded model and the memory, as users get them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from codeplan_model.backends import EMBEDDED_MODEL, open_backend
from codeplan_model.extract import functions_to_write
from codeplan_model.memory import SHIPPED, Store
from codeplan_model.sandbox import Sandbox
from codeplan_model.search import Budget, solve
from codeplan_model.values import Outcome
from codeplan_training import problems

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def backend():
    opened = open_backend("llama", None, grace=0.0)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as made:
        yield made


def test_the_model_is_ours_small_and_has_a_card(backend):
    info = backend.info()

    assert info.prompt_format == "codeplan-1"
    assert 5e6 < info.parameters < 60e6
    assert EMBEDDED_MODEL.stat().st_size < 64e6
    card = EMBEDDED_MODEL.with_name("MODEL_CARD.md").read_text()
    assert all(word in card for word in ("Data", "Licence", "Recipe", "Figures", "weaknesses"))


def test_the_model_alone_writes_a_verified_function(backend, sandbox):
    """Without memory: of some easy functions, at least one is written by the model itself."""
    source = (Path(__file__).parent / "easy.py").read_text()
    outcomes = {}
    for task in functions_to_write(source, "easy.py"):
        *_, finished = solve(task, backend, sandbox, Budget())
        outcomes[task.entry_point] = finished.outcome
        if finished.best is not None and finished.best.outcome is Outcome.PASSED:
            assert finished.best.candidate.origin == "sampled"

    assert "passed" in outcomes.values(), outcomes


def test_the_same_seed_gives_the_same_code(tmp_path):
    path = tmp_path / "work.py"
    path.write_text((Path(__file__).parent / "easy.py").read_text())

    def run():
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "codeplan_model.cli",
                "solve",
                str(path),
                "--json",
                "--seed",
                "3",
            ],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "COLUMNS": "80"},
        )
        assert done.returncode in (0, 1), done.stderr
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return [
            {k: v for k, v in line.items() if k not in ("seconds", "timings")} for line in lines
        ]

    assert run() == run()


def test_nothing_of_the_validation_tenth_is_in_the_memory():
    found, _ = problems.read_all(ROOT / "training" / "data")
    kept = list(problems.validation(found))
    with Store(SHIPPED, read_only=True) as store:
        remembered = {
            entry.name
            for problem in kept
            for entry in store.search(problem.entry_point.lower().split("_"), 30)
        }
        assert len(store) > 5000

    assert len(kept) > 300
    assert not remembered & {problem.entry_point for problem in kept}
