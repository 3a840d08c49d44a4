"""Everything in a file that `codeplan check` runs: what `python -m doctest` would, and asserts."""

from __future__ import annotations

import sys

from codeplan_model.values import Example

from .blocks import Block
from .examples import DocGroup, example_index
from .outline import Outline

# The standard finder looks into functools.cached_property since this version (gh-107995).
_CACHED_PROPERTY_SINCE = (3, 13)


def file_examples(text: str, path: str | None = None) -> list[Example]:
    """The examples of all docstrings in the order of `python -m doctest`, then bare asserts.

    Left out, as doctest does: functions inside functions, definitions that a later one of the same
    name replaces, and those under `if __name__ == "__main__"` or `if TYPE_CHECKING`.
    Works on a file that doesn't parse, and never raises.
    """
    index = example_index(text, path)
    groups = [group for group in index.groups if _is_found(index.outline, group.owner)]
    groups.sort(key=_finder_order)
    found = [example for group in groups for example in group.examples]
    return found + [line.example for line in index.asserts]


def _finder_order(group: DocGroup) -> tuple[str, int]:
    return group.name, group.docstring.start


def _is_found(outline: Outline, block: Block | None) -> bool:
    """Whether doctest's finder would reach the docstring of this function or class."""
    if block is None:
        return True
    if (
        "cached_property" in outline.decorator_names(block)
        and sys.version_info < _CACHED_PROPERTY_SINCE
    ):
        return False
    around: Block | None = block
    while around is not None:
        if around is not block and around.kind != "class":
            return False
        if outline.last_definitions.get(around.qualname) is not around:
            return False
        around = around.parent
    return True
