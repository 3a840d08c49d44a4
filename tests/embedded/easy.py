"""Easy functions, for which a very small model should do without its memory."""


def add_all(numbers: list[int]) -> int:
    """Return the sum of the numbers.

    >>> add_all([1, 2, 3])
    6
    >>> add_all([])
    0
    """


def shout(text: str) -> str:
    """Return the text in upper case.

    >>> shout('hello')
    'HELLO'
    >>> shout('')
    ''
    """


def keep_even(numbers: list[int]) -> list[int]:
    """Return the even numbers.

    >>> keep_even([1, 2, 3, 4])
    [2, 4]
    >>> keep_even([7])
    []
    """


def longest(words: list[str]) -> str:
    """Return the longest word.

    >>> longest(['a', 'abc', 'ab'])
    'abc'
    >>> longest(['xy', 'z'])
    'xy'
    """
