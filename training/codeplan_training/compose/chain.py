"""Choosing a chain of steps by type, with a little sense: no step that an earlier one makes idle."""

from __future__ import annotations

from itertools import accumulate
from random import Random

from codeplan_training.compose.ops import lists, numbers, strings  # noqa: F401  (they register)
from codeplan_training.compose.ops.bound import BoundFn, BoundPred, accepts, choose_params
from codeplan_training.compose.ops.elements import CountIf, Filter, Find, Map, Quantify, Test
from codeplan_training.compose.ops.prims import FNS, PREDS, Fn, Pred, one_of
from codeplan_training.compose.ops.step import State, Step
from codeplan_training.compose.ops.whole import SPECS, Whole
from codeplan_training.compose.sources import any_source
from codeplan_training.compose.talk import Source
from codeplan_training.compose.values import Draft, Field, Ty

_FIELD_FN = Fn("field", "rec", "any", ("$x",), ())


def choose_chain(draft: Draft, length: int) -> tuple[Source, list[Step], list[State]] | None:
    """A source with `length` steps after it; None when the draw leads nowhere."""
    source = any_source(draft)
    states = [source.state]
    steps: list[Step] = []
    for index in range(length):
        for _ in range(12):
            step = propose(draft, states[-1], last=index == length - 1)
            if step is not None and sensible(step, steps, states[-1], index == length - 1):
                break
        else:
            return None
        steps.append(step)
        states.append(step.after(states[-1]))
    return source, steps, states


def sensible(step: Step, before: list[Step], state: State, last: bool) -> bool:
    """Whether the step adds something at this place."""
    if any(step.id == other.id for other in before):
        return False
    flags = SPECS[step.id].flags if step.id in SPECS else frozenset()
    if "notfirst" in flags and not before:
        return False
    if state.tags & {"sorted", "reversed"} and flags & {"unordered", "orders"}:
        return False
    if "sorted" in state.tags and "noreverse" in flags:
        return False
    if state.tags & {"distinct"} and step.id in ("dedupe", "sorted_set", "counts", "duplicates", "most_common", "count_distinct", "to_set",
                                                 "has_duplicates", "all_distinct", "once_only", "top_common"):
        return False
    return last or step.after(state).ty.kind not in ("bool", "opt", "set") and "end" not in step.after(state).tags


def propose(draft: Draft, state: State, last: bool) -> Step | None:
    """One step for the state, or None."""
    ty = state.ty
    if ty.kind == "list" and ty.of is not None:
        if ty.of.kind == "rec":
            return _on_records(draft, state, last)
        return _on_list(draft, state, last)
    if ty.kind in ("int", "float", "str", "date"):
        return _on_scalar(draft, state, last)
    return None


def _on_list(draft: Draft, state: State, last: bool) -> Step | None:
    rng = draft.rng
    assert state.ty.of is not None
    roll = rng.random()
    if state.ty.of.kind not in ("int", "float", "str", "date"):
        return _whole(draft, state, last)
    if roll < 0.22:
        return _map(draft, state, state.ty.of)
    if roll < 0.42:
        return _filter(draft, state, state.ty.of)
    if roll < 0.48:
        return _with_pred(draft, state, state.ty.of, "count")
    if last and roll < 0.54:
        return _with_pred(draft, state, state.ty.of, rng.choice(("all", "any", "none")))
    if last and roll < 0.59:
        return _with_pred(draft, state, state.ty.of, "find")
    return _whole(draft, state, last)


def _on_records(draft: Draft, state: State, last: bool) -> Step | None:
    rng = draft.rng
    roll = rng.random()
    assert state.ty.of is not None
    record = state.ty.of.record
    assert record is not None
    if roll < 0.38:
        column = rng.choice([f for f in record.fields if f.kind != "bool"])
        return Map(BoundFn(_FIELD_FN, {}, record, column), 0)
    if roll < 0.72:
        return _filter(draft, state, state.ty.of)
    if roll < 0.82:
        return _with_pred(draft, state, state.ty.of, "count")
    if last and roll < 0.92:
        return _with_pred(draft, state, state.ty.of, rng.choice(("all", "any", "none")))
    if roll < 0.97:
        return _whole(draft, state, last)
    return None


def _on_scalar(draft: Draft, state: State, last: bool) -> Step | None:
    if last and draft.rng.random() < 0.2:
        return _with_pred(draft, state, state.ty, "test")
    return _map(draft, state, state.ty)


def weighted(rng: Random, items: list, weights: list[float]):  # noqa: ANN201
    return rng.choices(items, cum_weights=list(accumulate(weights)))[0] if items else None


def _map(draft: Draft, state: State, ty: Ty) -> Step | None:
    options = [f for f in FNS.values() if accepts(f.src, ty) and f.weight > 0]
    chosen = weighted(draft.rng, options, [f.weight for f in options])
    if chosen is None:
        return None
    params = choose_params(draft, chosen.params, state.sample, "" if "mapped" in state.tags else "plain")
    return None if params is None else Map(BoundFn(chosen, params), draft.rng.randrange(len(chosen.code)))


def bound_pred(draft: Draft, state: State, ty: Ty) -> BoundPred | None:
    """A condition for an element type, on a record through one of its fields."""
    rng = draft.rng
    if ty.kind == "rec":
        assert ty.record is not None
        column = rng.choice(ty.record.fields)
        if column.kind == "bool":
            made = BoundPred(Pred("is_set", "bool", ("$x",), (f"[is|are] {column.adj}",), (column.adj,)), {}, ty.record, column)
            return made.flip() if rng.random() < 0.3 else made
        if column.kind == "str" and rng.random() < 0.8:
            choice = one_of((), column.name if column.name not in draft.taken else f"wanted_{column.name}", what=f"the {column.sg}")
            choice = type(choice)(lambda r, s, f=column: (s or f.make)(r), choice.names, "str", choice.what, 0.3)
            params = choose_params(draft, {"k": choice}, column.make, f"field {column.name}")
            assert params is not None
            made = BoundPred(Pred("field_is", "str", ("$x == $k",), ("[is|are] $k",)), params, ty.record, column)
            return made.flip() if rng.random() < 0.15 else made
        inner = _plain_pred(draft, column)
        return None if inner is None else BoundPred(inner[0], inner[1], ty.record, column)
    options = [p for p in PREDS.values() if accepts(p.src, ty)]
    chosen = weighted(rng, options, [p.weight for p in options])
    if chosen is None:
        return None
    params = choose_params(draft, chosen.params, state.sample, "" if "mapped" in state.tags else "plain")
    if params is None:
        return None
    made = BoundPred(chosen, params)
    return made.flip() if rng.random() < 0.08 and not chosen.adjs else made


def _plain_pred(draft: Draft, column: Field):  # noqa: ANN202
    names = {"int": ("gt", "ge", "lt", "le", "between"), "float": ("gt", "ge", "lt", "le"), "str": ("starts", "longer", "contains"),
             "date": ("in_year", "before", "on_or_after")}[column.kind]
    chosen = PREDS[draft.rng.choice(names)]
    params = choose_params(draft, chosen.params, column.make, f"field {column.name}")
    if params is None or (chosen.id == "between" and column.kind == "int" and column.make(draft.rng) > 40):
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


def _whole(draft: Draft, state: State, last: bool) -> Step | None:
    options = [s for s in SPECS.values() if s.takes(state.ty)]
    chosen = weighted(draft.rng, options, [s.weight for s in options])
    if chosen is None:
        return None
    params = choose_params(draft, chosen.params, state.sample)
    if params is None:
        return None
    policy = ""
    if chosen.defaults:
        roll = draft.rng.random()
        policy = "default" if roll < 0.45 and last and chosen.empty is not None else "raise" if roll < 0.6 else ""
    return Whole(chosen, params, draft.rng.randrange(len(chosen.exprs)), policy)
