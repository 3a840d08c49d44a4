"""`codeplan-train distill`: plans from a teacher."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from codeplan_training.cli_problems import Paths, read

if TYPE_CHECKING:
    from codeplan_training.distill.ledger import Ledger
    from codeplan_training.distill.run import Estimate, Job, Report
    from codeplan_training.distill.teacher import Budget, Settings
    from codeplan_training.problems import Problem


def distill(
    paths: Paths,
    out: Annotated[Path, typer.Option(help="The folder of the run; goes on if it exists.")],
    model: Annotated[str | None, typer.Option(help="Default: OPENAI_MODEL.")] = None,
    base_url: Annotated[str | None, typer.Option(help="Default: OPENAI_BASE_URL.")] = None,
    mode: Annotated[
        str, typer.Option(help="backward, or forward (no solution shown).")
    ] = "backward",
    plans: Annotated[int, typer.Option(help="Plans for each solution.")] = 2,
    solutions: Annotated[int, typer.Option(help="Solutions of each problem at most.")] = 2,
    round_trip: Annotated[str, typer.Option(help="teacher, student or none.")] = "teacher",
    student: Annotated[str | None, typer.Option(help="KIND:MODEL for the round trip.")] = None,
    unverified: Annotated[bool, typer.Option(help="Also write plans that did not pass.")] = False,
    concurrency: int = 8,
    temperature: float = 0.7,
    max_tokens: Annotated[int, typer.Option(help="Tokens of one answer.")] = 400,
    timeout: Annotated[float, typer.Option(help="Seconds for one answer.")] = 120.0,
    attempts: Annotated[int, typer.Option(help="Tries for one call.")] = 6,
    backoff: Annotated[float, typer.Option(help="Seconds before the second try.")] = 1.0,
    budget_tokens: Annotated[int | None, typer.Option(help="Tokens of the whole job.")] = None,
    budget_cost: Annotated[float | None, typer.Option(help="Cost of the whole job.")] = None,
    price_input: Annotated[float, typer.Option(help="For a million tokens read.")] = 0.0,
    price_output: Annotated[float, typer.Option(help="For a million tokens written.")] = 0.0,
    dry_run: Annotated[bool, typer.Option(help="Only the estimate.")] = False,
) -> None:
    """Let a teacher reason backwards from solutions to plans, and keep the plans that work.

    The key is OPENAI_API_KEY. Whatever was answered is kept: the same command goes on.
    """
    from codeplan_training.distill.ledger import Ledger
    from codeplan_training.distill.run import Job, estimate, new_budget
    from codeplan_training.distill.teacher import Price, Settings
    from codeplan_training.problems import refuse_held_out

    name = model or os.environ.get("OPENAI_MODEL")
    if not name:
        raise ValueError("no model is named: give --model or set OPENAI_MODEL")
    settings = Settings(
        name,
        base_url,
        temperature=temperature,
        max_tokens=max_tokens,
        attempts=attempts,
        timeout=timeout,
        backoff=backoff,
    )
    job = Job(mode, plans, solutions, round_trip, concurrency)
    price = Price(price_input, price_output)
    budget = new_budget(price, budget_tokens, budget_cost)
    problems = read(paths)
    refuse_held_out(problems)
    with Ledger(out / "answers.jsonl") as ledger:
        _say(estimate(problems, job, settings, price, ledger), price != Price())
        if dry_run:
            return
        report = asyncio.run(_run(problems, job, settings, budget, ledger, student))
        _write(out, problems, job, settings, ledger, unverified)
    print(
        f"{report.wanted} plans wanted, {report.had} were there, {report.calls} calls paid, "
        f"{report.retries} repeated; {report.passed} plans passed the round trip; "
        f"{budget.prompt_tokens:,} + {budget.completion_tokens:,} tokens"
        + (f", cost {budget.spent:.4f}" if price != Price() else "")
    )
    for place, why in list(report.failed.items())[:5]:
        print(f"failed {place}: {why}", file=sys.stderr)
    if report.failed or report.stopped != "done":
        print(
            f"not complete ({report.stopped}, {len(report.failed)} failed): run it again to go on"
        )
        raise typer.Exit(1)


async def _run(
    problems: list[Problem],
    job: Job,
    settings: Settings,
    budget: Budget,
    ledger: Ledger,
    student: str | None,
) -> Report:
    from contextlib import ExitStack

    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    from codeplan_model.backends import open_backend
    from codeplan_model.sandbox import Sandbox
    from codeplan_training.distill.run import distill as run
    from codeplan_training.distill.teacher import Teacher
    from codeplan_training.programs import ProgramJudge

    columns = (TextColumn("plans"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with ExitStack() as stack:
        judge = None
        if job.round_trip != "none":
            judge = ProgramJudge(stack.enter_context(Sandbox()))
        backend = None
        if student:
            kind, _, name = student.partition(":")
            backend = open_backend(kind, name or None)
            stack.callback(backend.close)
        bar = stack.enter_context(Progress(*columns, console=Console(stderr=True)))
        task = bar.add_task("plans", total=None)
        done = 0

        def progress(report: Report) -> None:
            nonlocal done
            done += 1
            bar.update(task, completed=done, total=report.wanted)

        async with Teacher(settings, budget) as teacher:
            return await run(
                problems, job, teacher, ledger, judge, student=backend, progress=progress
            )


def _write(
    out: Path,
    problems: list[Problem],
    job: Job,
    settings: Settings,
    ledger: Ledger,
    unverified: bool,
) -> None:
    from codeplan_training.distill.results import ranked_plans, with_plans
    from codeplan_training.problems import write_jsonl

    ranked = list(ranked_plans(problems, job, settings, ledger))
    lines = [json.dumps(plan.to_json()) + "\n" for _, found in ranked for plan in found]
    (out / "plans.jsonl").write_text("".join(lines), encoding="utf-8")
    made = [with_plans(problem, found, unverified=unverified) for problem, found in ranked]
    count = write_jsonl(out / "distilled.jsonl", [p for p in made if p is not None])
    print(f"{out / 'distilled.jsonl'}: {count} of {len(problems)} problems have plans")


def _say(estimate: Estimate, priced: bool) -> None:
    cost = f", cost {estimate.cost:.4f}" if priced else ""
    print(
        f"estimate: {estimate.calls} calls, {estimate.prompt_tokens:,} tokens read and "
        f"{estimate.completion_tokens:,} written{cost}",
        file=sys.stderr,
    )
