"""APPS from its folders to a table by difficulty, with every part real but the model."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from codeplan_training import cli_evaluate


def problem(folder: Path, question: str, tests: Any, difficulty: str, starter: str = "") -> None:
    folder.mkdir(parents=True)
    (folder / "question.txt").write_text(question)
    (folder / "input_output.json").write_text(json.dumps(tests))
    (folder / "solutions.json").write_text(json.dumps([]))
    (folder / "metadata.json").write_text(json.dumps({"difficulty": difficulty}))
    if starter:
        (folder / "starter_code.py").write_text(starter)


@pytest.fixture
def apps(tmp_path: Path) -> Path:
    """Two easy problems and two harder ones; one of each reads its input, the other is called."""
    root = tmp_path / "test"
    one_more = {"inputs": ["1\n", "5\n", "9\n"], "outputs": ["2\n", "6\n", "10\n"]}
    problem(root / "0000", "Print one more than the number.", one_more, "introductory")
    first = {"fn_name": "first", "inputs": [[[4, 5]], [[7]]], "outputs": [4, 7]}
    starter = "class Solution:\n    def first(self, xs):\n"
    problem(root / "0001", "Give the first of them.", first, "introductory", starter)
    total = {"inputs": ["1 2\n", "3 4\n", "5 5\n"], "outputs": ["3\n", "7\n", "10\n"]}
    problem(root / "0002", "Print the total of the line.", total, "interview")
    longest = {"fn_name": "longest", "inputs": [[["a", "bb"]], [["c"]]], "outputs": [2, 1]}
    problem(root / "0003", "Give the length of the longest word.", longest, "interview")
    return root


def test_apps_is_measured_by_difficulty(apps, tmp_path, capsys):
    answers = {
        "one more": "\n    print(int(input()) + 1)",
        "the first": "\n    class Solution:\n        def first(self, xs): return xs[0]",
        # Right for what the question shows, wrong for the hidden pairs.
        "the total": "\n    print(3)",
        "the longest": "\n    def longest(words):\n        return max(map(len, words))",
    }
    script = tmp_path / "answers.json"
    rules = [{"pattern": re.escape(key), "texts": [text]} for key, text in answers.items()]
    script.write_text(json.dumps({"rules": rules}))

    cli_evaluate.evaluate(
        backend="scripted",
        model=str(script),
        sets="none",
        problems=[apps],
        strategies="greedy,direct",
        n="1",
        out=tmp_path / "records",
    )

    told = capsys.readouterr().out
    tables = re.split(r"^(?=test, )", told, flags=re.M)[1:]
    rows = {
        table.partition("\n")[0]: dict(re.findall(r"^\| (\w+) \| ([0-9.]+%)", table, flags=re.M))
        for table in tables
    }
    assert rows == {
        "test, N = 1": {"greedy": "75.0%", "direct": "75.0%"},
        "test, introductory": {"greedy": "100.0%", "direct": "100.0%"},
        "test, interview": {"greedy": "50.0%", "direct": "50.0%"},
    }
    lines = (tmp_path / "records" / "test.jsonl").read_text().splitlines()
    difficulties = {r["id"][-4:]: r["difficulty"] for r in map(json.loads, lines)}
    assert difficulties == {
        "0000": "introductory",
        "0001": "introductory",
        "0002": "interview",
        "0003": "interview",
    }
