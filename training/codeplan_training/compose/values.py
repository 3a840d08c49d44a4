"""The generator's plain values: types, nouns, parameters, arguments and the state of a chain.

No wording and no code is made here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from codeplan_training.compose.expr import E, literal


@dataclass(frozen=True)
class Field:
    """One field of a record: how it is called in code and in English, and its values."""

    name: str
    kind: str
    sg: str
    pl: str
    make: Callable[[Random], Any]
    adj: str = ""


@dataclass(frozen=True)
class Record:
    """A record's layout: a dict with the fields' names as keys, or a tuple in their order."""

    fields: tuple[Field, ...]
    shape: str

    def field(self, name: str) -> Field:
        return next(f for f in self.fields if f.name == name)

    def index(self, name: str) -> int:
        return next(i for i, f in enumerate(self.fields) if f.name == name)


@dataclass(frozen=True)
class Ty:
    """A type; `of` is the element or value type, `key` a dict's key type."""

    kind: str
    of: Ty | None = None
    key: Ty | None = None
    record: Record | None = None

    def __str__(self) -> str:
        if self.kind == "rec":
            assert self.record is not None
            if self.record.shape == "dict":
                return "dict"
            inner = ", ".join("str" if f.kind == "date" else f.kind for f in self.record.fields)
            return f"tuple[{inner}]"
        if self.kind == "dict":
            return f"dict[{self.key}, {self.of}]"
        if self.kind == "pair":
            return f"tuple[{self.key}, {self.of}]"
        if self.kind == "tuple":
            return f"tuple[{self.of}, ...]"
        if self.kind == "opt":
            return f"{self.of} | None"
        if self.of is not None:
            return f"{self.kind}[{self.of}]"
        return {"date": "str"}.get(self.kind, self.kind)


INT, FLOAT, STR, BOOL, DATE = Ty("int"), Ty("float"), Ty("str"), Ty("bool"), Ty("date")


def list_of(ty: Ty) -> Ty:
    return Ty("list", ty)


def set_of(ty: Ty) -> Ty:
    return Ty("set", ty)


def dict_of(key: Ty, of: Ty) -> Ty:
    return Ty("dict", of, key)


def pair_of(key: Ty, of: Ty) -> Ty:
    return Ty("pair", of, key)


def opt(ty: Ty) -> Ty:
    return ty if ty.kind == "opt" else Ty("opt", ty)


@dataclass(frozen=True)
class Noun:
    """What the current value is called; `plural` when it is a collection of such things.

    For a dict, `key` and `val` name its keys and values.
    """

    sg: str
    pl: str
    plural: bool = True
    key: Noun | None = None
    val: Noun | None = None

    def one(self) -> Noun:
        return Noun(self.sg, self.pl, False)


@dataclass(frozen=True)
class Param:
    """A choice inside an operation: a constant, or an extra argument of the function."""

    value: Any
    name: str | None = None

    @property
    def code(self) -> E:
        return E(self.name) if self.name else literal(self.value)


@dataclass
class Arg:
    """An argument of the function: how it is described and how its values are made."""

    name: str
    ty: Ty
    what: str
    make: Callable[[Random, int], Any]


@dataclass
class Draft:
    """A problem while its chain of operations is being chosen."""

    rng: Random
    args: list[Arg] = field(default_factory=list)
    hints: dict[str, list[Any]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)

    def hint(self, kind: str, *values: Any) -> None:
        """Remember values that the examples should contain so that an operation shows."""
        self.hints.setdefault(kind, []).extend(values)
