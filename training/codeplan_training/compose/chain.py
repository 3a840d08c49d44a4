"""Choosing a chain of steps by type, so that no step is made idle by an earlier one."""

from __future__ import annotations

from codeplan_training.compose import domains
from codeplan_training.compose.ops.keys import ByKey
from codeplan_training.compose.ops.step import State, Step
from codeplan_training.compose.ops.whole import SPECS, Spec
from codeplan_training.compose.proposals import fits, propose, whole_step
from codeplan_training.compose.sources import (
    dict_source,
    grid_source,
    list_source,
    number_source,
    table_source,
    text_source,
)
from codeplan_training.compose.special import special_source
from codeplan_training.compose.talk import Source
from codeplan_training.compose.values import Draft

_RARE = [spec for spec in SPECS.values() if spec.weight > 0 and "notfirst" not in spec.flags]


def choose_chain(draft: Draft, length: int) -> tuple[Source, list[Step], list[State]] | None:
    """A source with `length` steps after it; None when the draw leads nowhere."""
    wanted = draft.rng.choice(_RARE) if length <= 3 and draft.rng.random() < 0.34 else None
    source = _source_for(draft, wanted) if wanted else any_source(draft)
    if source is None:
        return None
    states = [source.state]
    steps: list[Step] = []
    for index in range(length):
        kept = len(draft.args)
        for _ in range(12):
            for arg in draft.args[kept:]:
                draft.taken.discard(arg.name)
            del draft.args[kept:]
            last = index == length - 1
            if index == 0 and wanted:
                step = whole_step(draft, states[-1], last, wanted)
            else:
                step = propose(draft, states[-1], last)
            if step is not None and sensible(step, steps, states[-1], last):
                break
        else:
            return None
        steps.append(step)
        states.append(step.after(states[-1]))
    return source, steps, states


def _source_for(draft: Draft, wanted: Spec) -> Source | None:
    """A source that the operation accepts."""
    for _ in range(30):
        draft.args.clear()
        draft.taken.clear()
        source = any_source(draft)
        forced = any(tag.startswith("force ") for tag in source.state.tags)
        if not forced and wanted.takes(source.state.ty) and fits(draft, wanted, source.state):
            return source
    return None


def sensible(step: Step, before: list[Step], state: State, last: bool) -> bool:
    """Whether the step adds something at this place."""
    if any(step.id == other.id for other in before):
        return False
    if (
        isinstance(step, ByKey)
        and state.tags & {"sorted", "max", "min"}
        and step.kind in ("sort", "sort_desc", "max", "min")
    ):
        return False
    if isinstance(step, ByKey) and step.policy == "none" and not last:
        return False
    asked = step.id.partition(":")[2]
    if asked and any(
        o.id.startswith("filter:") and o.id.partition(":")[2] == asked for o in before
    ):
        return False
    flags = SPECS[step.id].flags if step.id in SPECS else frozenset()
    if "notfirst" in flags and not before:
        return False
    if "alone" in flags and (before or not last):
        return False
    if state.tags & {"sorted", "reversed"} and flags & {"unordered", "orders"}:
        return False
    if "sorted" in state.tags and "noreverse" in flags:
        return False
    if state.tags & {"distinct"} and step.id in (
        "dedupe",
        "sorted_set",
        "counts",
        "duplicates",
        "most_common",
        "count_distinct",
        "to_set",
        "has_duplicates",
        "all_distinct",
        "once_only",
        "top_common",
    ):
        return False
    return last or (
        step.after(state).ty.kind not in ("bool", "opt", "set")
        and "end" not in step.after(state).tags
    )


def any_source(draft: Draft) -> Source:
    """A source of a random kind."""
    roll = draft.rng.random()
    if roll < 0.25:
        return list_source(draft, draft.rng.choice(domains.NUMBER_LISTS))
    if roll < 0.44:
        return list_source(draft, draft.rng.choice(domains.TEXT_LISTS))
    if roll < 0.47:
        return list_source(draft, draft.rng.choice(domains.DATE_LISTS))
    if roll < 0.66:
        return table_source(draft, draft.rng.choice(domains.TABLES))
    if roll < 0.79:
        return text_source(draft, draft.rng.choice(domains.TEXTS))
    if roll < 0.85:
        return number_source(draft)
    if roll < 0.92:
        return dict_source(draft)
    if roll < 0.96:
        return grid_source(draft, draft.rng.random() < 0.3)
    return special_source(draft)
