"""Parameters of the operations on texts, cut from texts like the ones in the data."""

from __future__ import annotations

from codeplan_training.compose.ops.prims import from_text, small

LETTERS = ("a", "e", "s", "t", "o", "n", "r")
ANY_LETTER = from_text(
    lambda r, s: r.choice(s.replace(" ", "") or "a"),
    LETTERS,
    "letter",
    "char",
    "ch",
    "character",
    what="the letter",
)
PREFIX = from_text(
    lambda r, s: s.strip()[: r.randint(1, 2)],
    LETTERS,
    "prefix",
    "start",
    what="the prefix",
)
SUFFIX = from_text(
    lambda r, s: s.strip()[-r.randint(1, 3) :],
    ("s", "er", ".txt", "y"),
    "suffix",
    "ending",
    "extension",
    what="the suffix",
)
PIECE = from_text(
    lambda r, s: (lambda i: s[i : i + r.randint(1, 3)].strip())(r.randrange(len(s))),
    ("an", "e", "o"),
    "part",
    "needle",
    "piece",
    "term",
    "pattern",
    what="the text to look for",
)
LENGTH = small(2, 6, "length", "size", "limit", "n", "width")
