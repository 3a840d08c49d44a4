"""The shape of element functions and conditions, and how their parameters are chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

Sample = Callable[[Random], Any]


@dataclass(frozen=True)
class Choice:
    """A parameter: how a constant is chosen, and its names when it becomes an argument."""

    make: Callable[[Random, Sample | None], Any]
    names: tuple[str, ...] = ()
    kind: str = "int"
    what: str = ""
    arg_chance: float = 0.22


@dataclass(frozen=True)
class Fn:
    """A function of one element. Texts use the markup of `wording`.

    `noun` is how later steps call the result; `long` says what it is where the noun does not.
    `seeds` turns a sample (and the parameters' values) into one that the function changes.
    """

    id: str
    src: str
    dst: str
    code: tuple[str, ...]
    says: tuple[str, ...]
    noun: str = ""
    long: str = ""
    nps: tuple[str, ...] = ()
    frag: str = ""
    params: dict[str, Choice] = field(default_factory=dict)
    imports: tuple[str, ...] = ()
    weight: float = 1.0
    seeds: Callable[[Random, str, dict[str, Any]], str] | None = None


@dataclass(frozen=True)
class Pred:
    """A condition on one element. `vps` are verb phrases, `adjs` adjectives."""

    id: str
    src: str
    code: tuple[str, ...]
    vps: tuple[str, ...]
    adjs: tuple[str, ...] = ()
    frag: str = ""
    params: dict[str, Choice] = field(default_factory=dict)
    imports: tuple[str, ...] = ()
    weight: float = 1.0


FNS: dict[str, Fn] = {}
PREDS: dict[str, Pred] = {}


def fn(id: str, src: str, dst: str, code: str | tuple[str, ...], *says: str, **more: Any) -> None:
    """Register an element function."""
    codes = (code,) if isinstance(code, str) else code
    FNS[id] = Fn(id, src, dst, codes, says, **more)


def pred(id: str, src: str, code: str | tuple[str, ...], *vps: str, **more: Any) -> None:
    """Register a condition."""
    codes = (code,) if isinstance(code, str) else code
    PREDS[id] = Pred(id, src, codes, vps, **more)


def small(low: int, high: int, *names: str, what: str = "", chance: float = 0.22) -> Choice:
    """A whole number from low to high."""
    return Choice(lambda rng, _: rng.randint(low, high), names, "int", what, chance)


def one_of(options: tuple[Any, ...], *names: str, kind: str = "str", what: str = "") -> Choice:
    """One of the given constants."""
    return Choice(lambda rng, _: rng.choice(options), names, kind, what)


def near(*names: str, what: str = "", low: int = 1, high: int = 20, kind: str = "int") -> Choice:
    """A number like the ones in the data, so that a comparison with it splits them."""

    def make(rng: Random, sample: Sample | None) -> Any:
        value = sample(rng) if sample else None
        if isinstance(value, bool) or not isinstance(value, int | float):
            return rng.randint(low, high)
        return value

    return Choice(make, names, kind, what, 0.35)


def from_text(
    cut: Callable[[Random, str], str],
    fallback: tuple[str, ...],
    *names: str,
    what: str = "",
    chance: float = 0.22,
) -> Choice:
    """A piece of a text like the ones in the data, or a fallback."""

    def make(rng: Random, sample: Sample | None) -> str:
        value = sample(rng) if sample else None
        if isinstance(value, str) and value.strip() and rng.random() < 0.75:
            piece = cut(rng, value)
            if piece and "\n" not in piece:
                return piece
        return rng.choice(fallback)

    return Choice(make, names, "str", what, chance)
