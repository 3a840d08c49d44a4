"""A file's own examples, and which of them check which function.

Sources: the function's docstring; other docstrings and `__test__` entries that call it; bare
asserts at module level. Tests in other files are found in beside.py. Nothing is run here.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import PurePath
from typing import TypeVar

from codeplan_model.values import Example

from .asserts import AssertLine, assert_lines
from .blocks import Block
from .doctests import PROMPT, docstring_examples
from .outline import Outline, outline_of
from .parse import line_starts, offset_of, parse
from .strings import Docstring, read_docstring
from .unwritten import unwritten
from .uses import CONSTRUCTORS, Uses, uses_of

_WORD = re.compile(r"\w+")
_TEST_DICT = re.compile(r"__test__\s*(?:\[|[:=])")
_BUILTINS = frozenset(dir(builtins))
_CACHED_INDEXES = 4
_Entry = TypeVar("_Entry")


@dataclass(eq=False)
class DocGroup:
    """One docstring that shows a prompt; its examples are read when they are asked for.

    owner: the function or class that it documents; None for the module's and for `__test__`.
    name: the owner's qualified name, "" for the module, "__test__.key".
    label: the group name of its examples.
    """

    outline: Outline
    owner: Block | None
    name: str
    docstring: Docstring
    label: str
    file_name: str

    @cached_property
    def examples(self) -> list[Example]:
        return docstring_examples(self.outline, self.docstring, self.label, self.file_name)

    @cached_property
    def uses(self) -> list[Uses]:
        """What each example uses."""
        return [uses_of(example.source) for example in self.examples]

    @cached_property
    def mentions(self) -> set[str]:
        """Every name that any example reads, and the class around, which they need not name."""
        found = {name for its in self.uses for name in its.loaded}
        cls = self.owner if self.owner is None or self.owner.kind == "class" else self.owner.owner
        if cls is not None and cls.kind == "class":
            found.add(cls.name)
        return found


class ExampleIndex:
    """Every example of one file, found by the words that occur in it."""

    def __init__(self, outline: Outline, file_name: str) -> None:
        self.outline = outline
        self.file_name = file_name
        self.module = PurePath(file_name).stem

    def examples_for(self, block: Block) -> list[Example]:
        """The examples of this file that check `block`, in file order."""
        own = self._own_groups.get(block.header)
        found: list[Example] = list(own.examples) if own else []
        outer = block.owner
        while outer is not None and outer.kind == "def":  # nothing else reaches a nested function
            around = self._own_groups.get(outer.header)
            found += around.examples if around else []
            outer = outer.owner
        for group in self._related_groups(block):
            if group is not own:
                found += self._usable(group, block)
        for line in self._asserts_by_word.get(_word_for(block), ()):
            mentions = line.uses.loaded
            if self._uses(line.uses, block, mentions) and not self._needs_unwritten(
                line.uses, block, mentions
            ):
                found.append(line.example)
        return sorted(found, key=lambda example: example.line)

    @cached_property
    def groups(self) -> list[DocGroup]:
        """The docstrings that show a prompt, in file order."""
        outline = self.outline
        found = self._group(None, "", outline.docstring(None))
        for block in outline.blocks:
            if block.kind != "guard":
                found += self._group(block, block.qualname, outline.docstring(block))
        for key, docstring in _test_dict(outline):
            found += self._group(None, f"__test__.{key}", docstring)
        return sorted(found, key=lambda group: group.docstring.start)

    @cached_property
    def asserts(self) -> list[AssertLine]:
        """The bare asserts, in file order."""
        return assert_lines(self.outline, self.file_name)

    def _group(self, owner: Block | None, name: str, docstring: Docstring | None) -> list[DocGroup]:
        if docstring is None or PROMPT not in docstring.raw:
            return []
        line = self.outline.line_number(docstring.start)
        label = f"{self.file_name}:{line + 1} {name or self.module}"
        return [DocGroup(self.outline, owner, name, docstring, label, self.file_name)]

    def _related_groups(self, block: Block) -> list[DocGroup]:
        """The groups that may call `block`."""
        found = list(self._groups_by_word.get(_word_for(block), ()))
        cls = block.owner
        if cls is not None and _is_special(block):  # called by operators, not by its name
            for inner in (cls, *cls.children):
                group = self._own_groups.get(inner.header)
                found += [group] if group is not None and group not in found else []
        return found

    @cached_property
    def _own_groups(self) -> dict[int, DocGroup]:
        return {group.owner.header: group for group in self.groups if group.owner is not None}

    @cached_property
    def _groups_by_word(self) -> dict[str, list[DocGroup]]:
        return _by_word((group, group.docstring.raw) for group in self.groups)

    @cached_property
    def _asserts_by_word(self) -> dict[str, list[AssertLine]]:
        return _by_word((line, line.example.source) for line in self.asserts)

    @cached_property
    def _unwritten_by_name(self) -> dict[str, list[Block]]:
        index: dict[str, list[Block]] = defaultdict(list)
        for block in unwritten(self.outline):
            index[block.name].append(block)
        return index

    def _usable(self, group: DocGroup, block: Block) -> list[Example]:
        """The examples up to the first that needs another unwritten function, if any calls `block`.

        Such a line can't pass whatever the candidate is, and what follows it may depend on it.
        """
        usable: list[Example] = []
        calls = False
        for example, uses in zip(group.examples, group.uses, strict=True):
            if self._needs_unwritten(uses, block, group.mentions):
                break
            usable.append(example)
            calls = calls or self._uses(uses, block, group.mentions)
        return usable if calls else []

    def _uses(self, uses: Uses, block: Block, mentions: set[str]) -> bool:
        """Whether a statement with these uses calls `block`.

        mentions: the names in the statement's surroundings; a method counts only near its class's.
        """
        owner = block.owner
        if owner is None:
            return block.name in uses.called or f"{self.module}.{block.name}" in uses.dotted
        if owner.kind == "def":
            return False
        if block.name in CONSTRUCTORS:
            return owner.name in uses.called or f"{self.module}.{owner.name}" in uses.dotted
        if owner.name not in mentions and f"{self.module}.{owner.name}" not in uses.dotted:
            return False
        if block.name == "__call__":
            return bool(uses.called - _BUILTINS - {owner.name})
        return block.name in uses.attributes or block.name in uses.specials

    def _needs_unwritten(self, uses: Uses, block: Block, mentions: set[str]) -> bool:
        """Whether a statement calls a function that is still to write, other than `block`."""
        return any(
            other.qualname != block.qualname and self._uses(uses, other, mentions)
            for word in uses.called | uses.attributes
            for other in self._unwritten_by_name.get(word, ())
        )


def example_index(text: str, path: str | None) -> ExampleIndex:
    """The examples of a file; the last few files' are kept."""
    return _cached_index(text, PurePath(path).name if path else "untitled")


@lru_cache(maxsize=_CACHED_INDEXES)
def _cached_index(text: str, file_name: str) -> ExampleIndex:
    return ExampleIndex(outline_of(text), file_name)


def _word_for(block: Block) -> str:
    """The word by which text that calls `block` is found."""
    if _is_special(block) and block.owner is not None:
        return block.owner.name
    return block.name


def _is_special(block: Block) -> bool:
    return block.name.startswith("__") and block.name.endswith("__")


def _by_word(entries: Iterable[tuple[_Entry, str]]) -> dict[str, list[_Entry]]:
    index: dict[str, list[_Entry]] = defaultdict(list)
    for entry, source in entries:
        for word in set(_WORD.findall(source)):
            index[word].append(entry)
    return index


def _test_dict(outline: Outline) -> list[tuple[str, Docstring]]:
    """The strings of the module's `__test__` dictionary with their keys."""
    text = outline.text
    found: list[tuple[str, Docstring]] = []
    if "__test__" not in text:
        return found
    for line in outline.lines:
        if line.col or not _TEST_DICT.match(text, line.start, line.end):
            continue
        source = text[line.start : line.end]
        starts = line_starts(source)
        for key, node in _test_entries(parse(source)):
            begin = offset_of(source, starts, node.lineno, node.col_offset)
            end = offset_of(source, starts, node.end_lineno or 1, node.end_col_offset or 0)
            docstring = read_docstring(text, line.start + begin, line.start + end)
            if docstring is not None:
                found.append((key, docstring))
    return found


def _test_entries(tree: ast.Module | None) -> list[tuple[str, ast.expr]]:
    """(key, value) of `__test__ = {...}` and `__test__["key"] = ...`."""
    match tree.body if tree is not None else []:
        case [ast.Assign(value=ast.Dict() as table) | ast.AnnAssign(value=ast.Dict() as table)]:
            return [
                (key.value, node)
                for key, node in zip(table.keys, table.values, strict=True)
                if isinstance(key, ast.Constant) and isinstance(key.value, str)
            ]
        case [ast.Assign(targets=[ast.Subscript(slice=ast.Constant(value=str(key)))], value=value)]:
            return [(key, value)]
    return []
