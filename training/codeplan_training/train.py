"""Training a student from token files: next-token prediction with weights, on the machine at hand.

Matrices are trained with Muon, the rest with AdamW. The learning rate warms up, stays, and falls
to nothing over the last part of the budget, which is a number of minutes or of steps. A checkpoint
holds everything needed to go on; metrics go to a JSONL file, one line a report.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from transformers import AttentionInterface, LlamaConfig, LlamaForCausalLM
from transformers.masking_utils import AttentionMaskInterface

from codeplan_training import tokens


@dataclass(frozen=True, slots=True)
class Shape:
    """A Llama-shaped student. Widths in units, `heads` of equal width, `context` in tokens.

    kv_heads: heads of keys and values, shared by groups of heads; 0 for as many as heads.
    """

    vocabulary: int = 4096
    hidden: int = 256
    layers: int = 8
    feed_forward: int = 704
    heads: int = 4
    context: int = 1024
    kv_heads: int = 0


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train. minutes: the budget; steps: another one, None for no limit.

    matrix_lr, other_lr: peak learning rates of Muon and AdamW.
    fall: the share of the budget over which the rate falls to zero; 0 keeps it (to be continued).
    late_from: the share of the budget after which the late token files are read.
    batch: sequences a step; length: tokens a sequence.
    """

    minutes: float = 60.0
    steps: int | None = None
    batch: int = 16
    length: int = 512
    matrix_lr: float = 0.02
    other_lr: float = 3e-3
    weight_decay: float = 0.01
    warmup_steps: int = 50
    fall: float = 0.5
    seed: int = 1
    report_every: int = 20
    save_minutes: float = 5.0
    compile: bool = True
    late_from: float = 0.6


def new_student(shape: Shape, seed: int) -> LlamaForCausalLM:
    """A student with random weights."""
    torch.manual_seed(seed)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=shape.vocabulary,
            hidden_size=shape.hidden,
            intermediate_size=shape.feed_forward,
            num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads,
            num_key_value_heads=shape.kv_heads or shape.heads,
            max_position_embeddings=shape.context,
            rms_norm_eps=1e-5,
            tie_word_embeddings=True,
            bos_token_id=1,
            eos_token_id=2,
            pad_token_id=0,
        )
    )


def batches(
    streams: Sequence[tuple[np.ndarray, np.ndarray]], settings: Settings, start: int = 0
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Endless batches of (ids, weights), each of shape (batch, length + 1).

    Step n is the same whatever came before, so that a resumed run sees what it would have seen:
    the streams are cut at an offset that depends on the pass, and the pieces shuffled.
    Raises ValueError at once, not at the first batch, when there are too few tokens.
    """
    ids = np.concatenate([s[0] for s in streams])
    weights = np.concatenate([s[1] for s in streams])
    size = settings.length + 1
    if len(ids) < size * settings.batch * 2:
        raise ValueError(f"only {len(ids)} training tokens: at least {size * settings.batch * 2}")
    return _batches(ids, weights, settings, start)


def _batches(
    ids: np.ndarray, weights: np.ndarray, settings: Settings, start: int
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    size = settings.length + 1
    per_pass = (len(ids) - size) // size // settings.batch
    step = start
    while True:
        epoch, within = divmod(step, per_pass)
        rng = np.random.default_rng((settings.seed, epoch))
        offset = int(rng.integers(0, size))
        order = rng.permutation((len(ids) - offset) // size)
        while within < per_pass:
            rows = order[within * settings.batch : (within + 1) * settings.batch]
            at = offset + rows[:, None] * size + np.arange(size)[None, :]
            yield (
                torch.from_numpy(ids[at].astype(np.int64)),
                torch.from_numpy(weights[at].astype(np.float32) / 255),
            )
            within += 1
            step += 1


def _causal(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Attention to everything before, without a mask in memory: rows are full of text here.

    While compiling, transformers writes the mask out (before torch 2.14), which keeps the fast
    kernels away. Shapes are (batch, heads, length, width), the result is (batch, length, ...).
    """
    groups = module.num_key_value_groups
    if groups > 1:
        key, value = (tensor.repeat_interleave(groups, 1) for tensor in (key, value))
    found = F.scaled_dot_product_attention(query, key, value, is_causal=True, scale=scaling)
    return found.transpose(1, 2).contiguous(), None


CAUSAL = "codeplan_causal"
AttentionInterface.register(CAUSAL, _causal)
AttentionMaskInterface.register(CAUSAL, lambda *_, **__: None)


def loss_of(model: torch.nn.Module, ids: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Weighted mean cross-entropy, natural logarithm, over a batch of shape (batch, length + 1)."""
    logits = model(input_ids=ids[:, :-1], use_cache=False).logits.float()
    losses = F.cross_entropy(
        logits.reshape(-1, logits.shape[-1]), ids[:, 1:].reshape(-1), reduction="none"
    )
    flat = weights[:, 1:].reshape(-1)
    return (losses * flat).sum() / flat.sum().clamp(min=1.0)


def train(
    folder: Path,
    data: Sequence[Path],
    settings: Settings,
    *,
    shape: Shape | None = None,
    start_from: Path | None = None,
    held_out: Path | None = None,
    late: Sequence[Path] = (),
) -> dict[str, Any]:
    """Train into `folder` and return the last report. Goes on where `folder` has a checkpoint.

    start_from: a folder with a checkpoint whose weights (and nothing else) are the beginning.
    late: token files that take the place of `data` for the last part of the budget.
    held_out: a token file on which the loss is measured at each report, never trained on.
    Raises ValueError or FileNotFoundError when data or folders are unusable.
    """
    folder.mkdir(parents=True, exist_ok=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.set_float32_matmul_precision("high")
    model, shape = _student(folder, shape, start_from, settings.seed)
    torch.nn.Module.to(model, device)
    model.set_attn_implementation(CAUSAL)
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and "embed" not in n]
    others = [p for n, p in model.named_parameters() if not (p.ndim == 2 and "embed" not in n)]
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.Muon(
            matrices, lr=settings.matrix_lr, weight_decay=settings.weight_decay, momentum=0.95
        ),
        torch.optim.AdamW(
            others, settings.other_lr, betas=(0.9, 0.95), weight_decay=0.0, fused=device == "cuda"
        ),
    ]
    step, late_steps, elapsed, seen = 0, 0, 0.0, 0
    saved = folder / "checkpoint.pt"
    if saved.exists():
        state = torch.load(saved, map_location=device, weights_only=True)
        if "optimizers" not in state:
            raise ValueError(
                f"{folder} holds weights alone and can't be resumed: start another from it"
            )
        model.load_state_dict(state["model"])
        for optimizer, values in zip(optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(values)
        step, elapsed, seen = state["step"], state["elapsed"], state["tokens"]
        late_steps = state.get("late_steps", 0)
    early_batches = batches([tokens.load(path) for path in data], settings, step - late_steps)
    late_batches = early_batches
    if late:
        late_batches = batches([tokens.load(path) for path in late], settings, late_steps)
    check = _check_batches(held_out, settings) if held_out else []
    forward = torch.compile(loss_of, dynamic=False) if settings.compile else loss_of
    (folder / "settings.json").write_text(
        json.dumps({"settings": asdict(settings), "shape": asdict(shape)}, indent=1)
    )
    began = time.monotonic() - elapsed
    last_save, last_time, last_seen = elapsed, elapsed, seen
    report: dict[str, Any] = {}
    sums: list[torch.Tensor] = []
    while True:
        elapsed = time.monotonic() - began
        done = elapsed / 60 / settings.minutes
        if settings.steps is not None:
            done = max(done, step / settings.steps)
        if done >= 1:
            break
        _set_rate(optimizers, settings, step, done)
        is_late = bool(late) and done >= settings.late_from
        ids, weights = next(late_batches if is_late else early_batches)
        with torch.autocast(device, dtype=torch.bfloat16):
            loss = forward(model, _moved(ids, device), _moved(weights, device))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(others, 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        step += 1
        late_steps += is_late
        seen += ids.shape[0] * settings.length
        sums.append(loss.detach())  # not read here: a GPU would be waited for at every step
        if step % settings.report_every == 0:
            mean = float(torch.stack(sums).mean())
            elapsed = time.monotonic() - began
            report = {
                "step": step,
                "tokens": seen,
                "minutes": round(elapsed / 60, 2),
                "loss": round(mean, 4),
                "tokens_per_second": round((seen - last_seen) / max(elapsed - last_time, 1e-9)),
                "rate": round(optimizers[0].param_groups[0]["lr"], 6),
            }
            sums, last_time, last_seen = [], elapsed, seen
            if check and step % (settings.report_every * 10) == 0:
                report["held_out_loss"] = round(_held_out(model, check, device), 4)
            _append(folder / "metrics.jsonl", report)
            left = elapsed / 60 * (1 - done) / done if done else settings.minutes
            print(f"{report} about {left:.0f} min left", flush=True)
        if elapsed - last_save > settings.save_minutes * 60:
            _save(saved, model, optimizers, step, late_steps, elapsed, seen, shape)
            last_save = elapsed
    _save(saved, model, optimizers, step, late_steps, elapsed, seen, shape)
    if check:
        report["held_out_loss"] = round(_held_out(model, check, device), 4)
        _append(folder / "metrics.jsonl", report)
    model.save_pretrained(folder / "model")
    return report


def _moved(tensor: torch.Tensor, device: str) -> torch.Tensor:
    return tensor.pin_memory().to(device, non_blocking=True) if device == "cuda" else tensor


def _student(
    folder: Path, shape: Shape | None, start_from: Path | None, seed: int
) -> tuple[LlamaForCausalLM, Shape]:
    for source in (folder, start_from):
        if source is None or not (source / "checkpoint.pt").exists():
            continue
        state = torch.load(source / "checkpoint.pt", map_location="cpu", weights_only=True)
        shape = Shape(**state["shape"])
        model = new_student(shape, seed)
        model.load_state_dict(state["model"])
        return model, shape
    if start_from is not None:
        raise FileNotFoundError(f"{start_from} holds no checkpoint.pt to start from")
    shape = shape or Shape()
    return new_student(shape, seed), shape


def _set_rate(
    optimizers: list[torch.optim.Optimizer], settings: Settings, step: int, done: float
) -> None:
    factor = min(1.0, (step + 1) / max(settings.warmup_steps, 1))
    if settings.fall > 0:
        factor *= min(1.0, (1 - done) / settings.fall)
    for optimizer, peak in zip(optimizers, (settings.matrix_lr, settings.other_lr), strict=True):
        for group in optimizer.param_groups:
            group["lr"] = peak * max(factor, 0.01)


def _check_batches(path: Path, settings: Settings) -> list[tuple[torch.Tensor, torch.Tensor]]:
    stream = batches([tokens.load(path)], settings)
    return [next(stream) for _ in range(6)]


def _held_out(
    model: LlamaForCausalLM, check: list[tuple[torch.Tensor, torch.Tensor]], device: str
) -> float:
    model.eval()
    with torch.no_grad(), torch.autocast(device, dtype=torch.bfloat16):
        losses = [float(loss_of(model, i.to(device), w.to(device))) for i, w in check]
    model.train()
    return math.fsum(losses) / len(losses)


def _save(
    path: Path,
    model: LlamaForCausalLM,
    optimizers: list[torch.optim.Optimizer],
    step: int,
    late_steps: int,
    elapsed: float,
    seen: int,
    shape: Shape,
) -> None:
    partial = path.with_suffix(".partial")
    torch.save(
        {
            "model": model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in optimizers],
            "step": step,
            "late_steps": late_steps,
            "elapsed": elapsed,
            "tokens": seen,
            "shape": asdict(shape),
        },
        partial,
    )
    os.replace(partial, path)


def _append(path: Path, line: dict[str, Any]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
