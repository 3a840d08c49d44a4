"""Everything in a file that `codeplan check` runs: what `python -m doctest` would find, and asserts."""

from __future__ import annotations

import sys

from codeplan_model.values import Example

from .examples import DocGroup, example_index
from .outline import Block, Outline

# The finder of the standard doctest module looks into functools.cached_property since this version.
_CACHED_PROPERTY_SINCE = (3, 14)


def file_examples(text: str, path: str | None = None) -> list[Example]:
    """The examples of all docstrings, in the order in which `python -m doctest` runs them, then asserts.

    Left out, as doctest does: functions inside functions, definitions that a later one of the same
    name replaces, and those under `if __name__ == "__main__"` or `if TYPE_CHECKING`.
    """
    index = example_index(text, path)
    groups = [group for group in index.groups if _is_found(index.outline, group)]
    groups.sort(key=lambda group: (group.name, group.start))
    found = [example for group in groups for example in group.examples]
    return found + [line.example for line in index.asserts]


def _is_found(outline: Outline, group: DocGroup) -> bool:
    block = group.owner
    if block is None:
        return True
    if _is_replaced(outline, block):
        return False
    parent = block.parent
    while parent is not None:
        if parent.kind != "class":
            return False
        if _is_replaced(outline, parent):
            return False
        parent = parent.parent
    names = outline.decorator_names(block)
    if "overload" in names or names & {"setter", "deleter"}:
        return False
    return "cached_property" not in names or sys.version_info >= _CACHED_PROPERTY_SINCE


def _is_replaced(outline: Outline, block: Block) -> bool:
    """Whether a later definition with the same name is the one in force."""
    later = outline.last_definitions.get(block.qualname)
    return later is not None and later is not block
