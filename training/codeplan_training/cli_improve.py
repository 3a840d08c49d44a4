"""`codeplan-train improve`: a model's own right programs, to train on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from codeplan_training.cli_problems import Paths, read


def improve(
    paths: Paths,
    out: Annotated[Path, typer.Option(help="The JSONL file of problems to write.")],
    backend: Annotated[
        str, typer.Option(help="llama, transformers, openai, or student (any finetune result).")
    ] = "llama",
    model: Annotated[str | None, typer.Option(help="A model; none: the embedded one.")] = None,
    n: Annotated[int, typer.Option(help="Plans a problem, a program from each.")] = 10,
    temperature: float = 0.8,
    keep: Annotated[int, typer.Option(help="Right programs of a problem at most.")] = 4,
    own_only: Annotated[
        bool, typer.Option(help="Leave out the solutions that came with the problems.")
    ] = False,
    limit: Annotated[int, typer.Option(help="The first so many problems; 0 for all.")] = 0,
    seed: int = 0,
) -> None:
    """Sample programs for problems, judge them in the sandbox, and add the right ones to them.

    `finetune` trains on the result. Everything judged stands beside it, wrong programs with the
    example that they fail; the same command goes on there after an interruption.
    """
    from contextlib import ExitStack

    from codeplan_model.sandbox import Limits, Sandbox
    from codeplan_training import improve as improving
    from codeplan_training.distill.ledger import Ledger
    from codeplan_training.evaluate_workers import open_engine
    from codeplan_training.problems import refuse_held_out, write_jsonl
    from codeplan_training.programs import ProgramJudge

    settings = improving.Settings(n, temperature, keep, seed)
    problems = read(paths)[: limit or None]
    refuse_held_out(problems)
    kept = out.with_name(f"{out.stem}.samples.jsonl")
    done = solved = programs = 0
    with ExitStack() as stack:
        ledger = stack.enter_context(Ledger(kept))
        engine = open_engine(backend, model)
        stack.callback(engine.close)
        # Endless loops would take most of the time: a program that is right mostly needs no second.
        limits = Limits(wall_seconds=30.0, cpu_seconds=1.0)
        judge = ProgramJudge(stack.enter_context(Sandbox(limits=limits)))
        try:
            for record in improving.sample(problems, engine, judge, ledger, settings):
                done += 1
                found = len(record.get("right", ()))
                solved, programs = solved + bool(found), programs + found
                told = f"{done} of {len(problems)} problems, {solved} with a right program"
                print(f"\r{told}", end="", file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            print(f"\ninterrupted: {kept} is kept, the same command goes on", file=sys.stderr)
            raise typer.Exit(130) from None
        print(file=sys.stderr)
        made = improving.improved(problems, ledger, own_only=own_only)
    count = write_jsonl(out, made)
    print(
        f"{out}: {count} problems; {programs} right programs of the model's own for {solved} "
        f"of {done} problems"
    )
