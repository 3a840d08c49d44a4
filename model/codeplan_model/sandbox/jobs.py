"""What each process of a run is told: texts and statements to run, never what is expected.

A split run has two jobs. The candidate's: the spliced file, scrubbed. The examiner's: the user's
file without the candidate's code, and the statements of the examples. A run alone (no candidate,
or values that can't cross between processes) has one.
"""

from __future__ import annotations

import ast
import functools
import keyword
import marshal
import pathlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..values import Edit, Example, ExampleKind, Task, apply_edits
from .inside import target as targets
from .interpreter import imports_of
from .limits import Limits
from .scrub import Frame, frame_of, scrub, without_asserts
from .siblings import Siblings
from .siblings import of as find_siblings

_ANSWERS = ("True", "False", "")
SKIP_FLAG = 16  # doctest.SKIP; a test compares
# The format of marshal that every interpreter from 3.10 on reads. Only the inside reads it, and
# only what the trusted side wrote.
MARSHAL = 4


@dataclass(frozen=True, slots=True)
class Group:
    """Examples that run in order in one namespace, with their positions in the task."""

    name: str
    members: tuple[tuple[int, Example], ...]

    @property
    def is_tests(self) -> bool:
        return self.members[0][1].kind is ExampleKind.TEST


@dataclass(frozen=True, slots=True)
class Prepared:
    """A task made ready once for many candidates.

    examiner_source: the file as the examiner runs it; None when only the spliced text parses.
    target: where the function stands, as `inside/target.py` wants it; None without a candidate.
    imports: what the zygote imports once.
    siblings: modules of the workspace that the file imports.
    python: the interpreter of the workspace's virtual environment; None for the sandbox's own.
    frame: the task's text without what tells what is expected; None where it has to be taken out
        of each spliced text.
    """

    module: str
    examiner_source: str | None
    target: dict[str, Any] | None
    groups: tuple[Group, ...]
    imports: tuple[str, ...]
    examples: tuple[Example, ...]
    siblings: Siblings
    frame: Frame | None = None
    python: str | None = None
    # The examiner's jobs, by what limits say in them.
    _examiner: dict[int, bytes] = field(default_factory=dict, compare=False, repr=False)


def prepare(task: Task, python: str | None = None) -> Prepared:
    """Make a task ready for its candidates. python: see Prepared. Never raises for bad input."""
    text = _parsing(task.text) or _parsing(task.prefix + "pass" + task.suffix)
    tests = {e.source for e in task.examples if e.kind is ExampleKind.TEST}
    path = task.entry_point.split(".<locals>")[0].split(".")
    where = {"path": path, "which": 0 if text is None else _which(text, path, task)}
    siblings = find_siblings(text or task.prefix, task.path)
    return Prepared(
        module_name(task.path),
        None if text is None else without_asserts(text),
        where,
        grouped(task.examples),
        _imports(module_name(task.path), text or task.prefix, tests, siblings),
        task.examples,
        siblings,
        frame_of(task.text),
        python,
    )


def prepare_file(
    source: str, examples: Sequence[Example], path: str | None, python: str | None = None
) -> Prepared:
    """Make a whole file ready to be judged by its examples. Raises SyntaxError."""
    tests = {e.source for e in examples if e.kind is ExampleKind.TEST}
    siblings = find_siblings(source, path)
    return Prepared(
        module_name(path),
        without_asserts(source),
        None,
        grouped(examples),
        _imports(module_name(path), source, tests, siblings),
        tuple(examples),
        siblings,
        python=python,
    )


def candidate_job(prepared: Prepared, task: Task, edits: Sequence[Edit], limits: Limits) -> bytes:
    """The candidate's job. Raises SyntaxError when the spliced text doesn't parse."""
    scrubbed = None if prepared.frame is None else prepared.frame.edited(edits)
    if scrubbed is None:
        scrubbed = scrub(apply_edits(task.text, tuple(edits)))
    return _pack(prepared, scrubbed, limits, target=prepared.target)


def examiner_job(prepared: Prepared, task: Task, edits: Sequence[Edit], limits: Limits) -> bytes:
    """The examiner's job of a split run: the same for all candidates, if the task's text parses."""
    if prepared.examiner_source is None:
        spliced = apply_edits(task.text, tuple(edits))
        return _examiner_job(prepared, without_asserts(spliced), limits)
    known = prepared._examiner
    if limits.output_bytes not in known:
        known[limits.output_bytes] = _examiner_job(prepared, prepared.examiner_source, limits)
    return known[limits.output_bytes]


def _examiner_job(prepared: Prepared, source: str, limits: Limits) -> bytes:
    groups = _groups(prepared.groups, _variables(source))
    watched = sorted({name for g in groups for e in g["examples"] for name in e["reads"]})
    return _pack(prepared, source, limits, target=prepared.target, groups=groups, watched=watched)


def alone_job(prepared: Prepared, source: str, groups: Sequence[Group], limits: Limits) -> bytes:
    """The one job of a run alone. source: the complete file as it should run."""
    return _pack(prepared, source, limits, groups=_groups(groups, frozenset()))


def grouped(examples: Sequence[Example]) -> tuple[Group, ...]:
    """Examples by group, groups in order of their first example; skipped ones are left out."""
    members: dict[tuple[str, bool], list[tuple[int, Example]]] = {}
    for number, example in enumerate(examples):
        if not skipped(example):
            key = (example.group, example.kind is ExampleKind.TEST)
            members.setdefault(key, []).append((number, example))
    return tuple(Group(name, tuple(found)) for (name, _), found in members.items())


def skipped(example: Example) -> bool:
    """Whether the example carries doctest's SKIP."""
    return dict(example.options).get(SKIP_FLAG, False)


def module_name(path: str | None) -> str:
    """The name under which a file is loaded: its stem, as `python -m doctest` does."""
    stem = pathlib.PurePath(path).stem if path else "module"
    return stem if stem.isidentifier() and not keyword.iskeyword(stem) else "module"


def _groups(groups: Sequence[Group], variables: frozenset[str]) -> list[dict[str, Any]]:
    return [
        {
            "number": number,
            "kind": "tests" if group.is_tests else "statements",
            "source": group.members[0][1].source if group.is_tests else "",
            "examples": [_example(i, e, variables) for i, e in group.members],
        }
        for number, group in enumerate(groups)
    ]


def _example(number: int, example: Example, variables: frozenset[str]) -> dict[str, Any]:
    told: dict[str, Any] = {"i": number, "kind": example.kind.value}
    # A doctest that prints a value is compared with text that only the trusted side knows. One
    # that prints True has compared by itself, like an assert.
    judges_itself = example.kind is not ExampleKind.DOCTEST or example.want.strip() in _ANSWERS
    if example.kind is ExampleKind.TEST:
        told["name"] = example.name
    else:
        told["source"] = example.source
    return {**told, "reads": sorted(variables & _names(example.source)) if judges_itself else []}


def _variables(source: str) -> frozenset[str]:
    """Names that stand for data at module level, and "Class.name" for data of its classes."""
    found: set[str] = set()
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            found.update(node.names)
    places = [(tree.body, "")]
    places += [(n.body, f"{n.name}.") for n in tree.body if isinstance(n, ast.ClassDef)]
    for body, prefix in places:
        for statement in body:
            for node in ast.walk(statement) if not _is_definition(statement) else ():
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    found.add(prefix + node.id)
    return frozenset(found)


def _is_definition(node: ast.stmt) -> bool:
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))


@functools.lru_cache(maxsize=256)
def _names(source: str) -> frozenset[str]:
    """The names that a text reads, with "owner.attribute" where it reads an attribute."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()
    found = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
            if isinstance(node.value, ast.Name):
                found.add(f"{node.value.id}.{node.attr}")
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found.update(alias.name for alias in node.names)
    return frozenset(found)


def _imports(module: str, source: str, tests: set[str], siblings: Siblings) -> tuple[str, ...]:
    """What the zygote imports: of tests and siblings too, but none of the workspace's modules."""
    found = set(imports_of(source, *(text for _, _, text in siblings.modules)))
    own = {name.partition(".")[0] for name in siblings.names}
    own.add(siblings.package.partition(".")[0])
    found = {name for name in found if name.partition(".")[0] not in own}
    if tests:
        found |= {n for n in imports_of(*tests) if n.rpartition(".")[2] != module}
        # The program's own; pytest has a stand-in (inside/shim.py).
        found.add("codeplan_inside.tests")
        found.discard("pytest")
    return tuple(sorted(found))


def _pack(prepared: Prepared, source: str, limits: Limits, **further: Any) -> bytes:
    job = {
        "source": source,
        "module": prepared.module,
        "package": prepared.siblings.package,
        "siblings": prepared.siblings.modules,
        "output": limits.output_bytes,
        **further,
    }
    return marshal.dumps(job, MARSHAL)


def _parsing(text: str) -> str | None:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
    return text


def _which(text: str, path: list[str], task: Task) -> int:
    """Which of several definitions of one name (overloads, property setters) is the task's."""
    tree = ast.parse(text)
    node: Any
    line = task.prefix.count("\n") + 1
    which = 0
    while (node := targets.find(tree, path, which)) is not None:
        if node.lineno <= line <= (node.end_lineno or node.lineno) + 1:
            return which
        which += 1
    return max(which - 1, 0)
