"""Readings of the thermometer on the balcony, in degrees Celsius."""


def frost_nights(lows: list[float]) -> int:
    """Count the nights with a low below zero.

    >>> frost_nights([3.5, -1.0, 0.0, -0.5])
    2
    >>> frost_nights([])
    0
    """
    ...


def hottest_spot(readings: dict[str, float]) -> str:
    """The place with the highest reading.

    >>> hottest_spot({"Oslo": 12.5, "Rome": 31.0, "Paris": 24.0})
    'Rome'
    >>> hottest_spot({"Oslo": -3.0})
    'Oslo'
    """
    ...


def heat_wave_days(highs: list[float], limit: float) -> int:
    """The length of the longest run of days in a row that all reached the limit or more.

    >>> heat_wave_days([29, 31, 33, 28, 30, 30, 35], 30)
    3
    >>> heat_wave_days([10, 12], 30)
    0
    >>> heat_wave_days([30], 30)
    1
    """
    ...
