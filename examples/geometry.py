"""Points on a plane, as (x, y) tuples."""

import math


def distance(a, b):
    """The straight way from a to b.

    >>> distance((0, 0), (3, 4))
    5.0
    """
    return math.hypot(a[0] - b[0], a[1] - b[1])


def flip_over_y_axis(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Put a minus in front of every x and leave every y as it is.

    >>> flip_over_y_axis([(1, 2), (-3, 4)])
    [(-1, 2), (3, 4)]
    >>> flip_over_y_axis([])
    []
    """


def walk_length(points: list[tuple[float, float]]) -> float:
    """How far you walk when you go straight from each point to the next one.

    >>> walk_length([(0, 0), (3, 4), (3, 10)])
    11.0
    >>> walk_length([(1, 1), (1, 2)])
    1.0
    >>> walk_length([(5, 5)]) == 0
    True
    """
