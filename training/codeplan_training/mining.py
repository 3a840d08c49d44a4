"""Problems out of source trees: functions with a docstring whose doctests pass.

The finding, the refusals (held-out packages, secrets) and the first run of the examples are the
memory's own (`codeplan_model.memory.mining`). What is added here: a problem must also hold without
the rest of its file, so each is judged once more on its own.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from codeplan_model.extract import ExtractError, normalise_body, task_named
from codeplan_model.files import FileError, read_source
from codeplan_model.memory import Entry
from codeplan_model.memory.mining import entry_for, mine, python_files, refused
from codeplan_model.sandbox import Sandbox
from codeplan_model.values import Candidate, Outcome
from codeplan_training.corpus import FunctionText, is_held_out
from codeplan_training.eval_tasks import judged_task
from codeplan_training.problems import Check, Problem, Rejected, Solution
from codeplan_training.syntax import parse


def mine_paths(
    paths: Sequence[Path],
    sandbox: Sandbox,
    licence: str,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[list[Problem], list[Rejected]]:
    """Problems of these files and trees, and what was set aside with why.

    Raises ValueError where a path itself is a held-out package, FileNotFoundError where there is
    none, SandboxUnavailable where nothing can be run.
    """
    problems: list[Problem] = []
    rejected: list[Rejected] = []
    for path in paths:
        if is_held_out(path.resolve().name):
            raise ValueError(f"{path} is held out: codeplan is evaluated on its functions")
        try:
            files = list(python_files(path))
        except FileError as error:
            raise FileNotFoundError(str(error)) from error
        root = path if path.is_dir() else path.parent
        for file in files:
            progress(str(file))
            mined = mine(file, root, sandbox)
            rejected += [
                Rejected(f"{mined.place}::{name}" if name else mined.place, why)
                for name, why in mined.passed_over
            ]
            for entry in mined.entries:
                problem = _problem(entry, _imports(file), licence)
                why = _refused(problem, entry, sandbox)
                if why:
                    rejected.append(Rejected(entry.origin, why))
                else:
                    problems.append(problem)
    return problems, rejected


def mine_functions(
    functions: Iterable[FunctionText],
    sandbox: Sandbox,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[list[Problem], list[Rejected]]:
    """Problems of function texts that need nothing else and have passing doctests.

    Raises SandboxUnavailable where nothing can be run.
    """
    problems: list[Problem] = []
    rejected: list[Rejected] = []
    for function in functions:
        if not (function.alone and function.header and ">>>" in function.docstring):
            continue
        source = "\n".join((*function.imports, "", "", function.text, ""))
        name = function.header.removeprefix("def ").partition("(")[0].strip()
        origin = f"{function.package}::{name}"
        try:
            task = task_named(source, name, with_tests=False)
        except ExtractError as error:
            rejected.append(Rejected(origin, str(error)))
            continue
        code = normalise_body(task.old_body, task.name)
        entry = entry_for(task, code, task.user_plan, origin)
        problem = _problem(entry, function.imports, function.licence)
        problem = replace(
            problem,
            wordings=(_before_examples(function.docstring),),
            examples=tuple(c for c in problem.examples if f"{name}(" in c.call and c.want),
        )
        why = refused(task, code) or _refused(problem, entry, sandbox)
        if why:
            rejected.append(Rejected(origin, why))
        else:
            problems.append(problem)
            progress(f"{len(problems)} problems, {len(rejected)} set aside: {origin}")
    return problems, rejected


def _before_examples(docstring: str) -> str:
    """The docstring up to its first example, without that section's heading."""
    text = docstring.partition(">>>")[0].rstrip()
    return re.sub(
        r"\n[ \t]*(Examples?|Usage|Doctests?)\b[^\n]*(\n[ \t]*[-=~]+)?$", "", text
    ).strip()


def _problem(entry: Entry, imports: tuple[str, ...], licence: str) -> Problem:
    words = set(_names(entry))
    needed = tuple(line for line in imports if words & set(_bound(line)))
    return Problem(
        id=entry.origin,
        source="mined",
        licence=licence,
        entry_point=entry.name,
        signature=entry.signature,
        imports=needed,
        wordings=entry.wordings,
        examples=tuple(Check(call, want) for call, want in entry.examples),
        solutions=(Solution(entry.steps, entry.code),),
    )


def _refused(problem: Problem, entry: Entry, sandbox: Sandbox) -> str:
    if "." in entry.origin.rpartition("::")[2]:
        return "a method: its class would have to come along"
    if not problem.examples or not problem.wordings[0]:
        return "no example on one line" if problem.wordings[0] else "no words before its examples"
    task = judged_task(problem)
    if task is None:
        return "it can't be laid out as a file of its own"
    verdict = sandbox.judge(task, Candidate(entry.code))
    if verdict.outcome is not Outcome.PASSED:
        return f"it does not hold without the rest of its file: {verdict.detail}"
    return ""


def _imports(file: Path) -> tuple[str, ...]:
    try:
        tree = parse(read_source(file).text)
    except (FileError, OSError, SyntaxError, ValueError, RecursionError):
        return ()
    nodes = (n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom))
    return tuple(ast.unparse(node) for node in nodes if getattr(node, "module", "") != "__future__")


def _bound(line: str) -> Iterator[str]:
    (node,) = parse(line).body
    if isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            yield (alias.asname or alias.name).partition(".")[0]


def _names(entry: Entry) -> Iterator[str]:
    text = f"{entry.signature}\n{entry.code}"
    try:
        tree = parse(text)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
