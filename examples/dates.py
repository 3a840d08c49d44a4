"""Dates as the booking system exports them: strings like "2024-03-09"."""

from datetime import date


def as_date(text: str) -> date:
    """The string as a real date.

    >>> as_date("2024-03-09")
    datetime.date(2024, 3, 9)
    """
    return date.fromisoformat(text)


def year_part(day: str) -> int:
    """The year of a date like "2024-03-09", as a number.

    >>> year_part("2024-03-09")
    2024
    >>> year_part("1999-12-31")
    1999
    """


def newest_date(days: list[str]) -> str:
    """The latest one of several dates that are written as "2024-03-09".

    >>> newest_date(["2023-11-30", "2024-03-09", "2024-01-01"])
    '2024-03-09'
    >>> newest_date(["1999-12-31"])
    '1999-12-31'
    """


def to_german_style(day: str) -> str:
    """Turn "2024-03-09" into "09.03.2024".

    >>> to_german_style("2024-03-09")
    '09.03.2024'
    >>> to_german_style("1999-12-31")
    '31.12.1999'
    """


def nights_between(arrival: str, departure: str) -> int:
    """How many nights a guest stays who comes and leaves on these days ("2024-03-09").

    >>> nights_between("2024-03-09", "2024-03-12")
    3
    >>> nights_between("2024-02-28", "2024-03-01")
    2
    >>> nights_between("2024-12-31", "2025-01-01")
    1
    """
