"""The kinds of values that both coding directions name."""

from __future__ import annotations

import collections
import sys

MAX_NODES = 200_000
# Kinds of numpy data that are plain bytes: no objects, no records.
PLAIN_DTYPES = "biufcSUmM"

MAPPINGS = (collections.Counter, collections.OrderedDict, collections.defaultdict)
MAPPING_NAMES = {"dict": dict, **{cls.__name__: cls for cls in MAPPINGS}}
ITEMS_VIEW = type({}.items())
VIEWS = (type({}.keys()), type({}.values()), ITEMS_VIEW)
IMMUTABLE_BASES: tuple = (tuple, str, int, float, bytes, frozenset, complex)


def pack(data: bytes) -> str:
    """Bytes as text; with `unpack` in place of base64, which is a library more to map and fork."""
    return data.hex()


def unpack(text: str) -> bytes:
    return bytes.fromhex(text)


def mapping_class(cls: type):
    """The class whose methods reach a mapping's items, without running a subclass's code."""
    ordered = collections.OrderedDict
    return ordered if issubclass(cls, ordered) else dict


def is_enum(cls: type) -> bool:
    """Whether a class is an enumeration. Without the module there are none."""
    enum = sys.modules.get("enum")
    return enum is not None and issubclass(cls, enum.Enum)
