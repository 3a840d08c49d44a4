"""`codeplan-train problems`: read, count, mine and compare sets of problems."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from codeplan_training.problems import Problem, Rejected

app = typer.Typer(no_args_is_help=True, help="Read, count, mine and compare sets of problems.")

Paths = Annotated[
    list[Path],
    typer.Argument(help="Files (.jsonl, .jsonl.gz, .txt), folders of APPS problems, or folders."),
]


@app.command()
def stats(paths: Paths) -> None:
    """Count problems, solutions and plans by source, and show the records that can't be used."""
    found = read(paths)
    print(f"{'source':12} {'problems':>9} {'solutions':>10} {'plans':>7} {'hidden tests':>13}")
    sources = Counter(problem.source for problem in found)
    for source in [*sorted(sources), ""]:
        chosen = [p for p in found if source in ("", p.source)]
        solutions = [s for p in chosen for s in p.solutions]
        plans = sum(bool(s.steps) for s in solutions)
        tests = sum(len(p.tests) for p in chosen)
        name = source or "all"
        print(f"{name:12} {len(chosen):9} {len(solutions):10} {plans:7} {tests:13}")
    for difficulty, count in sorted(Counter(p.difficulty for p in found if p.difficulty).items()):
        print(f"{count:6} {difficulty}")


@app.command()
def convert(
    paths: Paths,
    out: Annotated[Path, typer.Option(help="The JSONL file to write.")],
    rejected: Annotated[Path | None, typer.Option(help="Where to list rejected records.")] = None,
    limit: Annotated[int, typer.Option(help="The first so many; 0 for all.")] = 0,
    without_plans: Annotated[bool, typer.Option(help="Leave plans out.")] = False,
    part: Annotated[
        str, typer.Option(help="all, training, or validation: the tenth that is kept by name.")
    ] = "all",
) -> None:
    """Write problems of any form as JSONL with our keys."""
    from dataclasses import replace

    from codeplan_training.problems import is_validation, write_jsonl

    if part not in ("all", "training", "validation"):
        raise ValueError(f"part is all, training or validation, not {part!r}")
    found = [
        p
        for p in read(paths, rejected)
        if part == "all" or is_validation(p) == (part == "validation")
    ][: limit or None]
    if without_plans:
        bare = [tuple(replace(s, steps=()) for s in p.solutions) for p in found]
        found = [replace(p, solutions=s) for p, s in zip(found, bare, strict=True)]
    count = write_jsonl(out, found)
    print(f"{out}: {count} problems")


@app.command()
def mine(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Python files, source trees, or a file of `codeplan-train functions`."),
    ],
    out: Annotated[Path, typer.Option(help="The JSONL file to write.")],
    licence: Annotated[str, typer.Option(help="The licence of this code.")] = "unknown",
    rejected: Annotated[Path | None, typer.Option(help="Where to list what was set aside.")] = None,
) -> None:
    """Make problems of functions that have a docstring and passing doctests.

    Packages that codeplan is evaluated on are refused by name. The examples run in the sandbox.
    """
    from codeplan_model.sandbox import Sandbox
    from codeplan_training import function_files, mining
    from codeplan_training.problems import write_jsonl

    def say(line: str) -> None:
        print(line, file=sys.stderr)

    stores = [path for path in paths if path.name.endswith(".jsonl.gz")]
    trees = [path for path in paths if path not in stores]
    with Sandbox() as sandbox:
        found, bad = mining.mine_paths(trees, sandbox, licence)
        for store in stores:
            more, set_aside = mining.mine_functions(function_files.read(store), sandbox, say)
            found, bad = [*found, *more], [*bad, *set_aside]
    if rejected is None:
        show_rejected(bad)
    else:
        rejected.write_text("".join(f"{r.where}\t{r.reason}\n" for r in bad), encoding="utf-8")
    print(f"{out}: {write_jsonl(out, found)} problems, {len(bad)} functions set aside")


@app.command()
def dedupe(
    paths: Paths,
    against: Annotated[list[Path], typer.Option(help="The set to compare with.")],
    n: Annotated[int, typer.Option(min=1, help="Words of a statement's n-gram.")] = 4,
    code_n: Annotated[int, typer.Option(min=1, help="Tokens of a program's n-gram.")] = 10,
    threshold: Annotated[float, typer.Option(min=0, max=1, help="Share of n-grams.")] = 0.5,
    out: Annotated[Path | None, typer.Option(help="Write what has no near-duplicate.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write the matches as JSONL.")] = None,
) -> None:
    """Contamination report: which problems have a near-duplicate in another set."""
    from dataclasses import asdict

    from codeplan_training import dedupe as deduping
    from codeplan_training.problems import write_jsonl

    found = read(paths)
    settings = {"n": n, "code_n": code_n, "threshold": threshold}
    matches = list(deduping.duplicates(found, read(against), **settings))
    if report is not None:
        report.write_text("".join(json.dumps(asdict(m)) + "\n" for m in matches), encoding="utf-8")
    for match in sorted(matches, key=lambda m: -m.share)[:20]:
        print(f"{match.share:6.1%} {match.part:9} {match.problem} ~ {match.other}")
    for part in ("statement", "code"):
        number = sum(match.part == part for match in matches)
        print(f"{number} of {len(found)} problems share at least {threshold:.0%} of their {part}")
    if out is not None:
        count = write_jsonl(out, deduping.without_duplicates(found, matches))
        print(f"{out}: {count} problems without a near-duplicate")


def read(paths: list[Path], rejected: Path | None = None) -> list[Problem]:
    """The problems of these paths; rejected records go to stderr, or to a file."""
    from codeplan_training import readers

    found, bad = readers.read_paths(paths)
    if rejected is None:
        show_rejected(bad)
    else:
        rejected.write_text("".join(f"{r.where}\t{r.reason}\n" for r in bad), encoding="utf-8")
        print(f"{len(bad)} records set aside: {rejected}", file=sys.stderr)
    return found


def show_rejected(rejected: list[Rejected]) -> None:
    """One line a record that can't be used, on stderr."""
    for record in rejected:
        print(f"set aside {record.where}: {record.reason}", file=sys.stderr)
