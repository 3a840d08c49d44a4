"""Syntax trees of other people's code, without their warnings."""

from __future__ import annotations

import ast
import warnings


def parse(text: str) -> ast.Module:
    """The syntax tree; old spellings (an unknown escape in a string) are no reason to complain."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)
