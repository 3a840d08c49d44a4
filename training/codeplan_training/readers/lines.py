"""JSONL data sets: MBPP, HumanEval, and records with our own keys, told apart record by record."""

from __future__ import annotations

import ast
import contextlib
import gzip
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from codeplan_training.problems import Check, Problem, Rejected, Solution, from_record
from codeplan_training.readers import source
from codeplan_training.syntax import parse

LONGEST_REASON = 200
# What a record that is not as it should be makes of the code that reads it.
UNUSABLE = (ValueError, KeyError, TypeError, AttributeError, SyntaxError, RecursionError)


def read(path: Path) -> tuple[list[Problem], list[Rejected]]:
    """The problems of a .jsonl or .jsonl.gz file. Empty lines are passed over."""
    problems: list[Problem] = []
    rejected: list[Rejected] = []
    number = 0
    try:
        for number, line in enumerate(_lines(path), 1):
            if not line.strip():
                continue
            try:
                problems.append(_problem(json.loads(line)))
            except UNUSABLE as error:
                rejected.append(Rejected(f"{path.name}:{number}", reason(error)))
    except (OSError, EOFError, zlib.error) as error:
        rejected.append(Rejected(f"{path.name}:{number + 1}", f"unreadable from here: {error}"))
    return problems, rejected


def reason(error: Exception) -> str:
    """An exception in words fit for a list of rejected records."""
    if isinstance(error, KeyError):
        return f"the key {error} is missing"
    return f"{type(error).__name__}: {error}"[:LONGEST_REASON]


def _lines(path: Path) -> Iterator[str]:
    with contextlib.closing(gzip.open(path) if path.suffix == ".gz" else path.open("rb")) as file:
        for line in file:
            # A line that is not UTF-8 fails as a record, not as the end of the file.
            yield line.decode("utf-8", errors="surrogateescape")


def _problem(record: Any) -> Problem:
    if not isinstance(record, dict):
        raise TypeError("a record must be an object")
    if "test_list" in record:
        return mbpp(record)
    if "canonical_solution" in record:
        return humaneval(record)
    return from_record(record, "jsonl", "unknown")


def mbpp(record: dict[str, Any]) -> Problem:
    """A record of MBPP (Austin et al. 2021): the first assert is shown, the others decide."""
    asserts = [
        line.strip() for line in [*record["test_list"], *record.get("challenge_test_list", [])]
    ]
    if not asserts:
        raise ValueError("no tests")
    called = {n.id for n in ast.walk(parse(asserts[0])) if isinstance(n, ast.Name)}
    function = source.function_called(record["code"], called)
    setup = record.get("test_setup_code", "").strip()
    checks = [Check(line, "", "assert") for line in asserts]
    return Problem(
        id=f"mbpp/{record['task_id']}",
        source="mbpp",
        licence="CC-BY-4.0",
        entry_point=function.name,
        signature=function.signature,
        imports=(*function.imports, *(setup.split("\n") if setup else ())),
        wordings=(record["text"].strip(),),
        examples=tuple(checks[:1]),
        solutions=(Solution((), function.body),),
        tests=tuple(checks[1:]),
    )


def humaneval(record: dict[str, Any]) -> Problem:
    """A record of HumanEval (Chen et al. 2021): for evaluation only."""
    name, prompt = record["entry_point"], record["prompt"]
    function = source.function_named(prompt + record["canonical_solution"], name)
    module = (
        f"from module import {name}\n\n{record['test']}\n\n\ndef test_check():\n    check({name})\n"
    )
    parse(module)
    docstring = function.docstring
    shown, _, _ = docstring.partition(">>>")
    return Problem(
        id=record["task_id"],
        source="humaneval",
        licence="MIT",
        entry_point=name,
        signature=function.signature,
        imports=function.imports,
        wordings=(re.sub(r"\s+", " ", shown).strip(),),
        examples=(),
        solutions=(Solution((), function.body),),
        tests=(Check(module, "test_check", "module"),),
        prompt=prompt,
    )
