"""Repair: from a function whose examples fail to one that passes them, as the stream of `solve`.

The code that is there is judged first; it is the start of everything that follows and the last
resort. Programs from memory are tried between the changes of the code and the model, since they
replace the user's code by another.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace

from codeplan_model.generation import Backend, Cancelled, CancelToken
from codeplan_model.memory import Store
from codeplan_model.search import ranking
from codeplan_model.search.agreement import Judge
from codeplan_model.search.events import Budget, Event, Finished, Judged, Progress
from codeplan_model.search.existing import existing_code
from codeplan_model.search.mending import change, mend
from codeplan_model.search.remembering import try_remembered
from codeplan_model.search.solve import Search, deadline
from codeplan_model.values import Candidate, Outcome, Plan, Task, Verdict


class NothingToRepair(ValueError):
    """The function has no code, or no example that says what is wrong; the text says which."""


def repair(
    task: Task,
    backend: Backend,
    judge: Judge,
    budget: Budget = Budget(repair_rounds=3),
    cancel: CancelToken | None = None,
    memory: Sequence[Store] = (),
) -> Generator[Event, None, None]:
    """Mend the task's own code; ends with one Finished event whose `before` is its verdict.

    `best` is that same verdict when the examples passed already (`stopped` is "passed") or when
    nothing was better. The model is loaded only when smaller means did not do.
    Raises NothingToRepair, and what `solve` raises.
    """
    code = existing_code(task)
    if not code.strip():
        raise NothingToRepair(f"{task.entry_point} has no code yet: write it first")
    if not task.examples:
        raise NothingToRepair(
            f"{task.entry_point} has no examples: nothing says what is wrong with it"
        )
    with deadline(cancel, budget.time_limit) as (token, ran_out):
        search = _Repair(task, backend, judge, budget, token, memory)
        try:
            yield from search.repair(code)
        except Cancelled:
            if not ran_out():
                raise
            search.stopped = "time"
        yield search.finished(cancel)


class _Repair(Search):
    """A search that begins with code."""

    before: Verdict | None = None

    def repair(self, code: str) -> Iterator[Event]:
        yield Progress("mending", 0, 1, "running the examples")
        plan = Plan(self.task.user_plan, origin="user") if self.task.user_plan else None
        self.before = self.judged(Candidate(code, plan, origin="user"))
        self.verdicts[code] = self.before
        yield Judged(self.before)
        if self.before.outcome in (Outcome.PASSED, Outcome.UNTESTED):
            self.stopped = "passed" if self.before.outcome is Outcome.PASSED else "exhausted"
            return
        rounds = self.budget.repair_rounds
        yield from change(self, self.before, last=not rounds)
        if not self.over:
            yield from try_remembered(self)
        if not self.over and rounds:
            yield Progress("loading", 0, 1, "loading the model")
            self.load()
            yield from mend(self, self.before, rounds)

    def finished(self, cancel: CancelToken | None) -> Finished:
        """As `Search.finish`; the user's own code stays the best unless another passes more."""
        finished = self.finish(cancel)
        best, before = finished.best, self.before
        if before is not None and best is not None and ranking.share(best) <= ranking.share(before):
            best = before
        return replace(finished, best=best, before=before, strategy="repair")
