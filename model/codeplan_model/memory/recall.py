"""From a Task to what is remembered that may help: nearest solved problems, adapted programs.

An adapted program is a candidate like any other: only the file's examples can let it in.
"""

from __future__ import annotations

import ast
import builtins
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

from codeplan_model.memory.store import Entry, Store, name_parts
from codeplan_model.values import Candidate, ExampleKind, Plan, Task

SHIPPED = Path(__file__).with_name("shipped.sqlite")
"""The read-only store that comes with codeplan, built by `codeplan-train memory`."""

NEIGHBOURS = 12
_FETCHED = 60
_STOP = frozenset(
    """a an and any are as at be by def each every for from function given has have if in into is
    it its of on one or return returned returns self such that the their them then there this to
    which with when where whose write you your will was were not none str int list dict float bool
    tuple set all""".split()
)


def open_shipped() -> list[Store]:
    """The shipped store; an empty list when this installation has none. Raises StoreError."""
    return [Store(SHIPPED, read_only=True)] if SHIPPED.is_file() else []


def nearest(task: Task, stores: Sequence[Store], limit: int = NEIGHBOURS) -> list[Entry]:
    """The remembered problems that are most like this one and take as many arguments."""
    wanted = len(_arguments(task.header))
    words = [word for word in _query(task) if word not in _STOP and len(word) > 1]
    found: list[Entry] = []
    for store in stores:
        fitting = [
            e for e in store.search(words, _FETCHED) if len(_arguments(e.signature)) == wanted
        ]
        found += fitting[:limit]
    return found[:limit]


def adapted(task: Task, entries: Sequence[Entry]) -> Iterator[Candidate]:
    """Programs of these entries with their arguments and own name made the task's.

    Where there are two or three arguments, other orders are tried after the given one.
    """
    mine = _arguments(task.header)
    seen: set[str] = set()
    orders = list(itertools.permutations(range(len(mine)))) if 2 <= len(mine) <= 3 else [None]
    for order in orders:
        for entry in entries:
            theirs = _arguments(entry.signature)
            targets = mine if order is None else [mine[i] for i in order]
            names = dict(zip(theirs, targets, strict=True))
            names[entry.name] = task.name
            body = rename(entry, names)
            if body is None or body in seen:
                continue
            seen.add(body)
            plan = Plan(entry.steps, origin="memory") if entry.steps else None
            yield Candidate(body, plan, origin="adapted")


def rename(entry: Entry, names: dict[str, str]) -> str | None:
    """The entry's body with names replaced, its formatting kept; None when that isn't safe."""
    try:
        tree = ast.parse("def _():\n" + entry.code)
    except (SyntaxError, ValueError):
        return None
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    used |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    changed = {old: new for old, new in names.items() if old != new and old in used}
    # A new name that the body already uses for something else gets out of the way first.
    taken = {new for new in changed.values() if new in used and new not in changed}
    if any(hasattr(builtins, new) for new in taken):
        return None
    for new in taken:
        changed[new] = f"{new}_"
    places: list[tuple[int, int, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in changed:
            places.append((node.lineno, node.col_offset, node.id))
        elif isinstance(node, ast.arg) and node.arg in changed:
            places.append((node.lineno, node.col_offset, node.arg))
        elif _binds(node) & set(changed):
            return None
    # Offsets count bytes of UTF-8.
    lines = [line.encode() for line in entry.code.split("\n")]
    for line, column, old in sorted(places, reverse=True):
        text = lines[line - 2]
        end = column + len(old.encode())
        if text[column:end] != old.encode():
            return None  # inside an f-string, where older parsers give no usable place
        lines[line - 2] = text[:column] + changed[old].encode() + text[end:]
    body = b"\n".join(lines).decode()
    # What stood in f-strings was found by the check above or was not renamed at all.
    try:
        again = ast.parse("def _():\n" + body)
    except SyntaxError:
        return None
    left = {node.id for node in ast.walk(again) if isinstance(node, ast.Name)}
    return None if left & (set(changed) - set(changed.values())) else body


def _binds(node: ast.AST) -> set[str]:
    """Names that a statement binds in a way that renaming does not follow."""
    if isinstance(node, ast.Nonlocal | ast.Global):
        return set(node.names)
    return {node.name} if isinstance(node, ast.FunctionDef) else set()


def _query(task: Task) -> list[str]:
    prose: list[str] = []
    for line in task.docstring.split("\n"):
        if line.lstrip().startswith((">>>", "...")):
            break
        prose.append(line)
    words = name_parts(" ".join(prose)) + name_parts(task.name) + name_parts(task.header)
    if not task.docstring:
        for example in task.examples:
            if example.kind is ExampleKind.ASSERT:
                words += name_parts(example.source)
    return words


def _arguments(header: str) -> list[str]:
    """Names of the arguments of a `def` line, without self and cls; [] when it can't be read."""
    try:
        node = ast.parse(header.strip() + "\n    pass").body[0]
    except (SyntaxError, ValueError, IndexError):
        return []
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return []
    every = [*node.args.posonlyargs, *node.args.args]
    names = [argument.arg for argument in every]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names
