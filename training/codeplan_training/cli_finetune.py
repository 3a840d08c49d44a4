"""`codeplan-train finetune` and `codeplan-train student`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from codeplan_training.cli_problems import Paths, read


def student(
    out: Annotated[Path, typer.Argument(help="The folder to write.")],
    tokenizer: Annotated[
        Path | None, typer.Option(help="The folder with tokenizer.json, for a new student.")
    ] = None,
    from_gguf: Annotated[
        Path | None, typer.Option(help="A GGUF file of `export`, whose weights are taken.")
    ] = None,
    kind: Annotated[
        str, typer.Option(help="llama (decoder-only) or t5 (encoder-decoder).")
    ] = "llama",
    hidden: int = 256,
    layers: int = 8,
    feed_forward: int = 704,
    heads: int = 4,
    context: int = 1024,
    seed: int = 1,
) -> None:
    """Write a student: a new one with random weights, or the one in a GGUF file of ours."""
    from codeplan_training.finetune import students

    if from_gguf is not None:
        from codeplan_training.from_gguf import write_student

        print(f"{out}: {write_student(from_gguf, out) / 1e6:.1f}M parameters from {from_gguf}")
        return
    if tokenizer is None:
        raise ValueError("name a folder with --tokenizer, or a GGUF file with --from-gguf")
    shape = {
        "hidden": hidden,
        "layers": layers,
        "feed_forward": feed_forward,
        "heads": heads,
        "context": context,
    }
    count = students.new(out, tokenizer / "tokenizer.json", kind, shape, seed)
    print(f"{out}: {kind}, {count / 1e6:.1f}M parameters")


def finetune(
    paths: Paths,
    out: Annotated[Path, typer.Option(help="The folder of the run; goes on if it exists.")],
    student: Annotated[Path, typer.Option(help="A Hugging Face folder with its tokenizer.")],
    method: Annotated[
        str, typer.Option(help="codeplan, or conventional (code only).")
    ] = "codeplan",
    plan_share: Annotated[float, typer.Option(help="Share of steps for the plan task.")] = 0.5,
    code_with_plan: Annotated[float, typer.Option(help="Code samples that show the plan.")] = 0.5,
    plan_head: Annotated[str, typer.Option(help="shared, or separate (a second head).")] = "shared",
    steps: int = 1000,
    batch: Annotated[int, typer.Option(help="Rows a step, over all processes.")] = 16,
    accumulate: Annotated[int, typer.Option(help="Parts of a process's rows.")] = 1,
    length: Annotated[int, typer.Option(help="Tokens a row.")] = 512,
    packed: Annotated[bool, typer.Option(help="Several samples a row.")] = True,
    renderings: Annotated[int, typer.Option(help="Renderings of every solution.")] = 1,
    prompt_weight: Annotated[float, typer.Option(help="Loss weight of prompts.")] = 0.0,
    rate: Annotated[float, typer.Option(help="Peak learning rate.")] = 3e-4,
    warmup: int = 50,
    weight_decay: float = 0.01,
    clip: Annotated[float, typer.Option(help="Largest norm of the gradient.")] = 1.0,
    lora: Annotated[int, typer.Option(help="Rank of LoRA adapters; 0 for none.")] = 0,
    precision: Annotated[str, typer.Option(help="bf16 or fp32.")] = "bf16",
    from_scratch: Annotated[bool, typer.Option(help="Random weights, the folder's shape.")] = False,
    compile: Annotated[bool, typer.Option(help="Use torch.compile.")] = False,
    held_out: Annotated[
        list[Path] | None, typer.Option(help="Problems to measure the loss on.")
    ] = None,
    unlike: Annotated[
        list[Path] | None,
        typer.Option(help="Held-out problems, such as HumanEval, that no text may resemble."),
    ] = None,
    report_every: int = 10,
    save_every: int = 200,
    tensorboard: Annotated[bool, typer.Option(help="Also write TensorBoard events.")] = False,
    threads: Annotated[int, typer.Option(help="Threads; 0 for all.")] = 0,
    seed: int = 1,
) -> None:
    """Train a student on code and plans together, or on code alone for comparison.

    Several processes or machines: the same command behind `accelerate launch -m codeplan_training`
    or `torchrun -m codeplan_training`. Held-out problems are refused by name; with --unlike,
    samples that share eight tokens of code in a row, or nearly a statement, with one of those
    files are left out too.
    """
    import torch

    from codeplan_training.decontaminate import held_out as looks_of
    from codeplan_training.finetune.loop import finetune as run
    from codeplan_training.finetune.settings import Settings

    if threads:
        torch.set_num_threads(threads)
    settings = Settings(
        method=method,
        plan_share=plan_share,
        code_with_plan=code_with_plan,
        plan_head=plan_head,
        steps=steps,
        batch=batch,
        accumulate=accumulate,
        length=length,
        packed=packed,
        renderings=renderings,
        prompt_weight=prompt_weight,
        rate=rate,
        warmup=warmup,
        weight_decay=weight_decay,
        clip=clip,
        lora=lora,
        precision=precision,
        from_scratch=from_scratch,
        compile=compile,
        report_every=report_every,
        save_every=save_every,
        tensorboard=tensorboard,
        seed=seed,
    )
    figures = run(
        out,
        student,
        read(paths),
        settings,
        held_out=read(held_out) if held_out else (),
        unlike=looks_of(unlike) if unlike else None,
    )
    print(json.dumps(figures))
