"""From a task and a candidate to a verdict: which runs it takes and what they amount to.

A split run comes first. Groups of examples whose values can't cross between the two processes are
then run alone, in one process with the candidate; their results are marked weak.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence

from ..extract import edits_for
from ..values import (
    Candidate,
    Example,
    ExampleResult,
    Outcome,
    Status,
    Task,
    Verdict,
    apply_edits,
)
from . import compare, jobs, runs
from .jobs import Group, Prepared
from .levels import Level
from .limits import Limits
from .scrub import scrub
from .zygotes import Forked, ZygoteError

# Starts a run of the zygote for these imports: given jobs and limits.
Fork = Callable[[Prepared, list[bytes], Limits], Forked]

# How often a file that is examined alone is run again after one of its groups hung or died.
_MAX_RESTARTS = 50


def judge_candidate(
    fork: Fork,
    level: Level,
    task: Task,
    prepared: Prepared,
    candidate: Candidate,
    limits: Limits,
) -> Generator[runs.Run, None, Verdict]:
    """Judge one candidate; see `runs.Judgement`. A candidate can't make this raise."""
    began = time.monotonic()

    def verdict(
        outcome: Outcome, results: Sequence[ExampleResult], detail: str, weak: bool = False
    ) -> Verdict:
        counted = [r for r in results if r.status is not Status.NOT_JUDGED]
        return Verdict(
            candidate,
            outcome,
            sum(r.status is Status.PASSED for r in counted),
            len(counted),
            detail,
            tuple(results),
            level.describe(),
            weak or any(r.weak for r in counted),
            time.monotonic() - began,
        )

    def crashed(detail: str) -> Verdict:
        results = [
            ExampleResult(e, _skipped(e) or Status.CRASHED, detail) for e in prepared.examples
        ]
        return verdict(Outcome.CRASHED, results, detail)

    try:
        edits = edits_for(task, candidate)
        split = [
            jobs.candidate_job(prepared, task, edits, limits),
            jobs.examiner_job(prepared, task, edits, limits),
        ]
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return crashed(f"the code doesn't parse: {error}")
    try:
        run = yield from _run(fork, prepared, split, limits)
    except ZygoteError as error:
        return crashed(str(error))
    problem = run.reports.load_problem()
    if problem is not None:
        return crashed(problem)
    if run.end is not None and not run.reports.begun and prepared.groups:
        outcome, detail = Outcome.CRASHED, "the process died while the file was executed"
        if run.end == "timed out":
            outcome = Outcome.TIMED_OUT
            detail = f"executing the file took over {limits.wall_seconds:g} s"
        return verdict(outcome, crashed(detail).results, detail)
    found = _results(prepared.groups, run)
    weak = [g for g in prepared.groups if any(found[i].status is None for i, _ in g.members)]
    if weak:
        spliced = scrub(apply_edits(task.text, edits))
        job = jobs.alone_job(prepared, spliced, weak, limits)
        try:
            run = yield from _run(fork, prepared, [job], limits)
        except ZygoteError as error:
            return crashed(str(error))
        found.update(_results(weak, run, weak=True))
    results = [
        found[i].result if i in found else ExampleResult(e, Status.NOT_JUDGED, "marked SKIP")
        for i, e in enumerate(prepared.examples)
    ]
    if run.end is not None and not prepared.groups:
        # No examples: still, the file has to be executable.
        late = run.end == "timed out"
        return verdict(
            Outcome.TIMED_OUT if late else Outcome.CRASHED,
            results,
            "executing the file took too long" if late else "the process died",
        )
    return verdict(_outcome(results), results, _detail(results))


def _run(
    fork: Fork, prepared: Prepared, texts: list[bytes], limits: Limits
) -> Generator[runs.Run, None, runs.Run]:
    """One run to its end; see `runs.Judgement`. Raises ZygoteError."""
    run = runs.start(fork(prepared, texts, limits), limits)
    yield run
    unheard = run.end == "died" and not run.reports.begun and run.reports.load is None
    if unheard and not run.forked.origin_lives:
        # What forked the processes of this run had died, and they with it, before they had begun.
        run = runs.start(fork(prepared, texts, limits), limits)
        yield run
    return run


class _Found:
    """A result, or the need to run its group alone (status None)."""

    def __init__(self, result: ExampleResult, alone: bool) -> None:
        self.result = result
        self.status = None if alone else result.status


def _results(groups: Sequence[Group], run: runs.Run, weak: bool = False) -> dict[int, _Found]:
    found: dict[int, _Found] = {}
    for group in groups:
        for i, example in group.members:
            report = run.reports.by_example.get(i)
            result = compare.result(example, report, run.end if report is None else None)
            if weak:
                result = ExampleResult(example, result.status, result.got, weak=True)
            alone = not weak and report is not None and report.get("lost") == "one process"
            found[i] = _Found(result, alone)
    return found


def _skipped(example: Example) -> Status | None:
    return Status.NOT_JUDGED if jobs.skipped(example) else None


def _outcome(results: Sequence[ExampleResult]) -> Outcome:
    seen = {r.status for r in results}
    if not seen - {Status.NOT_JUDGED}:
        return Outcome.UNTESTED
    if Status.TIMED_OUT in seen:
        return Outcome.TIMED_OUT
    if Status.CRASHED in seen:
        return Outcome.CRASHED
    return Outcome.FAILED if Status.FAILED in seen else Outcome.PASSED


def _detail(results: Sequence[ExampleResult]) -> str:
    failure = compare.first_failure(results)
    if failure:
        return failure
    if any(r.status is Status.PASSED for r in results):
        return ""
    if not results:
        return "no examples: unverified"
    return f"no example could be judged: {compare.words(results[0])}"


def unexecuted(examples: Sequence[Example], why: str) -> tuple[ExampleResult, ...]:
    """The results for a file that can't be executed at all."""
    text = f"the file can't be executed: {why}"
    return tuple(
        ExampleResult(e, _skipped(e) or Status.CRASHED, "marked SKIP" if _skipped(e) else text)
        for e in examples
    )


def judge_file(
    fork: Fork, source: str, prepared: Prepared, limits: Limits
) -> Generator[runs.Run, None, tuple[ExampleResult, ...]]:
    """Judge a whole file by its examples, in one process as `python -m doctest` does.

    When a group hangs or kills the process, the groups after it run in a new one.
    """
    results: dict[int, ExampleResult] = {}
    left = list(prepared.groups)
    for _ in range(_MAX_RESTARTS):
        if not left:
            break
        job = jobs.alone_job(prepared, source, left, limits)
        run = yield from _run(fork, prepared, [job], limits)
        problem = run.reports.load_problem()
        begun = len(run.reports.begun)
        if problem is None and begun == 0:
            late = run.end == "timed out"
            problem = "executing it took too long" if late else "the process died"
        if problem is not None:
            # Nothing of the file can be judged, and running it again would not help.
            for group in left:
                for i, example in group.members:
                    text = f"the file can't be executed: {problem}"
                    results[i] = ExampleResult(example, Status.CRASHED, text)
            break
        for group in left[:begun]:
            for i, example in group.members:
                report = run.reports.by_example.get(i)
                results[i] = compare.result(example, report, run.end)
        left = left[begun:]
    return tuple(
        results.get(i, ExampleResult(e, Status.NOT_JUDGED, "marked SKIP"))
        for i, e in enumerate(prepared.examples)
    )
