"""What can go wrong when a value crosses."""

from __future__ import annotations


class Unencodable(Exception):
    """A value that can't cross; the text names its type."""


class ProtocolError(Exception):
    """The other side sent something that no honest codec sends."""
