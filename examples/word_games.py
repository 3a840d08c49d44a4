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


def word_chain_ok(words: list[str]) -> bool:
    """In a word chain each word begins with the last letter of the word before it. Say whether
    the words make such a chain.

    >>> word_chain_ok(["tea", "apple", "egg"])
    True
    >>> word_chain_ok(["tea", "egg"])
    False
    >>> word_chain_ok(["alone"])
    True
    """
    raise NotImplementedError


def mastermind_score(secret: str, guess: str) -> tuple[int, int]:
    """Two numbers: how many letters of the guess stand in the right place, and how many more
    are in the secret but at another place. Each letter of the secret counts only once.

    >>> mastermind_score("RGBY", "RBGY")
    (2, 2)
    >>> mastermind_score("AABB", "ABBB")
    (3, 0)
    >>> mastermind_score("ABCD", "EFGH")
    (0, 0)
    >>> mastermind_score("AAAB", "BBBA")
    (0, 2)
    """
    raise NotImplementedError
