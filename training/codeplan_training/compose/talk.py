"""What can be said about a chain: one noun phrase, a list of clauses, plan steps, a name.

The styles arrange these pieces into docstrings; this module knows no style.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from codeplan_training.compose.ops.step import State, Step
from codeplan_training.compose.ops.whole import Whole
from codeplan_training.compose.values import Arg
from codeplan_training.compose.wording import (
    NP,
    marked,
    pronoun,
    reference,
    wrapped,
)


@dataclass(frozen=True)
class Source:
    """Where a chain starts: the argument, the first state and how the data is described."""

    arg: Arg
    state: State
    kind: str
    detail: str = ""


@dataclass(frozen=True)
class Talk:
    """A chain with its source and the states before each step."""

    source: Source
    steps: tuple[Step, ...]
    states: tuple[State, ...]
    args: tuple[Arg, ...]

    @property
    def final(self) -> State:
        return self.states[-1]

    def start(self, rng: Random) -> NP:
        """The source as a noun phrase."""
        noun = self.source.state.noun
        name = self.source.arg.name
        if not noun.plural:
            if noun.sg == name:
                return NP(
                    noun,
                    bare=rng.choice((marked(name), f"the {noun.sg}", f"the given {noun.sg}")),
                    deep=True,
                )
            return NP(
                noun,
                bare=rng.choice(
                    (
                        marked(name),
                        f"the {noun.sg} {marked(name)}",
                        f"the given {noun.sg}",
                    )
                ),
                deep=True,
            )
        if noun.pl == name:
            return rng.choice(
                (
                    NP(noun),
                    NP(noun),
                    NP(noun, pre=("given",)),
                    NP(noun, bare=marked(name)),
                )
            )
        return rng.choice(
            (
                NP(noun, tail=f" in {marked(name)}"),
                NP(noun, tail=f" in {marked(name)}"),
                NP(noun, pre=("given",)),
                NP(noun, tail=f" of {marked(name)}"),
                NP(noun),
            )
        )

    def plain(self, rng: Random) -> NP:
        """The source when it was introduced before: `the numbers` or `the list`."""
        noun = self.source.state.noun
        return NP(noun) if noun.plural else NP(noun, bare=f"the {noun.sg}", deep=True)

    def phrase(self, rng: Random, start: NP | None = None) -> NP:
        """The whole result as one noun phrase."""
        np = start or self.start(rng)
        for step in self.steps:
            np = step.np(np, rng)
        return np

    def clauses(self, rng: Random, start: NP | None = None) -> list[str]:
        """One imperative clause a step; later ones refer back with pronouns."""
        np = start or self.start(rng)
        found: list[str] = []
        changed = False
        for index, step in enumerate(self.steps):
            noun = self.states[index].noun
            ref = reference(np, rng) if index == 0 else pronoun(noun, rng, changed)
            found.append(step.say(ref, noun, rng))
            changed = self.states[index + 1].noun != noun or "mapped" in self.states[index + 1].tags
        return found

    def clauses_then_phrase(self, rng: Random, start: NP | None = None) -> tuple[list[str], str]:
        """All steps but the last as clauses, and the result as a phrase about a pronoun."""
        if len(self.steps) == 1:
            return [], self.phrase(rng, start).text()
        head = Talk(self.source, self.steps[:-1], self.states[:-1], self.args)
        clauses = head.clauses(rng, start)
        noun = self.states[-2].noun
        if noun.plural:
            text = rng.choice(
                (
                    f"the {noun.pl}",
                    f"these {noun.pl}",
                    f"the remaining {noun.pl}"
                    if "filtered" in self.states[-2].tags
                    else f"the resulting {noun.pl}",
                )
            )
            np = NP(noun, bare=text, deep=True)
        else:
            np = wrapped(noun, rng.choice((f"the {noun.sg}", f"this {noun.sg}", "the result")))
        return clauses, self.steps[-1].np(np, rng).text()

    def notes(self, rng: Random) -> list[str]:
        """Sentences about edge cases."""
        found = []
        for step, state in zip(self.steps, self.states, strict=False):
            note = getattr(step, "note", None)
            if note is not None and (text := note(state.noun, rng)):
                found.append(text)
        return found

    def name(self, rng: Random) -> str:
        """A function name of at most about five words."""
        base = self.source.arg.name
        noun = self.source.state.noun
        if noun.plural and rng.random() < 0.8:
            base = noun.pl.replace(" ", "_").replace("-", "_")
        elif not noun.plural and len(base) < 3:
            base = noun.sg.replace(" ", "_")
        name = base
        for step, state in zip(self.steps, self.states, strict=False):
            whole = isinstance(step, Whole)
            name = step.name(name, rng, state.noun) if whole else step.name(name, rng)
        name = tidy(name)
        if (len(name) > 34 or name.count("_") > 4) and rng.random() < 0.9:
            picked = self.steps[-1] if rng.random() < 0.6 else rng.choice(self.steps)
            name = tidy(picked.name(base, rng))
        if len(name) > 38:
            name = tidy(
                rng.choice(
                    (
                        f"{base}_report",
                        f"summarise_{base}",
                        f"{base}_result",
                        f"process_{base}",
                        f"evaluate_{base}",
                    )
                )
            )
        roll = rng.random()
        if roll < 0.05:
            name = rng.choice(
                (
                    f"process_{base}",
                    f"summarise_{base}",
                    f"handle_{base}",
                    "convert",
                    "transform",
                    "solve",
                    "compute",
                    "f",
                    "g",
                    f"evaluate_{base}",
                    f"prepare_{base}",
                    "calc",
                )
            )
        elif roll < 0.14 and not name.startswith(
            ("get_", "find_", "is_", "has_", "count_", "sort")
        ):
            name = "get_" + name
        return name

    def plan(self, rng: Random, merge: float) -> list[str]:
        """One sentence a step; with some probability two steps share a sentence."""
        start = self.start(rng)
        parts, last = self.clauses_then_phrase(rng, start)
        if len(self.steps) > 1 and rng.random() < 0.5:
            parts = self.clauses(rng, start)
            last = ""
        steps: list[str] = []
        for part in parts:
            if steps and rng.random() < merge and len(steps[-1]) < 60:
                steps[-1] += f" and {part}"
            else:
                steps.append(part)
        if last:
            steps.append(f"return {last}")
        elif rng.random() < 0.6:
            steps.append(rng.choice(("return the result", "return it", "return what results")))
        return steps


_WORD = re.compile(r"[^a-z0-9_]+")


def tidy(name: str) -> str:
    """A valid lower-case identifier without doubled words."""
    name = _WORD.sub("_", name.lower()).strip("_")
    words = [w for w in name.split("_") if w]
    kept = [w for i, w in enumerate(words) if i == 0 or w != words[i - 1]]
    return "_".join(kept) or "f"
