"""The files in examples/ are what a new user tries first: they have to be right."""

from __future__ import annotations

import ast
from typing import Any

from codeplan_model.extract import file_examples, find_tests, splice, task_named
from codeplan_model.sandbox import Sandbox
from codeplan_model.values import Candidate, ExampleKind, Outcome, Status


def test_there_are_twelve_files_and_forty_functions_to_write(example_files: list[Any]) -> None:
    assert len(example_files) >= 12
    assert 40 <= sum(len(file.tasks) for file in example_files) <= 46


def test_every_kind_of_empty_body_occurs(example_files: list[Any]) -> None:
    bodies = {task.old_body.strip() for file in example_files for task in file.tasks}

    assert {"", "...", "pass", "raise NotImplementedError"} <= bodies


def test_every_function_to_write_is_found_and_has_a_solution(example_file: Any) -> None:
    assert {task.entry_point for task in example_file.tasks} == set(example_file.solutions)


def test_every_function_to_write_has_a_docstring_and_examples(example_file: Any) -> None:
    for task in example_file.tasks:
        assert task.docstring, task.entry_point
        assert len(task.examples) >= 2, task.entry_point


def test_finished_code_stands_beside_the_empty_functions(example_files: list[Any]) -> None:
    helped = []
    for file in example_files:
        empty = {task.name for task in file.tasks}
        tree = ast.parse(file.text)
        functions = [n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
        helped.append(bool(set(functions) - empty))
    assert sum(helped) >= 10


def test_examples_come_from_docstrings_asserts_and_a_test_beside(example_files: list[Any]) -> None:
    kinds = {e.kind for file in example_files for task in file.tasks for e in task.examples}
    contacts = next(file for file in example_files if file.path.name == "contacts.py")

    assert kinds == set(ExampleKind)
    assert len(find_tests(str(contacts.path), ["monogram"])["monogram"]) == 1


def test_each_solution_alone_passes_its_own_examples(example_file: Any, sandbox: Sandbox) -> None:
    # As a search does it: the file's other functions are still empty, so the examples of one
    # function may not lean on another that is to write.
    for task in example_file.tasks:
        verdict = sandbox.judge(task, example_file.solutions[task.entry_point])
        assert verdict.outcome is Outcome.PASSED, f"{task.entry_point}: {verdict.detail}"
        assert verdict.passed == verdict.total == len(task.examples)


def test_an_empty_function_fails_its_examples(example_file: Any, sandbox: Sandbox) -> None:
    """The control: the examples can tell a solution from none."""
    for task in example_file.tasks:
        verdict = sandbox.judge(task, Candidate("    return None"))
        assert verdict.outcome is Outcome.FAILED, task.entry_point


def test_a_file_with_all_its_solutions_passes_everything(
    example_file: Any, sandbox: Sandbox
) -> None:
    text, path = example_file.text, str(example_file.path)
    for name, candidate in example_file.solutions.items():
        text = splice(task_named(text, name, path), candidate)

    results = sandbox.run(text, file_examples(text, path), path=path)

    assert results
    bad = [(r.example.origin, r.got) for r in results if r.status is not Status.PASSED]
    assert bad == []


def test_the_demonstration_names_ten_functions_that_are_to_write(example_files: list[Any]) -> None:
    lines = (example_files[0].path.parent / "demo.txt").read_text("utf-8").splitlines()
    named = [line for line in lines if line.strip() and not line.startswith("#")]
    known = {f"{f.path.name}::{task.entry_point}" for f in example_files for task in f.tasks}

    assert len(set(named)) == len(named) == 10
    assert set(named) <= known
