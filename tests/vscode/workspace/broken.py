def double(number: int) -> int:
    """Return twice the number.

    >>> double(2)
    4
    >>> double(3)
    6
    """
    return number + 2
