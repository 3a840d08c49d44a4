"""The workspace's own modules that a file imports, as text.

No folder of the workspace is visible inside: not the tests, not `.env`, not `.git`. What the file
itself imports from beside it is read here, on the trusted side, and travels with the job, without
docstrings and comments. Imports that a candidate adds are not followed: it can't ask for a file.
"""

from __future__ import annotations

import ast
import pathlib
from dataclasses import dataclass

from .scrub import scrub

_MAX_MODULES = 200
_MAX_CHARACTERS = 2_000_000


@dataclass(frozen=True, slots=True)
class Siblings:
    """package: the dotted package of the file, "" when it is in none.

    modules: (name, is a package, text) of each module that it reaches.
    """

    package: str = ""
    modules: tuple[tuple[str, bool, str], ...] = ()

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name for name, _, _ in self.modules)


def of(source: str, path: str | None) -> Siblings:
    """What `source`, the text of the file at `path`, imports from the workspace. Never raises.

    Looked for beside the file, in the folder above its package, and in `src` there.
    """
    if path is None:
        return Siblings()
    try:
        file = pathlib.Path(path).resolve()
        root, package = _root(file)
        places = [file.parent, root, root / "src"]
        return Siblings(package, _reachable(source, package, places, file))
    except (OSError, ValueError, RecursionError):
        return Siblings()


def _root(file: pathlib.Path) -> tuple[pathlib.Path, str]:
    folder, parts = file.parent, []
    while (folder / "__init__.py").is_file() and folder.parent != folder:
        parts.append(folder.name)
        folder = folder.parent
    return folder, ".".join(reversed(parts))


def _reachable(
    source: str, package: str, places: list[pathlib.Path], file: pathlib.Path
) -> tuple[tuple[str, bool, str], ...]:
    found: dict[str, tuple[str, bool, str]] = {}
    waiting = _imported(source, package)
    size = 0
    while waiting and len(found) < _MAX_MODULES:
        name = waiting.pop()
        for depth in range(name.count(".") + 1):
            part = ".".join(name.split(".")[: depth + 1])
            where = None if part in found else _find(part, places)
            if where is None or where.resolve() == file:
                continue
            text = where.read_text("utf-8", "replace")
            size += len(text)
            if size > _MAX_CHARACTERS:
                return tuple(found.values())
            is_package = where.name == "__init__.py"
            found[part] = (part, is_package, _scrubbed(text))
            inner = part if is_package else part.rpartition(".")[0]
            waiting += _imported(text, inner)
    return tuple(found.values())


def _find(name: str, places: list[pathlib.Path]) -> pathlib.Path | None:
    if not all(part.isidentifier() for part in name.split(".")):
        return None
    for place in places:
        base = place.joinpath(*name.split("."))
        for path in (base / "__init__.py", base.with_suffix(".py")):
            if path.is_file():
                return path
    return None


def _imported(source: str, package: str) -> list[str]:
    """Dotted names that a text imports anywhere in it; relative ones made absolute."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return []
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".") if package else []
                parts = parts[: len(parts) - node.level + 1]
                base = ".".join([*parts, base]).strip(".")
            names += [base, *(f"{base}.{alias.name}".strip(".") for alias in node.names)]
    return [n for n in names if n]


def _scrubbed(text: str) -> str:
    try:
        return scrub(text)
    except (SyntaxError, ValueError, RecursionError):
        return text
