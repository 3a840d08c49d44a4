"""The training: batches of the code task and of the plan task in turn, on one device or several.

accelerate does the plumbing: `accelerate launch` or `torchrun` with this same command trains on
several processes. A step's loss is the mean over the weights of the whole batch, however it is
divided, so one process and several compute the same.
"""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F

from codeplan_training.decontaminate import HeldOut
from codeplan_training.finetune import students
from codeplan_training.finetune.metrics import Metrics
from codeplan_training.finetune.pairs import CODE, PLAN, Pair, pairs
from codeplan_training.finetune.rows import (
    Row,
    Stream,
    decoder_batch,
    encoder_batch,
    pack,
    tokenize,
)
from codeplan_training.finetune.settings import Settings, check_folder, take_folder
from codeplan_training.finetune.students import Student
from codeplan_training.model_card import write_data
from codeplan_training.problems import Problem, refuse_held_out

STATE = "state.json"


def finetune(
    folder: Path,
    student_folder: Path,
    problems: Sequence[Problem],
    settings: Settings,
    *,
    held_out: Sequence[Problem] = (),
    unlike: HeldOut | None = None,
) -> dict[str, Any]:
    """Train into `folder` and return the last figures. Goes on where `folder` has a checkpoint.

    held_out: problems whose loss is measured and which are never trained on.
    unlike: what no text that is trained on may share a piece of code or a statement with.
    The result is the Hugging Face folder `folder/model`. Raises ValueError, FileNotFoundError,
    OSError in words.
    """
    from accelerate import Accelerator
    from accelerate.utils import set_seed

    refuse_held_out(problems)
    accelerator = Accelerator(
        mixed_precision="bf16" if settings.precision == "bf16" else "no",
        cpu=not torch.cuda.is_available(),
    )
    world, rank = accelerator.num_processes, accelerator.process_index
    if settings.batch % (world * settings.accumulate):
        raise ValueError(
            f"a batch of {settings.batch} rows can't be divided among {world} processes with "
            f"{settings.accumulate} parts each: choose a multiple of {world * settings.accumulate}"
        )
    check_folder(folder, settings, student_folder)
    set_seed(settings.seed)
    student = students.load(student_folder, settings)
    found = list(pairs(problems, settings))
    clean = [p for p in found if unlike is None or not unlike.reason(p.prompt + p.completion)]
    if found and not clean:
        raise ValueError("every sample is like a held-out problem: take other problems to train on")
    streams, left_out = _streams(clean, student, settings)
    checks, _ = (
        _streams(list(pairs(held_out, settings)), student, settings) if held_out else ({}, 0)
    )
    if accelerator.is_main_process:
        if len(clean) < len(found):
            print(f"{len(found) - len(clean)} samples are left out: like a held-out problem")
        if left_out:
            print(f"{left_out} samples of more than {settings.length} tokens are left out")
    # Only now: a start that failed must not decide what the folder is for.
    if accelerator.is_main_process:
        take_folder(folder, settings, student_folder)
        write_data(folder, problems)
    accelerator.wait_for_everyone()
    if settings.compile:
        student.model.compile(dynamic=False)
    optimizer = torch.optim.AdamW(
        [p for p in student.model.parameters() if p.requires_grad],
        lr=settings.rate,
        betas=(0.9, 0.95),
        weight_decay=settings.weight_decay,
        fused=True,
    )
    model, optimizer = accelerator.prepare(student.model, optimizer)
    # Only now: sharding puts other parameters in the place of those before.
    trained = [p for p in model.parameters() if p.requires_grad]
    run = Run(accelerator, student, model, settings, streams)
    step, seen = _resume(accelerator, folder)
    figures: dict[str, Any] = {}
    metrics = None
    if accelerator.is_main_process:
        metrics = Metrics(folder, step, tensorboard=settings.tensorboard, steps=settings.steps)
    sums: dict[str, list[float]] = {CODE: [], PLAN: []}
    last_time, last_seen = time.monotonic(), seen
    while step < settings.steps:
        task = PLAN if settings.is_plan_step(step) else CODE
        # Every random number of a step depends on the step, so that going on is exact.
        set_seed((settings.seed * 1_000_003 + step * 97 + rank) % 2**31)
        for group in optimizer.param_groups:
            group["lr"] = settings.rate_at(step)
        loss, tokens = run.step(task, run.number(task, step))
        accelerator.clip_grad_norm_(trained, settings.clip)
        optimizer.step()
        optimizer.zero_grad()
        sums[task].append(loss)
        step, seen = step + 1, seen + tokens
        if step % settings.report_every == 0 or step == settings.steps:
            now = time.monotonic()
            figures = {f"{t}_loss": sum(v) / len(v) for t, v in sums.items() if v}
            figures["tokens"] = seen
            figures["tokens_per_second"] = round((seen - last_seen) / max(now - last_time, 1e-9))
            figures["rate"] = settings.rate_at(step - 1)
            if checks and (step == settings.steps or step % (settings.report_every * 10) == 0):
                figures |= {f"held_out_{t}_loss": run.held_out(t, s) for t, s in checks.items()}
            if metrics is not None:
                metrics.report(step, figures)
            sums = {CODE: [], PLAN: []}
            last_time, last_seen = time.monotonic(), seen
        if step % settings.save_every == 0 or step == settings.steps:
            _save(accelerator, folder, step, seen)
    state: Any = accelerator.get_state_dict(model)
    if metrics is not None:
        metrics.close()
        students.save(student, folder / "model", state)
    accelerator.wait_for_everyone()
    if world > 1:
        accelerator.end_training()
    return figures


def _streams(
    found: Sequence[Pair], student: Student, settings: Settings
) -> tuple[dict[str, Stream], int]:
    """A stream for each task that is trained, and how many samples are too long."""
    streams: dict[str, Stream] = {}
    left_out = 0
    for task in (CODE, PLAN) if settings.plans else (CODE,):
        chosen = [pair for pair in found if pair.task == task]
        if task == PLAN and not chosen:
            raise ValueError(
                "no problem has a plan: make plans with `codeplan-train distill`, or train with "
                "--method conventional"
            )
        samples, longer = tokenize(
            chosen, student.tokenizer, settings, encoder_decoder=student.encoder_decoder
        )
        left_out += longer
        packed = settings.packed and not student.encoder_decoder
        rows = pack(samples, settings.length) if packed else [Row((s,)) for s in samples]
        streams[task] = Stream(rows, settings.batch, settings.seed, grouped=not packed)
    return streams, left_out


class Run:
    """What a step needs."""

    def __init__(
        self,
        accelerator: Any,
        student: Student,
        model: Any,
        settings: Settings,
        streams: dict[str, Stream],
    ) -> None:
        self.accelerator, self.student, self.model = accelerator, student, model
        self.settings, self.streams = settings, streams
        self.selection = Selection()
        hook: Any = self.selection
        student.head.register_forward_pre_hook(hook)
        config = student.model.config
        self.eager = getattr(config, "_attn_implementation", "") == "eager"
        self.pad = student.tokenizer.pad_token_id

    def number(self, task: str, step: int) -> int:
        """How many steps of this task came before."""
        plan_steps = int(step * self.settings.plan_share) if self.settings.plans else 0
        return plan_steps if task == PLAN else step - plan_steps

    def step(self, task: str, number: int) -> tuple[float, int]:
        """Gradients of one batch; its loss and its tokens, over all processes."""
        rows = self.streams[task].at(number)
        total = math.fsum(row.weight for row in rows)
        world, rank = self.accelerator.num_processes, self.accelerator.process_index
        size = len(rows) // (world * self.settings.accumulate)
        self.student.use_head(task)
        losses = torch.zeros((), device=self.accelerator.device)
        for part in range(self.settings.accumulate):
            start = (part * world + rank) * size
            last = part == self.settings.accumulate - 1
            with nullcontext() if last else self.accelerator.no_sync(self.model):
                loss = self.loss(rows[start : start + size]) / total
                # Several processes average their gradients; the sum is wanted.
                self.accelerator.backward(loss * world)
            losses += loss.detach()
        return float(self.accelerator.reduce(losses)), sum(row.tokens for row in rows)

    def held_out(self, task: str, stream: Stream) -> float:
        """The mean loss of the first held-out batches."""
        self.model.eval()
        self.student.use_head(task)
        losses, weights = [], []
        with torch.no_grad():
            for number in range(self.settings.held_out_batches):
                rows = stream.at(number)
                losses.append(float(self.loss(rows)))
                weights.append(math.fsum(row.weight for row in rows))
        self.model.train()
        return math.fsum(losses) / max(math.fsum(weights), 1.0)

    def loss(self, rows: Sequence[Row]) -> torch.Tensor:
        """The sum of the rows' weighted cross-entropies, in nats."""
        if self.student.encoder_decoder:
            return self._seq2seq_loss(rows)
        longest = self.settings.length
        if not self.settings.packed:
            longest = min(longest, -(-max(row.tokens for row in rows) // 32) * 32)
        arrays = decoder_batch(rows, longest, self.pad)
        batch = {k: torch.from_numpy(v).to(self.accelerator.device) for k, v in arrays.items()}
        segments = batch["segments"]
        mask = (segments[:, None, :, None] == segments[:, None, None, :]).tril()
        if self.eager:
            lowest = torch.finfo(torch.float32).min
            mask = torch.zeros(mask.shape, device=mask.device).masked_fill(~mask, lowest)
        # What predicts a token stands before it.
        ids, weights = batch["ids"].roll(-1, 1), batch["weights"].roll(-1, 1)
        weights[:, -1] = 0.0
        return self._cross_entropy(
            ids,
            weights,
            input_ids=batch["ids"],
            attention_mask=mask,
            position_ids=batch["positions"],
        )

    def _seq2seq_loss(self, rows: Sequence[Row]) -> torch.Tensor:
        arrays = encoder_batch(rows, self.pad)
        batch = {k: torch.from_numpy(v).to(self.accelerator.device) for k, v in arrays.items()}
        start = self.student.model.config.decoder_start_token_id
        first = torch.full_like(batch["ids"][:, :1], start)
        return self._cross_entropy(
            batch["ids"],
            batch["weights"],
            input_ids=batch["source"],
            attention_mask=batch["mask"],
            decoder_input_ids=torch.cat([first, batch["ids"][:, :-1]], dim=1),
        )

    def _cross_entropy(
        self, ids: torch.Tensor, weights: torch.Tensor, **inputs: torch.Tensor
    ) -> torch.Tensor:
        """The loss of predicting ids where they have a weight; both of shape (rows, length)."""
        counted = weights.flatten().nonzero().flatten()
        with self.selection.of(counted):
            logits = self.model(**inputs, use_cache=False).logits
        losses = F.cross_entropy(logits.float(), ids.flatten()[counted], reduction="none")
        return (losses * weights.flatten()[counted]).sum()


class Selection:
    """A hook before the LM head: only positions whose prediction counts go through it.

    With a vocabulary of some thousands the head is a good part of a small student's work, and
    prompts and padding have no weight. The logits are then of shape (positions, vocabulary).
    """

    def __init__(self) -> None:
        self._positions: torch.Tensor | None = None

    @contextmanager
    def of(self, positions: torch.Tensor) -> Iterator[None]:
        """Let these positions through, counted over all rows one after the other."""
        self._positions = positions
        try:
            yield
        finally:
            self._positions = None

    # Their number is another one in every batch: a compiled head would be compiled for each.
    @torch.compiler.disable
    def __call__(self, head: Any, inputs: tuple[torch.Tensor, ...]) -> Any:
        if self._positions is None:
            return None
        (hidden,) = inputs
        return (hidden.flatten(0, -2).index_select(0, self._positions),)


def _resume(accelerator: Any, folder: Path) -> tuple[int, int]:
    """Load the newest checkpoint; (steps done, tokens seen)."""
    found = checkpoints(folder)
    if not found:
        return 0, 0
    accelerator.load_state(str(found[-1]))
    state = json.loads((found[-1] / STATE).read_text(encoding="utf-8"))
    return state["step"], state["tokens"]


def checkpoints(folder: Path) -> list[Path]:
    """The complete checkpoints of a run, oldest first."""
    found = [path for path in (folder / "checkpoints").glob("step-*") if (path / STATE).is_file()]
    return sorted(found, key=lambda path: int(path.name.removeprefix("step-")))


def _save(accelerator: Any, folder: Path, step: int, seen: int) -> None:
    """A checkpoint takes its name when it is complete; the one before is removed after that."""
    target = folder / "checkpoints" / f"step-{step}"
    partial = folder / "checkpoints" / "partial"
    if accelerator.is_main_process:
        shutil.rmtree(partial, ignore_errors=True)
    accelerator.wait_for_everyone()
    try:
        accelerator.save_state(str(partial), safe_serialization=False)
    except (OSError, RuntimeError) as error:
        raise OSError(
            f"can't write the checkpoint {target} ({error}): free some space and run the same "
            "command again, it goes on from the checkpoint before"
        ) from error
    accelerator.wait_for_everyone()
    if accelerator.is_main_process:
        (partial / STATE).write_text(json.dumps({"step": step, "tokens": seen}), encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        partial.replace(target)
        for old in checkpoints(folder)[:-1]:
            shutil.rmtree(old)
    accelerator.wait_for_everyone()


def conventional(settings: Settings) -> Settings:
    """The baseline: the same in everything but the plans."""
    return replace(settings, method="conventional")
