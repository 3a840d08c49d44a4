"""Values of the standard library that never change, as JSON nodes and back.

Each kind is a pair of functions: a value's exact type leads to the first, a node's kind to the
second. Subclasses are not taken for their base: `type(value) is cls` decides.
"""

from __future__ import annotations

import base64
import datetime
import decimal
import fractions
import pathlib
import re
import uuid
import zoneinfo


def encode(value, kind: type) -> list | None:
    """The node for a value of one of these types, None for any other."""
    pair = _ENCODERS.get(kind)
    return None if pair is None else [pair[0], *pair[1](value)]


def decode(node: list):
    """The value of a node made by `encode`. Raises KeyError for an unknown kind."""
    return _DECODERS[node[0]](*node[1:])


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _zone(value: datetime.tzinfo | None) -> list | None:
    if value is None:
        return None
    if type(value) is datetime.timezone:
        offset = value.utcoffset(None)
        own_name = (
            None
            if value.tzname(None) == datetime.timezone(offset).tzname(None)
            else value.tzname(None)
        )
        return ["fixed", offset.days, offset.seconds, offset.microseconds, own_name]
    if type(value) is zoneinfo.ZoneInfo and value.key:
        return ["zone", value.key]
    raise TypeError(f"a time zone of type {type(value).__name__}")


def _to_zone(fields: list | None) -> datetime.tzinfo | None:
    if fields is None:
        return None
    if fields[0] == "zone":
        return zoneinfo.ZoneInfo(fields[1])
    offset = datetime.timedelta(*fields[1:4])
    if offset == datetime.timedelta(0) and fields[4] is None:
        return datetime.timezone.utc  # noqa: UP017 (this runs on Python 3.9 too)
    return datetime.timezone(offset) if fields[4] is None else datetime.timezone(offset, fields[4])


def _datetime(v: datetime.datetime) -> list:
    fields = [v.year, v.month, v.day, v.hour, v.minute, v.second, v.microsecond]
    return [*fields, v.fold, _zone(v.tzinfo)]


def _time(v: datetime.time) -> list:
    return [v.hour, v.minute, v.second, v.microsecond, v.fold, _zone(v.tzinfo)]


_PATHS = {
    cls.__name__: cls
    for cls in (pathlib.PurePosixPath, pathlib.PureWindowsPath, type(pathlib.Path()))
}


def _range_ends(value) -> list:
    return [hex(value.start), hex(value.stop), hex(value.step)]


_ENCODERS: dict = {
    bytes: ("bytes", lambda v: [base64.b64encode(v).decode("ascii")]),
    complex: ("complex", lambda v: [v.real, v.imag]),
    range: ("range", _range_ends),
    type(...): ("ellipsis", lambda v: []),
    type(NotImplemented): ("notimplemented", lambda v: []),
    datetime.date: ("date", lambda v: [v.year, v.month, v.day]),
    datetime.time: ("time", _time),
    datetime.datetime: ("datetime", _datetime),
    datetime.timedelta: ("timedelta", lambda v: [v.days, v.seconds, v.microseconds]),
    datetime.timezone: ("timezone", lambda v: [_zone(v)]),
    zoneinfo.ZoneInfo: ("timezone", lambda v: [_zone(v)]),
    decimal.Decimal: ("decimal", lambda v: [str(v)]),
    fractions.Fraction: ("fraction", lambda v: [hex(v.numerator), hex(v.denominator)]),
    uuid.UUID: ("uuid", lambda v: [v.hex]),
    **{cls: ("path", lambda v: [type(v).__name__, str(v)]) for cls in _PATHS.values()},
}


def _encode_pattern(value: re.Pattern) -> list:
    if isinstance(value.pattern, bytes):
        return [True, base64.b64encode(value.pattern).decode("ascii"), value.flags]
    return [False, value.pattern, value.flags]


def _decode_pattern(is_bytes: bool, pattern: str, flags: int) -> re.Pattern:
    return re.compile(_bytes(pattern) if is_bytes else pattern, flags)


_ENCODERS[re.Pattern] = ("pattern", _encode_pattern)

_DECODERS: dict = {
    "bytes": _bytes,
    "complex": complex,
    "range": lambda *ends: range(*(int(e, 16) for e in ends)),
    "ellipsis": lambda: ...,
    "notimplemented": lambda: NotImplemented,
    "date": datetime.date,
    "time": lambda h, m, s, us, fold, zone: datetime.time(h, m, s, us, _to_zone(zone), fold=fold),
    "datetime": lambda *f: datetime.datetime(*f[:7], _to_zone(f[8]), fold=f[7]),
    "timedelta": datetime.timedelta,
    "timezone": _to_zone,
    "decimal": decimal.Decimal,
    "fraction": lambda n, d: fractions.Fraction(int(n, 16), int(d, 16)),
    "uuid": uuid.UUID,
    "path": lambda name, text: _PATHS[name](text),
    "pattern": _decode_pattern,
}
