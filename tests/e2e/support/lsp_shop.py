"""A document on which every command can be tried, with what a scripted model says about it."""

from __future__ import annotations

URI = "file:///a%20shop/cart.py"
TEXT = '''\
"""Shop 🎉."""


def total(numbers):
    """The sum.

    >>> total([1, 2, 3])
    6
    >>> total([])
    0
    """
    ...


def half(number):
    """
    >>> half(4)
    2
    >>> half(10)
    5
    """
    return 2 // number


def plain(text: str):
    """Shout."""
    return text.upper()


def failing(numbers):
    """
    >>> failing([1])
    5
    """
    ...
'''
WRITTEN = TEXT.replace("    ...\n", "    return sum(numbers)\n", 1)
RULES = (
    (r"def failing.*<\|code\|>", "\n    return 0<|end|>"),
    (r"<\|plan\|>$", "\n1. Add.<|code|>"),
    (r"<\|code\|>", ["\n    return sum(numbers)<|end|>", "\n    return 0 + sum(numbers)<|end|>"]),
)
# Command -> the function that it is tried on.
FUNCTIONS = {
    "planThenCode": "total",
    "showPlans": "total",
    "codeFromPlan": "total",
    "nextCandidate": "total",
    "repair": "half",
    "writeExamples": "plain",
    "explain": "plain",
    "runExamples": "total",
}
