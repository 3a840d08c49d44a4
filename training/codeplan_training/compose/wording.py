"""Noun phrases, references and the small markup that the operations' texts are written in.

Markup: `[is|are]` takes the singular or the plural form; `$np`, `$o`, `$e`, `$h`, `$s` stand for
what an operation works on (see `Ref`); other `$slots` are parameters. An argument's name travels
as a marked token until a style decides how it is printed (`mark_args`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random

from codeplan_training.compose.values import Noun, Param

_FORM = re.compile(r"\[([^\[\]|]*)\|([^\[\]|]*)\]")
_MARKED = re.compile("\x01(\\w+)\x02")
_SLOT = re.compile(r"\$(\w+)")


_ORDINALS = {2: "second", 3: "third", 4: "fourth", 5: "fifth"}


def marked(name: str) -> str:
    """The token for an argument's name."""
    return f"\x01{name}\x02"


def mark_args(text: str, before: str, after: str) -> str:
    """Print the argument tokens between two marks, for example `*name*`."""
    return _MARKED.sub(lambda m: f"{before}{m[1]}{after}", text)


def number_form(text: str, plural: bool) -> str:
    """Resolve `[singular|plural]`."""
    return _FORM.sub(lambda m: m[2] if plural else m[1], text)


def put(text: str, slots: Mapping[str, str]) -> str:
    """Replace the `$slots` that are known."""
    return _SLOT.sub(lambda m: slots.get(m[1], m[0]), text)


def say_params(text: str, params: Mapping[str, Param]) -> str:
    """Replace parameter slots by a constant's repr or an argument's token."""
    slots: dict[str, str] = {}
    for name, param in params.items():
        slots[name] = marked(param.name) if param.name else repr(param.value)
        if isinstance(param.value, int) and param.value in _ORDINALS:
            slots[f"{name}th"] = _ORDINALS[param.value]
    return put(text, slots)


def negate_phrase(phrase: str) -> str:
    """`[is|are] even` to `[is|are] not even`, `start[s|] with` to `[does|do] not start with`."""
    if phrase.startswith("[is|are] not "):
        return "[is|are] " + phrase[13:]
    if noun := re.match(r"\[is (an? .*?)\|are (.*?)\]", phrase):
        return f"[is not {noun[1]}|are not {noun[2]}]{phrase[noun.end() :]}"
    if phrase.startswith("[can|can] "):
        return "cannot " + phrase[10:]
    if phrase.startswith("[does|do] not "):
        return phrase[14:].replace(" ", "[s|] ", 1)
    if phrase.startswith("[is|are] "):
        return "[is|are] not " + phrase[9:]
    if phrase.startswith("[has|have] "):
        return "[does|do] not have " + phrase[11:]
    return "[does|do] not " + number_form(phrase, True)


@dataclass(frozen=True)
class NP:
    """A noun phrase that can still be qualified: `the even numbers in nums that are above 3`."""

    noun: Noun
    pre: tuple[str, ...] = ()
    tail: str = ""
    rel: tuple[str, ...] = ()
    det: str = "the"
    deep: bool = False
    bare: str = ""
    clause: str = ""

    def text(self) -> str:
        """With determiner."""
        if self.bare and not self.rel and not self.pre:
            return self.bare
        return f"{self.det} {self.core()}".strip()

    def core(self) -> str:
        """Without determiner."""
        head = self.noun.pl if self.noun.plural else self.noun.sg
        words = " ".join([*self.pre, head]) + self.tail
        if self.rel:
            words += f" {' and '.join(self.rel)}"
        return words


def wrapped(noun: Noun, text: str) -> NP:
    """A phrase that is complete as it stands."""
    return NP(noun, bare=text, deep=True)


def qualified(np: NP, adjective: str, relative: str, rng: Random) -> NP:
    """The phrase restricted to the elements that an adjective or a relative clause names."""
    if np.deep or (np.bare and np.bare.startswith("\x01") and rng.random() < 0.5):
        if adjective:
            return wrapped(np.noun, f"the {adjective} {np.noun.pl} among {np.text()}")
        return wrapped(np.noun, f"those of {np.text()} {relative}")
    if adjective and not np.rel:
        return replace(np, pre=(adjective, *np.pre))
    return replace(np, rel=(*np.rel, relative))


@dataclass(frozen=True)
class Ref:
    """How a clause refers to the current value: as a whole, by element, by its bare noun."""

    o: str
    e: str
    h: str
    s: str
    np: str
    many: bool = False
    phrase: NP | None = None

    def slots(self) -> dict[str, str]:
        return {"o": self.o, "e": self.e, "h": self.h, "s": self.s, "np": self.np}


def reference(np: NP, rng: Random) -> Ref:
    """Refer to a value by its full phrase."""
    text = np.text()
    noun = np.noun
    if not noun.plural:
        return Ref(text, text, noun.sg, noun.sg, text, False, np)
    each = rng.choice((f"each of {text}", f"each {noun.sg}", f"every {noun.sg}", text))
    if np.rel or np.pre or np.deep:
        each = rng.choice((f"each of {text}", text))
    return Ref(text, each, noun.pl, noun.sg, text, each == text, np)


def pronoun(noun: Noun, rng: Random, changed: bool) -> Ref:
    """Refer to a value that was just mentioned."""
    if not noun.plural:
        text = rng.choice(("it", f"the {noun.sg}", "the result" if changed else "it"))
        return Ref(text, text, noun.sg, noun.sg, text)
    whole = rng.choice(("them", f"the {noun.pl}", f"these {noun.pl}", "the results", "them"))
    if not changed and whole == "the results":
        whole = "them"
    each = rng.choice((f"each {noun.sg}", "each of them", f"every {noun.sg}", "each one", "them"))
    return Ref(whole, each, noun.pl, noun.sg, whole, each == "them")


def sentence(text: str) -> str:
    """With a capital letter (unless an argument's name comes first) and a full stop."""
    text = text.strip()
    if text and not text.startswith("\x01"):
        text = text[0].upper() + text[1:]
    return text if text.endswith((".", "?", "!")) else text + "."


def article(word: str) -> str:
    """`a` or `an` before a word."""
    return "an" if word[:1].lower() in "aeio" or word.startswith("un") else "a"
