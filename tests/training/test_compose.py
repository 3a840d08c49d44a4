"""The compositional generator: every problem is right, splits are disjoint, draws repeat."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import pytest

from codeplan_training.compose import generate, styles
from codeplan_training.compose.build import heldout
from codeplan_training.compose.ops.prims import FNS, PREDS
from codeplan_training.compose.ops.whole import SPECS
from codeplan_training.compose.styles import STYLES
from codeplan_training.compose.talk import Talk

KEYS = {"id", "entry_point", "imports", "signature", "doc", "alt", "examples", "plans", "ops"}


def outcome(problem: dict[str, Any], code: str, call: str) -> str:
    scope: dict[str, Any] = {}
    exec("\n".join([*problem["imports"], problem["signature"], code]), scope)
    try:
        return repr(eval(call, scope))
    except ValueError:
        return "raises ValueError"


def test_every_code_passes_every_example_of_its_problem() -> None:
    for problem in generate(11, 800):
        for plan in problem["plans"]:
            for example in problem["examples"]:
                got = outcome(problem, plan["code"], example["call"])

                assert got == example["want"], (problem["signature"], plan["code"], example)


def test_every_problem_has_the_keys_of_the_exercises_and_examples_that_tell_something() -> None:
    for problem in generate(12, 300):
        assert set(problem) >= KEYS
        assert problem["signature"].startswith(f"def {problem['entry_point']}(")
        assert 2 <= len(problem["examples"]) <= 5
        assert len({example["want"] for example in problem["examples"]}) > 1
        assert problem["plans"]
        assert all(plan["steps"] for plan in problem["plans"])


def test_no_markup_is_left_in_docstrings_names_and_plans() -> None:
    for problem in generate(13, 600):
        plans = [step for plan in problem["plans"] for step in plan["steps"]]
        for text in (problem["doc"], *problem["alt"], *plans, problem["entry_point"]):
            assert not re.search(r"\$\w|\[\w* ?\w*\|[^']*\]|[\x01\x02]", text), text


def test_every_argument_is_used_by_the_code() -> None:
    for problem in generate(14, 600):
        function = ast.parse(problem["signature"] + " ...").body[0]
        assert isinstance(function, ast.FunctionDef)
        names = {argument.arg for argument in function.args.args}
        for plan in problem["plans"]:
            words = set(re.findall(r"\w+", plan["code"]))

            assert names <= words, (problem["signature"], plan["code"])


def test_the_same_seed_gives_the_same_problems_in_processes_with_other_hash_seeds(
    tmp_path: Path,
) -> None:
    files = []
    for hash_seed in ("1", "2"):
        file = tmp_path / f"{hash_seed}.jsonl"
        command = [sys.executable, "-m", "codeplan_training.compose", "--seed", "3"]
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        subprocess.run([*command, "--count", "300", "--out", file], check=True, env=environment)
        files.append(file.read_text(encoding="utf-8"))

    assert files[0] == files[1]
    assert files[0] != "\n".join(json.dumps(p) for p in generate(4, 300))


def test_pairs_of_operations_in_heldout_never_occur_together_in_train() -> None:
    seen: set[tuple[str, str]] = set()
    for problem in generate(5, 1500):
        assert not heldout(tuple(problem["ops"]))
        seen.update(combinations(sorted(problem["ops"]), 2))
    for problem in generate(5, 60, split="heldout"):
        assert heldout(tuple(problem["ops"]))
        assert not set(combinations(sorted(problem["ops"]), 2)) <= seen


def test_ten_thousand_problems_are_almost_all_distinct() -> None:
    statements = {(p["doc"], p["signature"]) for p in generate(6, 10_000)}

    assert len(statements) > 9_500


def test_there_are_two_hundred_primitive_operations_that_really_occur() -> None:
    registered = {f"fn.{i}" for i in FNS} | {f"pred.{i}" for i in PREDS} | set(SPECS)
    used = {prim for problem in generate(7, 2500) for prim in problem["prims"]}

    assert len(registered) >= 300
    assert len(registered & used) >= 250


def test_every_wording_mentions_every_parameter_of_its_operations(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ordinals = {2: "second", 3: "third", 4: "fourth", 5: "fifth"}
    write = styles.write
    checked = 0

    def watched(talk: Talk, style: str, rng: Random) -> str:
        nonlocal checked
        text = write(talk, style, rng)
        for step in talk.steps:
            parts = [getattr(step, name, None) for name in ("fn", "pred", "key", "value")]
            for part in (*parts, step):
                for param in (getattr(part, "params", None) or {}).values():
                    word = param.name or repr(param.value)
                    named = word in text or ordinals.get(param.value, word) in text
                    assert named, (step.id, word, text)
                    checked += 1
        return text

    monkeypatch.setattr(styles, "write", watched)
    list(generate(15, 800))

    assert checked > 500


def test_there_are_at_least_ten_styles() -> None:
    assert len(STYLES) >= 10


def test_an_unknown_split_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown split"):
        next(generate(1, 1, split="test"))
