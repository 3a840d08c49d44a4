"""Steps that ask with a condition: count, all, any, none, first and last match, a test."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Any

from codeplan_training.compose.emit import Body, Seq, Val, list_names
from codeplan_training.compose.expr import E, literal
from codeplan_training.compose.ops.bound import BoundPred
from codeplan_training.compose.ops.elements import filtered_name, name_hints, simple_seq, singular
from codeplan_training.compose.ops.step import State
from codeplan_training.compose.values import BOOL, INT, Noun, opt
from codeplan_training.compose.wording import NP, Ref, article, number_form, qualified, wrapped


@dataclass(frozen=True)
class CountIf:
    """Count the elements for which a condition holds."""

    pred: BoundPred
    variant: int
    form: int

    @property
    def id(self) -> str:
        return f"count_if:{self.pred.id}"

    @property
    def prims(self) -> tuple[str, ...]:
        return ("count_if", *self.pred.prims)

    @property
    def imports(self) -> tuple[str, ...]:
        return self.pred.imports

    def after(self, state: State) -> State:
        return state.then(INT, Noun("count", "counts", False))

    def np(self, np: NP, rng: Random) -> NP:
        inner = qualified(
            np,
            self.pred.adj(rng) if rng.random() < 0.7 else "",
            self.pred.rel(rng),
            rng,
        )
        text = inner.text()
        if text.startswith("the ") and rng.random() < 0.6:
            text = text[4:]
        return wrapped(Noun("count", "counts", False), f"the number of {text}")

    def say(self, ref: Ref, noun: Noun, rng: Random) -> str:
        adj = self.pred.adj(rng) if rng.random() < 0.6 else ""
        if ref.phrase is not None:
            return f"count {qualified(ref.phrase, adj, self.pred.rel(rng), rng).text()}"
        if adj:
            return rng.choice((f"count the {adj} {noun.pl}", f"count the {adj} ones"))
        vp = number_form(self.pred.vp(rng), True)
        return rng.choice(
            (
                f"count how many of them {vp}",
                f"count the {noun.pl} {self.pred.rel(rng)}",
                f"find how many {noun.pl} {vp}",
            )
        )

    def emit(self, body: Body, val: Val) -> Val:
        for line in self.imports:
            body.need(line)
        val, seq = simple_seq(body, val)
        cond = self.pred.cond(seq.elem, seq, self.variant)
        noun = Noun("count", "counts", False)
        full = replace(seq, conds=(*seq.conds, cond))
        if body.loop:
            name = body.name("count", "total", "number")
            body.line(f"{name} = 0")
            with body.over(full):
                body.line(f"{name} += 1")
            told = self.pred.each(seq, body.rng)
            when = f" {told.when}" if told.when else ""
            if body.rng.random() < 0.6:
                body.say(
                    "start a counter at 0",
                    f"set {name} to 0",
                    f"start with a {name} of 0",
                )
                body.say(
                    f"add 1 for each {told.each}{when}",
                    f"go through the data and increase {name} by one for every {told.each}{when}",
                    f"for each {told.each}{when}, increase the {name}",
                )
            else:
                body.say(
                    f"count every {told.each}{when} in a loop",
                    f"loop over the input and count each {told.each}{when}",
                )
            return Val(INT, E(name), noun)
        if self.form == 0:
            return Val(INT, E(f"sum(1 {body.tail(replace(full, elem=E('1')))})"), noun)
        if self.form == 1:
            truth = self.pred.truth(seq.elem, seq, self.variant)
            return Val(INT, E(f"sum({body.clause(replace(seq, elem=truth))})"), noun)
        return Val(INT, E(f"len([{body.clause(full)}])"), noun)

    def name(self, inner: str, rng: Random) -> str:
        return rng.choice(("count_", "number_of_", "num_", "count_")) + filtered_name(
            self.pred, inner, rng
        )


@dataclass(frozen=True)
class Quantify:
    """Whether all, any or none of the elements meet a condition."""

    pred: BoundPred
    variant: int
    kind: str

    @property
    def id(self) -> str:
        return f"{self.kind}:{self.pred.id}"

    @property
    def prims(self) -> tuple[str, ...]:
        return (self.kind, *self.pred.prims)

    @property
    def imports(self) -> tuple[str, ...]:
        return self.pred.imports

    def after(self, state: State) -> State:
        return state.then(BOOL, Noun("answer", "answers", False))

    def _clause(self, subject: str, noun: Noun, rng: Random) -> str:
        vp = self.pred.vp(rng)
        one, many = number_form(vp, False), number_form(vp, True)
        if self.kind == "all":
            return rng.choice(
                (
                    f"all of {subject} {many}",
                    f"every one of {subject} {one}",
                    f"each of {subject} {one}",
                )
            )
        if self.kind == "any":
            return rng.choice(
                (
                    f"any of {subject} {one}",
                    f"at least one of {subject} {one}",
                    f"some of {subject} {many}",
                )
            )
        return rng.choice((f"none of {subject} {one}", f"not one of {subject} {one}"))

    def np(self, np: NP, rng: Random) -> NP:
        clause = self._clause(np.text(), np.noun, rng)
        return NP(
            Noun("answer", "answers", False),
            clause=clause,
            bare=f"whether {clause}",
            deep=True,
        )

    def say(self, ref: Ref, noun: Noun, rng: Random) -> str:
        return (
            f"{rng.choice(('check whether', 'test whether', 'tell whether', 'find out whether'))} "
            f"{self._clause(ref.o, noun, rng)}"
        )

    def emit(self, body: Body, val: Val) -> Val:
        for line in self.imports:
            body.need(line)
        val, seq = simple_seq(body, val)
        noun = Noun("answer", "answers", False)
        if body.loop:
            found = self.pred if self.kind != "all" else self.pred.flip()
            cond = found.cond(seq.elem, seq, self.variant)
            with body.over(seq, cond.text), body.block(f"if {cond.text}:"):
                body.line(f"return {self.kind == 'any'}")
            body.line(f"return {self.kind != 'any'}")
            body.done = True
            subject = seq.each if seq.it == "it" else f"{seq.each}, {seq.it}"
            phrase = number_form(found.vp(body.rng), False)
            clause = (
                f"{article(seq.each)} {seq.each} {phrase}"
                if seq.it == "it"
                else f"for {article(subject)} {subject} {phrase}"
            )
            body.say(
                f"go through the {val.noun.pl} one by one",
                "loop over the input",
                f"look at each {seq.each}",
            )
            body.say(
                f"return {self.kind == 'any'} as soon as {clause}",
                f"if {clause}, return {self.kind == 'any'} at once",
            )
            body.say(
                f"return {self.kind != 'any'} after the loop",
                f"if the loop ends, return {self.kind != 'any'}",
            )
            return Val(BOOL, E("True"), noun)
        cond = self.pred.cond(seq.elem, seq, self.variant)
        text = f"{'all' if self.kind == 'all' else 'any'}({body.clause(replace(seq, elem=cond))})"
        return Val(BOOL, E(f"not {text}" if self.kind == "none" else text), noun)

    def name(self, inner: str, rng: Random) -> str:
        adj = (
            self.pred.adj(rng).replace("-", "_").replace(" ", "_")
            or self.pred.pred.frag
            or "matching"
        )
        if self.pred.negative:
            adj = f"not_{adj}"
        if self.kind == "all":
            return rng.choice((f"all_{adj}", f"all_{inner}_{adj}", f"are_all_{adj}"))
        if self.kind == "any":
            return rng.choice(
                (
                    f"any_{adj}",
                    f"has_{adj}_{singular(inner)}",
                    f"any_{singular(inner)}_{adj}",
                )
            )
        return rng.choice((f"no_{adj}_{inner}", f"none_{adj}"))


@dataclass(frozen=True)
class Find:
    """The first (or last) element that meets a condition, or a default; or its index."""

    pred: BoundPred
    variant: int
    index: bool
    last: bool
    default: Any

    @property
    def id(self) -> str:
        which = "last" if self.last else "first"
        return f"{which}_{'index' if self.index else 'match'}:{self.pred.id}"

    @property
    def prims(self) -> tuple[str, ...]:
        return (self.id.split(":")[0], *self.pred.prims)

    @property
    def imports(self) -> tuple[str, ...]:
        return self.pred.imports

    def after(self, state: State) -> State:
        assert state.ty.of is not None
        ty = INT if self.index else state.ty.of
        noun = Noun("index", "indexes", False) if self.index else state.noun.one()
        return state.then(opt(ty) if self.default is None else ty, noun, None, "end")

    def _which(self) -> str:
        return "last" if self.last else "first"

    def _else(self, rng: Random) -> str:
        return rng.choice(
            (
                f", or {self.default!r} if there is none",
                f" ({self.default!r} if there is none)",
                f", {self.default!r} when no such element exists",
            )
        )

    def np(self, np: NP, rng: Random) -> NP:
        vp = number_form(self.pred.vp(rng), False)
        subject = rng.choice(
            (
                f"the {self._which()} of {np.text()} that {vp}",
                f"the {self._which()} {np.noun.sg}{np.tail} that {vp}"
                if not np.deep and not np.bare and not np.rel and not np.pre
                else f"the {self._which()} of {np.text()} that {vp}",
            )
        )
        text = (
            f"the {rng.choice(('index', 'position'))} of {subject}" if self.index else subject
        ) + self._else(rng)
        return wrapped(Noun("index", "indexes", False) if self.index else np.noun.one(), text)

    def say(self, ref: Ref, noun: Noun, rng: Random) -> str:
        vp = number_form(self.pred.vp(rng), False)
        verb = rng.choice(("find", "look for", "search for"))
        head = (
            f"the {self._which()} of {ref.o} that {vp}"
            if ref.phrase
            else f"the {self._which()} {noun.sg} that {vp}"
        )
        return f"{verb} {'the index of ' if self.index else ''}{head}{self._else(rng)}"

    def emit(self, body: Body, val: Val) -> Val:
        for line in self.imports:
            body.need(line)
        noun = Noun("index", "indexes", False) if self.index else val.noun.one()
        assert val.ty.of is not None
        ty = INT if self.index else val.ty.of
        if self.index:
            source = body.bind(body.list(val), *list_names(val.noun))
            base = body.seq(replace(val, code=source))
            inner = f"({base.pat})" if base.unpacked else base.pat
            i = body.name("i", "index", "position")
            seq = Seq(E(f"enumerate({source.text})"), f"{i}, {inner}", base.whole, base.whole)
            result = E(i)
            cond = self.pred.cond(base.whole, base, self.variant)
        else:
            val, seq = simple_seq(body, val)
            result = seq.elem
            cond = self.pred.cond(seq.elem, seq, self.variant)
        full = replace(seq, elem=result, conds=(*seq.conds, cond))
        default = literal(self.default).text
        if self.last and not body.loop:
            matches = body.bind(E(f"[{body.clause(full)}]"), "matches", "found", "hits")
            return Val(
                opt(ty),
                E(f"{matches.text}[-1] if {matches.text} else {default}", 0),
                noun,
            )
        if body.loop and self.last:
            name = body.name("found", "last", "result")
            body.line(f"{name} = {default}")
            with body.over(full) as element:
                body.line(f"{name} = {element.text}")
            told = self.pred.each(replace(seq, each=val.noun.sg) if self.index else seq, body.rng)
            body.say(f"start with {default} as the result", f"set the result to {default}")
            body.say(
                f"for each {told.each} {told.when} store {'the index' if self.index else seq.it} "
                f"in the result, so that the last one stays"
            )
            return Val(opt(ty), E(name), noun)
        if body.loop:
            with body.over(full) as element:
                body.line(f"return {element.text}")
            body.line(f"return {default}")
            body.done = True
            told = self.pred.each(replace(seq, each=val.noun.sg) if self.index else seq, body.rng)
            what = "the index" if self.index else seq.it
            body.say(
                f"go through the {val.noun.pl} from the front",
                "loop over the input in order",
            )
            body.say(
                f"return {what} of the first {told.each} {told.when}".strip()
                if self.index
                else f"at the first {told.each} {told.when} return {what}",
                f"as soon as there is {article(told.each)} {told.each} {told.when}, return {what}",
            )
            body.say(
                f"return {default} if the loop finds nothing",
                f"if there is none, return {default}",
            )
            return Val(opt(ty), E(default), noun)
        return Val(opt(ty), E(f"next(({body.clause(full)}), {default})"), noun)

    def name(self, inner: str, rng: Random) -> str:
        frag = self.pred.pred.frag if not self.pred.column else "matching"
        base = f"{self._which()}_{frag or 'matching'}_{singular(inner)}"
        return (
            rng.choice((f"index_of_{base}", f"{base}_index"))
            if self.index
            else rng.choice((base, f"find_{base}"))
        )


@dataclass(frozen=True)
class Test:
    """Whether a single value meets a condition."""

    pred: BoundPred
    variant: int

    @property
    def id(self) -> str:
        return f"is:{self.pred.id}"

    @property
    def prims(self) -> tuple[str, ...]:
        return ("test", *self.pred.prims)

    @property
    def imports(self) -> tuple[str, ...]:
        return self.pred.imports

    def after(self, state: State) -> State:
        return state.then(BOOL, Noun("answer", "answers", False))

    def np(self, np: NP, rng: Random) -> NP:
        clause = f"{np.text()} {number_form(self.pred.vp(rng), False)}"
        return NP(
            Noun("answer", "answers", False),
            clause=clause,
            bare=f"whether {clause}",
            deep=True,
        )

    def say(self, ref: Ref, noun: Noun, rng: Random) -> str:
        return (
            f"{rng.choice(('check whether', 'test whether', 'tell whether'))} {ref.o} "
            f"{number_form(self.pred.vp(rng), False)}"
        )

    def emit(self, body: Body, val: Val) -> Val:
        for line in self.imports:
            body.need(line)
        assert isinstance(val.code, E)
        x = val.code
        if not x.is_name and len(x.text) > 8:
            x = body.bind(x, *name_hints(val.noun))
        return Val(
            BOOL,
            self.pred.truth(x, None, self.variant),
            Noun("answer", "answers", False),
        )

    def name(self, inner: str, rng: Random) -> str:
        frag = self.pred.pred.frag or "valid"
        return rng.choice((f"is_{frag}", f"{inner}_is_{frag}", f"check_{frag}"))
