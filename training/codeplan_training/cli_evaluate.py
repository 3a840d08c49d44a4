"""`codeplan-train evaluate`: how often the inserted candidate is right, by strategy."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from codeplan_training.cli_problems import read
from codeplan_training.evaluate import STRATEGIES

if TYPE_CHECKING:
    from codeplan_training.eval_tasks import EvalTask

TOKENS_A_SAMPLE = 150


def evaluate(
    data: Annotated[Path, typer.Option("--data", help="The folder with the problems.")] = Path(
        "training/data"
    ),
    backend: Annotated[
        str, typer.Option(help="llama, transformers, openai, or student (any finetune result).")
    ] = "llama",
    model: Annotated[str | None, typer.Option(help="A model; none: the embedded one.")] = None,
    sets: Annotated[
        str,
        typer.Option(
            help="exercises, mbpp, apart (kept exercises without a near relative), or none."
        ),
    ] = "exercises,mbpp",
    problems: Annotated[
        list[Path] | None, typer.Option(help="Further problems: HumanEval, APPS, JSONL.")
    ] = None,
    strategies: Annotated[str, typer.Option(help="Comma-separated.")] = ",".join(STRATEGIES),
    n: Annotated[str, typer.Option(help="Samples a task; several with commas.")] = "10",
    tokens: Annotated[
        int, typer.Option(help="Tokens that a search may generate; 0 for 150 a sample.")
    ] = 0,
    temperature: float = 0.6,
    limit: Annotated[int, typer.Option(help="Tasks a set; 0 for all.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder for records; goes on there.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes, each with its own sandbox.")] = 1,
    ray: Annotated[str | None, typer.Option(help="Address of a Ray cluster to run on.")] = None,
    seed: int = 0,
) -> None:
    """How often the one inserted candidate passes the hidden examples, by strategy."""
    import tempfile

    from codeplan_training import evaluate as evaluation
    from codeplan_training.evaluate_workers import Spec, local, on_ray

    known = strategies.split(",")
    unknown = set(known) - set(STRATEGIES)
    if unknown:
        raise ValueError(f"no such strategy: {', '.join(sorted(unknown))}. See --help")
    counts = [int(part) for part in n.split(",") if part.isdigit() and int(part)]
    if len(counts) != len(n.split(",")):
        raise ValueError(f"--n is a number of samples, or several with commas, not {n!r}")
    folder = out or Path(tempfile.mkdtemp(prefix="codeplan-evaluation-"))
    for (title, tasks), count in product(_chosen(data, sets, problems or []).items(), counts):
        settings = evaluation.Settings(
            n=count,
            temperature=temperature,
            tokens=tokens or TOKENS_A_SAMPLE * count,
            seed=seed,
        )
        spec = Spec(backend, model, settings, tuple(known))
        picked = spread(tasks, limit)
        file = (
            folder / ("" if len(counts) == 1 else f"n{count}") / f"{title.replace(' ', '_')}.jsonl"
        )
        records = []

        def run(left: Sequence[EvalTask], spec: Spec = spec) -> Iterator[dict[str, Any]]:
            return on_ray(spec, left, workers, ray) if ray else local(spec, left, workers)

        for record in evaluation.resumed(picked, file, run):
            records.append(record)
            print(f"\r{title}: {len(records)} of {len(picked)}", end="", file=sys.stderr)
        print(file=sys.stderr)
        print(evaluation.table(evaluation.summarize(records), f"{title}, N = {count}"))
        print(evaluation.pass_table(records) + "\n")
        for difficulty, some in sorted(evaluation.by_difficulty(records).items()):
            print(evaluation.table(evaluation.summarize(some), f"{title}, {difficulty}") + "\n")


def spread(tasks: Sequence[EvalTask], limit: int) -> Sequence[EvalTask]:
    """So many tasks, evenly spread: the first ones would be the first topics only. 0: all."""
    if not 0 < limit < len(tasks):
        return tasks
    return [tasks[number * len(tasks) // limit] for number in range(limit)]


def _chosen(data: Path, sets: str, further: list[Path]) -> dict[str, list[EvalTask]]:
    """Tasks by the title of their set."""
    from codeplan_training import dedupe, eval_tasks
    from codeplan_training import problems as schema

    found: dict[str, list[EvalTask | None]] = {}
    if "exercises" in sets.split(","):
        kept = schema.validation(schema.read_exercises(schema.file_in(data, "exercises.jsonl"))[0])
        found["validation exercises"] = [eval_tasks.exercise_task(p) for p in kept]
    if "mbpp" in sets.split(","):
        file = schema.file_in(data, "mbpp_validation.jsonl")
        lines = file.read_text(encoding="utf-8").splitlines()
        found["MBPP 511-600"] = [eval_tasks.mbpp_task(json.loads(line)) for line in lines]
    if "apart" in sets.split(","):
        every, _ = schema.read_all(data)
        kept = list(schema.validation(every))
        matches = dedupe.duplicates(kept, list(schema.training(every)))
        apart = list(dedupe.without_duplicates(kept, matches))
        found["exercises without a near relative"] = [eval_tasks.exercise_task(p) for p in apart]
    for path in further:
        found[path.name.partition(".")[0]] = [eval_tasks.eval_task(p) for p in read([path])]
    chosen = {title: [t for t in tasks if t is not None] for title, tasks in found.items()}
    for title, tasks in found.items():
        if len(chosen[title]) < len(tasks):
            left_out = len(tasks) - len(chosen[title])
            print(f"{title}: {left_out} problems without hidden tests left out", file=sys.stderr)
    return chosen
