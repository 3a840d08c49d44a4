"""Problems for training and validation: one schema, readers for our files, and the split.

Readers report bad records and set them aside; they run no code. Readers for other people's data
sets stand in `readers`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHECK_KINDS = ("call", "assert", "module", "stdin", "arguments")
FORMS = ("function", "program")


@dataclass(frozen=True, slots=True)
class Check:
    """One example or test. What `call` and `want` hold depends on `kind`:

    call: an expression; what `repr` prints, or "raises Name".
    assert: an assert statement; nothing.
    module: the text of a test module; the function in it to run.
    stdin: what a program reads; what it prints.
    arguments: the arguments of a call as a JSON list; the result as JSON.
    """

    call: str
    want: str
    kind: str = "call"


@dataclass(frozen=True, slots=True)
class Solution:
    """A plan and the body that follows it (indented by four spaces)."""

    steps: tuple[str, ...]
    code: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A short function to write, with everything that is known about it.

    wordings: the docstring's sentence in one or more wordings, the main one first; for a program
        the whole question.
    source: "exercises", "written", "compose", "mbpp", "humaneval", "apps", "mined" or what a
        record says; licence: an SPDX-like name.
    examples: what the problem shows. tests: what decides and is not shown; empty where some of the
        examples are hidden for that.
    solutions: bodies with their plans; a plan without steps is one that is not written yet.
    form: "function", or "program" for one that reads its input and prints (APPS); the body is then
        the program, indented.
    prompt: the file's text up to the body where the problem came as a file (HumanEval), else "".
    calls: for a program whose tests call a function of it, that function's name.
    difficulty: as the source names it, or "".
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
    tests: tuple[Check, ...] = ()
    form: str = "function"
    prompt: str = ""
    calls: str = ""
    difficulty: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that can't be used, and why."""

    where: str
    reason: str


def from_record(record: dict, source: str, licence: str) -> Problem:
    """A problem from a line of JSONL (training/data/README.md has the keys).

    source, licence: where the record doesn't say. Raises KeyError, TypeError or ValueError on a bad
    record.
    """
    problem = Problem(
        id=record["id"],
        source=record.get("source", source),
        licence=record.get("licence", licence),
        entry_point=record["entry_point"],
        signature=record["signature"],
        imports=tuple(record["imports"]),
        wordings=(record["doc"], *record["alt"]),
        examples=_checks(record["examples"]),
        solutions=tuple(Solution(tuple(p["steps"]), p["code"]) for p in record["plans"]),
        tests=_checks(record.get("tests", ())),
        form=record.get("form", "function"),
        prompt=record.get("prompt", ""),
        calls=record.get("calls", ""),
        difficulty=record.get("difficulty", ""),
    )
    if problem.form not in FORMS:
        raise ValueError(f"unknown form {problem.form!r}: one of {', '.join(FORMS)}")
    _only_text(problem)
    return problem


def to_record(problem: Problem) -> dict[str, Any]:
    """The line of JSONL from which `from_record` makes the same problem."""
    record: dict[str, Any] = {
        "id": problem.id,
        "source": problem.source,
        "licence": problem.licence,
        "entry_point": problem.entry_point,
        "signature": problem.signature,
        "imports": list(problem.imports),
        "doc": problem.wordings[0],
        "alt": list(problem.wordings[1:]),
        "examples": [_check_record(check) for check in problem.examples],
        "plans": [{"steps": list(s.steps), "code": s.code} for s in problem.solutions],
    }
    if problem.tests:
        record["tests"] = [_check_record(check) for check in problem.tests]
    if problem.form != "function":
        record["form"] = problem.form
    further = {"prompt": problem.prompt, "calls": problem.calls, "difficulty": problem.difficulty}
    return {**record, **{key: value for key, value in further.items() if value}}


def write_jsonl(path: Path, problems: Iterable[Problem]) -> int:
    """Write problems as JSONL; the file takes its name when it is complete. The number of lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    count = 0
    with partial.open("w", encoding="utf-8") as file:
        for problem in problems:
            file.write(json.dumps(to_record(problem), ensure_ascii=False) + "\n")
            count += 1
    partial.replace(path)
    return count


def _checks(records: Iterable[dict[str, str]]) -> tuple[Check, ...]:
    checks = tuple(Check(r["call"], r["want"], r.get("kind", "call")) for r in records)
    for check in checks:
        if check.kind not in CHECK_KINDS:
            kinds = ", ".join(CHECK_KINDS)
            raise ValueError(f"unknown kind of check {check.kind!r}: one of {kinds}")
    return checks


def _check_record(check: Check) -> dict[str, str]:
    record = {"call": check.call, "want": check.want}
    return record if check.kind == "call" else {**record, "kind": check.kind}


def _only_text(problem: Problem) -> None:
    texts = [problem.id, problem.source, problem.licence, problem.entry_point, problem.signature]
    texts += [*problem.imports, *problem.wordings, problem.prompt, problem.calls]
    texts += [problem.difficulty]
    texts += [part for c in (*problem.examples, *problem.tests) for part in (c.call, c.want)]
    texts += [part for s in problem.solutions for part in (*s.steps, s.code)]
    wrong = next((text for text in texts if not isinstance(text, str)), None)
    if wrong is not None:
        raise TypeError(f"{wrong!r} is not text")


HELD_OUT_SOURCES = frozenset(("humaneval",))
MBPP_TEST_IDS = range(11, 511)


def is_held_out(problem: Problem) -> bool:
    """Whether the problem belongs to a set that is only ever measured on."""
    number = problem.id.removeprefix("mbpp/")
    in_mbpp_test = number != problem.id and number.isdigit() and int(number) in MBPP_TEST_IDS
    return problem.source in HELD_OUT_SOURCES or in_mbpp_test


def refuse_held_out(problems: Iterable[Problem]) -> None:
    """Raise ValueError when one of these problems must not be trained on or distilled."""
    found = [problem.id for problem in problems if is_held_out(problem)]
    if found:
        raise ValueError(
            f"{len(found)} problems are held out for evaluation and can't be trained on "
            f"({', '.join(found[:3])}): take them out of the data"
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
_LINE_BREAK = "¶"
"""Stands for a line break in `alt:` lines that are whole docstrings with sections."""


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
                many[key].append(value.strip().replace(_LINE_BREAK, "\n"))
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


def file_in(data: Path, name: str) -> Path:
    """A file of the folder that --data names. Raises FileNotFoundError in words."""
    file = data / name
    if not file.is_file():
        raise FileNotFoundError(
            f"there is no {file}: name the folder that holds {name} with --data "
            "(training/data in a checkout of codeplan)"
        )
    return file


def read_all(data: Path) -> tuple[list[Problem], list[Rejected]]:
    """Everything under training/data, in a fixed order. Raises FileNotFoundError in words."""
    problems, rejected = read_exercises(file_in(data, "exercises.jsonl"))
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
