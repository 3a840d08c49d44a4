def triple(number: int) -> int:
    """Return three times the number."""
    return number * 3
