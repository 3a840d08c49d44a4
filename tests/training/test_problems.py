"""Problems: readers, the split, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codeplan_training import cli, cli_evaluate, corpus, problems

DATA = Path(__file__).parents[2] / "training" / "data"


def test_every_shipped_problem_is_readable():
    found, rejected = problems.read_all(DATA)

    assert rejected == []
    assert len(found) > 4000
    assert all(p.solutions and p.examples and p.wordings[0] for p in found)


def test_about_a_tenth_is_kept_for_validation_and_never_given_for_training():
    found, _ = problems.read_all(DATA)

    kept = {p.entry_point for p in problems.validation(found)}
    used = {p.entry_point for p in problems.training(found)}

    assert 0.07 < len(kept) / len(found) < 0.13
    assert not kept & used


def test_mbpp_test_and_validation_problems_are_not_among_the_exercises():
    found, _ = problems.read_all(DATA)

    numbers = {int(p.id.removeprefix("mbpp/")) for p in found if p.id.startswith("mbpp/")}

    assert numbers <= {*range(1, 11), *range(601, 975)}


def test_an_alternative_wording_may_have_several_lines(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text(
        "=== f\nsig: def f(a: int) -> int:\ndoc: One more.\n"
        "alt: Add one.¶¶Args:¶    a: a number.\nex: f(1) -> 2\n"
        "plan:\n1. Add one.\ncode:\n    return a + 1\n",
        encoding="utf-8",
    )

    found, rejected = problems.read_written(path)

    assert rejected == []
    assert found[0].wordings[1] == "Add one.\n\nArgs:\n    a: a number."


def test_a_bad_line_is_set_aside_with_its_place(tmp_path):
    good = json.dumps(
        {
            "id": "a/f",
            "entry_point": "f",
            "imports": [],
            "signature": "def f():",
            "doc": "D.",
            "alt": [],
            "examples": [{"call": "f()", "want": "1"}],
            "plans": [{"steps": ["S."], "code": "    return 1"}],
        }
    )
    path = tmp_path / "x.jsonl"
    path.write_text(good + "\n{broken\n" + json.dumps({"id": "b/g"}) + "\n")

    found, rejected = problems.read_exercises(path)

    assert [p.entry_point for p in found] == ["f"]
    assert [r.where for r in rejected] == ["x.jsonl:2", "x.jsonl:3"]


def test_written_exercises_keep_code_that_looks_like_keys(tmp_path):
    path = tmp_path / "w.txt"
    path.write_text(
        "=== f\nsig: def f(x: int) -> int:\ndoc: Do it.\nalt: Please do.\nex: f(1) -> 2\n"
        "imports: import math; from collections import Counter\nplan:\n1. Add.\ncode:\n"
        "    doc: int = x\n    return doc + 1\nplan2:\n1. Other.\n2. Way.\n"
        "code2:\n    return x + 1\n"
    )

    (problem,), rejected = problems.read_written(path)

    assert rejected == []
    assert problem.imports == ("import math", "from collections import Counter")
    assert problem.solutions[0].code == "    doc: int = x\n    return doc + 1"
    assert problem.solutions[1].steps == ("Other.", "Way.")
    assert problem.wordings == ("Do it.", "Please do.")


def test_held_out_packages_are_refused_by_name():
    names = "more-itertools more_itertools toolz boltons pydash dask sympy nltk jaraco.text ubelt"

    assert all(corpus.is_held_out(name) for name in names.split())
    assert not corpus.is_held_out("networkx")
    read = {name.partition("==")[0] for name in corpus.permissive_packages()}
    assert "rich" in read
    assert not read & {"sympy", "more-itertools", "toolz"}


@pytest.mark.parametrize("sets", ["exercises", "mbpp"])
def test_a_folder_without_problems_is_said_with_the_option_that_names_it(tmp_path, sets):
    with pytest.raises(FileNotFoundError, match=r"exercises\.jsonl: name the folder .* --data"):
        cli.stats(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"name the folder .* --data"):
        cli_evaluate.evaluate(data=tmp_path, sets=sets, out=tmp_path / "records")
