"""Twins: pairs of training problems that are the same function in other words, found by running.

Text alone does not tell that "positions of the maximum" and "indexes of the largest value" are one
function. The program of one, adapted as the memory adapts it, is judged by the other's examples, in
the sandbox. That takes minutes, so that it is done once and its result stands beside the problems.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from codeplan_model.memory import adapted
from codeplan_model.memory.kinds import kinds, likeness
from codeplan_model.sandbox import Sandbox
from codeplan_model.values import Outcome
from codeplan_training import neighbours
from codeplan_training.eval_tasks import judged_task
from codeplan_training.problems import Problem

FILE = "twins.ndjson"
"""Its name in the folder of the problems (not .jsonl, which would be read as problems). A line is
{"id": problem, "same": [ids of training problems]}."""
_PROGRAMS = 2


def find(
    problems: Iterable[Problem],
    nearest: Mapping[str, Sequence[str]],
    training: Mapping[str, Problem],
    sandbox: Sandbox,
) -> Iterator[tuple[str, list[str]]]:
    """(problem, its twins among its nearest ones, mostly none) for each problem.

    nearest: ids of training problems by the problem's id. Raises SandboxUnavailable.
    """
    for problem in problems:
        others = [training[i] for i in nearest.get(problem.id, ())]
        yield problem.id, [other.id for other in others if _is_twin(problem, other, sandbox)]


def read(file: Path) -> dict[str, frozenset[str]]:
    """Twins by problem, in both directions: a later problem looked at those before it, not they at
    it. None when there is no such file."""
    found: dict[str, set[str]] = {}
    for problem, same in _records(file).items():
        for other in same:
            found.setdefault(problem, set()).add(other)
            found.setdefault(other, set()).add(problem)
    return {problem: frozenset(same) for problem, same in found.items()}


def looked_at(file: Path) -> set[str]:
    """The problems whose neighbours were run."""
    return set(_records(file))


def _records(file: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if file.is_file():
        for line in file.read_text(encoding="utf-8").splitlines():
            with suppress(ValueError):  # the line that an end in the middle cut off
                record = json.loads(line)
                found[record["id"]] = record["same"]
    return found


def _is_twin(problem: Problem, other: Problem, sandbox: Sandbox) -> bool:
    mine, theirs = (kinds(p.signature) for p in (problem, other))
    if likeness(mine, theirs) < 0:
        return False
    task = judged_task(problem)
    if task is None:
        return False
    programs = islice(adapted(task, neighbours.entries([other])), _PROGRAMS)
    return any(sandbox.judge(task, p).outcome is Outcome.PASSED for p in programs)
