"""Words of descriptions and names as the memory compares them: parts of names, without endings."""

from __future__ import annotations

import re
from functools import lru_cache

_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")
_STOP = frozenset(
    """a an and any are as at be by def each every for from function given has have if in into is
    it its of on one or return returned returns self such that the their them then there this to
    which with when where whose write you your will was were not none str int list dict float bool
    tuple set all""".split()
)


def name_parts(text: str) -> list[str]:
    """The words inside names: `total_price`, `maxHeight` -> total, price, max, height."""
    return [part.lower() for part in _PART.findall(text)]


def stems(text: str) -> list[str]:
    """Words of a text or name that say something about it, without their endings, in order."""
    return [stem(word) for word in name_parts(text) if len(word) > 1 and word not in _STOP]


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The word without an English ending: counting, counted, counts -> count."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouls":
                word = word[:-1]
            return word.removesuffix("e") if len(word) > 3 else word
    if len(word) > 4 and word.endswith(("ses", "xes", "zes", "ches", "shes")):
        word = word[:-2]
    elif len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 3 else word
