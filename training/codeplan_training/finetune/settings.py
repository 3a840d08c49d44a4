"""Everything that decides a fine-tuning run, and whether a folder can be gone on with."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

METHODS = ("codeplan", "conventional")
HEADS = ("shared", "separate")
# What may change between the parts of one run without changing its losses.
_FREE = ("report_every", "save_every", "compile", "tensorboard", "accumulate", "held_out_batches")


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train.

    method: "codeplan" for both tasks, "conventional" for the code task alone, the baseline.
    plan_share: share of the steps that train the plan task (the mixing weight).
    code_with_plan: share of the code task's samples whose prompt holds the plan.
    plan_head: "shared": the task stands in the prompt; "separate": a second LM head, as in the
        paper.
    batch: rows of a step, over all processes. accumulate: parts into which a process divides its
        rows. length: tokens of a row; longer samples are left out. packed: several samples in one
        row (decoder-only students; an encoder-decoder groups samples of like length).
    renderings: how often every solution is rendered. prompt_weight: loss weight of the prompt's
        tokens for decoder-only students.
    steps: optimizer steps. warmup: steps of rising rate; it falls linearly to zero afterwards.
    lora: rank of the adapters, 0 to train every weight. precision: "bf16" or "fp32".
    """

    method: str = "codeplan"
    plan_share: float = 0.5
    code_with_plan: float = 0.5
    plan_head: str = "shared"
    batch: int = 16
    accumulate: int = 1
    length: int = 512
    packed: bool = True
    renderings: int = 1
    prompt_weight: float = 0.0
    steps: int = 1000
    rate: float = 3e-4
    warmup: int = 50
    weight_decay: float = 0.01
    clip: float = 1.0
    lora: int = 0
    precision: str = "bf16"
    from_scratch: bool = False
    compile: bool = False
    seed: int = 1
    report_every: int = 10
    save_every: int = 200
    held_out_batches: int = 4
    tensorboard: bool = False

    def __post_init__(self) -> None:
        for value, known, name in (
            (self.method, METHODS, "method"),
            (self.plan_head, HEADS, "plan_head"),
            (self.precision, ("bf16", "fp32"), "precision"),
        ):
            if value not in known:
                raise ValueError(f"{name} is one of {', '.join(known)}, not {value!r}")
        if not 0 <= self.plan_share < 1 or not 0 <= self.code_with_plan <= 1:
            raise ValueError("plan_share is from 0 to below 1, code_with_plan from 0 to 1")
        if min(self.batch, self.accumulate, self.length, self.steps, self.renderings) < 1:
            raise ValueError("batch, accumulate, length, steps and renderings are at least 1")

    @property
    def plans(self) -> bool:
        """Whether the plan task is trained."""
        return self.method == "codeplan" and self.plan_share > 0

    def is_plan_step(self, step: int) -> bool:
        """Which task a step trains: the plan task's steps are spread evenly."""
        if not self.plans:
            return False
        return int((step + 1) * self.plan_share) > int(step * self.plan_share)

    def rate_at(self, step: int) -> float:
        """The learning rate of a step."""
        rising = (step + 1) / max(self.warmup, 1)
        falling = (self.steps - step) / max(self.steps - self.warmup, 1)
        return self.rate * max(0.0, min(rising, falling, 1.0))


def check_folder(folder: Path, settings: Settings, student: Path) -> None:
    """Raise ValueError, which names what differs, where a run with other settings has begun."""
    file = folder / "settings.json"
    now = _told(settings, student)
    if file.exists():
        before = json.loads(file.read_text(encoding="utf-8"))
        differ = [k for k in now if k not in _FREE and before.get(k, now[k]) != now[k]]
        if differ:
            told = ", ".join(f"{k} was {before[k]!r} and is {now[k]!r}" for k in differ)
            raise ValueError(
                f"{folder} holds a run with other settings ({told}): choose another folder, or the "
                "settings of that run"
            )


def take_folder(folder: Path, settings: Settings, student: Path) -> None:
    """Write the run's settings into its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(_told(settings, student), indent=1)
    (folder / "settings.json").write_text(text, encoding="utf-8")


def _told(settings: Settings, student: Path) -> dict[str, Any]:
    return {**asdict(settings), "student": str(student)}
