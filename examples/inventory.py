"""What is in the storeroom: a dictionary from article to number of pieces."""

import json
from pathlib import Path


def load(path):
    """The stock from a JSON file."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def pieces_in_stock(stock: dict[str, int]) -> int:
    """How many pieces there are of all articles together.

    >>> pieces_in_stock({"bolt": 40, "nut": 25})
    65
    >>> pieces_in_stock({})
    0
    """
    pass


def to_reorder(stock: dict[str, int], limit: int) -> list[str]:
    """The articles of which fewer than `limit` pieces are left, sorted by name.

    >>> to_reorder({"nut": 3, "bolt": 40, "gear": 0}, 10)
    ['gear', 'nut']
    >>> to_reorder({"bolt": 40}, 40)
    []
    """
    pass


def add_delivery(stock: dict[str, int], delivery: dict[str, int]) -> dict[str, int]:
    """A new dictionary with the pieces of the delivery added to those in stock. Articles may
    stand in only one of the two.

    >>> add_delivery({"bolt": 40, "nut": 5}, {"nut": 20, "gear": 2})
    {'bolt': 40, 'nut': 25, 'gear': 2}
    >>> add_delivery({}, {"nut": 1})
    {'nut': 1}
    >>> old = {"nut": 1}
    >>> add_delivery(old, {"nut": 1}) == {"nut": 2} and old == {"nut": 1}
    True
    """
    pass
