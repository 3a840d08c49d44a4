"""Near misses of memory: remembered programs that pass some examples, changed at one place.

A solved problem is often the one to solve but for a bound, an operator, a word or a literal. Such
changes (mutations.py) of the best adapted programs are judged like any candidate. Programs that
pass no example are left alone: a change that makes a single example pass says next to nothing, and
most of what it let in was wrong when it was tried (training/LOG.md).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from codeplan_model.search import ranking
from codeplan_model.search.events import Event, Judged, Progress
from codeplan_model.search.mending import hints_of
from codeplan_model.search.mutations import mutations
from codeplan_model.values import Outcome, Verdict

if TYPE_CHECKING:
    from codeplan_model.search.solve import Search

MAX_BASES = 5
OF_A_KIND = 15
"""Changes of one kind at most: what another problem needs may be a slip of any kind."""
MORE = 30
"""Changed programs that are judged behind the first that passes, so that agreement can choose."""
MAX_SLOW = 2
"""Changed programs that may run out of time, or be killed for it."""
TIME_SHARE = 0.1
"""Of the search's time; the model comes afterwards."""
_ENDLESS = (Outcome.TIMED_OUT, Outcome.CRASHED)
_MESSAGE = "changing what was nearly right"


def change_near_misses(search: Search) -> Iterator[Event]:
    """Judge changes of the adapted programs that pass some examples, the best of them first."""
    verdicts = [v for v in search.verdicts.values() if v.candidate.origin == "adapted"]
    bases = sorted(filter(_is_near, verdicts), key=lambda v: -ranking.share(v))[:MAX_BASES]
    until = time.monotonic() + search.budget.time_limit * TIME_SHARE
    hints = hints_of(search.task)
    tried = slow = after = 0
    for base in bases:
        changes = (
            replace(base.candidate, completion=body)
            for body in mutations(base.candidate.completion, hints, OF_A_KIND)
            if body not in search.verdicts
        )
        for verdict in search.judged_many(islice(changes, search.budget.changed - tried)):
            if tried % 10 == 0:
                yield Progress("remembering", tried, search.budget.changed, _MESSAGE)
            tried += 1
            search.verdicts[verdict.candidate.completion] = verdict
            yield Judged(verdict)
            slow += verdict.outcome in _ENDLESS
            if after or ranking.is_solved(verdict, search.task):
                after += 1
            if slow >= MAX_SLOW or time.monotonic() >= until:
                return
            if after >= MORE:
                break
        if after:
            return


def _is_near(verdict: Verdict) -> bool:
    return verdict.outcome not in _ENDLESS and 0 < verdict.passed < verdict.total
