"""Steps on a whole list that are given by data: aggregates, slices, orders, list to list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from codeplan_training.compose.emit import Body, Val, list_names
from codeplan_training.compose.expr import E, fill, literal, uses
from codeplan_training.compose.ops.prims import Choice
from codeplan_training.compose.ops.step import State
from codeplan_training.compose.values import Noun, Param, Ty
from codeplan_training.compose.wording import NP, Ref, number_form, put, say_params, wrapped


@dataclass(frozen=True)
class Spec:
    """One operation on a list.

    `exprs` and `loop` are code templates: `$g` is what stands in a call's parentheses, `$l` the
    written list. `loop` is (names, start, update, result). `empty` is the default that callers
    may want for an empty list when the operation is undefined there.
    """

    id: str
    takes: Callable[[Ty], bool]
    gives: Callable[[Ty], Ty]
    exprs: tuple[str, ...]
    says: tuple[str, ...]
    nps: tuple[str, ...]
    noun: str = ""
    loop: tuple[tuple[str, ...], str, str, str] | None = None
    names: tuple[str, ...] = ()
    params: dict[str, Choice] = field(default_factory=dict)
    imports: tuple[str, ...] = ()
    empty: Any = None
    defaults: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()
    weight: float = 1.0
    hints: tuple[str, ...] = ("result",)
    sampled: bool = True


SPECS: dict[str, Spec] = {}


def whole(
    id: str,
    takes: Callable[[Ty], bool],
    gives: Callable[[Ty], Ty],
    exprs: tuple[str, ...],
    says: tuple[str, ...],
    nps: tuple[str, ...],
    flags: str = "",
    **more: Any,
) -> None:
    """Register an operation on lists."""
    SPECS[id] = Spec(id, takes, gives, exprs, says, nps, flags=frozenset(flags.split()), **more)


@dataclass(frozen=True)
class Whole:
    """A registered operation with its parameters; `policy` says what an empty list does."""

    spec: Spec
    params: dict[str, Param]
    variant: int
    policy: str = ""

    @property
    def id(self) -> str:
        return self.spec.id

    @property
    def prims(self) -> tuple[str, ...]:
        extra = {"raise": ("raise_on_empty",), "default": ("default_on_empty",)}.get(
            self.policy, ()
        )
        return (self.spec.id, *extra)

    @property
    def imports(self) -> tuple[str, ...]:
        return self.spec.imports

    def _noun(self, noun: Noun) -> Noun:
        text = self.spec.noun
        if not text:
            return noun
        if text == "one":
            return noun.one()
        sg, pl, plural = text.split("|")
        return Noun(sg, pl, plural == "many")

    def after(self, state: State) -> State:
        ty = self.spec.gives(state.ty)
        noun = self._noun(state.noun)
        same = ty == state.ty or state.ty.of == ty
        sample = state.sample if same and self.spec.sampled else None
        keep = state.tags if ty == state.ty else frozenset()
        own = self.spec.flags & {"sorted", "distinct", "reversed", "end"}
        return State(ty, noun, sample, False, frozenset(keep | own | {self.spec.id}))

    def _suffix(self, rng: Random) -> str:
        if self.policy != "default":
            return ""
        value = repr(self.spec.empty)
        return rng.choice(
            (
                f" ({value} if there are none)",
                f", or {value} if there are none",
                f" ({value} when empty)",
            )
        )

    def np(self, np: NP, rng: Random) -> NP:
        template = number_form(say_params(rng.choice(self.spec.nps), self.params), np.noun.plural)
        text = put(template, {"np": np.text(), "h": np.noun.pl, "s": np.noun.sg})
        return wrapped(self._noun(np.noun), text + self._suffix(rng))

    def say(self, ref: Ref, noun: Noun, rng: Random) -> str:
        text = put(rng.choice(self.spec.says), ref.slots())
        return say_params(number_form(text, ref.many), self.params) + self._suffix(rng)

    def emit(self, body: Body, val: Val) -> Val:
        for line in self.imports:
            body.need(line)
        noun = self._noun(val.noun)
        ty = self.spec.gives(val.ty)
        params = {k: p.code for k, p in self.params.items()}
        if self.policy == "raise":
            val = self._guard(body, val)
        if body.loop and self.spec.loop and self.policy != "default" and body.rng.random() < 0.85:
            names, start, update, result = self.spec.loop
            name = body.name(*names)
            body.line(f"{name} = {start}")
            with body.over(body.seq(val)) as element:
                x = element
                if uses(update, "x") > 1 and not x.is_name and len(x.text) > 8:
                    x = body.bind(x, val.noun.sg.split()[-1], "value", "current")
                for piece in update.split("; "):
                    head, colon, rest = piece.partition(": ")
                    slots = {"acc": E(name), "x": x, **params}
                    if head.startswith("if ") and colon:
                        with body.block(_line(head + ":", slots)):
                            body.line(_line(rest, slots))
                    else:
                        body.line(_line(piece, slots))
            return Val(ty, fill(result, acc=E(name), **params), noun, True)
        exprs = self.spec.defaults if self.policy == "default" else self.spec.exprs
        template = exprs[self.variant % len(exprs)]
        slots = dict(params)
        if self.policy == "default":
            slots["d"] = literal(self.spec.empty)
        if uses(template, "g"):
            seq = body.seq(val)
            text = body.inner(seq)
            alone = template.replace(" ", "").count("$g)") > 0
            slots["g"] = E(text if seq.trivial or alone else f"({text})")
        if uses(template, "l"):
            written = body.list(val)
            if not written.is_name and (
                uses(template, "l") > 1 or len(written.text) > 52 or body.nest < 0.35
            ):
                written = body.bind(written, *list_names(val.noun))
            slots["l"] = written
        if "\n" in template:
            name = body.name(*self.spec.hints)
            slots["r"] = E(name)
            for line in template.split("\n"):
                indent = len(line) - len(line.lstrip())
                body.line(" " * indent + _line(line.strip(), slots))
            return Val(ty, E(name), noun, True)
        return Val(ty, fill(template, **slots), noun, True)

    def _guard(self, body: Body, val: Val) -> Val:
        written = body.list(val)
        if not written.is_name:
            written = body.bind(written, *list_names(val.noun))
        with body.block(f"if not {written.text}:"):
            body.line(f"raise ValueError('no {val.noun.pl.replace(chr(39), '')}')")
        return replace(val, code=written)

    def note(self, noun: Noun, rng: Random) -> str:
        """What to add at the end of a docstring."""
        if self.policy != "raise":
            return ""
        return rng.choice(
            (
                f"Raise ValueError if there are no {noun.pl}.",
                f"Raises ValueError when there are no {noun.pl}.",
                f"If no {noun.pl} are left or given, raise a ValueError.",
                f"A ValueError is raised if there are no {noun.pl}.",
            )
        )

    def name(self, inner: str, rng: Random) -> str:
        names = self.spec.names or (f"{self.spec.id}_$n",)
        return put(rng.choice(names), {"n": inner})


def _line(template: str, slots: dict[str, E]) -> str:
    text = template
    for name in sorted(slots, key=len, reverse=True):
        text = text.replace(f"${name}", slots[name].text)
    return text
