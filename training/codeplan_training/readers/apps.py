"""APPS (Hendrycks et al. 2021): a folder a problem, with question.txt, solutions.json,
input_output.json and metadata.json.

Standard-input problems and call-based ones (input_output.json names a function) both become
programs. The examples in the question are what is shown; the other pairs decide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from codeplan_training import programs
from codeplan_training.problems import Check, Problem, Rejected, Solution
from codeplan_training.readers.lines import UNUSABLE, reason

QUESTION = "question.txt"
LICENCE = "MIT"
_PAIR = re.compile(
    r"^-*\s*(?:Sample |Example )?Input(?: \d+)?\s*:?-*\n(.*?)\n-*\s*(?:Sample |Example )?"
    r"Output(?: \d+)?\s*:?-*\n(.*?)(?=\n\s*\n|\n-----|\Z)",
    re.S | re.M,
)


def problem_folders(path: Path) -> list[Path]:
    """`path` itself or the folders below it (two levels: train/0000) that hold a question."""
    if (path / QUESTION).is_file():
        return [path]
    found = [*path.glob(f"*/{QUESTION}"), *path.glob(f"*/*/{QUESTION}")]
    return sorted(file.parent for file in found)


def read(folders: Iterable[Path]) -> tuple[list[Problem], list[Rejected]]:
    """The problems of these folders. Without usable tests a problem is rejected."""
    problems: list[Problem] = []
    rejected: list[Rejected] = []
    for folder in folders:
        where = f"{folder.parent.name}/{folder.name}"
        file = folder / QUESTION
        try:
            question = file.read_text(encoding="utf-8")
            file = folder / "input_output.json"
            checks, calls = _checks(_json(file, {}))
            file = folder / "metadata.json"
            difficulty = str(_json(file, {}).get("difficulty", ""))
            file = folder / "solutions.json"
            texts = _json(file, [])
            solutions, bad = _solutions(texts)
            rejected += [Rejected(f"{where}/{file.name}[{number}]", why) for number, why in bad]
            starter = folder / "starter_code.py"
            if starter.is_file() and calls:
                question = f"{question.rstrip()}\n\n{starter.read_text(encoding='utf-8').strip()}"
        except (OSError, *UNUSABLE) as error:
            rejected.append(Rejected(f"{where}/{file.name}", reason(error)))
            continue
        shown, hidden = _divide(question, checks)
        problems.append(
            Problem(
                id=f"apps/{where}",
                source="apps",
                licence=LICENCE,
                entry_point=programs.NAME,
                signature=programs.HEADER,
                imports=(),
                wordings=(question.strip(),),
                examples=shown,
                solutions=solutions,
                tests=hidden,
                form="program",
                calls=calls,
                difficulty=difficulty,
            )
        )
    return problems, rejected


def _json(file: Path, default: Any) -> Any:
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else default


def _checks(record: dict[str, Any]) -> tuple[list[Check], str]:
    inputs, outputs = record.get("inputs", []), record.get("outputs", [])
    if not inputs or len(inputs) != len(outputs):
        raise ValueError(f"{len(inputs)} inputs and {len(outputs)} outputs: nothing to judge by")
    calls = record.get("fn_name", "")
    if calls:
        pairs = zip(inputs, outputs, strict=True)
        return [Check(json.dumps(i), json.dumps(o), "arguments") for i, o in pairs], calls
    pairs = zip(map(_text, inputs), map(_text, outputs), strict=True)
    return [Check(given, want, "stdin") for given, want in pairs], ""


def _text(value: Any) -> str:
    """Some records hold a list of lines instead of a text."""
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)


def _solutions(texts: list[str]) -> tuple[tuple[Solution, ...], list[tuple[int, str]]]:
    good: list[Solution] = []
    bad: list[tuple[int, str]] = []
    for number, text in enumerate(texts):
        try:
            good.append(Solution((), programs.body_of(text)))
        except UNUSABLE as error:
            bad.append((number, reason(error)))
    return tuple(good), bad


def _divide(question: str, checks: list[Check]) -> tuple[tuple[Check, ...], tuple[Check, ...]]:
    """What the question shows, and the rest. Where it shows none that can be read, the first."""
    pairs = [(given.split(), want.split()) for given, want in _PAIR.findall(question)]
    shown = [c for c in checks if c.kind == "stdin" and (c.call.split(), c.want.split()) in pairs]
    shown = shown or checks[:1]
    return tuple(shown), tuple(check for check in checks if check not in shown)
