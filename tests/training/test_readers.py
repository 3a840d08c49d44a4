"""Readers: every form of data set gives the same problems, and bad records are named."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from codeplan_model.sandbox import Limits, Sandbox
from codeplan_model.values import Candidate, Outcome
from codeplan_training import dedupe, eval_tasks, problems, programs, readers
from codeplan_training.cli import app
from codeplan_training.problems import Check
from codeplan_training.programs import ProgramJudge

DATA = Path(__file__).parents[2] / "training" / "data"
MBPP: dict[str, Any] = {
    "task_id": 700,
    "text": "Write a function to add one to the last number.",
    "code": "import math\r\nONE = 1\r\ndef helper(x):\r\n  return x + ONE\r\ndef last(xs):\r\n"
    '  """Doc."""\r\n  s = """a\r\nb"""\r\n  return helper(xs[-1])',
    "test_list": ["assert last([1, 2]) == 3", "assert last([0]) == 1"],
    "challenge_test_list": ["assert last([5]) == 6"],
    "test_setup_code": "",
}
HUMANEVAL: dict[str, Any] = {
    "task_id": "HumanEval/900",
    "prompt": "from typing import List\n\n\ndef add_up(xs: List[int]) -> int:\n"
    '    """ Add them.\n    >>> add_up([1, 2])\n    3\n    """\n',
    "entry_point": "add_up",
    "canonical_solution": "    return sum(xs)\n",
    "test": "def check(candidate):\n    for i in range(3):\n"
    "        assert candidate([i, 1]) == i + 1\n",
}


@pytest.fixture(scope="module")
def judge():
    # Long enough that a machine with other work does not make a time-out of a right program.
    with Sandbox(limits=Limits(wall_seconds=60)) as sandbox:
        yield ProgramJudge(sandbox)


def write(path: Path, *records: Any) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def apps(folder: Path, question: str, tests: Any, solutions: Any, **metadata: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "question.txt").write_text(question)
    (folder / "input_output.json").write_text(json.dumps(tests))
    (folder / "solutions.json").write_text(json.dumps(solutions))
    (folder / "metadata.json").write_text(json.dumps(metadata))
    return folder


def passes(judge: ProgramJudge, problem: problems.Problem) -> list[bool]:
    task = eval_tasks.judged_task(problem)
    assert task is not None
    verdicts = [judge.judge(task, Candidate(s.code)) for s in problem.solutions]
    return [v.outcome is Outcome.PASSED and v.passed == len(task.examples) for v in verdicts]


def test_an_mbpp_record_becomes_a_function_with_its_helpers_inside(tmp_path, judge):
    (problem,), rejected = readers.read(write(tmp_path / "m.jsonl", MBPP))

    assert rejected == []
    assert problem.signature == "def last(xs):"
    assert problem.imports == ("import math",)
    assert [c.call for c in problem.examples] == ["assert last([1, 2]) == 3"]
    assert len(problem.tests) == 2
    assert passes(judge, problem) == [True]


def test_the_references_of_mbpp_pass_their_tests(judge):
    found, rejected = readers.read(DATA / "mbpp_validation.jsonl")

    assert rejected == []
    assert all(passes(judge, problem) == [True] for problem in found[::6])


def test_humaneval_is_read_compressed_and_its_hidden_tests_decide(tmp_path, judge):
    path = tmp_path / "HumanEval.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(HUMANEVAL).encode()))

    (problem,), rejected = readers.read(path)
    task = eval_tasks.eval_task(problem)

    assert rejected == []
    assert task is not None
    assert [e.source for e in task.visible.examples] == ["add_up([1, 2])\n"]
    assert passes(judge, problem) == [True]
    cheat = Candidate("    return 3")
    assert judge.judge(task.visible, cheat).outcome is Outcome.PASSED
    assert judge.judge(task.hidden, cheat).outcome is Outcome.FAILED


@pytest.mark.parametrize("record", [HUMANEVAL, {**MBPP, "task_id": 11}, {**MBPP, "task_id": 510}])
def test_what_is_held_out_is_refused_for_training(tmp_path, record):
    found, _ = readers.read(write(tmp_path / "m.jsonl", record))

    with pytest.raises(ValueError, match="held out"):
        problems.refuse_held_out(found)


def test_an_apps_program_reads_its_input_and_is_compared_word_by_word(tmp_path, judge):
    program = (
        "n = int(input())\ndef more():\n    global n\n    n += 1\nmore()\n"
        "if __name__ == '__main__':\n    print('''a\n  b''', n, 1/3)\n"
    )
    apps(
        tmp_path / "train" / "0000",
        "Add one.\n\n-----Examples-----\nInput\n3\n\nOutput\na b 4 0.333333\n\n",
        {"inputs": ["7\n", "3\n"], "outputs": ["a\nb\n8 0.33333333\n", "a b 4 0.333333"]},
        [program, "print('wrong')"],
        difficulty="introductory",
    )

    (problem,), rejected = readers.read(tmp_path)

    assert rejected == []
    assert problem.difficulty == "introductory"
    assert [c.call for c in problem.examples] == ["3\n"]
    assert [c.call for c in problem.tests] == ["7\n"]
    assert programs.program_of(problem.solutions[0].code) == program
    assert passes(judge, problem) == [True, False]


def test_an_apps_problem_may_call_a_function(tmp_path, judge):
    good = "class Solution:\n    def pair(self, xs: List[int], b):\n        return (xs[0], b)\n"
    plain = "def pair(xs, b):\n    return [xs[0], b]\n"
    folder = apps(
        tmp_path / "0001",
        "Pair them.",
        {"fn_name": "pair", "inputs": [[[1], 2], [[5], "x"]], "outputs": [[1, 2], [[5, "x"]]]},
        [good, plain, "def pair(xs, b):\n    return [b]\n"],
    )
    (folder / "starter_code.py").write_text("class Solution:\n    def pair(self, xs, b):\n")

    (problem,), _ = readers.read(tmp_path)

    assert "def pair(self, xs, b):" in problem.wordings[0]
    assert passes(judge, problem) == [True, True, False]


def test_a_program_that_hangs_does_not_pass():
    task = programs.task_of("x", "q", [Check("1\n", "1\n", "stdin")])
    endless = Candidate(programs.body_of("while True:\n    pass\n"))

    with Sandbox() as sandbox:
        assert ProgramJudge(sandbox).judge(task, endless).outcome is Outcome.TIMED_OUT


def test_a_program_that_dies_or_prints_too_little_does_not_pass(judge):
    task = programs.task_of("x", "q", [Check("1\n", "1\n", "stdin")])
    texts = {
        "raise SystemExit(0)\n": Outcome.FAILED,
        "1 / 0\n": Outcome.FAILED,
        "import os\nos._exit(0)\n": Outcome.CRASHED,
    }

    found = {text: judge.judge(task, Candidate(programs.body_of(text))).outcome for text in texts}

    assert found == texts


def test_bad_records_are_set_aside_with_file_and_line(tmp_path):
    good = json.dumps(MBPP).encode()
    lines = [good, b"{broken", b"[1]", b"\xff\xfe", b'{"id": "a"}', b""]
    lines.append(json.dumps({**MBPP, "code": "def other(x): return x"}).encode())
    lines.append(json.dumps({**MBPP, "code": "def last(x:"}).encode())
    lines += [json.dumps({**MBPP, "test_list": [], "challenge_test_list": []}).encode(), good]
    (tmp_path / "m.jsonl").write_bytes(b"\n".join(lines))

    found, rejected = readers.read(tmp_path)

    assert len(found) == 2
    assert [r.where for r in rejected] == [f"m.jsonl:{n}" for n in (2, 3, 4, 5, 7, 8, 9)]
    assert rejected[3].reason == "the key 'entry_point' is missing"


def test_bad_apps_folders_and_solutions_are_set_aside_by_file(tmp_path):
    apps(tmp_path / "0001", "Q", {"inputs": ["1"], "outputs": []}, ["print(1)"])
    apps(tmp_path / "0002", "Q", {"inputs": ["1"], "outputs": ["1"]}, ["print(1)", "print 1"])
    (apps(tmp_path / "0003", "Q", {}, []) / "input_output.json").write_text("{")

    found, rejected = readers.read(tmp_path)

    assert [len(p.solutions) for p in found] == [1]
    where = [r.where.removeprefix(f"{tmp_path.name}/") for r in rejected]
    assert where == [
        "0001/input_output.json",
        "0002/solutions.json[1]",
        "0003/input_output.json",
    ]


def test_a_compressed_file_that_ends_early_keeps_what_could_be_read(tmp_path):
    lines = "".join(
        json.dumps({**MBPP, "task_id": 600 + n, "x": "y" * n * 97}) + "\n" for n in range(400)
    )
    whole = gzip.compress(lines.encode())
    (tmp_path / "m.jsonl.gz").write_bytes(whole[: len(whole) // 2])

    found, (rejected,) = readers.read(tmp_path / "m.jsonl.gz")

    assert 0 < len(found) < 400
    assert rejected.where == f"m.jsonl.gz:{len(found) + 1}"


def test_every_problem_survives_being_written_as_jsonl(tmp_path):
    apps(tmp_path / "in" / "0", "Q", {"inputs": ["1"], "outputs": ["1"]}, ["print(1)"])
    write(tmp_path / "in.jsonl", MBPP, HUMANEVAL)
    found, _ = readers.read_paths([tmp_path / "in.jsonl", tmp_path / "in"])
    found += problems.read_all(DATA)[0][:50]

    problems.write_jsonl(tmp_path / "out.jsonl", found)

    assert readers.read(tmp_path / "out.jsonl") == (found, [])


def test_paths_that_hold_nothing_are_errors_in_words(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such file"):
        readers.read(tmp_path / "none")
    with pytest.raises(ValueError, match="holds no problems"):
        readers.read(tmp_path)
    (tmp_path / "x.csv").write_text("")
    with pytest.raises(ValueError, match="none of"):
        readers.read(tmp_path / "x.csv")


def test_near_duplicates_are_found_by_statement_and_by_code(tmp_path):
    other = {**MBPP, "task_id": 801, "code": "def last(a):\n    return len(a)"}
    far = {
        **MBPP,
        "task_id": 802,
        "text": "Reverse it.",
        "code": "def last(q):\n    return q[::-1]",
    }
    found, _ = readers.read(write(tmp_path / "a.jsonl", MBPP, far))
    others, _ = readers.read(write(tmp_path / "b.jsonl", other))

    matches = list(dedupe.duplicates(found, others))

    assert [(m.problem, m.other, m.part, m.share) for m in matches] == [
        ("mbpp/700", "mbpp/801", "statement", 1.0)
    ]
    assert [p.id for p in dedupe.without_duplicates(found, matches)] == ["mbpp/802"]
    assert list(dedupe.duplicates(found, found)) == []


def test_the_command_lists_what_it_set_aside(tmp_path):
    from typer.testing import CliRunner

    path = write(tmp_path / "m.jsonl", MBPP, {"id": "bad"})
    arguments = ["problems", "convert", str(path), "--out", str(tmp_path / "o.jsonl")]

    result = CliRunner().invoke(app, [*arguments, "--rejected", str(tmp_path / "bad.tsv")])

    assert result.exit_code == 0, result.output
    assert (tmp_path / "bad.tsv").read_text().startswith("m.jsonl:2\t")
    assert len(readers.read(tmp_path / "o.jsonl")[0]) == 1
