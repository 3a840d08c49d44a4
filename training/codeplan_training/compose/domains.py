"""Everyday domains: what the lists, texts and records are about, and realistic values for them.

No operation is defined here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from codeplan_training.compose.values import Field

FIRST = (
    "Ada Ben Cleo Dan Eva Finn Gia Hugo Ida Jon Kim Leo Mia Nora Otto Pia Quin Rosa Sam Tia Uma "
    "Vic Wim Yara Zoe Anna Bob Carl Dora Emil Otto Hannah Maya Ali Noor Ravi Chen Lena"
).split()
WORDS = (
    "apple river stone cloud green level radar lamp table window bread noon tree orange kayak "
    "pencil salt ink door egg house mirror civic cat dog bird fish garden summer winter light "
    "dark open sugar tea milk paper rain snow wave moon star sea hill road key book pen owl "
    "ant bee eel fox hen elk emu yak otter eagle apron iris umbrella"
).split()
COLORS = "red blue green black white pink grey teal amber navy".split()
CITIES = "Oslo Rome Paris Lima Cairo Berlin Quito Delhi Osaka Turin Bern Accra Porto".split()
FRUITS = "apple pear plum fig kiwi lemon mango melon grape peach".split()
TAGS = "new sale hot urgent draft todo bug docs python api web home work test ui".split()
FILES = (
    "notes.txt photo.jpg main.py report.pdf data.csv readme.md setup.py logo.png song.mp3 "
    "index.html test.py backup.zip todo.txt image.png app.js archive.tar.gz Makefile"
).split()
CODES = "A12 B7 C301 X9 AB-12 Z0 K44 Q5-1 D8 aa1 M-3 T100 b2 R2D2 E5".split()
EMAILS = (
    "ada@site.org bob@mail.com eve@web.net kim@shop.io leo@mail.com zoe@uni.edu dan@site.org "
    "mia@web.net sam@mail.com"
).split()
TITLES = (
    "The Long Road|Blue Night|Ten Small Stones|A Quiet Sea|Iron and Salt|Green Fire|Last Train|"
    "Under Ice|Paper Moon|The Old Well"
).split("|")
SENTENCES = (
    "the cat sat on the mat|hello big world|a rainy day in May|Anna has a red kayak|"
    "to be or not to be|see you at noon|the dog and the bird|one two  three|level up|tea for two|"
    "Green apples are good|we saw an owl|what a nice day|open the door please|salt and ink|"
    "Bob met Eve at 10|it is 7 o'clock|no news is good news|the end"
).split("|")
LINES = (
    "INFO server started|ERROR disk full|WARN low memory|INFO user logged in|ERROR time out|"
    "DEBUG x = 3|INFO done|WARN retry 2|ERROR not found"
).split("|")


def pick(options: Sequence[str]) -> Callable[[Random], str]:
    return lambda rng: rng.choice(options)


def ints(low: int, high: int, step: int = 1) -> Callable[[Random], int]:
    return lambda rng: rng.randrange(low, high + 1, step)


def floats(low: int, high: int) -> Callable[[Random], float]:
    """Quarters and halves, so that sums and means stay exact."""
    return lambda rng: (
        rng.randint(low * 4, high * 4) / 4
        if rng.random() < 0.3
        else rng.randint(low * 2, high * 2) / 2
    )


def dates(rng: Random) -> str:
    return (
        f"{rng.choice((2022, 2023, 2024, 2024))}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    )


@dataclass(frozen=True)
class Items:
    """A list of plain values: the nouns, possible argument names and the values."""

    sg: str
    pl: str
    kind: str
    args: tuple[str, ...]
    make: Callable[[Random], Any]


NUMBER_LISTS = (
    Items(
        "number",
        "numbers",
        "int",
        ("numbers", "nums", "values", "xs", "data"),
        ints(-9, 20),
    ),
    Items("number", "numbers", "int", ("numbers", "nums", "items", "lst"), ints(0, 30)),
    Items("value", "values", "int", ("values", "data", "items", "xs"), ints(-12, 25)),
    Items(
        "integer",
        "integers",
        "int",
        ("integers", "nums", "ints", "values"),
        ints(-9, 30),
    ),
    Items("score", "scores", "int", ("scores", "points", "results"), ints(0, 20, 1)),
    Items("score", "scores", "int", ("scores",), ints(30, 100)),
    Items("age", "ages", "int", ("ages",), ints(1, 80)),
    Items("price", "prices", "int", ("prices", "costs"), ints(1, 60)),
    Items(
        "reading",
        "readings",
        "int",
        ("readings", "samples", "measurements"),
        ints(-5, 40),
    ),
    Items("temperature", "temperatures", "int", ("temperatures", "temps"), ints(-10, 35)),
    Items("step count", "step counts", "int", ("step_counts", "steps"), ints(0, 90, 5)),
    Items("amount", "amounts", "int", ("amounts", "payments"), ints(-40, 90, 5)),
    Items("weight", "weights", "int", ("weights",), ints(1, 50)),
    Items("mark", "marks", "int", ("marks", "grades"), ints(1, 10)),
    Items("level", "levels", "int", ("levels",), ints(0, 12)),
    Items(
        "ticket number",
        "ticket numbers",
        "int",
        ("tickets", "ticket_numbers"),
        ints(1, 150),
    ),
    Items("room number", "room numbers", "int", ("rooms", "room_numbers"), ints(1, 320)),
    Items("delay", "delays", "int", ("delays", "minutes"), ints(0, 25)),
    Items("height", "heights", "int", ("heights",), ints(1, 30)),
    Items("price", "prices", "float", ("prices", "costs"), floats(1, 20)),
    Items(
        "temperature",
        "temperatures",
        "float",
        ("temperatures", "temps"),
        floats(-8, 30),
    ),
    Items("distance", "distances", "float", ("distances", "lengths_km"), floats(0, 12)),
    Items(
        "measurement",
        "measurements",
        "float",
        ("measurements", "samples"),
        floats(0, 10),
    ),
    Items("balance", "balances", "float", ("balances",), floats(-20, 50)),
    Items("rating", "ratings", "float", ("ratings",), floats(0, 5)),
)

TEXT_LISTS = (
    Items("word", "words", "str", ("words", "tokens", "terms"), pick(WORDS)),
    Items("word", "words", "str", ("words",), pick(WORDS)),
    Items(
        "string",
        "strings",
        "str",
        ("strings", "items", "texts", "strs"),
        pick(WORDS + CODES),
    ),
    Items(
        "name",
        "names",
        "str",
        ("names", "people", "guests", "players", "members"),
        pick(FIRST),
    ),
    Items("name", "names", "str", ("names", "students"), pick(FIRST)),
    Items("tag", "tags", "str", ("tags", "labels", "keywords"), pick(TAGS)),
    Items(
        "file name",
        "file names",
        "str",
        ("files", "filenames", "file_names"),
        pick(FILES),
    ),
    Items("city", "cities", "str", ("cities", "stops", "places"), pick(CITIES)),
    Items("color", "colors", "str", ("colors", "shades"), pick(COLORS)),
    Items("fruit", "fruits", "str", ("fruits", "basket"), pick(FRUITS)),
    Items("code", "codes", "str", ("codes", "ids", "keys"), pick(CODES)),
    Items("line", "lines", "str", ("lines", "log", "log_lines"), pick(LINES)),
    Items("title", "titles", "str", ("titles", "books"), pick(TITLES)),
    Items("email address", "email addresses", "str", ("emails", "addresses"), pick(EMAILS)),
)

TEXTS = (
    Items("text", "texts", "str", ("text", "s", "string", "message"), pick(SENTENCES)),
    Items("sentence", "sentences", "str", ("sentence", "text", "line"), pick(SENTENCES)),
    Items(
        "string",
        "strings",
        "str",
        ("s", "string", "text", "value"),
        pick(SENTENCES + WORDS),
    ),
    Items("word", "words", "str", ("word", "w", "s"), pick(WORDS + FIRST)),
    Items("name", "names", "str", ("name",), pick(FIRST)),
    Items("title", "titles", "str", ("title",), pick(TITLES)),
)

DATE_LISTS = (
    Items("date", "dates", "date", ("dates", "days", "deadlines", "visits"), dates),
    Items("date", "dates", "date", ("dates",), dates),
)


def _field(
    name: str,
    kind: str,
    make: Callable[[Random], Any],
    sg: str = "",
    pl: str = "",
    adj: str = "",
) -> Field:
    sg = sg or name.replace("_", " ")
    return Field(name, kind, sg, pl or sg + "s", make, adj)


_flag: Callable[[Random], bool] = lambda rng: rng.random() < 0.5  # noqa: E731


@dataclass(frozen=True)
class Table:
    """A list of records: the nouns, possible argument names, a naming field and the others."""

    sg: str
    pl: str
    args: tuple[str, ...]
    label: Field
    fields: tuple[Field, ...]


TABLES = (
    Table(
        "order",
        "orders",
        ("orders", "sales"),
        _field("customer", "str", pick(FIRST)),
        (
            _field("total", "int", ints(5, 90, 5)),
            _field("items", "int", ints(1, 9), "item count", "item counts"),
            _field("city", "str", pick(CITIES[:4]), pl="cities"),
            _field("status", "str", pick(("open", "paid", "sent")), pl="statuses"),
            _field("paid", "bool", _flag, adj="paid"),
        ),
    ),
    Table(
        "product",
        "products",
        ("products", "items", "catalog"),
        _field("name", "str", pick(FRUITS)),
        (
            _field("price", "float", floats(1, 12)),
            _field("stock", "int", ints(0, 20), "stock", "stocks"),
            _field("category", "str", pick(("food", "toys", "tools")), pl="categories"),
            _field("available", "bool", _flag, adj="available"),
        ),
    ),
    Table(
        "book",
        "books",
        ("books", "library", "shelf"),
        _field("title", "str", pick(TITLES)),
        (
            _field("pages", "int", ints(80, 400, 10), "page count", "page counts"),
            _field("year", "int", ints(1950, 2024)),
            _field("author", "str", pick(FIRST[:5])),
            _field("genre", "str", pick(("crime", "poetry", "travel"))),
            _field("lent", "bool", _flag, adj="lent"),
        ),
    ),
    Table(
        "player",
        "players",
        ("players", "team", "roster"),
        _field("name", "str", pick(FIRST)),
        (
            _field("score", "int", ints(0, 30)),
            _field("team", "str", pick(("red", "blue", "green"))),
            _field("level", "int", ints(1, 9)),
            _field("active", "bool", _flag, adj="active"),
        ),
    ),
    Table(
        "student",
        "students",
        ("students", "pupils"),
        _field("name", "str", pick(FIRST)),
        (
            _field("grade", "int", ints(1, 10)),
            _field("age", "int", ints(6, 18)),
            _field("course", "str", pick(("math", "art", "music"))),
            _field("passed", "bool", _flag, adj="passed"),
        ),
    ),
    Table(
        "employee",
        "employees",
        ("employees", "staff", "workers"),
        _field("name", "str", pick(FIRST)),
        (
            _field("salary", "int", ints(1500, 6000, 100), pl="salaries"),
            _field("dept", "str", pick(("IT", "HR", "sales")), "department"),
            _field("age", "int", ints(18, 65)),
            _field("remote", "bool", _flag, adj="remote"),
        ),
    ),
    Table(
        "task",
        "tasks",
        ("tasks", "todos", "jobs"),
        _field("title", "str", pick(("mail", "call", "shop", "cook", "read"))),
        (
            _field("priority", "int", ints(1, 5), pl="priorities"),
            _field("hours", "float", floats(0, 6), "number of hours", "hours"),
            _field("owner", "str", pick(FIRST[:4])),
            _field("due", "date", dates, "due date"),
            _field("done", "bool", _flag, adj="done"),
        ),
    ),
    Table(
        "city",
        "cities",
        ("cities", "places"),
        _field("name", "str", pick(CITIES)),
        (
            _field("population", "int", ints(10, 900, 10)),
            _field("country", "str", pick(("NO", "IT", "FR", "EG")), pl="countries"),
            _field("altitude", "int", ints(0, 900, 20)),
        ),
    ),
    Table(
        "trip",
        "trips",
        ("trips", "rides", "journeys"),
        _field("driver", "str", pick(FIRST[:6])),
        (
            _field("km", "float", floats(1, 40), "distance", "distances"),
            _field("date", "date", dates),
            _field("target", "str", pick(CITIES[:5]), "target", "targets"),
            _field("minutes", "int", ints(5, 90, 5), "duration", "durations"),
        ),
    ),
    Table(
        "room",
        "rooms",
        ("rooms", "hotel"),
        _field("name", "str", pick(("A1", "A2", "B1", "B2", "C3"))),
        (
            _field("beds", "int", ints(1, 6), "number of beds", "numbers of beds"),
            _field("floor", "int", ints(0, 4)),
            _field("price", "int", ints(40, 200, 10)),
            _field("free", "bool", _flag, adj="free"),
        ),
    ),
    Table(
        "song",
        "songs",
        ("songs", "playlist", "tracks"),
        _field("title", "str", pick(TITLES)),
        (
            _field("seconds", "int", ints(90, 400, 10), "length", "lengths"),
            _field("artist", "str", pick(FIRST[:5])),
            _field("rating", "int", ints(1, 5)),
            _field("liked", "bool", _flag, adj="liked"),
        ),
    ),
    Table(
        "ticket",
        "tickets",
        ("tickets", "issues"),
        _field("id", "int", ints(1, 99), "id", "ids"),
        (
            _field("priority", "int", ints(1, 4), pl="priorities"),
            _field("assignee", "str", pick(FIRST[:4])),
            _field("state", "str", pick(("open", "closed", "waiting"))),
            _field("opened", "date", dates, "opening date"),
            _field("votes", "int", ints(0, 25), "number of votes", "vote counts"),
        ),
    ),
    Table(
        "payment",
        "payments",
        ("payments", "transactions"),
        _field("person", "str", pick(FIRST[:6]), pl="people"),
        (
            _field("amount", "int", ints(5, 120, 5)),
            _field("method", "str", pick(("card", "cash", "bank"))),
            _field("date", "date", dates),
            _field("confirmed", "bool", _flag, adj="confirmed"),
        ),
    ),
    Table(
        "event",
        "events",
        ("events", "log", "entries"),
        _field("user", "str", pick(FIRST[:5])),
        (
            _field("action", "str", pick(("login", "edit", "logout"))),
            _field("level", "str", pick(("INFO", "WARN", "ERROR"))),
            _field("day", "date", dates),
            _field("size", "int", ints(1, 60)),
        ),
    ),
)
