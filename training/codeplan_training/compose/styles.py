"""Docstring styles: arrange a chain's pieces into the wording of different authors."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from codeplan_training.compose.talk import Talk
from codeplan_training.compose.values import Arg
from codeplan_training.compose.wording import NP, article, mark_args, marked, sentence

Style = Callable[[Talk, Random], str]


def _result(talk: Talk, rng: Random, start: NP | None = None) -> str:
    """`the sum ...` or `True if ..., otherwise False`."""
    np = talk.phrase(rng, start)
    for _ in range(3):
        if "those of those" not in np.text() and len(np.text()) < 150:
            break
        np = talk.phrase(rng, start)
    text = np.clause or (np.text()[8:] if np.text().startswith("whether ") else "")
    if text:
        return rng.choice(
            (
                f"True if {text}, otherwise False",
                f"True if {text} and False otherwise",
                f"whether {text}",
                f"True if {text}, else False",
                f"True when {text}, False if not",
            )
        )
    return np.text()


def _whether(talk: Talk) -> bool:
    return talk.final.ty.kind == "bool"


def _join(clauses: list[str], rng: Random) -> str:
    """Clauses in one or several sentences with varied connecting words."""
    if len(clauses) == 1:
        return sentence(clauses[0])
    roll = rng.random()
    if len(clauses) == 2:
        link = rng.choice((" and ", ", then ", " and then ", ", and "))
        if roll < 0.75:
            return sentence(clauses[0] + link + clauses[1])
        return (
            f"{sentence(clauses[0])} "
            f"{sentence(rng.choice(('then ', 'after that ', 'next, ')) + clauses[1])}"
        )
    if roll < 0.4:
        return sentence(
            ", ".join(clauses[:-1])
            + rng.choice((" and ", ", and ", ", and finally ", ", then "))
            + clauses[-1]
        )
    if roll < 0.7:
        words = [
            "first ",
            *[rng.choice(("then ", "next, ", "after that, ")) for _ in clauses[1:-1]],
            rng.choice(("finally, ", "at the end, ", "then ")),
        ]
        return " ".join(sentence(w + c) for w, c in zip(words, clauses, strict=True))
    half = len(clauses) // 2
    return f"{sentence(' and '.join(clauses[:half]))} {sentence('then ' + _and(clauses[half:]))}"


def _and(parts: list[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return ", ".join(parts[:-1]) + " and " + parts[-1]


def _steps(talk: Talk, rng: Random, start: NP | None = None) -> str:
    """The whole task as clauses that end in what is returned."""
    clauses, last = talk.clauses_then_phrase(rng, start)
    verb = rng.choice(("return", "return", "give back", "give")) if rng.random() < 0.8 else "return"
    if not clauses:
        return sentence(f"return {_result(talk, rng, start)}")
    if rng.random() < 0.45:
        everything = talk.clauses(rng, start)
        text = _join(everything, rng)
        return text + rng.choice(("", " Return the result.", "", " Return what you get."))
    return _join([*clauses, f"{verb} {last}"], rng)


def _given(talk: Talk, rng: Random) -> str:
    """`a list of numbers` and `a limit`."""
    first = f"{_what(talk.source.arg)}"
    others = [
        a.what
        if a.what.startswith(("the ", "a ", "an ", "how "))
        else f"{article(a.what)} {a.what}"
        for a in talk.args[1:]
    ]
    return _and([first, *others])


def _what(arg: Arg) -> str:
    return arg.what


def _verb(talk: Talk, rng: Random) -> str:
    """A verb for the result: numbers are computed, other values are returned."""
    kind = talk.final.ty.kind
    if kind in ("int", "float") and len(talk.steps) < 3:
        return rng.choice(("return", "return", "compute", "determine", "find", "calculate"))
    if kind == "list":
        return rng.choice(("return", "return", "return", "get", "give"))
    return "return"


def _verbal(talk: Talk, rng: Random) -> bool:
    from codeplan_training.compose.ops.elements import Filter
    from codeplan_training.compose.ops.whole import Whole

    inner = talk.steps[:-1]
    later = talk.steps[1:]
    if any(isinstance(step, Whole) and step.spec.blocks for step in later) and rng.random() < 0.85:
        return True
    if any(isinstance(step, Whole) for step in inner) and isinstance(talk.steps[-1], Filter):
        return True
    if sum(isinstance(step, Whole) for step in talk.steps) > 1 and rng.random() < 0.6:
        return True
    return len(talk.steps) >= 4 or (len(talk.steps) == 3 and rng.random() < 0.5)


def core(talk: Talk, rng: Random, start: NP | None = None) -> str:
    """The task in one or more sentences, as a phrase or as steps."""
    if _verbal(talk, rng) or (len(talk.steps) > 1 and rng.random() < 0.35):
        return _steps(talk, rng, start)
    return sentence(f"{_verb(talk, rng)} {_result(talk, rng, start)}")


def terse(talk: Talk, rng: Random) -> str:
    """Bare imperative without arguments' names."""
    start = talk.plain(rng)
    text = _join(talk.clauses(rng, start), rng)
    return text if rng.random() < 0.8 else text.rstrip(".")


def returns(talk: Talk, rng: Random) -> str:
    """`Return ...` or `Returns ...`."""
    if _verbal(talk, rng):
        return _steps(talk, rng)
    return sentence(f"{rng.choice(('Return', 'Returns'))} {_result(talk, rng)}")


def given(talk: Talk, rng: Random) -> str:
    """`Given ..., return ...`."""
    start = talk.plain(rng)
    if _verbal(talk, rng) or (len(talk.steps) > 1 and rng.random() < 0.3):
        text = _steps(talk, rng, start)
        return (
            f"Given {_given(talk, rng)}, {text[0].lower()}{text[1:]}"
            if not text.startswith("First")
            else f"You are given {_given(talk, rng)}. {text}"
        )
    return sentence(f"Given {_given(talk, rng)}, {_verb(talk, rng)} {_result(talk, rng, start)}")


def library(talk: Talk, rng: Random) -> str:
    """A library author's sentence."""
    return core(talk, rng, talk.start(rng))


def caption(talk: Talk, rng: Random) -> str:
    """A noun phrase as a title."""
    if _verbal(talk, rng) or _whether(talk):
        return terse(talk, rng)
    text = talk.phrase(rng, talk.plain(rng) if rng.random() < 0.5 else None).text()
    if text.startswith("the "):
        text = text[4:]
    return sentence(text)


def question(talk: Talk, rng: Random) -> str:
    """The task as a question."""
    np = talk.phrase(rng)
    if _verbal(talk, rng):
        clauses = talk.clauses(rng)
        return f"What do you get if you {_and(clauses)}?"
    if np.clause or _whether(talk):
        text = np.clause or np.text().removeprefix("whether ")
        return rng.choice(
            (
                f"Is it true that {text}?",
                f"Can we say that {text}?",
                f"Does it hold that {text}?",
            )
        )
    verb = "are" if np.noun.plural and talk.final.noun.plural else "is"
    return f"What {verb} {np.text()}?"


def beginner(talk: Talk, rng: Random) -> str:
    """How a beginner describes it."""
    start = talk.plain(rng)
    intro = rng.choice(
        (
            f"I have {_given(talk, rng)}.",
            f"We get {_given(talk, rng)}.",
            f"The function gets {_given(talk, rng)}.",
            f"This function takes {_given(talk, rng)}.",
            f"We have {_given(talk, rng)}.",
        )
    )
    if len(talk.steps) == 1 or (len(talk.steps) == 2 and rng.random() < 0.4):
        want = rng.choice(
            (
                "I want to get",
                "I need",
                "It should return",
                "It must return",
                "The result is",
            )
        )
        return f"{intro} {want} {_result(talk, rng, start)}."
    clauses = talk.clauses(rng, start)
    lead = rng.choice(("I want to", "We have to", "It should", "You should", "Please"))
    tail = rng.choice(("", " and give that back", " and return the result", ""))
    return f"{intro} {lead} {', then '.join(clauses) if len(clauses) < 3 else _and(clauses)}{tail}."


def task(talk: Talk, rng: Random) -> str:
    """`Write a function that ...`."""
    head = rng.choice(
        (
            "Write a function that takes",
            "Function that takes",
            "A function that receives",
            "Takes",
            "Accepts",
        )
    )
    start = talk.plain(rng)
    verb = "returns"
    if _verbal(talk, rng):
        return f"{head} {_given(talk, rng)}. {_steps(talk, rng, start)}"
    return f"{head} {_given(talk, rng)} and {verb} {_result(talk, rng, start)}."


_STORIES = (
    "For the weekly report",
    "For a small dashboard",
    "Before printing a summary",
    "For the statistics page",
    "In our club's tool",
    "To prepare the next step",
    "For a quick overview",
    "For the monthly newsletter",
    "While cleaning up the data",
    "For the shop's website",
    "For a school project",
    "In the import script",
    "The team asked for this",
    "For the export file",
    "For the test protocol",
)


def story(talk: Talk, rng: Random) -> str:
    """With a reason in front."""
    start = talk.plain(rng)
    reason = rng.choice(_STORIES)
    if reason == "The team asked for this":
        return f"{reason}. {core(talk, rng, start)}"
    need = rng.choice(("we need", "we want to know", "somebody needs", "I need"))
    if _verbal(talk, rng) or rng.random() < 0.3:
        clauses = talk.clauses(rng, start)
        return f"{reason}, {_given(talk, rng)} must be processed: {_and(clauses)}."
    if _whether(talk):
        np = talk.phrase(rng, start)
        return (
            f"{reason}, {rng.choice(('we must know', 'we want to know', 'check'))} {np.text()}. "
            f"The input is {_given(talk, rng)}."
        )
    return (
        f"{reason}, {need} {_result(talk, rng, start)}. "
        f"{rng.choice(('The input is', 'You get', 'We start from'))} {_given(talk, rng)}."
    )


def _return_text(talk: Talk, rng: Random) -> str:
    if _whether(talk):
        return sentence(
            rng.choice(
                (
                    "True or False",
                    "True if the condition holds, False otherwise",
                    "the answer as a bool",
                )
            )
        )
    if len(talk.steps) > 2 or rng.random() < 0.4:
        noun = talk.final.noun
        return sentence(
            f"the {noun.pl if noun.plural else noun.sg}" if rng.random() < 0.6 else "the result"
        )
    text = talk.phrase(rng, talk.plain(rng)).text()
    return sentence(text)


def google(talk: Talk, rng: Random) -> str:
    """Google style with Args and Returns."""
    lines = [library(talk, rng), "", "Args:"]
    lines += [f"    {a.name}: {sentence(a.what)}" for a in talk.args]
    lines += ["", "Returns:", f"    {_return_text(talk, rng)}"]
    if any(getattr(step, "policy", "") == "raise" for step in talk.steps):
        lines += ["", "Raises:", "    ValueError: If there is nothing to work with."]
    return "\n".join(lines)


def numpy(talk: Talk, rng: Random) -> str:
    """NumPy style."""
    lines = [library(talk, rng), "", "Parameters", "----------"]
    for a in talk.args:
        lines += [f"{a.name} : {a.ty}", f"    {sentence(a.what)}"]
    lines += [
        "",
        "Returns",
        "-------",
        f"{talk.final.ty}",
        f"    {_return_text(talk, rng)}",
    ]
    return "\n".join(lines)


def rest(talk: Talk, rng: Random) -> str:
    """reST fields."""
    lines = [library(talk, rng), ""]
    lines += [f":param {a.name}: {a.what}" for a in talk.args]
    lines.append(f":{rng.choice(('return', 'returns'))}: {_return_text(talk, rng).rstrip('.')}")
    return "\n".join(lines)


def stepwise(talk: Talk, rng: Random) -> str:
    """A title and then the steps in words."""
    if len(talk.steps) < 2:
        return returns(talk, rng)
    clauses = talk.clauses(rng)
    return rng.choice(
        (
            f"{_join(clauses, rng)}",
            f"Do the following with {marked(talk.source.arg.name)}: {_and(clauses)}.",
            f"Process {marked(talk.source.arg.name)} like this: {_and(clauses)}.",
        )
    )


STYLES: dict[str, tuple[Style, float]] = {
    "terse": (terse, 2.0),
    "returns": (returns, 2.5),
    "given": (given, 1.5),
    "library": (library, 2.0),
    "caption": (caption, 0.8),
    "question": (question, 0.8),
    "beginner": (beginner, 1.2),
    "task": (task, 1.3),
    "story": (story, 0.9),
    "google": (google, 0.6),
    "numpy": (numpy, 0.4),
    "rest": (rest, 0.5),
    "stepwise": (stepwise, 1.0),
}
SECTIONED = {"google", "numpy", "rest"}
_MARKS = (("", ""), ("", ""), ("*", "*"), ("`", "`"), ("``", "``"))


def write(talk: Talk, style: str, rng: Random) -> str:
    """A docstring in the named style, with the notes on edge cases."""
    text = STYLES[style][0](talk, rng)
    notes = talk.notes(rng)
    if notes:
        if style in SECTIONED:
            head, _, rest_of = text.partition("\n")
            text = f"{head} {' '.join(notes)}\n{rest_of}"
        else:
            text = f"{text}{'' if text.endswith(('.', '?')) else '.'} {' '.join(notes)}"
    marks = _MARKS[2:] if len(talk.args) > 1 and rng.random() < 0.75 else _MARKS
    before, after = ("*", "*") if style == "library" else rng.choice(marks)
    return mark_args(text, before, after)


def choose(rng: Random, count: int) -> list[str]:
    """Different styles, weighted."""
    names = list(STYLES)
    weights = [STYLES[name][1] for name in names]
    chosen: list[str] = []
    while len(chosen) < count:
        name = rng.choices(names, weights)[0]
        if name not in chosen:
            chosen.append(name)
    return chosen
