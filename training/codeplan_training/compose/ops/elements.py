"""Steps that apply an element function or a condition: map, filter, count, any, all, find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from codeplan_training.compose.emit import Body, Seq, Val
from codeplan_training.compose.expr import E
from codeplan_training.compose.ops.bound import BoundFn, BoundPred
from codeplan_training.compose.ops.step import State
from codeplan_training.compose.values import Noun, list_of
from codeplan_training.compose.wording import NP, Ref, qualified

SIMPLE = 14


def simple_seq(body: Body, val: Val, uses: int = 2) -> tuple[Val, Seq]:
    """The list as a stream whose element may be written `uses` times."""
    seq = body.seq(val)
    if (uses > 1 and seq.elem != seq.whole and len(seq.elem.text) > SIMPLE) or len(
        seq.elem.text
    ) > 44:
        val = body.restart(val)
        seq = body.seq(val)
    return val, seq


def sampler(state: State, code: Callable[[E], E]) -> Any:
    """Samples after an element function, by evaluating it on samples from before."""
    before = state.sample
    if before is None:
        return None
    apply = evaluated(code)

    def after(rng: Random) -> Any:
        value = before(rng)
        try:
            return None if value is None else apply(value)
        except Exception:
            return None

    return after


def evaluated(code: Callable[[E], E]) -> Callable[[Any], Any]:
    """An element function's or a condition's template as a Python function."""
    try:
        return eval(f"lambda x: {code(E('x')).text}", dict(_MODULES))
    except Exception:
        return lambda _x: None


def _modules() -> dict[str, Any]:
    import datetime
    import math

    return {"math": math, "date": datetime.date}


_MODULES = _modules()


@dataclass(frozen=True)
class Map:
    """Apply a function to every element of a list, or to a single value."""

    fn: BoundFn
    variant: int

    @property
    def id(self) -> str:
        return f"map:{self.fn.id}"

    @property
    def prims(self) -> tuple[str, ...]:
        return ("map", *self.fn.prims)

    @property
    def imports(self) -> tuple[str, ...]:
        return self.fn.imports

    def _noun(self, noun: Noun) -> Noun:
        own = self.fn.noun()
        return noun if self.fn.keeps_noun() else Noun(own.sg, own.pl, noun.plural)

    def after(self, state: State) -> State:
        noun = self._noun(state.noun)
        if self.fn.record:
            column = self.fn.column
            assert column is not None
            out = self.fn.out(state.ty)
            return state.then(
                list_of(out) if state.noun.plural else out, noun, column.make, "mapped"
            )
        sample = sampler(state, lambda x: self.fn.code(x, None, self.variant))
        if state.noun.plural:
            assert state.ty.of is not None
            return state.then(list_of(self.fn.out(state.ty.of)), noun, sample, "mapped")
        return state.then(self.fn.out(state.ty), noun, sample, "mapped")

    def np(self, np: NP, rng: Random) -> NP:
        return self.fn.np(np, rng)

    def say(self, ref: Ref, noun: Noun, rng: Random) -> str:
        return self.fn.say(ref, noun.plural, rng)

    def emit(self, body: Body, val: Val) -> Val:
        for line in self.imports:
            body.need(line)
        noun = self._noun(val.noun)
        uses = 1 if self.fn.column else self.fn.uses(self.variant)
        if not val.noun.plural:
            assert isinstance(val.code, E)
            x = val.code
            if self.fn.column and not x.is_name and len(x.text) > 24:
                x = body.bind(
                    x,
                    "best" if x.text.startswith(("max(", "min(")) else "chosen",
                    *name_hints(val.noun),
                )
            if not x.is_name and (
                (uses > 1 and len(x.text) > 8) or len(x.text) > 46 or body.nest < 0.25
            ):
                x = body.bind(x, *name_hints(val.noun))
            return Val(self.fn.out(val.ty), self.fn.code(x, None, self.variant), noun)
        of = val.ty.of
        assert of is not None
        val, seq = simple_seq(body, val, uses)
        elem = self.fn.code(seq.elem, seq, self.variant)
        words = self.fn.its(seq.it)
        return Val(list_of(self.fn.out(of)), replace(seq, elem=elem, it=words), noun)

    def name(self, inner: str, rng: Random) -> str:
        frag = (
            self.fn.fn.frag
            if not self.fn.column
            else self.fn.noun().pl.replace(" ", "_").replace("-", "_")
        )
        if self.fn.keeps_noun() and not self.fn.column:
            return f"{frag}_{inner}"
        return (
            f"{frag}_of_{inner}"
            if self.fn.column or rng.random() < 0.5
            else f"{singular(inner)}_{frag}"
        )


def singular(name: str) -> str:
    """The singular of a name, by its ending."""
    if name.endswith("ies"):
        return name[:-3] + "y"
    if name.endswith(("sses", "xes", "ches")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith(("ss", "us")) else name


def name_hints(noun: Noun) -> tuple[str, ...]:
    own = noun.sg.split()[-1].replace("-", "_") if noun.sg else "value"
    return (
        own if own.isidentifier() else "value",
        "cleaned",
        "value",
        "changed",
        "result",
    )


@dataclass(frozen=True)
class Filter:
    """Keep the elements for which a condition holds."""

    pred: BoundPred
    variant: int

    @property
    def id(self) -> str:
        return f"filter:{self.pred.id}"

    @property
    def prims(self) -> tuple[str, ...]:
        return ("filter", *self.pred.prims)

    @property
    def imports(self) -> tuple[str, ...]:
        return self.pred.imports

    def after(self, state: State) -> State:
        return replace(state, first=False, tags=(state.tags | {"filtered"}) - {"sorted"})

    def np(self, np: NP, rng: Random) -> NP:
        return qualified(
            np,
            self.pred.adj(rng) if rng.random() < 0.7 else "",
            self.pred.rel(rng),
            rng,
        )

    def say(self, ref: Ref, noun: Noun, rng: Random) -> str:
        adj = self.pred.adj(rng)
        if ref.phrase is not None:
            verb = rng.choice(("keep only", "keep", "select", "take only", "pick out", "collect"))
            used = adj if rng.random() < 0.6 else ""
            return f"{verb} {qualified(ref.phrase, used, self.pred.rel(rng), rng).text()}"
        if adj and rng.random() < 0.6:
            verb = rng.choice(("keep only", "keep", "select", "take only", "pick out"))
            return f"{verb} the {adj} {noun.pl}"
        if rng.random() < 0.25:
            verb = rng.choice(("drop", "remove", "leave out", "ignore", "skip", "discard"))
            return f"{verb} the {noun.pl} {self.pred.flip().rel(rng)}"
        verb = rng.choice(("keep only", "keep", "select", "take only", "pick out"))
        head = rng.choice((f"the {noun.pl}", "those"))
        return f"{verb} {head} {self.pred.rel(rng)}"

    def emit(self, body: Body, val: Val) -> Val:
        for line in self.imports:
            body.need(line)
        val, seq = simple_seq(body, val)
        cond = self.pred.cond(seq.elem, seq, self.variant)
        seq = self.pred.each(seq, body.rng)
        return replace(val, code=replace(seq, conds=(*seq.conds, cond)))

    def name(self, inner: str, rng: Random) -> str:
        return filtered_name(self.pred, inner, rng)


def filtered_name(pred: BoundPred, inner: str, rng: Random) -> str:
    """`even_numbers`, `orders_above`, `words_starting_with`."""
    if pred.column and pred.column.adj:
        return f"{'not_' if pred.negative else ''}{pred.column.adj}_{inner}"
    frag = pred.pred.frag or "matching"
    if pred.negative or pred.column:
        return f"{rng.choice(('matching', 'selected', 'filtered', 'chosen'))}_{inner}"
    if pred.pred.adjs or frag in (
        "long",
        "short",
        "other",
        "near",
        "matching",
        "equal",
    ):
        return f"{frag}_{inner}"
    return f"{inner}_{frag}"
