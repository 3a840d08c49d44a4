"""The example files, and the reference solutions that lie apart from them."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from codeplan_model.extract import functions_to_write
from codeplan_model.sandbox import Sandbox, SandboxUnavailable
from codeplan_model.values import Candidate, Task

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
SOLUTIONS = Path(__file__).parent / "solutions"


@dataclass(frozen=True, slots=True)
class ExampleFile:
    """A file with functions to write. solutions: the reference bodies by qualified name."""

    path: Path
    text: str
    tasks: tuple[Task, ...]
    solutions: dict[str, Candidate]


def _files() -> list[ExampleFile]:
    files = []
    for path in sorted(EXAMPLES.glob("*.py")):
        if path.name.startswith("test_"):
            continue
        text = path.read_text("utf-8")
        tasks = tuple(functions_to_write(text, str(path)))
        files.append(ExampleFile(path, text, tasks, _solutions(SOLUTIONS / path.name)))
    return files


def _solutions(path: Path) -> dict[str, Candidate]:
    source = path.read_text("utf-8")
    return dict(_bodies(ast.parse(source), source.splitlines(), ""))


def _bodies(node: ast.AST, lines: list[str], prefix: str) -> Iterator[tuple[str, Candidate]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield from _bodies(child, lines, f"{prefix}{child.name}.")
        elif isinstance(child, ast.FunctionDef):
            body = "\n".join(lines[child.body[0].lineno - 1 : child.end_lineno])
            text = textwrap.indent(textwrap.dedent(body), "    ")
            yield prefix + child.name, Candidate(text)


@pytest.fixture(scope="session")
def example_files() -> list[ExampleFile]:
    """Every file of examples/, read once."""
    return _files()


@pytest.fixture(params=[p.name for p in sorted(EXAMPLES.glob("*.py")) if p.name[:5] != "test_"])
def example_file(request: pytest.FixtureRequest, example_files: list[ExampleFile]) -> ExampleFile:
    """Each file of examples/ in turn."""
    return next(file for file in example_files if file.path.name == request.param)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """The real one, as users get it."""
    try:
        sandbox = Sandbox()
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    with sandbox:
        yield sandbox
