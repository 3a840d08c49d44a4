"""Programs of solved problems, made the task's: candidates that cost milliseconds and no tokens.

The nearest come first, and how soon one passes tells how far it can be believed: when it was tried,
45 of 53 near ones were right and 16 of 28 distant or changed ones; where the model's first programs
passed beside such a one, 6 of 12, and the model's 12 (training/LOG.md). So the adaptive strategy
tries the near ones, then the model, then the others, and many more where plans bring nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from codeplan_model.memory import Entry, adapted, nearest
from codeplan_model.search.events import Event, Progress
from codeplan_model.search.near_misses import change_near_misses
from codeplan_model.values import Outcome

if TYPE_CHECKING:
    from codeplan_model.search.solve import Search

NEAREST = 5
"""Of so many programs one that passes is believed before the model is asked."""
DISTANT_PROBLEMS = 300
"""Of so many problems programs are tried where nothing else has passed."""
_MESSAGE = "trying what was solved before"


def try_nearest(search: Search) -> Iterator[Event]:
    """Judge the first of the adapted programs; the search is over with the first that passes."""
    yield from _judge(search, search.neighbours, min(NEAREST, search.budget.remembered))


def try_remembered(search: Search) -> Iterator[Event]:
    """Judge the other adapted programs as well, then changes of near misses.

    The search is over with the first that passes: to judge more, so that agreement could choose,
    brought nothing.
    """
    search.recall()
    yield from _judge(search, search.neighbours, search.budget.remembered)
    if search.neighbours and search.task.examples and not search.solved:
        yield from change_near_misses(search)
        search.end_if_solved()


def try_distant(search: Search) -> Iterator[Event]:
    """Where nothing passes yet, judge the programs of many more problems: they cost no tokens, and
    of those that passed in the end, two thirds were right (training/LOG.md). Ends with a program
    that runs out of time, which takes as long as hundreds of others."""
    count = search.budget.remembered * search.budget.distant
    if search.solved or not search.neighbours or not count:
        return
    with search.timed("remembering"):
        entries = nearest(search.task, search.memory, DISTANT_PROBLEMS)
    yield from _judge(search, entries, count, patient=False)


def _judge(
    search: Search, entries: Sequence[Entry], count: int, patient: bool = True
) -> Iterator[Event]:
    """Judge those of the first `count` programs of these that were not judged yet.

    patient: go on behind one that runs out of time.
    """
    if not entries or not search.task.examples:
        return
    found = islice(adapted(search.task, entries), count)
    # The user's own code, which a repair has judged, can be what was solved before.
    programs = [c for c in found if c.completion not in search.verdicts]
    if not programs:
        return
    yield Progress("remembering", 0, len(programs), _MESSAGE)
    for done, verdict in enumerate(search.judged_many(programs), 1):
        yield from search.record(verdict)
        yield Progress("remembering", done, len(programs), _MESSAGE)
        hangs = verdict.outcome is Outcome.TIMED_OUT
        if search.stopped == "passed" or (hangs and not patient):
            return
