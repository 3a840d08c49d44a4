"""Steps with a key: sort by, largest by, group by, count by, totals by, lookup tables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from codeplan_training.compose.emit import Body, Val, list_names
from codeplan_training.compose.expr import E
from codeplan_training.compose.ops import key_code
from codeplan_training.compose.ops.bound import BoundFn
from codeplan_training.compose.ops.elements import simple_seq, singular
from codeplan_training.compose.ops.step import State
from codeplan_training.compose.values import FLOAT, INT, Noun, Ty, dict_of, list_of
from codeplan_training.compose.wording import NP, Ref, wrapped

ORDERS = ("sort", "sort_desc")
PICKS = ("max", "min")
TABLES = ("group", "count", "sum", "mean", "best", "table", "groups_of")


@dataclass(frozen=True)
class ByKey:
    """One operation with a key function, and for totals and tables a value function."""

    kind: str
    key: BoundFn
    value: BoundFn | None = None
    policy: str = ""
    variant: int = 0

    @property
    def id(self) -> str:
        value = f",{self.value.id}" if self.value else ""
        return f"{self.kind}_by:{self.key.id}{value}"

    @property
    def prims(self) -> tuple[str, ...]:
        extra = ("raise_on_empty",) if self.policy == "raise" else ()
        return (
            f"{self.kind}_by",
            *self.key.prims,
            *(self.value.prims if self.value else ()),
            *extra,
        )

    @property
    def imports(self) -> tuple[str, ...]:
        return self.key.imports + (self.value.imports if self.value else ())

    def _out(self, ty: Ty) -> Ty:
        assert ty.of is not None
        if self.kind in ORDERS:
            return ty
        if self.kind in PICKS:
            return ty.of
        key = self.key.out(ty.of)
        value = self.value.out(ty.of) if self.value else ty.of
        made = {
            "count": INT,
            "mean": FLOAT,
            "group": list_of(value),
            "groups_of": list_of(value),
        }.get(self.kind, value)
        return dict_of(key, made)

    def _noun(self, noun: Noun) -> Noun:
        if self.kind in ORDERS:
            return noun
        if self.kind in PICKS:
            return noun.one()
        own = self.key.noun()
        value = self.value.noun() if self.value else noun
        val = {
            "count": Noun("count", "counts"),
            "sum": Noun(f"total {value.sg}", f"total {value.pl}"),
            "mean": Noun(f"average {value.sg}", f"average {value.pl}"),
            "best": Noun(f"highest {value.sg}", f"highest {value.pl}"),
            "group": Noun("group", "groups"),
        }.get(self.kind, value)
        return Noun("dictionary", "dictionaries", False, own, val)

    def after(self, state: State) -> State:
        ty = self._out(state.ty)
        sample = state.sample if self.kind in (*ORDERS, *PICKS) else None
        tags = {"sorted"} if self.kind in ORDERS else set()
        return State(
            ty,
            self._noun(state.noun),
            sample,
            False,
            frozenset({self.kind, *tags} | (state.tags & {"mapped"})),
        )

    def np(self, np: NP, rng: Random) -> NP:
        key, noun = self.key.described(), self._noun(np.noun)
        text = np.text()
        if self.kind == "sort":
            forms = (
                f"{text} sorted by {key.sg}",
                f"{text} in order of {key.sg}",
                f"{text} ordered by {key.sg}, smallest first",
                f"{text} sorted by their {key.sg}",
            )
        elif self.kind == "sort_desc":
            forms = (
                f"{text} sorted by {key.sg} in descending order",
                f"{text} ordered by {key.sg}, highest first",
                f"{text} sorted by {key.sg} from high to low",
            )
        elif self.kind in PICKS:
            word = rng.choice(
                ("highest", "largest", "greatest") if self.kind == "max" else ("lowest", "smallest")
            )
            ties = rng.choice(
                (
                    " (the first one on ties)",
                    ", the first one on ties",
                    " (on ties the earlier one)",
                )
            )
            base = one_of(np)
            forms = (
                f"{base} with the {word} {key.sg}{ties}",
                f"{base} that has the {word} {key.sg}{ties}",
            )
            if self.policy == "none":
                forms = tuple(
                    f"{f}{rng.choice((', or None if there are none', ' (None if there are none)'))}"
                    for f in forms
                )
        else:
            forms = tuple(self._tables(text, np.noun, rng))
        return wrapped(noun, rng.choice(forms))

    def _tables(self, text: str, noun: Noun, rng: Random) -> list[str]:
        key = self.key.described()
        value = self.value.noun() if self.value else noun
        each = rng.choice((f"each {key.sg}", f"every {key.sg}"))
        if self.kind == "group":
            what = (
                f"the list of {text} with it"
                if not self.value
                else f"the list of the {value.pl} of {text} with it"
            )
            return [
                f"a dictionary from {each} to {what}",
                f"{text} grouped by {key.sg}"
                if not self.value
                else f"the {value.pl} of {text}, grouped by {key.sg}",
                f"{text} grouped in a dictionary by {key.sg}"
                if not self.value
                else f"a dict that maps {each} to the list of {value.pl} of {text}",
            ]
        if self.kind == "count":
            return [
                f"a dictionary that counts {text} by {key.sg}",
                f"how many of {text} there are for {each}, as a dictionary",
                f"the counts of {text} per {key.sg}",
            ]
        if self.kind == "sum":
            return [
                f"the total {value.sg} per {key.sg} of {text}",
                f"a dictionary from {each} to the sum of the {value.pl} of {text} with it",
                f"the sum of the {value.pl} of {text} for {each}, as a dictionary",
            ]
        if self.kind == "mean":
            return [
                f"the average {value.sg} per {key.sg} of {text}",
                f"a dictionary from {each} to the mean {value.sg} of {text} with it",
            ]
        if self.kind == "best":
            return [
                f"the highest {value.sg} per {key.sg} of {text}",
                f"a dictionary from {each} to the largest {value.sg} of {text} with it",
            ]
        return [
            f"a dictionary from the {key.sg} to the {value.sg} of each of {text} (the last one "
            f"wins)",
            f"a dict that maps the {key.sg} of each of {text} to its {value.sg}, later ones "
            f"overwriting earlier ones",
        ]

    def say(self, ref: Ref, noun: Noun, rng: Random) -> str:
        key = self.key.described()
        value = self.value.noun() if self.value else noun
        if self.kind == "sort":
            forms = (
                f"sort {ref.o} by {key.sg}",
                f"order {ref.o} by {key.sg}, smallest first",
                f"sort {ref.o} in ascending order of {key.sg}",
                f"arrange {ref.o} by {key.sg}",
            )
        elif self.kind == "sort_desc":
            forms = (
                f"sort {ref.o} by {key.sg} in descending order",
                f"order {ref.o} by {key.sg}, highest first",
                f"sort {ref.o} by {key.sg} from high to low",
            )
        elif self.kind in PICKS:
            word = rng.choice(
                ("highest", "largest", "greatest") if self.kind == "max" else ("lowest", "smallest")
            )
            none = ", or None if there are none" if self.policy == "none" else ""
            head = one_of(ref.phrase) if ref.phrase else f"the {noun.sg}"
            forms = (
                f"find {head} with the {word} {key.sg}{none}",
                f"take {head} with the {word} {key.sg} (the first one on ties){none}",
                f"pick {head} that has the {word} {key.sg}{none}",
            )
        elif self.kind == "group":
            tail = f" and keep their {value.pl}" if self.value else ""
            forms = (
                f"group {ref.o} by {key.sg}{tail}",
                f"put {ref.o} into lists by {key.sg}{tail}",
                f"build a dictionary from each {key.sg} to the list of its {value.pl}",
            )
        elif self.kind == "count":
            forms = (
                f"count {ref.o} by {key.sg}",
                f"count how many of {ref.o} there are for each {key.sg}",
                f"tally {ref.o} by {key.sg}",
            )
        elif self.kind == "sum":
            forms = (
                f"add up the {value.pl} of {ref.o} for each {key.sg}",
                f"sum the {value.sg} per {key.sg} of {ref.o}",
                f"total the {value.pl} of {ref.o} by {key.sg}",
            )
        elif self.kind == "mean":
            forms = (
                f"average the {value.pl} of {ref.o} for each {key.sg}",
                f"compute the mean {value.sg} per {key.sg} of {ref.o}",
            )
        elif self.kind == "best":
            forms = (
                f"find the highest {value.sg} of {ref.o} for each {key.sg}",
                f"take the largest {value.sg} per {key.sg} of {ref.o}",
            )
        else:
            forms = (
                f"map the {key.sg} of {ref.e} to its {value.sg}",
                f"build a dictionary from {key.sg} to {value.sg} for {ref.o}",
            )
        return rng.choice(forms)

    def emit(self, body: Body, val: Val) -> Val:
        for line in self.imports:
            body.need(line)
        ty, noun = self._out(val.ty), self._noun(val.noun)
        if self.kind in ORDERS or self.kind in PICKS:
            return Val(ty, self._by(body, val), noun, True)
        val, seq = simple_seq(body, val)
        element = seq.elem
        key = self.key.code(element, seq, self.variant)
        value = self.value.code(element, seq, self.variant) if self.value else element
        return Val(ty, key_code.table(self, body, val, seq, key, value), noun, True)

    def key_function(self, body: Body, val: Val) -> str:
        """The text of the key argument."""
        if not self.key.column:
            template = self.key.fn.code[self.variant % len(self.key.fn.code)]
            if template == "len($x)":
                return "len"
            if template.startswith("$x.") and template.endswith("()") and template.count("$") == 1:
                return f"str{template[2:-2]}"
            if template == "abs($x)":
                return "abs"
        var = body.var(val.noun, val.ty.of)
        return f"lambda {var}: {self.key.code(E(var), None, self.variant).text}"

    def _by(self, body: Body, val: Val) -> E:
        written = body.list(val)
        if len(written.text) > 36 or self.policy == "raise":
            written = body.bind(written, *list_names(val.noun))
        if self.policy == "raise":
            with body.block(f"if not {written.text}:"):
                body.line(f"raise ValueError('no {val.noun.pl}')")
            body.say(
                f"raise ValueError if there are no {val.noun.pl}",
                f"if there are no {val.noun.pl}, raise a ValueError",
            )
            body.told = False
        if self.kind in ORDERS:
            reverse = ", reverse=True" if self.kind == "sort_desc" else ""
            return E(f"sorted({written.text}, key={self.key_function(body, val)}{reverse})")
        if body.loop and not (self.policy == "none" and body.rng.random() < 0.3):
            return key_code.best_loop(self, body, replace(val, code=written))
        default = ", default=None" if self.policy == "none" else ""
        return E(f"{self.kind}({written.text}, key={self.key_function(body, val)}{default})")

    def name(self, inner: str, rng: Random) -> str:
        key = self.key.noun().sg.replace(" ", "_").replace("-", "_")
        value = (self.value.noun().pl if self.value else inner).replace(" ", "_").replace("-", "_")
        one = singular(inner)
        options = {
            "sort": (f"{inner}_by_{key}", f"sort_{inner}_by_{key}", f"sort_by_{key}"),
            "sort_desc": (
                f"{inner}_by_{key}",
                f"rank_{inner}",
                f"{inner}_by_{key}_descending",
            ),
            "max": (
                f"{one}_with_highest_{key}",
                f"top_{one}",
                f"best_{one}",
                f"max_{key}_{one}",
            ),
            "min": (f"{one}_with_lowest_{key}", f"lowest_{one}", f"min_{key}_{one}"),
            "group": (f"{value}_by_{key}", f"group_by_{key}", f"group_{inner}"),
            "count": (
                f"count_by_{key}",
                f"{inner}_per_{key}",
                f"count_{inner}_by_{key}",
            ),
            "sum": (f"total_{value}_by_{key}", f"{value}_per_{key}", f"total_by_{key}"),
            "mean": (f"average_{value}_by_{key}", f"mean_{value}_per_{key}"),
            "best": (f"highest_{value}_by_{key}", f"best_{value}_per_{key}"),
            "table": (f"{value}_by_{key}", f"{value}_table", f"{key}_to_{value}"),
        }[self.kind]
        return rng.choice(options)


def one_of(np: NP) -> str:
    """`the order in orders`, or `the one of the open orders` where that is clearer."""
    if np.deep or np.rel or (np.pre and np.pre != ("given",)):
        return f"the one of {np.text()}"
    if np.bare:
        return f"the {np.noun.sg} in {np.bare}"
    return f"the {np.noun.sg}{np.tail}"
