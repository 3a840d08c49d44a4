"""The thirty fresh functions, solved as a new user would: `codeplan solve FILE` with its defaults.

For each function the command sees the file without bodies. Counted are functions that it verified,
those of them that are also right on the hidden calls, and the seconds until they were verified.

    python benchmarks/fresh/bench.py [--memory none] [further options of codeplan solve]
    python benchmarks/fresh/bench.py --problems FILE.jsonl

The second writes them as problems for `codeplan-train evaluate --problems`, as `make eval-embedded`
does.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from doctest import DocTestParser, Example
from pathlib import Path
from types import ModuleType

from codeplan_model.extract import task_named
from codeplan_model.sandbox import Sandbox
from codeplan_model.values import Candidate, Outcome
from codeplan_training.problems import Check, Problem, Solution, write_jsonl

FUNCTIONS = Path(__file__).with_name("functions.py")


def main(options: list[str]) -> int:
    """Print a line a function, then the shares."""
    text = without_bodies(FUNCTIONS.read_text(encoding="utf-8"))
    authors = load(FUNCTIONS)
    if options[:1] == ["--problems"]:
        count = write_jsonl(Path(options[1]), problems(FUNCTIONS, authors))
        print(f"{options[1]}: {count} problems")
        return 0
    with tempfile.TemporaryDirectory() as folder, Sandbox() as sandbox:
        path = Path(folder) / "functions.py"
        path.write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "codeplan_model.cli", "solve", str(path), "--json"]
        done = subprocess.run(
            [*command, *options], capture_output=True, text=True, check=False, timeout=3600
        )
        results = [json.loads(line) for line in done.stdout.splitlines()]
        if len(results) != len(authors.HIDDEN):
            print(done.stderr, file=sys.stderr)
            return 1
        seconds, right = [], 0
        for result in results:
            name = result["function"]
            verified = result["outcome"] == "passed"
            correct = verified and holds(text, name, result["code"], authors, sandbox)
            right += correct
            if verified:
                seconds.append(result["seconds"])
            said = ("right" if correct else "verified, wrong") if verified else result["outcome"]
            source = result["origin"] if verified else ""
            print(f"  {name:24} {said:16} {source:10} {result['seconds']:6.2f} s")
    count = len(results)
    print(
        f"\n{count} functions: {len(seconds)} verified, {right} of them right ({right / count:.0%})"
    )
    if seconds:
        print(f"median time to verified code: {statistics.median(seconds):.2f} s")
    return 0


def problems(path: Path, authors: ModuleType) -> Iterator[Problem]:
    """The functions as problems: their doctests are shown, the hidden calls decide."""
    text = path.read_text(encoding="utf-8")
    body = ast.parse(text).body
    imports = tuple(ast.unparse(n) for n in body if isinstance(n, ast.Import | ast.ImportFrom))
    for node in body:
        if not isinstance(node, ast.FunctionDef):
            continue
        parts = DocTestParser().parse(ast.get_docstring(node) or "")
        lines = text.splitlines()[node.body[1].lineno - 1 : node.body[-1].end_lineno]
        yield Problem(
            id=f"fresh/{node.name}",
            source="fresh",
            licence="Apache-2.0",
            entry_point=node.name,
            signature=text.splitlines()[node.lineno - 1],
            imports=imports,
            wordings=("".join(part for part in parts if isinstance(part, str)).strip(),),
            examples=tuple(
                _check(part.source.strip(), part.want.strip())
                for part in parts
                if isinstance(part, Example)
            ),
            solutions=(Solution((), "\n".join(lines)),),
            tests=tuple(
                Check(node.name + call, repr(eval(node.name + call, vars(authors))))
                for call in authors.HIDDEN[node.name]
            ),
        )


def _check(source: str, want: str) -> Check:
    """A doctest as a check, which says what `repr` prints also where the prompt prints nothing."""
    return Check(source.removeprefix("print(")[:-1] if want == "None" else source, want)


def without_bodies(text: str) -> str:
    """The functions of a file with `...` in place of what follows their docstrings."""
    lines = text.splitlines(keepends=True)
    for node in reversed(ast.parse(text).body):
        if isinstance(node, ast.FunctionDef):
            first, last = node.body[1], node.body[-1]
            lines[first.lineno - 1 : last.end_lineno] = ["    ...\n"]
    return "".join(lines).split("\nHIDDEN = ")[0]


def load(path: Path) -> ModuleType:
    """The authors' own functions."""
    spec = importlib.util.spec_from_file_location("fresh_functions", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def holds(text: str, name: str, code: str, authors: ModuleType, sandbox: Sandbox) -> bool:
    """Whether the code gives what the authors' function gives for every hidden call."""
    wanted = [
        f"assert {name}{call} == {eval(name + call, vars(authors))!r}"
        for call in authors.HIDDEN[name]
    ]
    task = task_named("\n\n".join([text, *wanted]) + "\n", name)
    return sandbox.judge(task, Candidate(code)).outcome is Outcome.PASSED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
