"""Proposed examples: calls of a function with the values its code gives, for the user to judge.

The values are computed in the sandbox, twice, and what differs between the runs or could differ
between machines is left out. They say what the code does, not what it should do: only the user can
say that, so every one is marked.
"""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from codeplan_model.extract.parse import parse
from codeplan_model.generation import Backend, Cancelled, CancelToken, Request
from codeplan_model.memory import mining
from codeplan_model.prompts import chat
from codeplan_model.prompts.existing import calls_prompt, parse_calls
from codeplan_model.search.agreement import Described
from codeplan_model.search.events import Budget, Event, Progress
from codeplan_model.search.existing import existing_code
from codeplan_model.search.inputs import heuristic_calls
from codeplan_model.search.sampling import Sampler
from codeplan_model.search.solve import deadline
from codeplan_model.values import Example, ExampleKind, Status, Task

MARK = "  # confirm"
"""Behind each proposed call, until the user takes it away."""
WANTED = 4
MAX_TRIED = 40
MAX_LINE = 88
MAX_LINES = 6
# What a repr may hold that is another one in the next run or on another machine.
_UNSTABLE = re.compile(r"\b0x[0-9a-fA-F]{6,}|<[\w.]+ object|<generator|<function|/tmp/")

_EXCEPTION = re.compile(r"[A-Z]\w*(?:: [^\n]*)?\n?")


class NothingToPropose(ValueError):
    """The function can't be called for examples; the text says why."""


class Runner(mining.Runner, Protocol):
    """What is needed of the sandbox: running examples on a file as it is, and saying how."""

    @property
    def level(self) -> Described: ...


@dataclass(frozen=True, slots=True)
class Proposal:
    """One example. source: the call. want: what a doctest of it expects, with a final newline."""

    source: str
    want: str

    @property
    def lines(self) -> list[str]:
        """The example as lines of a docstring, with its mark."""
        return [f">>> {self.source}{MARK}", *self.want.rstrip("\n").split("\n")]


@dataclass(frozen=True, slots=True)
class Proposed:
    """The end of `propose`. examples: none when no call gave a value worth showing."""

    examples: tuple[Proposal, ...]
    tried: int
    sandbox: str
    model: str
    tokens: int
    seconds: float


def propose(
    task: Task,
    backend: Backend,
    sandbox: Runner,
    budget: Budget = Budget(),
    cancel: CancelToken | None = None,
) -> Generator[Event | Proposed, None, None]:
    """Find examples for a function that has none; ends with one Proposed.

    Raises NothingToPropose, Cancelled, BackendError, and what the sandbox raises.
    """
    code = existing_code(task)
    name = task.entry_point
    if not code.strip():
        raise NothingToPropose(f"{name} has no code yet: there is nothing to compute values with")
    if task.examples:
        raise NothingToPropose(f"{name} has examples already: nothing was added")
    if "<locals>" in name:
        raise NothingToPropose(f"{name} stands inside a function: it can't be called from outside")
    if parse(task.text) is None:
        raise NothingToPropose(f"the file of {name} doesn't parse: mend that first")
    if task.header.lstrip().startswith("async"):
        raise NothingToPropose(f"{name} is asynchronous: a doctest can't call it plainly")
    results: list[tuple[str, str]] = []
    with deadline(cancel, budget.time_limit) as (token, ran_out):
        sampler = Sampler(backend, budget, token)
        calls: list[str] = []
        try:
            yield Progress("loading", 0, 1, "loading the model")
            sampler.load()
            if sampler.format.NAME == chat.NAME:
                yield Progress("planning", 0, 1, "asking for calls")
                calls += _asked(sampler, task, code)
            calls += heuristic_calls(task, code)
            calls = list(dict.fromkeys(calls))[:MAX_TRIED]
            yield Progress("coding", 0, len(calls), f"running {len(calls)} calls")
            results = _values(task, calls, sandbox, token)
        except Cancelled:
            if not ran_out():
                raise
    yield Proposed(
        tuple(_chosen(results, code)),
        len(calls),
        sandbox.level.describe(),
        sampler.info.name,
        sampler.tokens,
        sampler.seconds,
    )


def _asked(sampler: Sampler, task: Task, code: str) -> list[str]:
    """Calls that a chat model gives, those that are calls of the function with plain arguments."""
    sampling = sampler.sampling(sampler.budget.plan_tokens, sampler.format.CODE_STOP)
    request = Request(calls_prompt(task, code, 2 * WANTED), 1, sampling)
    texts = [completion.text for completion in sampler.generate([request])]
    return [call for text in texts for call in parse_calls(text) if _is_plain(call, task)]


def _is_plain(call: str, task: Task) -> bool:
    tree = parse(call)
    if tree is None or len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
        return False
    node = tree.body[0].value
    if not isinstance(node, ast.Call) or ast.unparse(node.func).split(".")[-1] != task.name:
        return False
    try:
        for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
            ast.literal_eval(argument)
    except (ValueError, TypeError, MemoryError, RecursionError):
        return False
    return True


def _values(
    task: Task, calls: Sequence[str], sandbox: Runner, cancel: CancelToken
) -> list[tuple[str, str]]:
    """(call, what a doctest of it expects) for each call with a value that is the same twice."""
    asked = [_example(call, number) for number, call in enumerate(calls)]
    first = sandbox.run(task.text, asked, path=task.path, cancel=cancel)
    again: list[tuple[str, Example]] = []
    for call, result in zip(calls, first, strict=True):
        if result.status is not Status.FAILED or not result.got.strip():
            continue  # nothing was printed, or it did not end
        number = len(again)
        source, got = _in_order(call, result.got)
        again.append((source, _example(source, number, want=got)))
        if _EXCEPTION.fullmatch(got):
            again.append((call, _example(call, number + 1, raised=got)))
    second = sandbox.run(task.text, [e for _, e in again], path=task.path, cancel=cancel)
    found: list[tuple[str, str]] = []
    for (source, example), result in zip(again, second, strict=True):
        if result.status is Status.PASSED:
            got = example.want
            if example.exc_msg is not None:
                got = f"Traceback (most recent call last):\n    ...\n{example.exc_msg}"
            found.append((source, got))
    return [(source, got) for source, got in dict(found).items() if _is_showable(source, got)]


def _in_order(call: str, got: str) -> tuple[str, str]:
    """The call and its value; a set, whose order is another one in every process, sorted."""
    if got.startswith(("{", "frozenset({")) and ": " not in got:
        with contextlib.suppress(ValueError, TypeError, SyntaxError):
            items = ast.literal_eval(got.strip().removeprefix("frozenset(").removesuffix(")"))
            return f"sorted({call})", f"{sorted(items)!r}\n"
        return call, ""  # not what it gave, so it is not shown
    return call, got


def _is_showable(source: str, got: str) -> bool:
    lines = got.rstrip("\n").split("\n")
    return (
        len(source) + len(">>> " + MARK) <= MAX_LINE
        and len(lines) <= MAX_LINES
        and all(len(line) <= MAX_LINE and line.isprintable() for line in lines)
        and source.isprintable()
        and not any(line.startswith((">>>", "...")) for line in lines)
        and _UNSTABLE.search(got) is None
    )


def _chosen(results: Sequence[tuple[str, str]], code: str) -> list[Proposal]:
    """Up to WANTED of them: other values first, at most one exception, and that only if meant."""
    raises = any(isinstance(node, ast.Raise) for node in _nodes(code))
    values = [(s, g) for s, g in results if not g.startswith("Traceback")]
    errors = [(s, g) for s, g in results if g.startswith("Traceback")] if raises else []
    picked: list[tuple[str, str]] = []
    for fresh in (True, False):
        for source, got in values:
            known = {g for _, g in picked}
            if len(picked) == WANTED - bool(errors) or (source, got) in picked:
                continue
            if fresh == (got not in known):
                picked.append((source, got))
    picked += errors[:1]
    return [Proposal(source, _as_want(got)) for source, got in picked]


def _nodes(code: str) -> list[ast.AST]:
    tree = parse(f"def _():\n{code}")
    return [] if tree is None else list(ast.walk(tree))


def _as_want(got: str) -> str:
    lines = got.removesuffix("\n").split("\n")
    return "\n".join(line or "<BLANKLINE>" for line in lines) + "\n"


def _example(call: str, number: int, want: str = "", raised: str | None = None) -> Example:
    example = Example(f"{call}\n", want, ExampleKind.DOCTEST, "proposed", 0, f"proposed {number}")
    if raised is not None:
        message = raised.strip().split("\n")[-1]
        return replace(example, exc_msg=message, group=f"{example.group} raised")
    return example
