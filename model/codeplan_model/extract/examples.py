"""A file's own examples, and which of them check which function.

Sources: the function's docstring; other docstrings and `__test__` entries that call it; bare asserts
at module level. Tests in other files are found in beside.py. Nothing is run here.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import PurePath

from codeplan_model.values import Example

from .asserts import AssertLine, assert_lines
from .doctests import PROMPT, docstring_examples
from .outline import Block, Outline, outline_of
from .parse import line_starts, offset_of, parse
from .strings import Docstring, read_docstring
from .uses import Uses, uses_of

_WORD = re.compile(r"\w+")
_TEST_DICT = re.compile(r"__test__\s*(?:\[|[:=])")
_CACHED_INDEXES = 4


@dataclass(slots=True, eq=False)
class DocGroup:
    """One docstring that holds examples.

    owner: the function or class that it documents; None for the module's and for `__test__`.
    name: the owner's qualified name, "" for the module, "__test__.key".
    """

    owner: Block | None
    name: str
    examples: list[Example]
    uses: list[Uses]

    @property
    def start(self) -> int:
        return self.examples[0].line


class ExampleIndex:
    """Every example of one file, by the words that occur in it."""

    def __init__(self, outline: Outline, file_name: str) -> None:
        self.outline = outline
        self.file_name = file_name
        self.module = PurePath(file_name).stem

    @cached_property
    def groups(self) -> list[DocGroup]:
        """The docstrings with examples, in file order."""
        outline = self.outline
        found: list[DocGroup] = []
        for owner in [None, *outline.blocks]:
            if owner is not None and owner.kind == "guard":
                continue
            docstring = outline.docstring(owner)
            if docstring is not None:
                name = owner.qualname if owner else ""
                found += self._group(owner, name, docstring)
        for key, docstring in _test_dict(outline):
            found += self._group(None, f"__test__.{key}", docstring)
        return sorted(found, key=lambda group: group.start)

    def _group(self, owner: Block | None, name: str, docstring: Docstring) -> list[DocGroup]:
        if PROMPT not in docstring.raw:
            return []
        line = self.outline.line_number(docstring.start)
        group = f"{self.file_name}:{line + 1} {name or self.module}"
        examples = docstring_examples(self.outline, docstring, group, self.file_name)
        if not examples:
            return []
        return [DocGroup(owner, name, examples, [uses_of(e.source) for e in examples])]

    @cached_property
    def asserts(self) -> list[AssertLine]:
        return assert_lines(self.outline, self.file_name)

    @cached_property
    def _groups_by_word(self) -> dict[str, list[DocGroup]]:
        index: dict[str, list[DocGroup]] = defaultdict(list)
        for group in self.groups:
            words: set[str] = set()
            for uses in group.uses:
                words |= uses.called | uses.attributes | uses.specials
            for word in words:
                index[word].append(group)
        return index

    @cached_property
    def _asserts_by_word(self) -> dict[str, list[AssertLine]]:
        index: dict[str, list[AssertLine]] = defaultdict(list)
        for line in self.asserts:
            uses = line.uses
            for word in uses.called | uses.attributes | uses.specials:
                index[word].append(line)
        return index

    @cached_property
    def _own_groups(self) -> dict[int, DocGroup]:
        return {group.owner.header: group for group in self.groups if group.owner is not None}

    @cached_property
    def _unwritten(self) -> list[Block]:
        return [block for block in self.outline.functions if self.outline.to_write(block)]

    @cached_property
    def _unwritten_by_name(self) -> dict[str, list[Block]]:
        index: dict[str, list[Block]] = defaultdict(list)
        for block in self._unwritten:
            index[block.name].append(block)
        return index

    def examples_for(self, block: Block) -> list[Example]:
        """The examples of this file that check `block`, in file order."""
        own = self._own_groups.get(block.header)
        found: list[Example] = list(own.examples) if own else []
        outer = block.owner
        while outer is not None and outer.kind == "def":  # nothing else reaches a nested function
            around = self._own_groups.get(outer.header)
            found += around.examples if around else []
            outer = outer.owner
        for group in self._related(block, self._groups_by_word):
            if group is not own:
                found += self._usable(group, block)
        for line in self._related(block, self._asserts_by_word):
            if self._uses(line.uses, block, in_class=False) and not self._calls_unwritten(
                line.uses, block
            ):
                found.append(line.example)
        return sorted(found, key=lambda example: example.line)

    def _related(self, block: Block, index: dict) -> list:
        words = [block.name]
        if block.name in ("__init__", "__new__", "__post_init__") and block.owner is not None:
            words.append(block.owner.name)
        found: list = []
        for word in words:
            found += [entry for entry in index.get(word, ()) if entry not in found]
        return found

    def _usable(self, group: DocGroup, block: Block) -> list[Example]:
        """The group up to the first line that needs another unwritten function, if it calls `block`.

        Such a line can't pass whatever the candidate is, and what follows it may depend on it.
        """
        in_class = group.owner is not None and (
            group.owner is block.owner or group.owner.owner is block.owner is not None
        )
        mentioned: set[str] = set()
        for uses in group.uses:
            mentioned |= uses.loaded
        owner = block.owner
        if owner is not None and owner.kind == "class":
            in_class = in_class or owner.name in mentioned
        usable: list[Example] = []
        calls = False
        for example, uses in zip(group.examples, group.uses, strict=True):
            if self._calls_unwritten(uses, block):
                break
            usable.append(example)
            calls = calls or self._uses(uses, block, in_class=in_class)
        return usable if calls else []

    def _uses(self, uses: Uses, block: Block, *, in_class: bool) -> bool:
        """Whether a statement with these uses calls `block`."""
        owner = block.owner
        if owner is None:
            return block.name in uses.called or (self.module, block.name) in uses.of_names
        if owner.kind == "def":
            return False
        if block.name in ("__init__", "__new__", "__post_init__"):
            return owner.name in uses.called
        if not in_class and owner.name not in uses.loaded:
            return False
        return block.name in uses.attributes or block.name in uses.specials

    def _calls_unwritten(self, uses: Uses, block: Block) -> bool:
        """Whether a statement calls a function that is still to write, other than `block`."""
        for word in uses.called | uses.attributes:
            for other in self._unwritten_by_name.get(word, ()):
                if other is block or other.qualname == block.qualname:
                    continue
                if self._uses(uses, other, in_class=True):
                    return True
        return False


@lru_cache(maxsize=_CACHED_INDEXES)
def _cached_index(text: str, file_name: str) -> ExampleIndex:
    return ExampleIndex(outline_of(text), file_name)


def example_index(text: str, path: str | None) -> ExampleIndex:
    """The examples of a file, kept for the last few texts."""
    return _cached_index(text, PurePath(path).name if path else "untitled")


def _test_dict(outline: Outline) -> list[tuple[str, Docstring]]:
    """The strings of the module's `__test__` dictionary with their keys."""
    found: list[tuple[str, Docstring]] = []
    if "__test__" not in outline.text:
        return found
    for line in outline.lines:
        if line.col or not _TEST_DICT.match(outline.text, line.start, line.end):
            continue
        source = outline.text[line.start : line.end]
        tree = parse(source)
        starts = line_starts(source)
        for key, node in _test_entries(tree):
            at = line.start + offset_of(source, starts, node.lineno, node.col_offset)
            stop = line.start + offset_of(
                source, starts, node.end_lineno or 1, node.end_col_offset or 0
            )
            docstring = read_docstring(outline.text, at, stop)
            if docstring is not None:
                found.append((key, docstring))
    return found


def _test_entries(tree: ast.Module | None) -> list[tuple[str, ast.expr]]:
    match tree:
        case ast.Module(
            body=[ast.Assign(value=ast.Dict() as value) | ast.AnnAssign(value=ast.Dict() as value)]
        ):
            return [
                (key.value, node)
                for key, node in zip(value.keys, value.values, strict=True)
                if isinstance(key, ast.Constant) and isinstance(key.value, str)
            ]
        case ast.Module(
            body=[
                ast.Assign(
                    targets=[ast.Subscript(slice=ast.Constant(value=str(key)))],
                    value=ast.Constant(value=str()) as value,
                )
            ]
        ):
            return [(key, value)]
    return []
