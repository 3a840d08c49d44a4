"""Where chains start: arguments with their types, nouns and example values."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from codeplan_training.compose import domains
from codeplan_training.compose.domains import Items, Table
from codeplan_training.compose.ops.bound import TYPES
from codeplan_training.compose.ops.step import State
from codeplan_training.compose.talk import Source
from codeplan_training.compose.values import (
    INT,
    Arg,
    Draft,
    Field,
    Noun,
    Record,
    Ty,
    dict_of,
    list_of,
)
from codeplan_training.compose.wording import article


def list_source(draft: Draft, items: Items) -> Source:
    """A list of plain values."""
    rng = draft.rng
    ty = list_of(TYPES[items.kind])
    name = rng.choice(items.args)
    kind = (
        f" (ISO strings {rng.choice(('YYYY-MM-DD', 'like 2024-03-01'))})"
        if items.kind == "date"
        else ""
    )
    what = (
        rng.choice(
            (
                f"a list of {items.pl}",
                f"a list of {items.pl}",
                f"a list with {items.pl}",
                f"some {items.pl} in a list",
            )
        )
        + kind
    )
    arg = Arg(name, ty, what, lambda r, size: _values(r, size, items.make, draft))
    return _begin(draft, arg, State(ty, Noun(items.sg, items.pl), items.make), "list")


def _values(rng: Random, size: int, make: Callable[[Random], Any], draft: Draft) -> list[Any]:
    values = [make(rng) for _ in range(size)]
    near = draft.hints.get("num", [])
    plain = draft.hints.get("plain", [])
    repeats = draft.hints.get("repeats")
    for index, value in enumerate(values):
        if (
            near
            and isinstance(value, int | float)
            and not isinstance(value, bool)
            and rng.random() < 0.2
        ):
            hint = rng.choice(near)
            if isinstance(value, float) or isinstance(hint, int):
                values[index] = type(value)(hint + rng.choice((-1, 0, 0, 1)))
        elif index and repeats and rng.random() < 0.4:
            values[index] = values[index - 1] if rng.random() < 0.5 else rng.choice(values[:index])
        elif plain and rng.random() < 0.33:
            values[index] = rng.choice(plain)
        elif index and rng.random() < 0.1:
            values[index] = rng.choice(values[:index])
    return values


def text_source(draft: Draft, items: Items) -> Source:
    """One text."""
    rng = draft.rng
    name = rng.choice(items.args)
    what = f"{article(items.sg)} {items.sg}"
    noun = Noun(items.sg, items.pl, False)
    arg = Arg(name, TYPES["str"], what, lambda r, size: _text(r, items, draft) if size else "")
    return _begin(draft, arg, State(TYPES["str"], noun, items.make), "text")


def _text(rng: Random, items: Items, draft: Draft) -> str:
    plain = draft.hints.get("plain", [])
    return rng.choice(plain) if plain and rng.random() < 0.35 else items.make(rng)


_NUMBERS = (
    ("number", "n"),
    ("number", "number"),
    ("integer", "n"),
    ("value", "value"),
    ("number", "num"),
    ("amount", "amount"),
    ("score", "score"),
    ("age", "age"),
    ("price", "price"),
    ("year", "year"),
    ("id", "ident"),
    ("number", "x"),
)


def number_source(draft: Draft) -> Source:
    """One whole number, not negative."""
    rng = draft.rng
    sg, name = rng.choice(_NUMBERS)
    high = rng.choice((12, 20, 100, 1000, 30, 15))

    def make(r: Random) -> int:
        return r.randint(0, high)

    arg = Arg(
        name,
        INT,
        f"{article(sg)} {sg}"
        if sg != "number"
        else rng.choice(("a number", "a whole number", "a non-negative integer")),
        lambda r, size: make(r) if size else 0,
    )
    return _begin(draft, arg, State(INT, Noun(sg, sg + "s", False), make), "number")


def table_source(draft: Draft, table: Table) -> Source:
    """A list of records, as dicts or tuples, with two to four fields."""
    rng = draft.rng
    count = min(len(table.fields), rng.choice((1, 2, 2, 3)))
    chosen = sorted(rng.sample(range(len(table.fields)), count))
    fields = (table.label, *[table.fields[i] for i in chosen])
    shape = "dict" if rng.random() < 0.62 else "tuple"
    record = Record(fields, shape)
    ty = Ty("rec", record=record)
    name = rng.choice(table.args)

    def one(r: Random) -> Any:
        values = {f.name: _cell(r, f, draft) for f in fields}
        return values if shape == "dict" else tuple(values.values())

    def make(r: Random, size: int) -> Any:
        rows = [one(r) for _ in range(min(size, 4))]
        return rows

    if shape == "dict":
        keys = [repr(f.name) for f in fields]
        layout = "dicts with the keys " + ", ".join(keys[:-1]) + " and " + keys[-1]
        layout = rng.choice(
            (layout, "dictionaries with " + ", ".join(keys[:-1]) + " and " + keys[-1])
        )
    else:
        layout = "(" + ", ".join(f.name for f in fields) + ") tuples"
    what = rng.choice(
        (
            f"a list of {table.pl} ({layout})",
            f"a list of {table.pl}, given as {layout}",
            f"{table.pl} as a list of {layout}",
        )
    )
    source = _begin(
        draft,
        Arg(name, list_of(ty), what, make),
        State(list_of(ty), Noun(table.sg, table.pl), one),
        "table",
    )
    return Source(source.arg, source.state, "table", layout)


def _cell(rng: Random, column: Field, draft: Draft) -> Any:
    known = draft.hints.get(f"field {column.name}", [])
    return rng.choice(known) if known and rng.random() < 0.4 else column.make(rng)


def _begin(draft: Draft, arg: Arg, state: State, kind: str) -> Source:
    draft.args.append(arg)
    draft.taken.add(arg.name)
    return Source(arg, state, kind)


_DICTS = (
    (
        ("prices", "price_list"),
        ("product", "products"),
        ("price", "prices"),
        domains.FRUITS,
        domains.ints(1, 20),
    ),
    (
        ("stock", "inventory"),
        ("item", "items"),
        ("amount", "amounts"),
        domains.FRUITS,
        domains.ints(0, 15),
    ),
    (
        ("scores", "points", "results"),
        ("player", "players"),
        ("score", "scores"),
        domains.FIRST,
        domains.ints(0, 20),
    ),
    (
        ("ages",),
        ("person", "people"),
        ("age", "ages"),
        domains.FIRST,
        domains.ints(5, 70),
    ),
    (
        ("votes", "ballot"),
        ("candidate", "candidates"),
        ("vote count", "vote counts"),
        domains.FIRST,
        domains.ints(0, 12),
    ),
    (
        ("temperatures", "temps"),
        ("city", "cities"),
        ("temperature", "temperatures"),
        domains.CITIES,
        domains.ints(-5, 32),
    ),
    (
        ("counts", "tally"),
        ("word", "words"),
        ("count", "counts"),
        domains.WORDS,
        domains.ints(1, 9),
    ),
    (
        ("salaries",),
        ("employee", "employees"),
        ("salary", "salaries"),
        domains.FIRST,
        domains.ints(1500, 4000, 100),
    ),
    (
        ("balances", "accounts"),
        ("owner", "owners"),
        ("balance", "balances"),
        domains.FIRST,
        domains.ints(-30, 60, 5),
    ),
    (
        ("grades",),
        ("student", "students"),
        ("grade", "grades"),
        domains.FIRST,
        domains.ints(1, 6),
    ),
    (
        ("capitals",),
        ("country", "countries"),
        ("capital", "capitals"),
        tuple("Norway Italy France Egypt Japan Peru".split()),
        domains.pick(domains.CITIES),
    ),
    (
        ("teams", "assignments"),
        ("member", "members"),
        ("team", "teams"),
        domains.FIRST,
        domains.pick(("red", "blue", "green")),
    ),
    (
        ("colors", "paints"),
        ("object", "objects"),
        ("color", "colors"),
        domains.WORDS,
        domains.pick(domains.COLORS[:4]),
    ),
    (
        ("mapping", "table", "d", "data"),
        ("key", "keys"),
        ("value", "values"),
        tuple("abcdefgh"),
        domains.ints(0, 9),
    ),
)


def dict_source(draft: Draft) -> Source:
    """A dictionary from names to numbers or texts."""
    rng = draft.rng
    names, key, value, pool, make_value = rng.choice(_DICTS)
    kind = "str" if isinstance(make_value(rng), str) else "int"
    ty = dict_of(TYPES["str"], TYPES[kind])
    noun = Noun("dictionary", "dictionaries", False, Noun(*key), Noun(*value))

    def make(r: Random, size: int) -> dict[str, Any]:
        return {k: make_value(r) for k in r.sample(list(dict.fromkeys(pool)), min(size, 5))}

    what = rng.choice(
        (
            f"a dictionary from {key[0]} to {value[0]}",
            f"a dict that maps each {key[0]} to its {value[0]}",
            f"a dictionary of {value[1]} by {key[0]}",
        )
    )
    return _begin(draft, Arg(rng.choice(names), ty, what, make), State(ty, noun, None), "dict")


def grid_source(draft: Draft, square: bool) -> Source:
    """A grid of small numbers, given as a list of rows."""
    rng = draft.rng
    ty = list_of(list_of(INT))
    high = rng.choice((4, 9, 9, 20))

    def make(r: Random, size: int) -> list[list[int]]:
        height = min(size, r.choice((2, 2, 3)))
        width = height if square else r.choice((2, 3))
        return [[r.randint(0, high) for _ in range(width)] for _ in range(height)]

    name = rng.choice(("grid", "matrix", "board", "table", "rows", "cells"))
    what = rng.choice(
        (
            "a grid of numbers",
            "a matrix as a list of rows",
            "a list of rows of numbers",
            "a rectangular grid, given as a list of rows",
        )
    )
    if square:
        what = rng.choice(("a square grid of numbers", "a square matrix as a list of rows"))
    tags = frozenset({"grid", "square"} if square else {"grid"})
    return _begin(
        draft,
        Arg(name, ty, what, make),
        State(ty, Noun("row", "rows"), None, True, tags),
        "grid",
    )
