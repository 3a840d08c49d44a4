"""Writing a function body: streams that fold into comprehensions or loops, names and imports.

A `Seq` is a list that has not been written yet: a source with filters and one element
expression. Operations that fit (map, filter, most aggregates) only change the Seq; the others
have it written as a comprehension or, in loop style, as a loop that appends.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from random import Random

from codeplan_training.compose.expr import AND, TERNARY, E, negated
from codeplan_training.compose.values import Noun, Ty

_RESERVED = set(dir(builtins)) | set(keyword.kwlist)
_GENERIC = {
    "int": ("n", "x", "value", "number", "num"),
    "float": ("x", "value", "v", "amount"),
    "str": ("word", "s", "text", "item", "w", "name"),
    "rec": ("item", "row", "entry", "record", "r"),
    "list": ("row", "group", "part", "inner"),
    "pair": ("pair", "item"),
    "date": ("day", "date", "d"),
}


@dataclass(frozen=True)
class Seq:
    """`elem for pat in src if conds`; `whole` is the element as it comes from the source.

    `each`, `it` and `when` say the same in words: for each even number, if ..., its square.
    """

    src: E
    pat: str
    whole: E
    elem: E
    conds: tuple[E, ...] = ()
    each: str = "item"
    it: str = "it"
    when: str = ""

    @property
    def trivial(self) -> bool:
        return self.elem == self.whole and not self.conds

    @property
    def unpacked(self) -> bool:
        return "," in self.pat


@dataclass(frozen=True)
class Val:
    """A value in the body: its type, its code, and what it is called."""

    ty: Ty
    code: E | Seq
    noun: Noun
    fresh: bool = False


class Body:
    """Collects the statements of one function body."""

    def __init__(self, rng: Random, args: list[str], loop: bool) -> None:
        self.rng = rng
        self.loop = loop
        self.lines: list[str] = []
        self.imports: set[str] = set()
        self.taken = set(args)
        self.depth = 1
        self.done = False
        self.told = False
        self.detailed = False
        self.plan: list[str] = []
        self.pending: list[str] = []
        self.function = "f"
        self.short = rng.random() < 0.3
        self.unpack = rng.random() < 0.7
        self.nest = rng.random()

    def line(self, text: str) -> None:
        self.lines.append("    " * self.depth + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        self.line(head)
        self.depth += 1
        yield
        self.depth -= 1

    def say(self, *options: str) -> None:
        """Add one plan sentence, chosen from the options."""
        self.plan.append(self.rng.choice(options))
        self.told = True

    def need(self, line: str) -> None:
        self.imports.add(line)

    def name(self, *hints: str) -> str:
        """A new name: the first hint that is free, else a numbered one."""
        for hint in hints:
            if hint.isidentifier() and hint not in self.taken and hint not in _RESERVED:
                self.taken.add(hint)
                return hint
        for base in ("result", "values", "items", "output", "step"):
            if base not in self.taken:
                self.taken.add(base)
                return base
        number = 2
        while f"part{number}" in self.taken:
            number += 1
        self.taken.add(f"part{number}")
        return f"part{number}"

    def free(self, name: str) -> None:
        self.taken.discard(name)

    def var(self, noun: Noun, ty: Ty | None) -> str:
        """A loop variable for one element."""
        kind = ty.kind if ty else "str"
        generic = list(_GENERIC.get(kind, ("item", "x")))
        self.rng.shuffle(generic)
        own = noun.sg.split()[-1].replace("-", "_") if noun.sg else "item"
        initial = own[:1].lower()
        if initial in "cdisxw":  # names inside templates
            initial = generic[0]
        hints = [own, *generic] if not self.short else [initial, *generic, own]
        name = self.name(*hints, "entry", "element", "y", "z")
        self.free(name)
        return name

    def bind(self, expression: E, *hints: str) -> E:
        """The expression under a name; a name is returned as it is."""
        if expression.is_name:
            return expression
        name = self.name(*hints)
        self.line(f"{name} = {expression.text}")
        return E(name)

    def seq(self, val: Val) -> Seq:
        """The list as a stream; a scalar E is taken as an iterable."""
        if isinstance(val.code, Seq):
            return val.code
        source = val.code
        if len(source.text) > 40:
            source = self.bind(source, plural_name(val.noun))
        of = val.ty.of
        if of is not None and of.kind == "rec" and of.record and of.record.shape == "tuple":
            names = [f.name for f in of.record.fields]
            if self.unpack and not set(names) & (self.taken | _RESERVED):
                pattern = ", ".join(names)
                whole = E(f"({pattern})")
                return Seq(source, pattern, whole, whole, (), val.noun.sg)
        if of is not None and of.kind == "pair" and self.unpack:
            names = ["key", "value"]
            if not set(names) & self.taken:
                whole = E("(key, value)")
                return Seq(source, "key, value", whole, whole, (), val.noun.sg)
        var = E(self.var(val.noun, of))
        return Seq(source, var.text, var, var, (), val.noun.sg)

    def list(self, val: Val) -> E:
        """The value as a written expression, by comprehension or by loop."""
        if not isinstance(val.code, Seq):
            return val.code
        seq = val.code
        if seq.trivial:
            return seq.src
        if self.loop:
            name = self.name(*list_names(val.noun))
            self.line(f"{name} = []")
            with self.over(seq) as element:
                self.line(f"{name}.append({element.text})")
            told = self.told
            self.tell_list(seq)
            self.told = told
            return E(name)
        return E(f"[{self.inner(seq)}]")

    def tell_list(self, seq: Seq) -> None:
        """Plan sentences for a loop that appends."""
        self.pending.clear()
        when = f" {seq.when}," if seq.when else ""
        if seq.it == "it" and not when:
            item = f"every {seq.each}"
            body = (f"append {item} to it", f"go through the data and append {item}")
            alone = (
                f"append {item} to a new list in a loop",
                f"collect {item} in a list by a loop",
            )
        else:
            body = (
                f"for each {seq.each},{when} append {seq.it}",
                f"loop over the input: for every {seq.each}{when} append {seq.it}",
            )
            alone = (
                f"for each {seq.each},{when} append {seq.it} to a new list",
                f"for every {seq.each}{when} add {seq.it} to the result list",
            )
        if self.rng.random() < 0.6:
            self.say(
                "start with an empty list",
                "begin with an empty list",
                "make an empty result list",
            )
            self.say(*body)
        else:
            self.say(*alone)

    def inner(self, seq: Seq) -> str:
        """The text between the brackets of a comprehension, or the bare source."""
        return seq.src.text if seq.trivial else self.clause(seq)

    def clause(self, seq: Seq) -> str:
        """The text between the brackets of a comprehension, always with a for."""
        return f"{seq.elem.text} {self.tail(seq)}"

    def tail(self, seq: Seq, used: str = "") -> str:
        conds = conjunction(seq.conds)
        pattern = used_pattern(seq.pat, f"{seq.elem.text} {used} {conds}")
        source = f"({seq.src.text})" if seq.src.prec == TERNARY else unlisted(seq.src.text)
        return f"for {pattern} in {source}" + (f" if {conds}" if conds else "")

    @contextmanager
    def over(self, seq: Seq, used: str = "") -> Iterator[E]:
        """A for loop with the filters as ifs; the body sees the element expression."""
        conds = conjunction(seq.conds)
        pattern = used_pattern(seq.pat, f"{seq.elem.text} {used} {conds}")
        self.line(f"for {pattern} in {unlisted(seq.src.text)}:")
        self.depth += 1
        inner = 0
        if conds:
            if self.rng.random() < 0.12 and len(seq.conds) == 1 and "not " not in conds:
                with self.block(f"if {negated(conds)}:"):
                    self.line("continue")
            else:
                self.line(f"if {conds}:")
                self.depth += 1
                inner = 1
        yield seq.elem
        self.depth -= 1 + inner

    def fold(self, seq: Seq, name: str, start: str, update: str) -> E:
        """`name = start`, then the update template (slots $acc and $x) for every element."""
        self.line(f"{name} = {start}")
        with self.over(seq) as element:
            self.line(fill_line(update, acc=E(name), x=element))
        return E(name)

    def restart(self, val: Val) -> Val:
        """The same list, written out and bound, so that its elements are simple again."""
        written = self.list(val)
        return replace(val, code=self.bind(written, *list_names(val.noun)), fresh=True)


def fill_line(template: str, **slots: E) -> str:
    """Like `fill` for a statement: slots are atoms or stand alone, so no analysis is needed."""
    text = template
    for name, expression in slots.items():
        text = text.replace(f"${name}", expression.text)
    return text


def conjunction(conds: tuple[E, ...]) -> str:
    if len(conds) == 1:
        return conds[0].text if conds[0].prec > TERNARY else f"({conds[0].text})"
    return " and ".join(f"({c.text})" if c.prec < AND else c.text for c in conds)


def used_pattern(pattern: str, text: str) -> str:
    """The unpacking pattern with `_` for the names that the text does not use."""
    if "," not in pattern:
        return pattern
    words = set(re.findall(r"[A-Za-z_]\w*", re.sub(r"(?<![\w)}\]])f?'[^'{}]*'", "''", text)))
    names = pattern.split(", ")
    return ", ".join(name if name in words else "_" for name in names)


def plural_name(noun: Noun) -> str:
    return noun.pl.split()[-1].replace("-", "_") if noun.pl else "items"


def list_names(noun: Noun) -> tuple[str, ...]:
    return (plural_name(noun), "result", "kept", "found", "selected", "output")


def comprehension(text: str) -> str:
    """The inside of a list comprehension, to be used as a generator; other texts as they are."""
    if not (text.startswith("[") and text.endswith("]") and " for " in text):
        return text
    return text[1:-1] if _closes(text) else text


def unlisted(text: str) -> str:
    """`list(...)` without the list, for a loop that only iterates."""
    if text.startswith("list(") and text.endswith(")") and _closes(text[4:]):
        return text[5:-1]
    return text


def _closes(text: str) -> bool:
    """Whether the first bracket is closed by the last character."""
    depth = 0
    for index, ch in enumerate(text):
        depth += (ch in "([{") - (ch in ")]}")
        if depth == 0:
            return index == len(text) - 1
    return False
