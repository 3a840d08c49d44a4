"""Files of function texts: read once from a folder of wheels, then mixed into token files.

A file (JSON lines, gzip) holds a record a function, best first; beside it lies the list of the
packages it came from, with their licences and numbers of functions.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path

from codeplan_training import corpus
from codeplan_training.corpus import FunctionText


def collect(
    folder: Path, processes: int, progress: Callable[[str], None] = lambda _: None
) -> list[FunctionText]:
    """The distinct functions of a folder's wheels. Raises FileNotFoundError when it has none."""
    wheels = corpus.wheels_in(folder)
    found: dict[str, FunctionText] = {}
    with ProcessPoolExecutor(processes) as pool:
        for number, (wheel, texts) in enumerate(zip(wheels, pool.map(_of, wheels), strict=True), 1):
            for text in texts:
                found.setdefault("".join(text.text.split()), text)
            progress(f"{number}/{len(wheels)} {wheel.name}: {len(found)} functions")
    return corpus.best_first(found.values())


def _of(wheel: Path) -> list[FunctionText]:
    return list(corpus.functions(corpus.wheel_package(wheel)))


def write(path: Path, texts: Iterable[FunctionText]) -> int:
    """Write a file of functions and its list of packages; the number of functions."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    packages: Counter[tuple[str, str]] = Counter()
    with gzip.open(partial, "wt", encoding="utf-8", compresslevel=6) as file:
        for text in texts:
            file.write(json.dumps(asdict(text)) + "\n")
            packages[text.package, text.licence] += 1
    partial.replace(path)
    lines = [f"{name}\t{licence}\t{n}\n" for (name, licence), n in sorted(packages.items())]
    path.with_name(path.name + ".packages.tsv").write_text("".join(lines), encoding="utf-8")
    return packages.total()


def read(path: Path) -> Iterator[FunctionText]:
    """The functions of a file. Raises FileNotFoundError or ValueError in words."""
    if not path.is_file():
        raise FileNotFoundError(f"no functions at {path}: make it with `codeplan-train functions`")
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                record = json.loads(line)
                yield FunctionText(**{**record, "imports": tuple(record["imports"])})
    except (OSError, EOFError, ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path} is not a file of functions ({error}); make it again") from error
