"""Programs of solved problems, made the task's, judged before anything is generated.

They cost milliseconds each and no tokens. The nearest come first, and how soon one passes tells how
far it can be believed: when it was tried, 45 of 53 near ones were right and 16 of 28 distant or
changed ones; where the model's first programs passed beside such a one, 6 of 12, and the model's 12
(training/LOG.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from codeplan_model.memory import adapted
from codeplan_model.search.events import Event, Progress
from codeplan_model.search.near_misses import change_near_misses

if TYPE_CHECKING:
    from codeplan_model.search.solve import Search

NEAREST = 5
"""Of the first so many, a program that passes is believed without asking the model."""
_MESSAGE = "trying what was solved before"


def try_remembered(search: Search) -> Iterator[Event]:
    """Judge adapted programs of the nearest solved problems, and changes of near misses.

    The search is over with the first that passes: to judge more, so that agreement could choose,
    brought nothing. `search.doubtful` says that it was not a near one.
    """
    search.recall()
    task, early = search.task, search.budget.early_stop
    if not search.neighbours or not task.examples:
        return
    found = islice(adapted(task, search.neighbours), search.budget.remembered)
    # The user's own code, which a repair has judged, can be what was solved before.
    programs = [c for c in found if c.completion not in search.verdicts]
    yield Progress("remembering", 0, len(programs), _MESSAGE)
    for done, verdict in enumerate(search.judged_many(programs), 1):
        yield from search.record(verdict)
        yield Progress("remembering", done, len(programs), _MESSAGE)
        if search.over:
            search.doubtful = done > NEAREST
            return
    if not search.solved:
        yield from change_near_misses(search)
        if early and search.solved:
            search.stopped = "passed"
            search.doubtful = True
