"""Problems for training and validation: one schema, readers for our files, and the split.

Readers report bad records and set them aside; they run no code.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Check:
    """One example call. want: what `repr` prints, or "raises Name"."""

    call: str
    want: str


@dataclass(frozen=True, slots=True)
class Solution:
    """A plan and the body that follows it (indented by four spaces)."""

    steps: tuple[str, ...]
    code: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A short function to write, with everything that is known about it.

    wordings: the docstring's sentence in one or more wordings, the main one first.
    source: "exercises", "written", "compose" or "mbpp"; licence: an SPDX-like name.
    """

    id: str
    source: str
    licence: str
    entry_point: str
    signature: str
    imports: tuple[str, ...]
    wordings: tuple[str, ...]
    examples: tuple[Check, ...]
    solutions: tuple[Solution, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that can't be used, and why."""

    where: str
    reason: str


def from_record(record: dict, source: str, licence: str) -> Problem:
    """A problem from a line of exercises.jsonl. Raises KeyError or TypeError on a bad record."""
    return Problem(
        id=record["id"],
        source=source,
        licence=licence,
        entry_point=record["entry_point"],
        signature=record["signature"],
        imports=tuple(record["imports"]),
        wordings=(record["doc"], *record["alt"]),
        examples=tuple(Check(e["call"], e["want"]) for e in record["examples"]),
        solutions=tuple(Solution(tuple(p["steps"]), p["code"]) for p in record["plans"]),
    )


def read_exercises(path: Path) -> tuple[list[Problem], list[Rejected]]:
    """Problems of a JSONL file in the form of training/data/exercises.jsonl."""
    problems: list[Problem] = []
    rejected: list[Rejected] = []
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                record = json.loads(line)
                mbpp = record["id"].startswith("mbpp/")
                problems.append(
                    from_record(record, "exercises", "CC-BY-4.0" if mbpp else "Apache-2.0")
                )
            except (ValueError, KeyError, TypeError) as error:
                rejected.append(Rejected(f"{path.name}:{number}", repr(error)))
    return problems, rejected


_KEY = re.compile(r"^(sig|doc|alt|ex|imports): ?(.*)$")
_BLOCK = re.compile(r"^(plan2|code2|plan|code): *$")
_NUMBER = re.compile(r"^\s*\d+[.)]\s*")


def read_written(path: Path) -> tuple[list[Problem], list[Rejected]]:
    """Problems of a text file of written exercises (`=== name` blocks; see training/data)."""
    problems: list[Problem] = []
    rejected: list[Rejected] = []
    text = path.read_text(encoding="utf-8")
    for block in re.split(r"^=== *", text, flags=re.M)[1:]:
        name, _, rest = block.partition("\n")
        try:
            problems.append(_written(name.strip(), rest, path.stem))
        except (KeyError, ValueError) as error:
            rejected.append(Rejected(f"{path.name}:{name.strip()}", repr(error)))
    return problems, rejected


def _written(name: str, text: str, stem: str) -> Problem:
    single: dict[str, str] = {}
    many: dict[str, list[str]] = {"alt": [], "ex": []}
    blocks: dict[str, list[str]] = {}
    block = ""
    for line in text.split("\n"):
        opening = _BLOCK.match(line)
        entry = _KEY.match(line)
        if opening:
            block = str(opening.group(1))
            blocks[block] = []
        elif entry and (not block or block.startswith("plan") or not line.startswith(" ")):
            block = ""
            key, value = entry.group(1), entry.group(2)
            if key in many:
                many[key].append(value.strip())
            else:
                single[key] = value.strip()
        elif block:
            blocks[block].append(line)
    examples = []
    for line in many["ex"]:
        call, arrow, want = line.rpartition(" -> ")
        if not arrow:
            raise ValueError(f"example without ' -> ': {line}")
        examples.append(Check(call.strip(), want.strip()))
    solutions = []
    for plan, code in (("plan", "code"), ("plan2", "code2")):
        if code in blocks and plan in blocks:
            steps = tuple(_NUMBER.sub("", s).strip() for s in blocks[plan] if s.strip())
            solutions.append(Solution(steps, "\n".join(blocks[code]).strip("\n").rstrip()))
    if not solutions or not examples:
        raise ValueError("needs examples, a plan and code")
    imports = tuple(p.strip() for p in single.get("imports", "").split(";") if p.strip())
    return Problem(
        id=f"{stem}/{name}",
        source="written",
        licence="Apache-2.0",
        entry_point=name,
        signature=single["sig"],
        imports=imports,
        wordings=(single["doc"], *many["alt"]),
        examples=tuple(examples),
        solutions=tuple(solutions),
    )


def is_validation(problem: Problem) -> bool:
    """Whether the problem belongs to the tenth that is never trained on (by hash of its name)."""
    digest = hashlib.sha256(problem.entry_point.encode()).digest()
    return digest[0] * 256 + digest[1] < 65536 // 10


def read_all(data: Path) -> tuple[list[Problem], list[Rejected]]:
    """Everything under training/data, in a fixed order."""
    problems, rejected = read_exercises(data / "exercises.jsonl")
    for path in sorted((data / "exercises").glob("*.txt")):
        more, bad = read_written(path)
        problems += more
        rejected += bad
    return problems, rejected


def training(problems: list[Problem]) -> Iterator[Problem]:
    """The nine tenths that may be trained on."""
    return (p for p in problems if not is_validation(p))


def validation(problems: list[Problem]) -> Iterator[Problem]:
    """The tenth that is kept for validation."""
    return (p for p in problems if is_validation(p))
