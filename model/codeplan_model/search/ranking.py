"""Which candidate and which plan are best.

Order: share of examples passed, strong verdicts before weak ones, candidates that compute before
candidates that recite the examples or say words of their own, those that raise what the docstring
promises before those that don't, agreement with the others on
generated inputs (CodeT, arXiv 2207.10397), mean log-probability, brevity.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence

from codeplan_model.search.events import PlanRecord
from codeplan_model.search.promises import lacking, promised
from codeplan_model.values import Candidate, Example, Outcome, Plan, Task, Verdict

Agreement = Mapping[str, int]
"""How many candidates behave like the one with this completion."""


def share(verdict: Verdict) -> float:
    """Examples passed, 0.0 to 1.0; 0.0 when there are none."""
    return verdict.passed / verdict.total if verdict.total else 0.0


def is_solved(verdict: Verdict, task: Task) -> bool:
    """Whether a search may stop here: every example passed, not faked, recited or left over."""
    return (
        verdict.outcome is Outcome.PASSED
        and not verdict.weak
        and not recites(verdict.candidate, task)
        and not says_foreign_words(verdict.candidate, task)
    )


def rank(
    verdicts: Sequence[Verdict], task: Task, agreement: Agreement | None = None
) -> list[Verdict]:
    """The verdicts, best first. Equal ones keep their order."""
    counts = agreement or {}
    names = promised(task)

    def key(verdict: Verdict) -> tuple[float, ...]:
        candidate = verdict.candidate
        return (
            -share(verdict),
            verdict.outcome is Outcome.CRASHED,
            verdict.weak,
            recites(candidate, task),
            says_foreign_words(candidate, task),
            len(lacking(candidate.completion, names)),
            bool(candidate.problems),
            -counts.get(candidate.completion, 0),
            -candidate.logprob,
            len(candidate.completion),
        )

    return sorted(verdicts, key=key)


def tied_for_first(ranked: Sequence[Verdict]) -> list[Verdict]:
    """Those among which agreement should choose: as many examples passed as the first, and ended.

    None when no example was passed at all: then there is nothing to choose, and asking each of
    them again could take as long as judging them did.
    """
    if not ranked or (ranked[0].total and not ranked[0].passed):
        return []
    ended = (Outcome.PASSED, Outcome.FAILED, Outcome.UNTESTED)
    return [v for v in ranked if share(v) == share(ranked[0]) and v.outcome in ended]


def rank_plans(plans: Sequence[Plan], verdicts: Sequence[Verdict], task: Task) -> list[PlanRecord]:
    """Each plan with its best verdict, best first; plans without any come last by logprob."""
    best: dict[tuple[str, ...], Verdict] = {}
    for verdict in reversed(rank(verdicts, task)):
        if verdict.candidate.plan is not None:
            best[verdict.candidate.plan.steps] = verdict
    records = [PlanRecord(plan, best.get(plan.steps)) for plan in plans]

    def key(record: PlanRecord) -> tuple[float, ...]:
        verdict = record.best
        passed = share(verdict) if verdict else -1.0
        crashed = verdict is not None and verdict.outcome is Outcome.CRASHED
        return (-passed, crashed, bool(record.plan.problems), -record.plan.logprob)

    return sorted(records, key=key)


def recites(candidate: Candidate, task: Task) -> bool:
    """Whether the code holds the examples' own arguments and answers instead of a computation.

    Such a candidate passes honestly and is worth nothing. A literal counts when it is longer than
    two characters and stands in the body but not in the prose of the docstring.
    """
    if not task.examples:
        return False
    try:
        tree = ast.parse("def _():\n" + candidate.completion)
    except (SyntaxError, ValueError, RecursionError):
        return False
    literals = {_literal(node) for node in ast.walk(tree)} - {None}
    hits = sum(_recited(example, task.name, literals) for example in task.examples)
    return hits > 0 and hits * 2 >= len(task.examples)


def says_foreign_words(candidate: Candidate, task: Task) -> bool:
    """Whether the code holds text (three letters or more in a row) that the task never mentions.

    Mostly it is left over from another problem, in a branch that no example reaches. Messages of
    exceptions are the author's own business.
    """
    try:
        tree = ast.parse("def _():\n" + candidate.completion)
    except (SyntaxError, ValueError, RecursionError):
        return False
    mentioned = task.header + task.docstring + "".join(e.source + e.want for e in task.examples)
    mentioned += task.old_body  # what a repair begins with is the user's own
    raised = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise)
        for part in ast.walk(node)
    }
    return any(
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in raised
        and re.search(r"[^\W\d_]{3}", node.value) is not None
        and node.value.lower() not in mentioned.lower()
        for node in ast.walk(tree)
    )


def _recited(example: Example, name: str, literals: set[str | None]) -> bool:
    try:
        tree = ast.parse(example.source.strip())
    except (SyntaxError, ValueError):
        return False
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) == name and node.args:
            arguments = [_literal(argument) for argument in node.args]
            if all(a in literals and a is not None and len(a) > 2 for a in arguments):
                return True
    return False


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _literal(node: ast.AST) -> str | None:
    if not isinstance(node, ast.Constant | ast.List | ast.Tuple | ast.Dict | ast.Set | ast.UnaryOp):
        return None
    try:
        return repr(ast.literal_eval(node))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
