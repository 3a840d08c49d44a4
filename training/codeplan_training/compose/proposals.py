"""Proposing one step for a value: by its type, with parameters that suit its data."""

from __future__ import annotations

from dataclasses import replace

from codeplan_training.compose.key_proposals import FIELD_FN, key_step, weighted
from codeplan_training.compose.ops import data  # noqa: F401  (importing it registers the operations)
from codeplan_training.compose.ops.bound import (
    BoundFn,
    BoundPred,
    accepts,
    choose_params,
)
from codeplan_training.compose.ops.elements import Filter, Map, evaluated
from codeplan_training.compose.ops.kinds import GRID
from codeplan_training.compose.ops.prims import FNS, PREDS, Pred, Sample, one_of
from codeplan_training.compose.ops.questions import CountIf, Find, Quantify, Test
from codeplan_training.compose.ops.step import State, Step
from codeplan_training.compose.ops.whole import SPECS, Spec, Whole
from codeplan_training.compose.values import Draft, Field, Ty


def propose(draft: Draft, state: State, last: bool) -> Step | None:
    """One step for the state, or None."""
    ty = state.ty
    if any(tag.startswith("force ") for tag in state.tags):
        return whole_step(draft, state, last)
    if ty.kind == "list" and ty.of is not None:
        if ty.of.kind == "rec":
            return _on_records(draft, state, last)
        return _on_list(draft, state, last)
    if ty.kind in ("int", "float", "str", "date"):
        return _on_scalar(draft, state, last)
    if ty.kind == "rec":
        return _field(draft, ty)
    if ty.kind == "dict":
        return whole_step(draft, state, last)
    return None


def _on_list(draft: Draft, state: State, last: bool) -> Step | None:
    rng = draft.rng
    assert state.ty.of is not None
    roll = rng.random()
    if state.ty.of.kind not in ("int", "float", "str", "date"):
        return whole_step(draft, state, last)
    if roll < 0.08:
        return key_step(draft, state)
    if roll < 0.24:
        return _map(draft, state, state.ty.of)
    if roll < 0.42:
        return _filter(draft, state, state.ty.of)
    if roll < 0.48:
        return _with_pred(draft, state, state.ty.of, "count")
    if last and roll < 0.54:
        return _with_pred(draft, state, state.ty.of, rng.choice(("all", "any", "none")))
    if last and roll < 0.59:
        return _with_pred(draft, state, state.ty.of, "find")
    return whole_step(draft, state, last)


def _on_records(draft: Draft, state: State, last: bool) -> Step | None:
    rng = draft.rng
    roll = rng.random()
    assert state.ty.of is not None
    if roll < 0.2:
        return _field(draft, state.ty.of)
    if roll < 0.45:
        return _filter(draft, state, state.ty.of)
    if roll < 0.83:
        return key_step(draft, state)
    if roll < 0.88:
        return _with_pred(draft, state, state.ty.of, "count")
    if last and roll < 0.96:
        return _with_pred(draft, state, state.ty.of, rng.choice(("all", "any", "none")))
    if last and roll < 0.98:
        return _with_pred(draft, state, state.ty.of, "find")
    return whole_step(draft, state, last)


def _field(
    draft: Draft, ty: Ty, kinds: tuple[str, ...] = ("int", "float", "str", "date")
) -> Step | None:
    assert ty.record is not None
    columns = [f for f in ty.record.fields if f.kind in kinds]
    return Map(BoundFn(FIELD_FN, {}, ty.record, draft.rng.choice(columns)), 0) if columns else None


def _on_scalar(draft: Draft, state: State, last: bool) -> Step | None:
    if draft.rng.random() < 0.38:
        return whole_step(draft, state, last)
    if last and draft.rng.random() < 0.2:
        return _with_pred(draft, state, state.ty, "test")
    return _map(draft, state, state.ty)


def _map(draft: Draft, state: State, ty: Ty) -> Step | None:
    options = [f for f in FNS.values() if accepts(f.src, ty) and f.weight > 0]
    chosen = weighted(draft.rng, options, [f.weight for f in options])
    if chosen is None:
        return None
    if chosen.id == "divisor_count" and not moderate(draft, state.sample):
        return None
    plain = "mapped" not in state.tags and state.sample is not None
    if chosen.seeds and not plain:
        return None
    params = choose_params(draft, chosen.params, state.sample, "plain" if plain else "")
    if params is None:
        return None
    made = Map(BoundFn(chosen, params), draft.rng.randrange(len(chosen.code)))
    if chosen.seeds and plain:
        values = {k: p.value for k, p in params.items()}
        if any(p.name for p in params.values()):
            return None
        assert state.sample is not None
        for _ in range(5):
            value = state.sample(draft.rng)
            if isinstance(value, str):
                draft.hint("plain", chosen.seeds(draft.rng, value, values))
        return made
    return made if changes(draft, state, made) else None


def moderate(draft: Draft, sample: Sample | None) -> bool:
    """Whether the numbers are small enough for a loop up to them."""
    values = [sample(draft.rng) for _ in range(30)] if sample else [None]
    return all(isinstance(v, int) and v <= 2000 for v in values)


def changes(draft: Draft, state: State, step: Map) -> bool:
    """Whether the function changes some sample (a type change counts)."""
    if state.sample is None or any(p.name for p in step.fn.params.values()):
        return step.fn.fn.id not in _NEED_SAMPLE
    apply = evaluated(lambda x: step.fn.code(x, None, step.variant))
    changed = 0
    for _ in range(8):
        value = state.sample(draft.rng)
        try:
            changed += value is not None and apply(value) != value
        except Exception:
            return False
    return changed >= 2


_NEED_SAMPLE = {
    "abs",
    "negate",
    "clamp",
    "sign_word",
    "cap",
    "floor_at",
    "last_digit",
    "collapse",
    "strip",
}


def bound_pred(draft: Draft, state: State, ty: Ty) -> BoundPred | None:
    """A condition for an element type, on a record through one of its fields."""
    rng = draft.rng
    if ty.kind == "rec":
        assert ty.record is not None
        column = rng.choice(ty.record.fields)
        if column.kind == "bool":
            made = BoundPred(
                Pred(
                    "is_set",
                    "bool",
                    ("$x",),
                    (f"[is|are] {column.adj}",),
                    (column.adj,),
                ),
                {},
                ty.record,
                column,
            )
            return made.flip() if rng.random() < 0.3 else made
        if column.kind == "str" and rng.random() < 0.8:
            choice = one_of(
                (),
                column.name if column.name not in draft.taken else f"wanted_{column.name}",
                what=f"the {column.sg}",
            )
            choice = type(choice)(
                lambda r, s, f=column: (s or f.make)(r),
                choice.names,
                "str",
                choice.what,
                0.3,
            )
            params = choose_params(draft, {"k": choice}, column.make, f"field {column.name}")
            assert params is not None
            made = BoundPred(
                Pred("field_is", "str", ("$x == $k",), ("[is|are] $k",)),
                params,
                ty.record,
                column,
            )
            return made.flip() if rng.random() < 0.15 else made
        inner = _plain_pred(draft, column)
        return None if inner is None else BoundPred(inner[0], inner[1], ty.record, column)
    options = [p for p in PREDS.values() if accepts(p.src, ty)]
    chosen = weighted(rng, options, [p.weight for p in options])
    if chosen is None:
        return None
    if chosen.id == "prime" and not moderate(draft, state.sample):
        return None
    params = choose_params(
        draft, chosen.params, state.sample, "" if "mapped" in state.tags else "plain"
    )
    if params is None:
        return None
    made = BoundPred(chosen, params)
    made = made.flip() if rng.random() < 0.08 and not chosen.adjs else made
    return made if balanced(draft, state.sample, made) else None


def balanced(draft: Draft, sample: Sample | None, made: BoundPred) -> bool:
    """Whether the condition is true for some samples and false for others."""
    if sample is None or any(p.name for p in made.params.values()):
        return True
    apply = evaluated(lambda x: replace(made, column=None, record=None).cond(x, None))
    hits = 0
    for _ in range(14):
        value = sample(draft.rng)
        try:
            hits += value is not None and bool(apply(value))
        except Exception:
            return False
    return 1 <= hits <= 12


def _plain_pred(draft: Draft, column: Field):
    names = {
        "int": ("gt", "ge", "lt", "le", "between"),
        "float": ("gt", "ge", "lt", "le"),
        "str": ("starts", "longer", "contains"),
        "date": ("in_year", "before", "on_or_after"),
    }[column.kind]
    chosen = PREDS[draft.rng.choice(names)]
    params = choose_params(draft, chosen.params, column.make, f"field {column.name}")
    if params is None or not balanced(draft, column.make, BoundPred(chosen, params)):
        return None
    return chosen, params


def _filter(draft: Draft, state: State, ty: Ty) -> Step | None:
    made = bound_pred(draft, state, ty)
    return None if made is None else Filter(made, draft.rng.randrange(len(made.pred.code)))


def _with_pred(draft: Draft, state: State, ty: Ty, kind: str) -> Step | None:
    made = bound_pred(draft, state, ty)
    if made is None:
        return None
    variant = draft.rng.randrange(len(made.pred.code))
    if kind == "count":
        return CountIf(made, variant, draft.rng.choice((0, 0, 1, 2)))
    if kind == "test":
        return Test(made, variant)
    if kind == "find":
        index = draft.rng.random() < 0.35
        is_text = state.ty.of is not None and state.ty.of.kind == "str"
        default = -1 if index else draft.rng.choice((None, None, "" if is_text else 0))
        return Find(made, variant, index, draft.rng.random() < 0.3, default)
    return Quantify(made, variant, kind)


def whole_step(draft: Draft, state: State, last: bool, wanted: Spec | None = None) -> Step | None:
    forced = next((tag[6:] for tag in state.tags if tag.startswith("force ")), "")
    options = (
        [wanted or SPECS[forced]]
        if wanted or forced
        else [s for s in SPECS.values() if s.takes(state.ty) and fits(draft, s, state)]
    )
    chosen = weighted(draft.rng, options, [max(s.weight, 0.001) for s in options])
    if chosen is None:
        return None
    params = choose_params(draft, chosen.params, state.sample, state=state)
    if params is None:
        return None
    if chosen.id in _REPEATS:
        draft.hint("repeats", True)
    policy = ""
    if chosen.defaults:
        roll = draft.rng.random()
        policy = (
            "default"
            if roll < 0.45 and last and chosen.empty is not None
            else "raise"
            if roll < 0.6
            else ""
        )
    return Whole(chosen, params, draft.rng.randrange(12), policy)


def fits(draft: Draft, spec: Spec, state: State) -> bool:
    """Whether the operation's special needs are met by the value."""
    if spec.weight == 0 or ("square" in spec.flags and "square" not in state.tags):
        return False
    if (
        state.ty.kind == "int"
        and not state.first
        and spec.id not in ("duration", "rule_word", "band")
    ):
        return False
    if (
        state.ty == GRID
        and spec.takes(GRID)
        and spec.id not in _ON_NESTED
        and not state.tags & {"grid"}
    ):
        return False
    if spec.id in _SENTENCES:
        sample = state.sample
        return sample is not None and sum(" " in (sample(draft.rng) or "") for _ in range(6)) > 2
    if "small" in spec.flags:
        return state.sample is not None and all(state.sample(draft.rng) <= 20 for _ in range(40))
    return not (
        any(c.kind in ("same", "elem") for c in spec.params.values())
        and state.ty.kind == "list"
        and state.sample is None
    )


_ON_NESTED = {
    "flatten",
    "sum_each",
    "max_each",
    "len_each",
    "first_n",
    "last_n",
    "skip_n",
    "reverse",
    "rows_by_sum",
    "count",
    "grid_total",
    "sort_rows",
}


_REPEATS = {
    "counts",
    "duplicates",
    "most_common",
    "top_common",
    "dedupe",
    "count_distinct",
    "sorted_set",
    "once_only",
    "longest_run",
    "run_lengths",
    "collapse_runs",
    "split_runs",
    "first_repeat",
    "first_single",
    "stack_pairs",
    "index_dict",
    "has_duplicates",
    "all_distinct",
    "positions",
    "count_value",
}

_SENTENCES = {
    "words",
    "longest_word",
    "word_lengths_text",
    "capital_words",
    "wrap_words",
    "found_numbers",
}
