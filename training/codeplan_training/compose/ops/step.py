"""The interface of one step of a chain."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Protocol

from codeplan_training.compose.emit import Body, Val
from codeplan_training.compose.ops.prims import Sample
from codeplan_training.compose.values import Noun, Ty
from codeplan_training.compose.wording import NP, Ref


@dataclass(frozen=True)
class State:
    """What is known about the value between two steps while the chain is chosen."""

    ty: Ty
    noun: Noun
    sample: Sample | None = None
    first: bool = True
    tags: frozenset[str] = frozenset()

    def then(self, ty: Ty, noun: Noun, sample: Sample | None = None, *tags: str) -> State:
        return State(ty, noun, sample, False, frozenset(tags))


class Step(Protocol):
    """One operation with its choices made."""

    @property
    def id(self) -> str:
        """The operation's name with its primitives, the unit of the held-out pairs."""
        ...

    @property
    def prims(self) -> tuple[str, ...]:
        """The primitive operations in it."""
        ...

    @property
    def imports(self) -> tuple[str, ...]:
        """The import lines that its code may need."""
        ...

    def after(self, state: State) -> State:
        """The state after this step."""
        ...

    def np(self, np: NP, rng: Random) -> NP:
        """The noun phrase of the result."""
        ...

    def say(self, ref: Ref, noun: Noun, rng: Random) -> str:
        """An imperative clause."""
        ...

    def emit(self, body: Body, val: Val) -> Val:
        """Write the code."""
        ...

    def name(self, inner: str, rng: Random) -> str:
        """A function name for the chain so far, from the name of what comes before."""
        ...
