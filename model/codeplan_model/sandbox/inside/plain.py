"""Values of the standard library that never change, as JSON nodes and back.

A value's exact type, by module and name, leads to its encoder; a node's kind leads to its decoder.
Subclasses are not taken for their base. The modules are imported only when a value of theirs is
at hand, so that a run does not carry what its file never uses.
"""

from __future__ import annotations

import importlib

from .kinds import pack, unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    import re


def encode(value, kind: type) -> list | None:
    """The node for a value of one of these types, None for any other."""
    if value is ...:
        return ["ellipsis"]
    if value is NotImplemented:
        return ["notimplemented"]
    pair = _ENCODERS.get((kind.__module__, kind.__qualname__))
    if pair is None or getattr(_module(kind.__module__), kind.__qualname__, kind) is not kind:
        return None
    return [pair[0], *pair[1](value)]


def decode(node: list):
    """The value of a node made by `encode`. Raises KeyError for an unknown kind."""
    return _DECODERS[node[0]](*node[1:])


def _module(name: str):
    return importlib.import_module(name)


def _zone(value) -> list | None:
    if value is None:
        return None
    datetime = _module("datetime")
    if type(value) is datetime.timezone:
        offset, name = value.utcoffset(None), value.tzname(None)
        usual = datetime.timezone(offset).tzname(None)
        return ["fixed", offset.days, offset.seconds, offset.microseconds, name != usual and name]
    if type(value).__module__ == "zoneinfo" and getattr(value, "key", None):
        return ["zone", value.key]  # type: ignore[attr-defined]
    raise TypeError(f"a time zone of type {type(value).__name__}")


def _to_zone(fields: list | None) -> datetime.tzinfo | None:
    if fields is None:
        return None
    if fields[0] == "zone":
        return _module("zoneinfo").ZoneInfo(fields[1])
    datetime = _module("datetime")
    offset, name = datetime.timedelta(*fields[1:4]), fields[4]
    if not offset and not name:
        return datetime.timezone.utc
    return datetime.timezone(offset, name) if name else datetime.timezone(offset)


def _datetime(v: datetime.datetime) -> list:
    fields = [v.year, v.month, v.day, v.hour, v.minute, v.second, v.microsecond]
    return [*fields, v.fold, _zone(v.tzinfo)]


def _to_datetime(y, mo, d, h, mi, s, us, fold, zone) -> datetime.datetime:
    return _module("datetime").datetime(y, mo, d, h, mi, s, us, _to_zone(zone), fold=fold)


def _time(v: datetime.time) -> list:
    return [v.hour, v.minute, v.second, v.microsecond, v.fold, _zone(v.tzinfo)]


def _to_time(h, m, s, us, fold, zone) -> datetime.time:
    return _module("datetime").time(h, m, s, us, _to_zone(zone), fold=fold)


def _to_pattern(is_bytes: bool, text: str, flags: int) -> re.Pattern:
    re = _module("re")
    try:
        return re.compile(unpack(text) if is_bytes else text, flags)
    except re.error as error:
        raise ValueError(str(error)) from None


def _pattern(value: re.Pattern) -> list:
    if isinstance(value.pattern, bytes):
        return [True, pack(value.pattern), value.flags]
    return [False, value.pattern, value.flags]


def _path(value) -> list:
    return [type(value).__name__, str(value)]


def _to_path(name: str, text: str):
    if name not in _PATHS:
        raise KeyError(name)
    return getattr(_module("pathlib"), name)(text)


_PATHS = ("PurePosixPath", "PureWindowsPath", "PosixPath", "WindowsPath")

_ENCODERS: dict = {
    ("builtins", "bytes"): ("bytes", lambda v: [pack(v)]),
    ("builtins", "complex"): ("complex", lambda v: [v.real, v.imag]),
    ("builtins", "range"): ("range", lambda v: [hex(v.start), hex(v.stop), hex(v.step)]),
    ("datetime", "date"): ("date", lambda v: [v.year, v.month, v.day]),
    ("datetime", "time"): ("time", _time),
    ("datetime", "datetime"): ("datetime", _datetime),
    ("datetime", "timedelta"): ("timedelta", lambda v: [v.days, v.seconds, v.microseconds]),
    ("datetime", "timezone"): ("timezone", lambda v: [_zone(v)]),
    ("zoneinfo", "ZoneInfo"): ("timezone", lambda v: [_zone(v)]),
    ("decimal", "Decimal"): ("decimal", lambda v: [str(v)]),
    ("fractions", "Fraction"): ("fraction", lambda v: [hex(v.numerator), hex(v.denominator)]),
    ("uuid", "UUID"): ("uuid", lambda v: [v.hex]),
    ("re", "Pattern"): ("pattern", _pattern),
    **{
        (module, name): ("path", _path)
        for module in ("pathlib", "pathlib._local")
        for name in _PATHS
    },
}

_DECODERS: dict = {
    "bytes": unpack,
    "complex": complex,
    "range": lambda *ends: range(*(int(e, 16) for e in ends)),
    "ellipsis": lambda: ...,
    "notimplemented": lambda: NotImplemented,
    "date": lambda *fields: _module("datetime").date(*fields),
    "time": _to_time,
    "datetime": _to_datetime,
    "timedelta": lambda *fields: _module("datetime").timedelta(*fields),
    "timezone": _to_zone,
    "decimal": lambda text: _module("decimal").Decimal(text),
    "fraction": lambda n, d: _module("fractions").Fraction(int(n, 16), int(d, 16)),
    "uuid": lambda text: _module("uuid").UUID(text),
    "path": _to_path,
    "pattern": _to_pattern,
}
