"""Reads the log of our web server. A line looks like

    2024-03-09 level=WARN user=ann ms=120 bytes=512
"""


def read_log(path):
    """The lines of a log file, without the newline."""
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file]


def only_warnings(lines: list[str]) -> list[str]:
    """Keep just the lines in which "level=WARN" stands somewhere.

    >>> only_warnings(["level=WARN disk", "level=INFO ok"])
    ['level=WARN disk']
    >>> only_warnings(["level=INFO a", "x level=WARN b", "level=WARN c"])
    ['x level=WARN b', 'level=WARN c']
    >>> only_warnings([])
    []
    """
    raise NotImplementedError()


def pairs_to_dict(line: str) -> dict[str, str]:
    """Collect the key=value pieces of a log line; pieces without an equals sign don't count.

    >>> pairs_to_dict("2024-03-09 user=ann ms=120")
    {'user': 'ann', 'ms': '120'}
    >>> pairs_to_dict("a=1 b=x=y")
    {'a': '1', 'b': 'x=y'}
    >>> pairs_to_dict("nothing here")
    {}
    """
    raise NotImplementedError()


def sum_of_bytes(records: list[dict]) -> int:
    """Add up what stands under "bytes" in all of the records.

    >>> sum_of_bytes([{"user": "ann", "bytes": 512}, {"user": "bob", "bytes": 100}])
    612
    >>> sum_of_bytes([])
    0
    """
    raise NotImplementedError()


def busiest_user(lines: list[str]) -> str:
    """The user with the most lines in the log. When two have the same number, the name that
    comes first in the alphabet wins. Lines without a user=... piece are skipped.

    >>> busiest_user(["user=ann ms=1", "user=bob ms=2", "ms=3 user=bob"])
    'bob'
    >>> busiest_user(["user=zoe", "user=ann", "started"])
    'ann'
    """
    raise NotImplementedError()
