"""Element functions and conditions with their parameters chosen, also on a record's field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from codeplan_training.compose.emit import Seq
from codeplan_training.compose.expr import E, fill, negated, uses
from codeplan_training.compose.ops.prims import Choice, Fn, Pred, Sample
from codeplan_training.compose.ops.step import State
from codeplan_training.compose.values import (
    BOOL,
    DATE,
    FLOAT,
    INT,
    STR,
    Arg,
    Draft,
    Field,
    Noun,
    Param,
    Record,
    Ty,
)
from codeplan_training.compose.wording import (
    NP,
    Ref,
    article,
    negate_phrase,
    number_form,
    put,
    say_params,
    wrapped,
)

TYPES = {"int": INT, "float": FLOAT, "str": STR, "bool": BOOL, "date": DATE}


def accepts(src: str, ty: Ty) -> bool:
    """Whether a primitive written for `src` works on the type."""
    if src == "num":
        return ty.kind in ("int", "float")
    if src == "any":
        return True
    return ty.kind == src


WHATS = {
    "low": "the lower bound",
    "lower": "the lower bound",
    "high": "the upper bound",
    "upper": "the upper bound",
    "start": "the first value",
    "end": "the last value",
    "n": "the number of elements",
    "k": "a whole number",
    "count": "the number of elements",
    "extra": "the amount to add",
    "offset": "the offset",
    "old": "the old text",
    "new": "the new text",
    "m": "the modulus",
    "d": "the digit",
    "size": "the size",
    "skip": "the number of elements to leave out",
    "times": "the number of repetitions",
}


def choose_params(
    draft: Draft,
    choices: dict[str, Choice],
    sample: Sample | None,
    hint: str = "",
    state: State | None = None,
) -> dict[str, Param] | None:
    """Constants or extra arguments for the parameters; None when no good value is found.

    With `hint` the samples that a value was cut from are remembered, so that the examples
    contain them.
    """
    params: dict[str, Param] = {}
    drawn: list[Any] = []

    def recorded(rng: Random) -> Any:
        assert sample is not None
        drawn.append(sample(rng))
        return drawn[-1]

    source = recorded if sample is not None else None

    as_arg = draft.rng.random()
    for slot, choice in choices.items():
        if choice.kind in ("same", "ints", "elem") and state is not None:
            made = _special(draft, choice, state)
            if made is None:
                return None
            params[slot] = made
            continue
        value = choice.make(draft.rng, source)
        names = [name for name in choice.names if name not in draft.taken]
        if names and as_arg < choice.arg_chance and len(draft.args) < 3:
            name = draft.rng.choice(names[:3])
            draft.taken.add(name)
            pool = [value, *(choice.make(draft.rng, source) for _ in range(3))]
            make = _maker(pool)
            what = choice.what or WHATS.get(name) or f"the {name.replace('_', ' ')}"
            draft.args.append(Arg(name, TYPES[choice.kind], what, make))
            params[slot] = Param(value, name)
        else:
            params[slot] = Param(value)
            if isinstance(value, int | float) and not isinstance(value, bool):
                draft.hint("num", value, value)
    if hint:
        draft.hint(hint, *[value for value in drawn if value is not None])
    if "a" in params and "b" in params and params["a"].value == params["b"].value:
        return None
    return params


def _special(draft: Draft, choice: Choice, state: State) -> Param | None:
    """An argument of the same type as the value, its element, or a list of numbers."""
    names = [name for name in choice.names if name not in draft.taken]
    if not names or len(draft.args) >= 3 or (state.ty.kind == "dict" and not state.first):
        return None
    rng = draft.rng
    sample = state.sample
    if choice.kind == "elem":
        assert sample is not None
        assert state.ty.of is not None
        values = [sample(rng) for _ in range(4)]
        if state.first:
            draft.hint("plain", *values)
        if rng.random() > choice.arg_chance:
            return Param(values[0])
        ty, make = state.ty.of, lambda r, _n: r.choice(values)
    elif choice.kind == "ints":
        ty, make = Ty("list", INT), lambda r, n: [r.randint(0, 20) for _ in range(n)]
    elif state.ty.kind == "dict":
        ty, make = state.ty, draft.args[0].make
    else:
        assert sample is not None
        pool = [sample(rng) for _ in range(6)]
        if state.first:
            draft.hint("plain", *pool)
        ty, make = (
            state.ty,
            lambda r, n: [r.choice(pool) for _ in range(r.randint(1, 4) if n else 0)],
        )
    name = rng.choice(names)
    draft.taken.add(name)
    draft.args.append(Arg(name, ty, choice.what, make))
    return Param(None, name)


def _maker(pool: list[Any]) -> Callable[[Random, int], Any]:
    return lambda rng, _size: rng.choice(pool)


@dataclass(frozen=True)
class BoundFn:
    """An element function that is ready for use."""

    fn: Fn
    params: dict[str, Param] = field(default_factory=dict)
    record: Record | None = None
    column: Field | None = None
    inner: BoundFn | None = None

    @property
    def id(self) -> str:
        base = "field" if self.column else self.fn.id
        return f"{base}.{self.inner.id}" if self.inner else base

    @property
    def prims(self) -> tuple[str, ...]:
        own = ("field",) if self.column else (f"fn.{self.fn.id}",)
        return own + (self.inner.prims if self.inner else ())

    @property
    def imports(self) -> tuple[str, ...]:
        return self.fn.imports + (self.inner.imports if self.inner else ())

    def out(self, ty: Ty) -> Ty:
        if self.column:
            return TYPES[self.column.kind]
        return ty if self.fn.dst == "same" else TYPES[self.fn.dst]

    def uses(self, code: int) -> int:
        return uses(self.fn.code[code % len(self.fn.code)], "x")

    def code(self, x: E, seq: Seq | None, variant: int = 0) -> E:
        """The expression for one element."""
        if self.column and self.record:
            return access(self.record, self.column, x, seq)
        template = self.fn.code[variant % len(self.fn.code)]
        return fill(template, x=x, **{k: p.code for k, p in self.params.items()})

    def noun(self) -> Noun:
        """The result's noun."""
        if self.column:
            return Noun(self.column.sg, self.column.pl)
        sg, _, pl = say_params(self.fn.noun or "result|results", self.params).partition("|")
        return Noun(sg, pl)

    def described(self) -> Noun:
        """The noun that says completely what the result is."""
        if self.column or not self.fn.long:
            return self.noun()
        sg, _, pl = say_params(self.fn.long, self.params).partition("|")
        return Noun(sg, pl)

    def complete(self) -> bool:
        """Whether the described noun mentions every parameter."""
        text = self.fn.long or self.fn.noun
        return bool(text) and all(f"${name}" in text for name in self.fn.params)

    def keeps_noun(self) -> bool:
        return bool(self.fn.nps) and self.fn.dst == "same" and not self.column

    def np(self, np: NP, rng: Random) -> NP:
        """The phrase for the function of what the phrase names."""
        old = np.noun
        own = self.noun()
        noun = old if self.keeps_noun() else Noun(own.sg, own.pl, old.plural)
        plain = rng.random() < 0.1 and not self.keeps_noun() and self.complete()
        if self.column or not self.fn.nps or plain:
            described = self.described()
            head = described.pl if old.plural else described.sg
            return wrapped(noun, f"the {head} of {np.text()}")
        template = number_form(say_params(rng.choice(self.fn.nps), self.params), old.plural)
        return wrapped(noun, put(template, {"np": np.text()}))

    def say(self, ref: Ref, plural: bool, rng: Random) -> str:
        """An imperative clause."""
        says = list(self.fn.says)
        own = self.noun()
        if self.column:
            says = [
                f"take the {own.sg} of $e",
                f"get the {own.sg} of $e",
                f"look up the {own.sg} of $e",
                f"collect the {own.pl} of $o" if plural else f"read the {own.sg} of $o",
            ]
        elif not self.keeps_noun() and self.complete():
            own = self.described()
            says.append(f"compute the {own.sg} of $e")
            if plural:
                says += [
                    f"replace each $s by its {own.sg}",
                    f"turn each $s into its {own.sg}",
                ]
                says += [f"map each $s to its {own.sg}", f"take the {own.pl} of $o"]
        text = put(rng.choice(says), ref.slots())
        return say_params(number_form(text, ref.many), self.params)

    def its(self, it: str) -> str:
        """`its length`, `the length of its name`."""
        if not self.column and self.fn.nps and (self.keeps_noun() or not self.complete()):
            template = number_form(say_params(self.fn.nps[0], self.params), False)
            return put(template, {"np": it})
        own = self.described()
        return f"its {own.sg}" if it == "it" else f"the {own.sg} of {it}"


def access(record: Record, column: Field, x: E, seq: Seq | None) -> E:
    """One field of a record in an expression; an unpacked stream has it as a variable."""
    if record.shape == "dict":
        return fill(f"$x[{column.name!r}]", x=x)
    if seq is not None and seq.unpacked and x == seq.whole:
        return E(column.name)
    return fill(f"$x[{record.index(column.name)}]", x=x)


@dataclass(frozen=True)
class BoundPred:
    """A condition that is ready for use; `column` applies it to a record's field."""

    pred: Pred
    params: dict[str, Param] = field(default_factory=dict)
    record: Record | None = None
    column: Field | None = None
    negative: bool = False

    @property
    def id(self) -> str:
        base = f"field_{self.pred.id}" if self.column else self.pred.id
        return f"not_{base}" if self.negative else base

    @property
    def prims(self) -> tuple[str, ...]:
        own = f"pred.{self.pred.id}"
        return ("field", own) if self.column else (own,)

    @property
    def imports(self) -> tuple[str, ...]:
        return self.pred.imports

    def flip(self) -> BoundPred:
        return replace(self, negative=not self.negative)

    def cond(self, x: E, seq: Seq | None, variant: int = 0) -> E:
        """The condition on one element."""
        if self.column and self.record:
            x = access(self.record, self.column, x, seq)
        template = self.pred.code[variant % len(self.pred.code)]
        if self.negative:
            template = negated(template)
        return fill(template, x=x, **{k: p.code for k, p in self.params.items()})

    def truth(self, x: E, seq: Seq | None, variant: int = 0) -> E:
        """The condition as a real bool."""
        cond = self.cond(x, seq, variant)
        if is_boolean(cond.text):
            return cond
        return E(f"bool({cond.text})")

    def vp(self, rng: Random) -> str:
        """A verb phrase with `[singular|plural]` markup."""
        phrase = rng.choice(self._usable())
        if self.column:
            phrase = self._field_vp(phrase)
        if self.negative:
            phrase = negate_phrase(phrase)
        return say_params(phrase, self.params)

    def _usable(self) -> tuple[str, ...]:
        """The verb phrases; for a negation those without a negation of their own."""
        if not self.negative:
            return self.pred.vps
        plain = [v for v in self.pred.vps if " no" not in v and "thing" not in v]
        return tuple(plain) or self.pred.vps

    def _field_vp(self, phrase: str) -> str:
        assert self.column is not None
        sg = self.column.sg
        if self.pred.id == "is_set":
            return phrase
        a = f"{article(sg)} {sg}"
        if self.pred.id == "field_is":
            if self.params["k"].name == self.column.name:
                return f"[has|have] the given {sg}"
            return f"[has|have] the {sg} $k"
        if phrase.startswith("[is|are] "):
            rest = phrase[9:]
            if "or equal" not in rest and rest.startswith(
                ("at least", "at most", "more than", "less than", "over")
            ):
                return f"[has|have] {a} of {rest}"
            return f"[has|have] {a} {rest}" if _compact(rest) else f"[has|have] {a} that is {rest}"
        return f"[has|have] {a} that {number_form(phrase, False)}"

    def rel(self, rng: Random) -> str:
        """A relative clause for a plural noun."""
        if self.column and self.pred.id != "is_set" and rng.random() < 0.5:
            phrase = rng.choice(self._usable())
            if self.negative:
                phrase = negate_phrase(phrase)
            return say_params(f"whose {self.column.sg} {number_form(phrase, False)}", self.params)
        phrase = self.vp(rng)
        if phrase.startswith("[has|have] ") and rng.random() < 0.6:
            return "with " + phrase[11:]
        if phrase.startswith("[is|are] ") and rng.random() < 0.15 and not self.negative:
            return phrase[9:]
        return f"{rng.choice(('that', 'that', 'which'))} {number_form(phrase, True)}"

    def each(self, seq: Seq, rng: Random) -> Seq:
        """The stream with the condition added to its words (not to its code)."""
        if seq.it != "it":
            clause = f"{seq.it} {number_form(self.vp(rng), False)}"
            return replace(seq, when=f"{seq.when} and {clause}" if seq.when else f"if {clause}")
        adj = self.adj(rng)
        plain = " that " not in seq.each and " whose " not in seq.each and " with " not in seq.each
        if adj and rng.random() < 0.7:
            return replace(seq, each=f"{adj} {seq.each}")
        if self.column and self.pred.id != "is_set":
            phrase = rng.choice(self._usable())
            phrase = negate_phrase(phrase) if self.negative else phrase
            clause = say_params(f"whose {self.column.sg} {number_form(phrase, False)}", self.params)
        else:
            clause = f"that {number_form(self.vp(rng), False)}"
        return replace(seq, each=f"{seq.each} {clause}" if plain else f"{seq.each} and {clause}")

    def adj(self, rng: Random) -> str:
        """An adjective or an empty text."""
        if self.negative or not self.pred.adjs or (self.column and self.pred.id != "is_set"):
            return ""
        if self.column:
            return self.column.adj
        return rng.choice(self.pred.adjs)


def _compact(phrase: str) -> bool:
    return any(
        word in phrase
        for word in (
            " than ",
            "above",
            "below",
            "under",
            "over",
            "at least",
            "at most",
            "before",
            "after",
        )
    )


def is_boolean(text: str) -> bool:
    """Whether an expression's text is a bool by its form (and not only truthy)."""
    if text.startswith(("not ", "all(", "any(")):
        return True
    if (
        " % " in text
        and "==" not in text
        and "!=" not in text
        and ">" not in text
        and "<" not in text
    ):
        return False
    markers = (
        " == ",
        " != ",
        " < ",
        " > ",
        " <= ",
        " >= ",
        " in ",
        ".startswith(",
        ".endswith(",
        ".is",
        "isinstance(",
    )
    return any(marker in text for marker in markers)
