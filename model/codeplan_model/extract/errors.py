"""The errors of this room. Both are for people: what happened, where, what to do next."""

from __future__ import annotations


class ExtractError(ValueError):
    """The text or the name that was given can't be turned into a task."""


class SpliceError(ValueError):
    """A candidate can't become an edit, because the result would not parse or would spread."""
