"""From code that fails some examples to code that passes them: what repair and solve share.

First small changes of the code by its syntax tree (mutations.py), each judged like any candidate,
going on from the best as long as it gets better; then rounds in which the failing examples, with
what was expected and what was got, go to the model.
"""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from codeplan_model.extract.parse import parse
from codeplan_model.generation import Request
from codeplan_model.memory.recall import arguments_of
from codeplan_model.memory.rewrite import literals_in
from codeplan_model.prompts.existing import repair_prompts
from codeplan_model.search import ranking
from codeplan_model.search.events import Event, Judged, Progress
from codeplan_model.search.mutations import Hints, mutations
from codeplan_model.values import Candidate, ExampleKind, Outcome, Task, Verdict

if TYPE_CHECKING:
    from codeplan_model.search.solve import Search

ORIGIN = "repaired"
MAX_CHANGES = 400
"""Changed programs that are judged for one program."""
MAX_DEPTH = 3
"""Changes that may come together in one program."""
MORE = 40
"""Changed programs that are judged behind the first that passes, so that agreement can choose."""
MAX_SLOW = 4
"""Changed programs that may run out of time: endless loops take as long as the limit allows."""
TIME_SHARE = 0.5
"""Of the time that is left, for changes, when the model is asked afterwards."""


def mend(search: Search, start: Verdict, rounds: int) -> Iterator[Event]:
    """Judge changes of `start` and what the model makes of its failures."""
    yield from change(search, start, last=not rounds)
    for number in range(1, rounds + 1):
        if search.over:
            return
        best = _best(search, start)
        yield from _ask(search, best, number, rounds)
        better = _best(search, start)
        if not search.over and ranking.share(better) > ranking.share(best):
            yield from change(search, better, last=number == rounds)


def change(search: Search, start: Verdict, *, last: bool) -> Iterator[Event]:
    """Judge small changes of a program, then of the best of them while it passes more.

    last: nothing comes after this, so all the time may be used.
    """
    began = time.monotonic()
    left = search.began + search.budget.time_limit - began
    until = began + (left if last else left * TIME_SHARE)
    hints = hints_of(search.task)
    base = start
    for _ in range(MAX_DEPTH):
        best = base
        slow, after = 0, 0
        total = 0
        changes = (
            replace(base.candidate, completion=body, logprob=0.0, origin=ORIGIN)
            for body in islice(mutations(base.candidate.completion, hints), MAX_CHANGES)
            if body not in search.verdicts
        )
        for verdict in search.judged_many(changes):
            total += 1
            search.verdicts[verdict.candidate.completion] = verdict
            yield Judged(verdict)
            slow += verdict.outcome is Outcome.TIMED_OUT
            if after or ranking.is_solved(verdict, search.task):
                after += 1
            if ranking.share(verdict) > ranking.share(best):
                best = verdict
            if total % 10 == 0:
                words = f"changing the code: {total} tried, best passes {best.passed}"
                yield Progress("mending", total, MAX_CHANGES, words)
            if slow >= MAX_SLOW or after >= MORE or time.monotonic() >= until:
                break
        if after:
            search.stopped = "passed"
            return
        if best is base:
            return
        base = best


def hints_of(task: Task) -> Hints:
    """The arguments, the literals of the problem, and what its examples expect."""
    constants: list[str] = []
    answers: list[str] = []
    for example in task.examples:
        if example.kind is ExampleKind.TEST:
            continue
        if example.kind is ExampleKind.DOCTEST:
            answers.append(example.want.strip().replace('"', "'") or "None")
        for text in (example.source, example.want):
            constants += _literals(text)
    constants += [repr(value) for value in literals_in(task.docstring)]
    return Hints(
        tuple(arguments_of(task)),
        tuple(dict.fromkeys(constants)),
        tuple(dict.fromkeys(answers)),
    )


def _literals(text: str) -> list[str]:
    tree = parse(text.strip())
    found = [] if tree is None else list(ast.walk(tree))
    return [
        repr(node.value)
        for node in found
        if isinstance(node, ast.Constant)
        and isinstance(node.value, int | float | str)
        # An example's whole text or a large number is an answer to recite.
        and len(repr(node.value)) <= 4
        and not isinstance(node.value, bool)
        and re.match(r"['\"\d.-]", repr(node.value))
    ]


def _ask(search: Search, base: Verdict, number: int, rounds: int) -> Iterator[Event]:
    """One round: the best program so far and its failures go to the model."""
    code = base.candidate.completion
    mendings = repair_prompts(search.format.NAME, search.task, code, base.results)
    each = max(1, -(-search.budget.samples // len(mendings)))
    sampling = search.sampling(search.budget.code_tokens, search.format.CODE_STOP)
    total = each * len(mendings)
    message = f"repairing, round {number} of {rounds}"
    yield Progress("mending", 0, total, message)
    search.rounds += 1
    done = 0
    for completion in search.generate(
        "mending", [Request(mending.prompt, each, sampling) for mending in mendings]
    ):
        done += 1
        candidate: Candidate = search.format.parse_code(
            mendings[completion.request].kept + completion.text,
            search.task,
            None,
            logprob=completion.logprob,
            tokens=completion.tokens,
            finished=completion.finish == "stop",
        )
        yield from search.consider(replace(candidate, origin=ORIGIN))
        if search.over:
            return
        yield Progress("mending", done, total, f"{message}: {done} of {total}")


def _best(search: Search, start: Verdict) -> Verdict:
    """The program to go on from: `start` until another one passes more."""
    ranked = ranking.rank(list(search.verdicts.values()), search.task)
    if ranked and ranking.share(ranked[0]) > ranking.share(start):
        return ranked[0]
    return start
