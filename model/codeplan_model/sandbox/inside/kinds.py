"""The kinds of values that both coding directions name."""

from __future__ import annotations

import base64
import collections
from typing import Any

MAX_NODES = 200_000
# Kinds of numpy data that are plain bytes: no objects, no records.
PLAIN_DTYPES = "biufcSUmM"

MAPPINGS = (collections.Counter, collections.OrderedDict, collections.defaultdict)
MAPPING_NAMES = {"dict": dict, **{cls.__name__: cls for cls in MAPPINGS}}
ITEMS_VIEW = type({}.items())
VIEWS = (type({}.keys()), type({}.values()), ITEMS_VIEW)
IMMUTABLE_BASES: tuple[Any, ...] = (tuple, str, int, float, bytes, frozenset, complex)


def pack(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def unpack(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def mapping_class(cls: type) -> Any:
    """The class whose methods reach a mapping's items, without running a subclass's code."""
    ordered = collections.OrderedDict
    return ordered if issubclass(cls, ordered) else dict
