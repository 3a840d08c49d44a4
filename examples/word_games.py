"""Games with words for rainy days."""

import random

WORDS = ["planet", "banana", "keyboard", "holiday"]


def pick(rng=random):
    """A word to guess."""
    return rng.choice(WORDS)


def twin_ends(word: str) -> bool:
    """Whether a word begins and stops with one and the same letter.

    >>> twin_ends("area")
    True
    >>> twin_ends("planet")
    False
    >>> twin_ends("x")
    True
    """
    raise NotImplementedError


def hangman_view(word: str, guessed: str) -> str:
    """Show the word with an underscore for every letter that has not been guessed.

    >>> hangman_view("banana", "an")
    '_anana'
    >>> hangman_view("planet", "")
    '______'
    >>> hangman_view("tea", "eat")
    'tea'
    """
    raise NotImplementedError


def spelling_bee_points(words: list[str], core: str) -> int:
    """Score a round of the honeycomb puzzle. Words without the core letter bring nothing. A word of
    four letters brings one point, a longer one as many points as letters, shorter ones none.

    >>> spelling_bee_points(["tent", "tenet", "net"], "t")
    6
    >>> spelling_bee_points(["noon"], "t")
    0
    >>> spelling_bee_points([], "a")
    0
    """
    raise NotImplementedError


def tiles_left(rack: str, word: str) -> str:
    """What remains of the rack, tiles in their order, once the player has laid the word; "!" when
    the rack can't supply it.

    >>> tiles_left("gamesxo", "game")
    'sxo'
    >>> tiles_left("aab", "aba")
    ''
    >>> tiles_left("cat", "cats")
    '!'
    """
    raise NotImplementedError
