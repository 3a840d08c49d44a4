"""Claims: no training text holds a piece of a held-out program or a held-out statement."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from codeplan_training import corpus, decontaminate, mixture, problems, readers, tokenizer
from codeplan_training.render import Sample

DATA = Path(__file__).parents[2] / "training" / "data"
HELD_OUT = DATA / decontaminate.VALIDATION


@pytest.fixture(scope="module")
def held():
    return decontaminate.held_out([HELD_OUT])


@pytest.fixture(scope="module")
def texts():
    """The texts of a small mixture of everything, as a student reads them."""
    training = list(problems.training(problems.read_all(DATA)[0]))
    chosen = mixture.Mixture(exercises=1, composed=400, seed=5)
    samples = mixture.problem_samples(training, chosen, frozenset())
    # Library functions are checked in the same way; all packages would take a minute to read.
    packages = corpus.permissive_packages()
    chosen_packages = {n: p for n, p in packages.items() if n.startswith(("rich==", "jinja2=="))}
    assert len(chosen_packages) == 2
    some = corpus.functions(chosen_packages)
    return samples + [Sample("", function.text) for function in some]


def _runs(text: str, pattern: str, length: int) -> set[str]:
    words = re.findall(pattern, text)
    return {"\0".join(words[i : i + length]) for i in range(len(words) - length + 1)}


def test_no_training_text_shares_eight_tokens_of_code_with_a_held_out_program(held, texts):
    left_out: Counter[str] = Counter()

    kept = list(decontaminate.clean(texts, held, left_out))

    theirs: set[str] = set()
    for problem in readers.read(HELD_OUT)[0]:
        for solution in problem.solutions:
            theirs |= _runs(solution.code, r"\w+|[^\w\s]", 8)
    code = r"\w+|[^\w\s]"
    assert not [s for s in kept if theirs & _runs(s.prompt + s.completion, code, 8)]
    # The check is no formality: idioms are shared, and what holds them is what is left out.
    shared = [s for s in texts if theirs & _runs(s.prompt + s.completion, code, 8)]
    assert len(shared) == left_out["code"] > 50
    assert len(kept) + left_out.total() == len(texts)


def test_no_training_text_holds_nearly_a_held_out_statement(held, texts):
    kept = list(decontaminate.clean(texts, held, Counter()))

    words = [_runs((s.prompt + s.completion).lower(), r"\w+", 4) for s in kept]
    for problem in readers.read(HELD_OUT)[0]:
        statement = _runs(problem.wordings[0].lower(), r"\w+", 4)
        assert not [w for w in words if len(statement & w) >= 0.8 * len(statement)], problem.id


def test_a_held_out_solution_and_a_held_out_statement_are_recognised(held):
    problem = readers.read(HELD_OUT)[0][0]

    assert held.reason("x = 1\n" + problem.solutions[0].code) == "code"
    assert held.reason(f"# {problem.wordings[0].upper()}") == "statement"
    assert held.reason("def double(x):\n    return 2 * x\n") is None


def test_a_worked_example_like_a_held_out_problem_is_not_shown(held):
    problem = readers.read(HELD_OUT)[0][0]
    sample = Sample("p", "c", (problem.solutions[0].code, "other"))

    (kept,) = decontaminate.clean([sample], held, Counter())

    assert kept.contexts == ("other",)


def test_a_token_file_has_less_in_it_when_texts_are_left_out(held, tmp_path):
    training = list(problems.training(problems.read_all(DATA)[0]))[:3000]
    found = tokenizer.train([p.wordings[0] + p.solutions[0].code for p in training[:200]], 400)
    chosen = mixture.Mixture(exercises=1, composed=0)

    everything, none = mixture.write(tmp_path / "all.npz", found, training, chosen, frozenset())
    clean, left_out = mixture.write(
        tmp_path / "clean.npz", found, training, chosen, frozenset(), unlike=held
    )

    assert not none
    assert left_out["code"] > 0
    assert clean < everything
    assert len(np.load(tmp_path / "clean.npz")["ids"]) == clean
