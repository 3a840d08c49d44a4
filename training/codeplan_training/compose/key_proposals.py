"""Proposing steps with a key: sort by, largest by, group by, count by, totals by."""

from __future__ import annotations

from itertools import accumulate
from random import Random
from typing import TypeVar

from codeplan_training.compose.ops import data  # noqa: F401  (importing it registers the operations)
from codeplan_training.compose.ops.bound import BoundFn, accepts, choose_params
from codeplan_training.compose.ops.keys import ByKey
from codeplan_training.compose.ops.prims import FNS, Fn
from codeplan_training.compose.ops.step import State, Step
from codeplan_training.compose.values import Draft

T = TypeVar("T")
FIELD_FN = Fn("field", "rec", "any", ("$x",), ())


def weighted(rng: Random, items: list[T], weights: list[float]) -> T | None:
    """One item by weight, None of an empty list."""
    return rng.choices(items, cum_weights=list(accumulate(weights)))[0] if items else None


_ORDER_FNS = (
    "length",
    "vowel_count",
    "lower",
    "last_char",
    "digit_sum",
    "abs",
    "last_digit",
    "mod",
    "distance_to",
    "distinct_chars",
    "reverse_text",
    "digit_count",
    "letter_count",
    "digit_chars",
    "year",
    "month",
)


_GROUP_FNS = (
    "length",
    "first_char",
    "last_char",
    "mod",
    "last_digit",
    "parity_word",
    "level_word",
    "digit_count",
    "digit_sum",
    "vowel_count",
    "lower",
    "year",
    "month",
    "year_month",
    "sign_word",
    "word_count",
    "weekday",
    "first_word",
    "floor_step",
)


def key_step(draft: Draft, state: State) -> Step | None:
    """Sort, pick, group, count or total with a key."""
    rng = draft.rng
    assert state.ty.of is not None
    record = state.ty.of.record
    kind = rng.choice(
        (
            "sort",
            "sort_desc",
            "max",
            "min",
            "group",
            "count",
            *(("sum", "sum", "mean", "best", "table", "group", "max") if record else ()),
        )
    )
    order = kind in ("sort", "sort_desc", "max", "min")
    key = _key(draft, state, order, kind)
    if key is None:
        return None
    value = None
    if record is not None and kind in ("sum", "mean", "best", "table", "group"):
        kinds = (
            ("int", "float") if kind in ("sum", "mean", "best") else ("int", "float", "str", "date")
        )
        columns = [f for f in record.fields if f.kind in kinds and f is not key.column]
        if not columns:
            return None
        value = BoundFn(FIELD_FN, {}, record, rng.choice(columns))
        if kind == "group" and rng.random() < 0.4:
            value = None
        if kind == "table":
            key = BoundFn(FIELD_FN, {}, record, record.fields[0])
            if value is not None and value.column is record.fields[0]:
                return None
    policy = rng.choice(("", "", "none", "raise")) if kind in ("max", "min") else ""
    return ByKey(kind, key, value, policy, rng.randrange(4))


def _key(draft: Draft, state: State, order: bool, kind: str) -> BoundFn | None:
    rng = draft.rng
    ty = state.ty.of
    assert ty is not None
    if ty.record is not None:
        kinds = ("int", "float") if order else ("str",)
        if kind == "sort":
            kinds = ("int", "float", "str", "date")
        columns = [f for f in ty.record.fields[0 if order else 1 :] if f.kind in kinds]
        if not columns:
            return None
        if (
            not order
            and rng.random() < 0.12
            and (dated := [f for f in ty.record.fields if f.kind == "date"])
        ):
            columns = dated
        return BoundFn(FIELD_FN, {}, ty.record, rng.choice(columns))
    options = [FNS[i] for i in (_ORDER_FNS if order else _GROUP_FNS) if accepts(FNS[i].src, ty)]
    if order and kind != "sort":
        options = [f for f in options if f.dst == "int" or f.src in ("int", "num")]
    chosen = weighted(rng, options, [f.weight for f in options])
    if chosen is None:
        return None
    params = choose_params(draft, chosen.params, state.sample)
    return None if params is None else BoundFn(chosen, params)
