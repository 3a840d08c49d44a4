"""Tests that import a file's functions: `test_*.py` next to it, or under tests/ up the tree.

The only module of this room that reads files. It reads text and runs nothing. The walk is bounded:
a few folders up, a number of files, none that is unusually large.
"""

from __future__ import annotations

import ast
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeGuard

from codeplan_model.values import Example, ExampleKind

from .parse import parse
from .uses import CONSTRUCTORS, Uses, uses_of_tree

_LEVELS_UP = 6
_ROOT_MARKS = (".git", ".hg", "pyproject.toml", "setup.py", "setup.cfg", "tox.ini")
_TEST_FOLDERS = ("tests", "test")
_SKIPPED_FOLDERS = {"node_modules", "site-packages", "__pycache__", "venv", "env", "build", "dist"}
_MAX_FILES = 2000
_MAX_BYTES = 512 * 1024


def find_tests(path: str, names: Sequence[str]) -> dict[str, tuple[Example, ...]]:
    """For each of `names` (qualified, "Cart.total") the tests that use it, in order of files.

    A test counts when its module imports the function (or its class, or its module) from the file
    at `path`, and the test, or a helper or fixture of its module that it uses, calls it.
    Names without tests are left out. Files that can't be read or don't parse have no tests.
    """
    found: dict[str, list[Example]] = defaultdict(list)
    source = Path(path)
    if not names or not source.is_file():
        return {}
    source = source.resolve()
    module = source.parent.name if source.stem == "__init__" else source.stem
    for test_file in _test_files(source):
        text = _read(test_file)
        if text is None or module not in text:
            continue
        tree = parse(text)
        if tree is None:
            continue
        for name, tests in _tests_in(tree, source, test_file, names).items():
            found[name] += [_example(text, test_file, source, node, test) for test, node in tests]
    return {name: tuple(tests) for name, tests in found.items()}


def _example(text: str, test_file: Path, source: Path, node: ast.AST, name: str) -> Example:
    line = getattr(node, "lineno", 1) - 1
    return Example(
        source=text,
        want="",
        kind=ExampleKind.TEST,
        origin=f"{test_file.name}:{line + 1}",
        line=line,
        group=os.path.relpath(test_file, source.parent).replace(os.sep, "/"),
        name=name,
    )


def _test_files(source: Path) -> Iterator[Path]:
    """Candidate test files, nearest first."""
    seen: set[Path] = {source}
    budget = _MAX_FILES
    folder = source.parent
    for _ in range(_LEVELS_UP):
        places = [_python_tests(folder)] if folder == source.parent else []
        places += [_walk(folder / name) for name in _TEST_FOLDERS]
        if folder.name in _TEST_FOLDERS:
            places.append(_walk(folder))
        for files in places:
            for file in files:
                budget -= 1
                if budget < 0:
                    return
                if file not in seen:
                    seen.add(file)
                    yield file
        if folder.parent == folder or any((folder / mark).exists() for mark in _ROOT_MARKS):
            return
        folder = folder.parent


def _walk(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        return
    for parent, folders, _ in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and name not in _SKIPPED_FOLDERS
        )
        yield from _python_tests(Path(parent))


def _python_tests(folder: Path) -> list[Path]:
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    return [
        folder / name
        for name in names
        if name.endswith(".py") and (name.startswith("test_") or name.endswith("_test.py"))
    ]


def _read(path: Path) -> str | None:
    try:
        if path.stat().st_size > _MAX_BYTES:
            return None
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None


def _tests_in(
    tree: ast.Module, source: Path, test_file: Path, names: Sequence[str]
) -> dict[str, list[tuple[str, ast.AST]]]:
    """Per name the tests of one module that use it: (test name, node)."""
    modules, members = _imported(tree, source, test_file)
    if not modules and not members:
        return {}
    functions = {
        node.name: node
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    uses = {name: _with_arguments(node) for name, node in functions.items()}
    found: dict[str, list[tuple[str, ast.AST]]] = {}
    cases = list(_cases(tree))
    shared = {cls.name: _shared_uses(cls) for cls in tree.body if isinstance(cls, ast.ClassDef)}
    total: dict[str, Uses] = {}
    for test, node, cls in cases:
        own = _with_arguments(node)
        if cls is not None:
            own.update(shared[cls])
        total[test] = _closure(own, uses)
    for name in names:
        tests = [
            (test, node) for test, node, _ in cases if _calls(total[test], name, modules, members)
        ]
        if tests:
            found[name] = tests
    return found


def _imported(tree: ast.Module, source: Path, test_file: Path) -> tuple[set[str], dict[str, str]]:
    """How a test module names the file: {names of the module}, {local name: name in the file}."""
    modules: set[str] = set()
    members: dict[str, str] = {}
    parts = list(source.with_suffix("").parts)
    if parts[-1] == "__init__":
        parts.pop()
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                for alias in aliases:
                    if _is_module(alias.name, parts):
                        modules.add(alias.asname or alias.name)
            case ast.ImportFrom(module=module, names=aliases, level=level):
                base = _base(module, level, test_file)
                for alias in aliases:
                    if _is_module(base, parts):
                        if alias.name == "*":
                            members["*"] = "*"
                        members[alias.asname or alias.name] = alias.name
                    elif _is_module(f"{base}.{alias.name}".lstrip("."), parts):
                        modules.add(alias.asname or alias.name)
    return modules, members


def _base(module: str | None, level: int, test_file: Path) -> str:
    """The dotted module of a `from` import; a relative one counted from the test file's folder."""
    if not level:
        return module or ""
    folder = test_file.parent
    for _ in range(level - 1):
        folder = folder.parent
    return ".".join([folder.name, *([module] if module else [])])


def _is_module(dotted: str, parts: list[str]) -> bool:
    """Whether an imported module may be the file: its dotted name is the end of the file's path."""
    names = dotted.split(".")
    return bool(dotted) and parts[-len(names) :] == names


def _cases(tree: ast.Module) -> Iterator[tuple[str, ast.AST, str | None]]:
    """Test functions as pytest and unittest collect them: (name, node, class)."""
    for node in tree.body:
        if _is_test(node):
            yield node.name, node, None
        elif isinstance(node, ast.ClassDef) and (
            node.name.startswith("Test") or any("TestCase" in ast.unparse(b) for b in node.bases)
        ):
            for child in node.body:
                if _is_test(child):
                    yield f"{node.name}::{child.name}", child, node.name


def _is_test(node: ast.stmt) -> TypeGuard[ast.FunctionDef | ast.AsyncFunctionDef]:
    is_function = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    return is_function and node.name.startswith("test")


def _shared_uses(cls: ast.ClassDef) -> Uses:
    """What setUp, fixtures and helper methods of a test class use."""
    uses = Uses()
    for child in cls.body:
        if not _is_test(child):
            uses.update(uses_of_tree(child))
    return uses


def _with_arguments(node: ast.AST) -> Uses:
    """What a test uses, its fixtures (its parameters) included."""
    uses = uses_of_tree(node)
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        uses.called |= {argument.arg for argument in node.args.args}
    return uses


def _closure(uses: Uses, functions: dict[str, Uses]) -> Uses:
    """What a test uses by itself and through the helpers and fixtures of its module."""
    total = Uses()
    total.update(uses)
    waiting = list(uses.called)
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in functions:
            continue
        seen.add(name)
        total.update(functions[name])
        waiting += functions[name].called
    return total


def _calls(uses: Uses, name: str, modules: set[str], members: dict[str, str]) -> bool:
    """Whether a test with these uses calls the function `name` of the file."""
    if ".<locals>." in name:
        return False
    owner, _, plain = name.rpartition(".")
    first = (owner or plain).partition(".")[0]
    local = {mine for mine, theirs in members.items() if theirs == first}
    if "*" in members:
        local.add(first)
    by_module = any(f"{module}.{first}" in uses.dotted for module in modules)
    if not owner:
        return by_module or bool(local & uses.called)
    if not by_module and not local & (uses.called | uses.loaded):
        return False
    if plain in CONSTRUCTORS:
        return True
    return plain in uses.attributes or plain in uses.specials
