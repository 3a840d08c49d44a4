"""`codeplan-train`: one command a stage, from problems to a model that the server loads."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from codeplan_training import (
    cli_distill,
    cli_evaluate,
    cli_finetune,
    cli_improve,
    cli_memory,
    cli_problems,
    cli_report,
)

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Train the model that codeplan asks, from problems to a GGUF file, and measure it.",
)

app.add_typer(cli_problems.app, name="problems")
app.add_typer(cli_memory.app, name="memory")
app.command()(cli_distill.distill)
app.command()(cli_finetune.student)
app.command()(cli_finetune.finetune)
app.command()(cli_improve.improve)
app.command()(cli_evaluate.evaluate)
app.command()(cli_report.report)
app.command()(cli_report.compare)

Data = Annotated[Path, typer.Option("--data", help="The folder with the problems.")]
DEFAULT_DATA = Path("training/data")
FunctionFile = Annotated[
    Path | None,
    typer.Option(help="What `codeplan-train functions` wrote; else installed packages are read."),
]


@app.command()
def stats(data: Data = DEFAULT_DATA) -> None:
    """Count the problems by source, and show records that can't be used."""
    from collections import Counter

    from codeplan_training import problems

    found, rejected = problems.read_all(data)
    for source, count in Counter(p.source for p in found).most_common():
        print(f"{count:6} {source}")
    held = sum(1 for _ in problems.validation(found))
    print(f"{len(found):6} in all, {held} of them kept for validation")
    for record in rejected:
        print(f"rejected {record.where}: {record.reason}", file=sys.stderr)


@app.command()
def tokenizer(
    out: Annotated[Path, typer.Argument(help="The folder for tokenizer.json.")],
    data: Data = DEFAULT_DATA,
    vocabulary: Annotated[int, typer.Option(min=300)] = 4096,
    functions: Annotated[int, typer.Option(help="Function texts to read as well.")] = 3000,
    functions_from: FunctionFile = None,
    seed: int = 7,
) -> None:
    """Train a byte-level BPE tokenizer on renderings of the problems and on function text."""
    import random

    from codeplan_training import function_files, mixture, problems, render
    from codeplan_training import tokenizer as tokenizers

    rng = random.Random(seed)
    found = list(problems.training(problems.read_all(data)[0]))
    samples = [render.sample(p, rng) for _ in range(5) for p in found]
    texts = [s.prompt + s.completion for s in samples]
    read = function_files.read(functions_from) if functions_from else None
    library = mixture.function_samples(functions, seed, texts=read)
    texts += [s.prompt + s.completion for s in library]
    out.mkdir(parents=True, exist_ok=True)
    tokenizers.train(texts, vocabulary).save(str(out / "tokenizer.json"))
    print(f"{out / 'tokenizer.json'}: {vocabulary} entries")


@app.command()
def functions(
    wheels: Annotated[Path, typer.Argument(help="A folder of wheels (pip download --no-deps).")],
    out: Annotated[Path, typer.Argument(help="The file of functions (.jsonl.gz) to write.")],
    processes: Annotated[int, typer.Option(min=1)] = 2,
) -> None:
    """Read function texts out of wheels with permissive licences; nothing is installed or run.

    Held-out packages are refused by name, also as copies inside others.
    """
    from codeplan_training import function_files

    texts = function_files.collect(wheels, processes, lambda line: print(line, file=sys.stderr))
    print(f"{out}: {function_files.write(out, texts)} functions")


@app.command()
def render(
    out: Annotated[Path, typer.Argument(help="The token file (.npz) to write.")],
    tokenizer: Annotated[Path, typer.Option(help="The folder with tokenizer.json.")],
    data: Data = DEFAULT_DATA,
    exercises: Annotated[int, typer.Option(help="Renderings of every training problem.")] = 6,
    composed: Annotated[int, typer.Option(help="Problems from the generator.")] = 36000,
    functions: Annotated[int, typer.Option(help="Function texts from packages.")] = 0,
    functions_from: FunctionFile = None,
    per_package: Annotated[int, typer.Option(help="Functions of one package at most.")] = 1500,
    alone: Annotated[
        bool | None, typer.Option(help="Only functions that need nothing of their package, or not.")
    ] = None,
    mined: Annotated[
        list[Path] | None,
        typer.Option(help="Further problems to render, such as `problems mine` writes."),
    ] = None,
    prompt_weight: Annotated[float, typer.Option(min=0, max=1)] = 0.15,
    validation: Annotated[bool, typer.Option(help="Render the kept tenth instead.")] = False,
    neighbours: Annotated[
        float, typer.Option(min=0, max=1, help="Share with solved problems in the context.")
    ] = 0.0,
    plans: Annotated[
        str,
        typer.Option(
            help="all: as written; first: only a problem's first solution; joined: the steps "
            "joined to two; ends: the first and the last step; none: no plans."
        ),
    ] = "all",
    executions: Annotated[
        int, typer.Option(min=0, help="Texts that ask for a call's value, from the examples.")
    ] = 0,
    unlike: Annotated[
        list[Path] | None,
        typer.Option(
            help="Further held-out problems, such as HumanEval, that no text may resemble."
        ),
    ] = None,
    seed: int = 1,
) -> None:
    """Make a token file, so that training only multiplies matrices.

    The neighbours of the problems are found once and kept beside the token file. Texts that share
    eight tokens of code in a row, or nearly a statement, with a held-out problem are left out.
    """
    from codeplan_training import decontaminate, function_files, mixture, problems, twins
    from codeplan_training import neighbours as finder
    from codeplan_training import tokenizer as tokenizers

    found, _ = problems.read_all(data)
    kept = list(problems.validation(found))
    held_out = frozenset(p.entry_point for p in kept)
    further = cli_problems.read(list(mined or ()))
    problems.refuse_held_out(further)
    trained_on = list(problems.training([*found, *further]))
    chosen = kept if validation else trained_on
    near: dict[str, list[problems.Problem]] = {}
    if neighbours:
        by_id = {p.id: p for p in trained_on}
        name = f"neighbours-{'validation' if validation else 'training'}.json"
        known = twins.read(data / twins.FILE)
        ids = finder.of_problems(chosen, trained_on, out.with_name(name), known)
        near = {problem: [by_id[i] for i in theirs] for problem, theirs in ids.items()}
    files = list(unlike or ())
    if not validation and (data / decontaminate.VALIDATION).exists():
        files.append(data / decontaminate.VALIDATION)
    count, left_out = mixture.write(
        out,
        tokenizers.load(tokenizer),
        chosen,
        mixture.Mixture(
            exercises,
            0 if validation else composed,
            functions,
            seed,
            prompt_weight,
            neighbours,
            per_package,
            alone,
            plans,
            executions,
        ),
        held_out,
        near,
        decontaminate.held_out(files),
        function_files.read(functions_from) if functions_from else None,
    )
    print(f"{out}: {count} tokens")
    for reason, number in sorted(left_out.items()):
        print(f"{number} texts are left out: like a held-out problem by their {reason}")


@app.command()
def train(
    folder: Annotated[Path, typer.Argument(help="Where the run lives; goes on if it exists.")],
    data: Annotated[list[Path], typer.Option("--tokens", help="Token files.")],
    minutes: Annotated[float, typer.Option(help="Time budget.")] = 60.0,
    steps: Annotated[int | None, typer.Option(help="Step budget; whichever ends first.")] = None,
    start_from: Annotated[Path | None, typer.Option(help="A run whose weights begin this.")] = None,
    held_out: Annotated[Path | None, typer.Option(help="A token file to measure on.")] = None,
    late: Annotated[
        list[Path] | None, typer.Option(help="Token files for the last part of the budget.")
    ] = None,
    late_from: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the budget after which they are read.")
    ] = 0.6,
    hidden: int = 256,
    layers: int = 8,
    feed_forward: int = 704,
    heads: int = 4,
    kv_heads: Annotated[
        int, typer.Option(help="Heads of keys and values; 0 for as many as heads.")
    ] = 0,
    context: int = 1024,
    vocabulary: int = 4096,
    batch: int = 16,
    length: int = 512,
    matrix_lr: float = 0.02,
    other_lr: float = 3e-3,
    weight_decay: float = 0.01,
    warmup_steps: int = 50,
    fall: Annotated[float, typer.Option(help="Share of the budget with a falling rate.")] = 0.5,
    report_every: Annotated[
        int, typer.Option(min=1, help="Steps; the held-out loss is measured at every tenth report.")
    ] = 20,
    threads: Annotated[int, typer.Option(help="Threads; 0 for all.")] = 0,
    compile: Annotated[bool, typer.Option(help="Use torch.compile.")] = True,
    seed: int = 1,
) -> None:
    """Train a Llama-shaped student from scratch or from another run's weights."""
    import torch

    from codeplan_training import train as trainer

    if threads:
        torch.set_num_threads(threads)
    report = trainer.train(
        folder,
        data,
        trainer.Settings(
            minutes=minutes,
            steps=steps,
            batch=batch,
            length=length,
            matrix_lr=matrix_lr,
            other_lr=other_lr,
            weight_decay=weight_decay,
            warmup_steps=warmup_steps,
            fall=fall,
            seed=seed,
            report_every=report_every,
            compile=compile,
            late_from=late_from,
        ),
        shape=trainer.Shape(vocabulary, hidden, layers, feed_forward, heads, context, kv_heads),
        start_from=start_from,
        held_out=held_out,
        late=late or (),
    )
    print(json.dumps(report))


@app.command()
def pack(
    run: Annotated[Path, typer.Argument(help="A run's folder, finished or not.")],
    out: Annotated[Path, typer.Argument(help="The folder for the parts.")],
    part_mb: Annotated[int, typer.Option(min=1, help="Megabytes of a part at most.")] = 15,
) -> None:
    """Write a run's weights (bfloat16) and metrics in parts, for where only small files travel."""
    from codeplan_training import parts

    for path in parts.pack(run, out, part_mb * 1_000_000):
        print(f"{path}: {path.stat().st_size} bytes")


@app.command()
def unpack(
    folder: Annotated[Path, typer.Argument(help="The folder with the parts.")],
    run: Annotated[Path, typer.Argument(help="The run's folder to write.")],
) -> None:
    """Make a run of its parts: to be exported, or to be the beginning of another one."""
    from codeplan_training import parts

    print(parts.unpack(folder, run))


@app.command()
def average(
    first: Annotated[Path, typer.Argument(help="A run's folder.")],
    second: Annotated[Path, typer.Argument(help="Another's, of the same shape.")],
    out: Annotated[Path, typer.Argument(help="The run's folder to write.")],
    share: Annotated[float, typer.Option(min=0, max=1, help="The second's share.")] = 0.5,
) -> None:
    """Average the weights of two runs, of which one began with the other."""
    from codeplan_training import averaging

    print(averaging.average(first, second, out, share))


@app.command()
def export(
    run: Annotated[Path, typer.Argument(help="A finished run's folder.")],
    out: Annotated[Path, typer.Argument(help="The GGUF file to write.")],
    tokenizer: Annotated[Path, typer.Option(help="The folder with tokenizer.json.")],
    quantization: Annotated[str, typer.Option(help="q8_0, q4_k, f16 or f32.")] = "q8_0",
    name: str = "codeplan-embedded",
    worked_examples: Annotated[
        int, typer.Option(min=0, max=2, help="Solved problems that it was trained to see first.")
    ] = 0,
) -> None:
    """Write the GGUF file, compare it with the student, try it out, and write its model card.

    The logits of both are compared on fixed prompts; llama.cpp then solves a small example with it.
    """
    import shlex

    from codeplan_training import export as exporter
    from codeplan_training import model_card, verify

    tokenizer_file = tokenizer / "tokenizer.json"
    card = exporter.Card(name, worked_examples=worked_examples)
    exporter.export(run / "model", tokenizer_file, out, quantization, card)
    difference = verify.compare(run / "model", tokenizer_file, out)
    print(f"{out}: {out.stat().st_size} bytes, {difference.in_words()}")
    verify.check(difference, quantization, out)
    tried = verify.try_out(out)
    print(tried)
    allowed = f"{difference.in_words()} (at most {verify.TOLERANCE[quantization]} are accepted)"
    written = model_card.write(
        out,
        run,
        name=name,
        licence=card.licence,
        quantization=quantization,
        verified=(f"Against the student in float32: {allowed}.", f"Tried out: {tried}."),
        command=shlex.join(["codeplan-train", *sys.argv[1:]]),
    )
    print(f"{written}: the model card")


def main() -> None:
    """The console script: bad input ends with status 2 and one line."""
    from codeplan_model.generation import BackendError
    from codeplan_model.sandbox import SandboxUnavailable
    from codeplan_training.distill.teacher import TeacherError

    try:
        app()
    except (OSError, ValueError, BackendError, SandboxUnavailable, TeacherError) as error:
        print(f"codeplan-train: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("codeplan-train: interrupted; what was saved is kept", file=sys.stderr)
        sys.exit(130)
