"""The shop's sums."""


def total(numbers: list[int]) -> int:
    """Return the sum of the numbers.

    >>> total([1, 2, 3])
    6
    >>> total([])
    0
    """
    ...


def largest(numbers: list[int]) -> int:
    """Return the largest of the numbers.

    >>> largest([3, 9, 4])
    9
    >>> largest([-2, -5])
    -2
    """
    ...
