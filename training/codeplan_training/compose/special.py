"""Sources whose first operation is given: texts to parse, times, an ascending list to search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from codeplan_training.compose import domains
from codeplan_training.compose.domains import Items
from codeplan_training.compose.sources import list_source, text_source
from codeplan_training.compose.talk import Source
from codeplan_training.compose.values import Draft


def _csv(rng: Random) -> str:
    return ",".join(str(rng.randint(0, 40)) for _ in range(rng.randint(2, 5)))


def _kv(rng: Random) -> str:
    return ";".join(
        f"{k}={rng.randint(0, 30)}"
        for k in rng.sample(("a", "b", "width", "x", "y", "size", "max"), rng.randint(1, 3))
    )


def _brackets(rng: Random) -> str:
    pieces = rng.choice(("()", "[]", "()", "(a)", "<b>", "{}", "((x))", "[[]]"))
    noise = "".join(rng.choice("()[]{}<>ab") for _ in range(rng.randint(0, 3)))
    return pieces * rng.randint(1, 2) + (noise if rng.random() < 0.5 else "")


def _clock(rng: Random) -> str:
    return f"{rng.randint(0, 23):02d}:{rng.choice((0, 5, 15, 20, 30, 45)):02d}"


def _header(rng: Random) -> str:
    return (
        f"{rng.choice(('Host', 'Date', 'From', 'Size', 'Name', 'Type'))}: "
        f"{rng.choice(domains.WORDS)}"
    )


def _related(rng: Random) -> str:
    return rng.choice(
        (
            "flow",
            "flower",
            "flowing",
            "fly",
            "inter",
            "internal",
            "interest",
            "auto",
            "autumn",
        )
    )


_SPECIAL = (
    (
        Items("text", "texts", "str", ("text", "line", "csv", "numbers"), _csv),
        "parse_csv",
        False,
    ),
    (
        Items("text", "texts", "str", ("text", "settings", "query", "line"), _kv),
        "parse_kv",
        False,
    ),
    (
        Items("text", "texts", "str", ("text", "code", "expression"), _brackets),
        "balanced",
        False,
    ),
    (
        Items(
            "numeric string",
            "numeric strings",
            "str",
            ("parts", "raw", "cells", "fields"),
            lambda r: str(r.randint(0, 40)),
        ),
        "to_ints",
        True,
    ),
    (Items("line", "lines", "str", ("lines", "headers"), _header), "parse_lines", True),
    (
        Items("time", "times", "str", ("times", "arrivals", "alarms"), _clock),
        "to_minutes",
        True,
    ),
    (
        Items("word", "words", "str", ("words", "names"), _related),
        "common_prefix",
        True,
    ),
    (domains.NUMBER_LISTS[1], "binary_search", True),
    (Items("text", "texts", "str", ("text", "line", "row", "path"), _csv), "split_at", False),
)


def _separated(rng: Random) -> Callable[[Random], str]:
    sep = rng.choice((",", ";", "-", "/", "|", ":"))
    pool = rng.choice((domains.COLORS, domains.FRUITS, domains.WORDS, domains.TAGS))
    return lambda r: sep.join(r.sample(pool, r.randint(1, 4)))


def special_source(draft: Draft) -> Source:
    """A source whose first step is given, for example a text that has to be parsed."""
    items, forced, is_list = draft.rng.choice(_SPECIAL)
    if forced == "split_at":
        items = replace(items, make=_separated(draft.rng))
    source = list_source(draft, items) if is_list else text_source(draft, items)
    state = replace(source.state, tags=frozenset({f"force {forced}"}))
    if forced == "binary_search":
        plain = source.arg.make
        source.arg.make = lambda r, size: sorted(set(plain(r, size)))
        source.arg.what = source.arg.what.replace("a list", "an ascending list").replace(
            "some", "sorted"
        )
    return Source(source.arg, state, source.kind)
