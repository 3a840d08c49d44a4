"""A model's own samples: what is kept is right in the sandbox, and nothing is drawn twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from codeplan_model.backends.scripted import Rule, ScriptedBackend
from codeplan_model.sandbox import Sandbox
from codeplan_training import improve, problems
from codeplan_training.distill.ledger import Ledger
from codeplan_training.problems import Check, Problem, Solution
from codeplan_training.programs import ProgramJudge

PROBLEM = Problem(
    "t/double",
    "written",
    "Apache-2.0",
    "double",
    "def double(x: int) -> int:",
    (),
    ("Return twice x.",),
    (Check("double(2)", "4"), Check("double(0)", "0"), Check("double(3)", "6")),
    (Solution(("Multiply by two.",), "    return x * 2"),),
)
FOUR = improve.Settings(n=4)


@pytest.fixture(scope="module")
def judge():
    with Sandbox() as sandbox:
        yield ProgramJudge(sandbox)


def draw(
    folder: Path,
    backend: ScriptedBackend,
    judge: ProgramJudge,
    found: list[Problem],
    settings: improve.Settings = FOUR,
    *,
    own_only: bool = True,
) -> tuple[list[dict[str, Any]], list[Problem]]:
    with Ledger(folder / "samples.jsonl") as ledger:
        records = list(improve.sample(found, backend, judge, ledger, settings))
        return records, improve.improved(found, ledger, own_only=own_only)


def scripted(*bodies: str) -> ScriptedBackend:
    """A plan for each of these programs, the same for every problem."""
    plans = tuple(f"\n1. Way {i}." for i in range(len(bodies)))
    codes = [Rule(rf"Way {i}\.<\|code\|>$", (f"\n{body}",)) for i, body in enumerate(bodies)]
    return ScriptedBackend([*codes, Rule(r"<\|plan\|>$", plans)])


def test_programs_that_pass_every_example_are_kept_with_their_plans(tmp_path, judge):
    backend = scripted("    return x + x", "    return x * x", "    return x << 1", "    return")

    (record,), (made,) = draw(tmp_path, backend, judge, [PROBLEM])

    assert made.solutions == (
        Solution(("Way 0.",), "    return x + x"),
        Solution(("Way 2.",), "    return x << 1"),
    )
    assert (record["drawn"], record["passed"]) == (4, 2)


def test_a_wrong_program_is_kept_with_the_example_that_it_fails(tmp_path, judge):
    # x * x passes both examples that the prompt shows.
    (record,), made = draw(tmp_path, scripted("    return x * x"), judge, [PROBLEM])

    assert made == []
    assert record["wrong"][0] == {
        "steps": ["Way 0."],
        "code": "    return x * x",
        "example": "double(3)",
        "want": "6",
        "got": "9",
    }


def test_the_prompt_shows_two_examples_and_the_others_only_judge(tmp_path, judge):
    backend = scripted("    return x + x")

    draw(tmp_path, backend, judge, [PROBLEM])

    prompt = backend.calls[0][0].prompt
    assert "double(0)" in prompt
    assert "double(3)" not in prompt


def test_programs_that_differ_only_in_form_or_recite_count_once_or_not_at_all(tmp_path, judge):
    wordy = "    # twice\n    return (x + x)"
    long = replace(
        PROBLEM,
        examples=(
            Check("double(222)", "444"),
            Check("double(333)", "666"),
            Check("double(0)", "0"),
        ),
    )
    reciting = "    if x == 222:\n        return 444\n    return 666 if x == 333 else 0"

    _, (made,) = draw(tmp_path / "a", scripted("    return x + x", wordy), judge, [PROBLEM])
    _, none = draw(tmp_path / "b", scripted(reciting), judge, [long])

    assert len(made.solutions) == 1
    assert none == []


def test_no_more_than_asked_for_are_kept_behind_the_solutions_that_came(tmp_path, judge):
    bodies = ["    return x * 2", "    return x + x", "    return 2 * x", "    return x << 1"]
    settings = improve.Settings(n=4, keep=2)

    _, (made,) = draw(tmp_path, scripted(*bodies), judge, [PROBLEM], settings, own_only=False)

    # The first of the two is the author's own.
    assert [s.code for s in made.solutions] == ["    return x * 2", "    return x + x"]


def test_what_was_drawn_is_not_drawn_again_and_the_rest_is_as_in_one_go(tmp_path, judge):
    others = [replace(PROBLEM, id=f"t/{i}") for i in range(20)]
    backend = scripted("    return x + x", "    return 0")
    with Ledger(tmp_path / "samples.jsonl") as ledger:
        stream = improve.sample(others, backend, judge, ledger, improve.Settings(n=4))
        for _ in range(9):
            next(stream)
        stream.close()
    before = len(backend.calls)
    asked = [request for call in backend.calls for request in call]

    records, _ = draw(tmp_path, backend, judge, others)
    again, _ = draw(tmp_path, backend, judge, others)

    assert before == 2
    assert [r["id"] for r in records] == [p.id for p in others]
    asked += [request for call in backend.calls[before:] for request in call]
    assert len(asked) == len({r.sampling.seed for r in asked}) == 20
    assert again == records


def test_a_changed_problem_is_drawn_again_and_another_model_or_setting_is_refused(tmp_path, judge):
    backend = scripted("    return x + x")
    draw(tmp_path, backend, judge, [PROBLEM])
    changed = replace(PROBLEM, wordings=("Return x twice.",))

    draw(tmp_path, backend, judge, [changed])

    assert len(backend.calls) == 2
    with pytest.raises(ValueError, match="n was 4 and is 5"):
        draw(tmp_path, backend, judge, [PROBLEM], improve.Settings(n=5))


@pytest.mark.parametrize("changes", [{"id": "mbpp/11"}, {"source": "humaneval"}])
def test_held_out_problems_are_refused_before_the_model_is_asked(tmp_path, judge, changes):
    backend = scripted("    return x + x")

    with pytest.raises(ValueError, match="held out"):
        draw(tmp_path, backend, judge, [replace(PROBLEM, **changes)])

    assert backend.calls == []


def test_a_chat_model_writes_its_program_in_a_second_batch(tmp_path, judge):
    rules = [
        Rule("numbered steps", ("1. Add it to itself.",)),
        Rule("", ("```python\ndef double(x):\n    return x + x\n```",)),
    ]
    backend = ScriptedBackend(rules, prompt_format="chat")

    _, (made,) = draw(tmp_path, backend, judge, [PROBLEM])

    assert [s.code for s in made.solutions] == ["    return x + x"]


def test_an_interrupted_command_keeps_what_it_has_and_goes_on(tmp_path):
    source, script = tmp_path / "problems.jsonl", tmp_path / "script.json"
    problems.write_jsonl(source, [replace(PROBLEM, id=f"t/{i}") for i in range(12)])
    rules = [
        {"pattern": "<\\|code\\|>$", "texts": ["\n    return x + x"], "seconds": 0.2},
        {"pattern": "<\\|plan\\|>$", "texts": ["\n1. Add it to itself."]},
    ]
    script.write_text(json.dumps({"rules": rules}))

    def command(name: str) -> list[str]:
        options = ["--backend", "scripted", "--model", str(script), "--n", "8", "--own-only"]
        program = [sys.executable, "-m", "codeplan_training", "improve", str(source)]
        return [*program, "--out", str(tmp_path / name), *options]

    samples = tmp_path / "cut.samples.jsonl"
    process = subprocess.Popen(
        command("cut.jsonl"), env=os.environ, stderr=subprocess.PIPE, text=True
    )
    while process.poll() is None and not (samples.exists() and b"t/0" in samples.read_bytes()):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate()
    before = samples.read_bytes()
    subprocess.run(command("cut.jsonl"), check=True, capture_output=True)
    done = subprocess.run(command("whole.jsonl"), check=True, capture_output=True, text=True)

    assert process.returncode == 130
    assert "is kept, the same command goes on" in told
    assert 0 < before.count(b"return x + x") < 12
    assert samples.read_bytes().startswith(before)
    assert (tmp_path / "cut.jsonl").read_text() == (tmp_path / "whole.jsonl").read_text()
    assert "12 right programs of the model's own for 12 of 12 problems" in done.stdout
