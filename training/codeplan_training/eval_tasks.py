"""From a problem to what is evaluated: the task as the model sees it, and its hidden tests."""

from __future__ import annotations

import doctest
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from codeplan_model.extract import ExtractError, task_named
from codeplan_model.values import Example, ExampleKind, Task
from codeplan_training import programs
from codeplan_training.problems import Check, Problem
from codeplan_training.readers import lines
from codeplan_training.render import doctest_lines


@dataclass(frozen=True, slots=True)
class EvalTask:
    """A task as the model sees it, and the same task with the checks that decide.

    reference: known programs, to tell what else is this task in other words; no search sees them.
    """

    id: str
    visible: Task
    hidden: Task
    difficulty: str = ""
    reference: tuple[str, ...] = ()


def eval_task(problem: Problem, shown: int = 2) -> EvalTask | None:
    """The problem's examples are visible and its tests hidden.

    Where it has no tests, the first `shown` examples are visible and the others hidden. None when
    nothing would decide, or the problem can't be laid out as a file.
    """
    if problem.form == "program":
        if not problem.tests:
            return None
        question = problem.wordings[0]
        visible, hidden = (
            programs.task_of(problem.id, question, checks, problem.calls)
            for checks in (problem.examples, problem.tests)
        )
        return EvalTask(problem.id, visible, hidden, problem.difficulty)
    if not problem.tests:
        return exercise_task(problem, shown)
    try:
        visible = task_with(problem, problem.examples)
        hidden = task_with(problem, problem.tests)
    except ExtractError:
        return None
    if not hidden.examples:
        return None
    return EvalTask(problem.id, visible, lenient(hidden), problem.difficulty, _codes(problem))


def judged_task(problem: Problem) -> Task | None:
    """The task with everything that is known to decide: examples and tests."""
    checks = (*problem.examples, *problem.tests)
    if problem.form == "program":
        return programs.task_of(problem.id, problem.wordings[0], checks, problem.calls)
    try:
        return lenient(task_with(problem, checks))
    except ExtractError:
        return None


def task_with(problem: Problem, checks: Sequence[Check]) -> Task:
    """The function's task with these checks.

    Raises ExtractError when the problem's text has no such function. Checks of
    the kind "call" stand in the docstring as doctests, asserts behind the function.
    """
    calls = [check for check in checks if check.kind == "call"]
    asserts = [check.call for check in checks if check.kind == "assert"]
    if problem.prompt:
        # The text as it came: its own examples are the visible ones.
        text = problem.prompt.rstrip() + "\n    ...\n"
    else:
        doc = problem.wordings[0]
        if calls:
            doc += "\n\n" + "\n".join(doctest_lines(check) for check in calls)
        imports = "".join(line + "\n" for line in problem.imports)
        text = (imports + "\n\n" if imports else "") + _function_text(problem.signature, doc)
    if asserts:
        text += "\n\n" + "\n".join(asserts) + "\n"
    task = task_named(text, problem.entry_point)
    modules = [
        Example(check.call, "", ExampleKind.TEST, "tests", 0, "tests", check.want)
        for check in checks
        if check.kind == "module"
    ]
    return replace(task, examples=tuple(modules)) if modules else task


def exercise_task(problem: Problem, shown: int = 2) -> EvalTask | None:
    """The first `shown` examples are visible, the others hidden; None when none would be left."""
    if len(problem.examples) <= shown:
        return None

    def text(checks: Sequence[Any]) -> str:
        doc = problem.wordings[0] + "\n\n" + "\n".join(doctest_lines(check) for check in checks)
        return _function_text(problem.signature, doc)

    task = _task(problem.id, problem.entry_point, text, problem.examples, shown)
    return replace(task, reference=_codes(problem)) if task is not None else None


def mbpp_task(record: dict[str, Any]) -> EvalTask | None:
    """An MBPP problem: its text as docstring, the first assert visible, the others hidden.

    None when the reference has no function that the first assert calls.
    """
    try:
        problem = lines.mbpp(record)
    except (ValueError, SyntaxError):
        return None
    # The reference's imports and type hints are part of the answer, not of the question.
    return eval_task(replace(problem, imports=()))


def lenient(task: Task) -> Task:
    """Exercises say "raises ValueError" without a message: the message must not count."""
    flag = ((doctest.IGNORE_EXCEPTION_DETAIL, True),)
    examples = tuple(
        replace(e, options=e.options + flag) if e.exc_msg is not None else e for e in task.examples
    )
    return replace(task, examples=examples)


def _codes(problem: Problem) -> tuple[str, ...]:
    return tuple(solution.code for solution in problem.solutions)


def _function_text(signature: str, doc: str) -> str:
    body = "\n".join(("    " + line).rstrip() for line in doc.split("\n")).lstrip()
    quotes = 'r"""' if "\\" in doc else '"""'
    closing = "\n    " if "\n" in doc else ""
    return f'{signature}\n    {quotes}{body}{closing}"""\n    ...\n'


def _task(
    identity: str,
    name: str,
    text: Callable[[Sequence[Any]], str],
    checks: Sequence[Any],
    shown: int,
) -> EvalTask | None:
    try:
        visible = task_named(text(checks[:shown]), name)
        hidden = task_named(text(checks[shown:]), name)
    except ExtractError:
        return None
    return EvalTask(identity, visible, lenient(hidden)) if hidden.examples else None
