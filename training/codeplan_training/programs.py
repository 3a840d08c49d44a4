"""Whole programs (APPS) as functions: what the student writes, and how it is judged.

The student is shown `def program() -> None:` with the question as its docstring and writes the
program as the body. To be judged, the program's text runs inside the candidate's process as a main
module with its input as standard input, or one function of it is called; what it should print is
compared here, on the trusted side.
"""

from __future__ import annotations

import ast
import json
import math
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace

from codeplan_model.extract import normalise_body, task_named
from codeplan_model.extract.bodies import reindent
from codeplan_model.generation import CancelToken
from codeplan_model.sandbox import Level, Sandbox
from codeplan_model.values import (
    Candidate,
    Example,
    ExampleKind,
    ExampleResult,
    Outcome,
    Status,
    Task,
    Verdict,
)
from codeplan_training.problems import Check
from codeplan_training.syntax import parse

NAME = "program"
HEADER = f"def {NAME}() -> None:"

# Imported before the candidate's process is locked down: what such programs mostly use.
_FILE = """import bisect, collections, copy, functools, heapq, io, itertools, json, math, operator
import random, re, string, sys, typing


def program(given):
    ...
"""

_RUN = """    sys.setrecursionlimit(10000)
    sys.stdin = io.TextIOWrapper(io.BytesIO(given.encode()))
    printed, kept = io.TextIOWrapper(io.BytesIO()), sys.stdout
    sys.stdout = printed
    try:
        exec(compile({source!r}, "program.py", "exec"), {{"__name__": "__main__"}})
    except SystemExit:
        pass
    finally:
        sys.stdout = kept
    printed.flush()
    return printed.buffer.getvalue().decode(errors="replace")"""

_CALL = """    sys.setrecursionlimit(10000)
    names = {{"__name__": "solution", **vars(typing), **vars(collections)}}
    exec(compile({source!r}, "solution.py", "exec"), names)
    owner = names["Solution"]() if "Solution" in names else None
    function = getattr(owner, {name!r}) if owner is not None else names[{name!r}]
    return json.dumps(function(*json.loads(given)), default=list)"""


def body_of(program: str) -> str:
    """The program as the body of `program`. Raises SyntaxError when it doesn't parse."""
    parse(program)
    body = normalise_body(program, NAME)
    if not body:
        raise ValueError("no code in it")
    return body


def program_of(body: str) -> str:
    """The program that a body stands for."""
    return reindent(body, "", "    ", "\n") + "\n"


def task_of(identity: str, question: str, checks: Sequence[Check], calls: str = "") -> Task:
    """The task as a model sees it. calls: the function that the checks call, if any."""
    task = task_named(f"{HEADER}\n    ...\n", NAME)
    examples = tuple(_example(identity, n, check, calls) for n, check in enumerate(checks))
    return replace(task, docstring=question, examples=examples)


def is_program(task: Task) -> bool:
    """Whether the task was made by `task_of`."""
    return task.entry_point == NAME and task.header == HEADER


class ProgramJudge:
    """A judge for functions and programs alike: `search.Judge` over a sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    @property
    def level(self) -> Level:
        return self._sandbox.level

    def warm(self, task: Task) -> None:
        """See `Sandbox.warm`."""
        self._sandbox.warm(_run_task(task) if is_program(task) else task)

    def judge(
        self, task: Task, candidate: Candidate, *, cancel: CancelToken | None = None
    ) -> Verdict:
        """See `Sandbox.judge`."""
        return next(self.judge_many(task, (candidate,), cancel=cancel))

    def judge_many(
        self, task: Task, candidates: Iterable[Candidate], *, cancel: CancelToken | None = None
    ) -> Generator[Verdict, None, None]:
        """See `Sandbox.judge_many`."""
        if not is_program(task):
            yield from self._sandbox.judge_many(task, candidates, cancel=cancel)
            return
        # A doctest has no use for a name: it carries the function that is called.
        calls = next((example.name for example in task.examples), "")
        asked: deque[Candidate] = deque()

        def as_functions() -> Iterator[Candidate]:
            template = _CALL if calls else _RUN
            for candidate in candidates:
                asked.append(candidate)
                source = program_of(candidate.completion)
                yield replace(candidate, completion=template.format(source=source, name=calls))

        for verdict in self._sandbox.judge_many(_run_task(task), as_functions(), cancel=cancel):
            results = tuple(_compared(r, bool(calls)) for r in verdict.results)
            passed = sum(r.status is Status.PASSED for r in results)
            yield replace(
                verdict,
                candidate=asked.popleft(),
                outcome=_outcome(results, verdict.outcome),
                passed=passed,
                detail="" if passed == len(results) else _detail(results, verdict.detail),
                results=results,
            )


def _run_task(task: Task) -> Task:
    """The file in which the program runs, with the task's examples."""
    return replace(task_named(_FILE, NAME), examples=task.examples)


def _example(identity: str, number: int, check: Check, calls: str) -> Example:
    return Example(
        source=f"{NAME}({check.call!r})\n",
        want=check.want,
        kind=ExampleKind.DOCTEST,
        origin=f"{identity} test {number + 1}",
        line=0,
        group=f"test {number + 1}",
        name=calls,
    )


def _compared(found: ExampleResult, is_call: bool) -> ExampleResult:
    if found.status not in (Status.PASSED, Status.FAILED):
        return found
    try:
        answer = ast.literal_eval(found.got)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return replace(found, status=Status.FAILED)
    if not isinstance(answer, str):
        return replace(found, status=Status.FAILED)
    same = same_value if is_call else same_output
    status = Status.PASSED if same(found.example.want, answer) else Status.FAILED
    return replace(found, status=status, got=answer)


def same_output(want: str, got: str) -> bool:
    """Equal word by word; numbers may differ by a millionth, as in APPS' own checker."""
    wanted, found = want.split(), got.split()
    if len(wanted) != len(found):
        return False
    return all(w == f or _near(w, f) for w, f in zip(wanted, found, strict=True))


def same_value(want: str, got: str) -> bool:
    """Equal as JSON. The data set wraps some results in a list of one."""
    try:
        wanted, found = json.loads(want), json.loads(got)
    except ValueError:
        return False
    return _equal(wanted, found) or (
        isinstance(wanted, list) and len(wanted) == 1 and _equal(wanted[0], found)
    )


def _equal(wanted: object, found: object) -> bool:
    if isinstance(wanted, list) and isinstance(found, list):
        pairs = zip(wanted, found, strict=False)
        return len(wanted) == len(found) and all(_equal(w, f) for w, f in pairs)
    if isinstance(wanted, float) and isinstance(found, int | float):
        return math.isclose(wanted, found, rel_tol=1e-6, abs_tol=1e-6)
    return wanted == found


def _near(want: str, got: str) -> bool:
    if "." not in want + got:
        return False
    try:
        return math.isclose(float(want), float(got), rel_tol=1e-6, abs_tol=1e-6)
    except ValueError:
        return False


def _outcome(results: Sequence[ExampleResult], before: Outcome) -> Outcome:
    seen = {r.status for r in results}
    if Status.TIMED_OUT in seen:
        return Outcome.TIMED_OUT
    if Status.CRASHED in seen:
        return Outcome.CRASHED
    if Status.FAILED in seen:
        return Outcome.FAILED
    return Outcome.PASSED if seen == {Status.PASSED} else before


def _detail(results: Sequence[ExampleResult], before: str) -> str:
    for found in results:
        if found.status is not Status.PASSED:
            return (
                f"{found.example.origin}: {found.status.value}, {' '.join(found.got.split())[:160]}"
            )
    return before
