"""Which types an operation accepts and what type it gives."""

from __future__ import annotations

from collections.abc import Callable

from codeplan_training.compose.values import FLOAT, INT, STR, Ty, dict_of, list_of

GRID = list_of(list_of(INT))


def nums(ty: Ty) -> bool:
    """A list of numbers."""
    return ty.kind == "list" and ty.of in (INT, FLOAT)


def ints(ty: Ty) -> bool:
    """A list of whole numbers."""
    return ty == list_of(INT)


def texts(ty: Ty) -> bool:
    """A list of texts."""
    return ty == list_of(STR)


def plain(ty: Ty) -> bool:
    """A list of whole numbers or texts."""
    return ty.kind == "list" and ty.of in (INT, STR)


def flat(ty: Ty) -> bool:
    """A list of plain values."""
    return ty.kind == "list" and ty.of is not None and ty.of.kind in ("int", "float", "str", "date")


def hashable(ty: Ty) -> bool:
    """A list of plain values that are compared exactly."""
    return ty.kind == "list" and ty.of is not None and ty.of.kind in ("int", "str", "date")


def any_list(ty: Ty) -> bool:
    """Any list."""
    return ty.kind == "list"


def nested(ty: Ty) -> bool:
    """A list of lists."""
    return ty.kind == "list" and ty.of is not None and ty.of.kind == "list"


def grid(ty: Ty) -> bool:
    """A list of rows of whole numbers."""
    return ty == GRID


def text(ty: Ty) -> bool:
    """A text."""
    return ty == STR


def number(ty: Ty) -> bool:
    """A whole number."""
    return ty == INT


def any_dict(ty: Ty) -> bool:
    """Any dictionary."""
    return ty.kind == "dict"


def number_dict(ty: Ty) -> bool:
    """A dictionary with numbers as values."""
    return ty.kind == "dict" and ty.of in (INT, FLOAT)


def plain_dict(ty: Ty) -> bool:
    """A dictionary with numbers or texts as values."""
    return ty.kind == "dict" and ty.of in (INT, FLOAT, STR)


def list_dict(ty: Ty) -> bool:
    """A dictionary with lists as values."""
    return ty.kind == "dict" and ty.of is not None and ty.of.kind == "list"


def same(ty: Ty) -> Ty:
    """The type itself."""
    return ty


def of(ty: Ty) -> Ty:
    """The element's or the value's type."""
    assert ty.of is not None
    return ty.of


def key(ty: Ty) -> Ty:
    """The key's type."""
    assert ty.key is not None
    return ty.key


def keys_of(ty: Ty) -> Ty:
    """A list of the keys."""
    return list_of(key(ty))


def values_of(ty: Ty) -> Ty:
    """A list of the values."""
    return list_of(of(ty))


def swapped(ty: Ty) -> Ty:
    """The dictionary with keys and values exchanged."""
    return dict_of(of(ty), key(ty))


def always(ty: Ty) -> Callable[[Ty], Ty]:
    """A constant type."""
    return lambda _: ty
