"""A function of a document: found by position, and found again after the user went on typing.

Positions are converted here; the model room works on text and offsets.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from lsprotocol import types

from codeplan_model.extract import ExtractError, FunctionSite, all_functions, task_at
from codeplan_model.values import Example, Task
from codeplan_server.documents import Document


class Lost(Exception):
    """The function is not what it was: the text says why nothing was changed."""


@dataclass(frozen=True, slots=True)
class Target:
    """A function in one version of a document.

    source: its text from the first decorator to the body's end. which, of: it is number `which`
    (from 0) of `of` functions with the same qualified name. to_write: it waits for its body.
    """

    document: Document
    task: Task
    source: str
    which: int
    of: int
    to_write: bool

    @property
    def name(self) -> str:
        return self.task.entry_point


def target_at(document: Document, position: types.Position) -> Target | None:
    """The innermost function around a position. Reads tests beside the file: not for the reader."""
    task = task_at(document.text, document.codec.offset(position), document.path)
    return None if task is None else _target(document, task)


def numbered_target(document: Document, name: str, which: int) -> Target:
    """The function with this qualified name that is number `which` of them. Raises ExtractError."""
    sites = _sites(document, name)
    if which >= len(sites):
        raise ExtractError(f"{name} is not in the file")
    return _target_of(document, sites, which)


def find_again(target: Target, document: Document) -> Target:
    """The same function in a later version of the document. Raises Lost.

    It may have moved, and the file around it may have changed. If the function itself or its
    examples have changed, what was written and verified for it holds no longer.
    """
    if document.text == target.document.text:
        return replace(target, document=document)
    sites = _sites(document, target.name)
    found = [_target_of(document, sites, which) for which in range(len(sites))]
    if not found:
        raise Lost(f"{target.name} is no longer in the file: nothing was inserted")
    same = [later for later in found if later.source == target.source]
    if not same:
        raise Lost(f"{target.name} was changed meanwhile: nothing was inserted")
    if len(same) > 1:
        same = [later for later in same if (later.which, later.of) == (target.which, target.of)]
        if not same:
            raise Lost(f"{target.name} is there more than once now: nothing was inserted")
    again = same[0]
    if _checks(again.task.examples) != _checks(target.task.examples):
        raise Lost(f"the examples of {target.name} were changed meanwhile: nothing was inserted")
    return again


def _target(document: Document, task: Task) -> Target:
    sites = _sites(document, task.entry_point)
    before = [which for which, site in enumerate(sites) if site.extent.start <= task.hole.start]
    if not before:
        raise ExtractError(f"{task.entry_point} was not found in its own file")
    return _made(document, task, sites, before[-1])


def _target_of(document: Document, sites: list[FunctionSite], which: int) -> Target:
    site = sites[which]
    task = task_at(document.text, site.name.start, document.path)
    if task is None or task.entry_point != site.entry_point:
        raise ExtractError(f"{site.entry_point} was not found in its own file")
    return _made(document, task, sites, which)


def _made(document: Document, task: Task, sites: list[FunctionSite], which: int) -> Target:
    site = sites[which]
    source = document.text[site.extent.start : max(site.extent.end, task.hole.end)]
    return Target(document, task, source, which, len(sites), site.to_write)


def _sites(document: Document, name: str) -> list[FunctionSite]:
    return [site for site in all_functions(document.text) if site.entry_point == name]


def _checks(examples: tuple[Example, ...]) -> list[tuple[str, str, str]]:
    return [(example.kind.value, example.source, example.want) for example in examples]
