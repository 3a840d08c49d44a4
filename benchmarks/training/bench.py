"""Tokens per second of finetune against a plain transformers Trainer on the same model and data.

Both train the same student from the same weights on the same samples, in one run, one after the
other, several rounds each in turn. Counted are tokens of samples, never padding. The Trainer is as
`TrainingArguments` makes it, with the batch that holds the same number of samples; a second one has
bf16 as well. Each speed is told by the clock and by processor time (all threads together): on a
machine with other work the second is the one to compare.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import statistics
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Print the ratio; 0 always: the figure is for people."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=12, help="steps of finetune a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hidden", type=int, default=256)
    parser.add_argument("--layers", type=int, default=8)
    given = parser.parse_args()
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

    from codeplan_training import problems, render, tokenizer
    from codeplan_training.finetune import rows, students
    from codeplan_training.finetune.pairs import pairs
    from codeplan_training.finetune.settings import Settings

    found, _ = problems.read_exercises(ROOT / "training" / "data" / "exercises.jsonl")
    found = found[:400]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rng = random.Random(1)
        texts = [s.prompt + s.completion for s in (render.sample(p, rng) for p in found)]
        tokenizer.train(texts, 4096).save(str(folder / "tokenizer.json"))
        shape = {
            "hidden": given.hidden,
            "layers": given.layers,
            "feed_forward": given.hidden * 11 // 4,
            "heads": 4,
            "context": 1024,
        }
        count = students.new(folder / "student", folder / "tokenizer.json", "llama", shape, 1)
        settings = Settings(
            method="conventional", steps=given.steps, batch=8, length=512, warmup=1, renderings=2
        )
        _, own, _ = students.read_folder(folder / "student")
        samples, _ = rows.tokenize(pairs(found, settings), own, settings, encoder_decoder=False)
        packed = rows.pack(samples, settings.length)
        a_row = len(samples) / len(packed)
        batch = max(1, round(settings.batch * a_row))
        print(
            f"student of {count / 1e6:.1f}M parameters, {len(samples)} samples of "
            f"{sum(len(s.ids) for s in samples) / len(samples):.0f} tokens, {a_row:.1f} a row"
        )
        speeds: dict[str, list[Speed]] = {"finetune": [], "Trainer": [], "Trainer, bf16": []}
        for _ in range(given.rounds):
            speeds["finetune"].append(finetune(folder, packed, settings))
            for title, bf16 in (("Trainer", False), ("Trainer, bf16", True)):
                speeds[title].append(trainer(folder, samples, batch, given.steps, bf16))
        for title, found_speeds in speeds.items():
            for unit in ("clock", "processor"):
                told = [getattr(speed, unit) for speed in found_speeds]
                ours = [getattr(speed, unit) for speed in speeds["finetune"]]
                ratio = statistics.median(a / b for a, b in zip(ours, told, strict=True))
                words = ", ".join(f"{speed:,.0f}" for speed in told)
                print(f"{title:14} {words} tokens/s ({unit}); finetune is {ratio:.2f} times that")
    return 0


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens per second by the clock, and per second of processor time."""

    clock: float
    processor: float


class Stopwatch:
    """Runs from `start` to `speed`."""

    def start(self) -> None:
        self._clock, self._processor = time.perf_counter(), time.process_time()

    def speed(self, tokens: int) -> Speed:
        clock, processor = time.perf_counter(), time.process_time()
        return Speed(tokens / (clock - self._clock), tokens / (processor - self._processor))


def finetune(folder: Path, packed: list[Any], settings: Any) -> Speed:
    """Tokens a second of our loop: the same steps that the command runs."""
    import torch
    from accelerate import Accelerator

    from codeplan_training.finetune import loop, rows, students
    from codeplan_training.finetune.pairs import CODE

    accelerator = Accelerator(cpu=not torch.cuda.is_available(), mixed_precision="bf16")
    student = students.load(folder / "student", settings)
    optimizer = torch.optim.AdamW(student.model.parameters(), lr=1e-4, fused=True)
    model, optimizer = accelerator.prepare(student.model, optimizer)
    streams = {CODE: rows.Stream(packed, settings.batch, 1, grouped=False)}
    run = loop.Run(accelerator, student, model, settings, streams)
    seen = 0
    watch = Stopwatch()
    for step in range(settings.steps + 1):
        if step == 1:  # the first one pays for what is made once
            watch.start()
        _, tokens = run.step(CODE, step)
        accelerator.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        seen += tokens if step else 0
    return watch.speed(seen)


def trainer(folder: Path, samples: list[Any], batch: int, steps: int, bf16: bool) -> Speed:
    """Tokens a second of transformers' Trainer: padded batches, its own collator and optimizer."""
    import torch
    import transformers

    from codeplan_training.finetune import students

    model, tokenizer, _ = students.read_folder(folder / "student")
    seen = 0
    watch = Stopwatch()

    class Clock(transformers.TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **further: Any) -> None:
            if state.global_step == 1:
                watch.start()

    inner = transformers.DataCollatorForLanguageModeling(tokenizer, mlm=False)
    batches = 0

    def collate(features: list[dict[str, Any]]) -> Any:
        nonlocal seen, batches
        batches += 1
        if 1 < batches <= steps + 1:
            seen += sum(len(f["input_ids"]) for f in features)
        return inner(features)

    data: Any = [{"input_ids": s.ids.tolist()} for s in samples]
    arguments = transformers.TrainingArguments(
        output_dir=str(folder / "trainer"),
        per_device_train_batch_size=batch,
        max_steps=steps + 1,
        learning_rate=1e-4,
        bf16=bf16,
        use_cpu=not torch.cuda.is_available(),
        report_to=[],
        logging_strategy="no",
        save_strategy="no",
        disable_tqdm=True,
    )
    with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        transformers.Trainer(
            model=model,
            args=arguments,
            train_dataset=data,
            data_collator=collate,
            callbacks=[Clock()],
        ).train()
    return watch.speed(seen)


if __name__ == "__main__":
    sys.exit(main())
