"""Where a run's figures go: a JSONL file, TensorBoard on request, and a line on stderr."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any


class Metrics:
    """Figures of one run. Lines of steps after `step` (the last checkpoint's) are forgotten: they
    come again."""

    def __init__(self, folder: Path, step: int, *, tensorboard: bool, steps: int) -> None:
        self._file = folder / "metrics.jsonl"
        self._steps = steps
        self._writer: Any = _writer(folder, step) if tensorboard else None
        self._began = (step, time.monotonic())
        if self._file.exists():
            kept = []
            for line in self._file.read_text(encoding="utf-8").splitlines():
                try:
                    if json.loads(line)["step"] <= step:
                        kept.append(line + "\n")
                except (ValueError, KeyError):
                    continue  # a line that a kill cut off
            self._file.write_text("".join(kept), encoding="utf-8")

    def report(self, step: int, figures: dict[str, Any]) -> None:
        """Write the figures of a step."""
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, **figures}) + "\n")
        if self._writer is not None:
            for name, value in figures.items():
                if isinstance(value, int | float):
                    self._writer.add_scalar(name, value, step)
        told = " ".join(f"{k} {v:g}" for k, v in figures.items() if isinstance(v, int | float))
        print(f"step {step} of {self._steps}: {told}, {self._left(step)} left", file=sys.stderr)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()

    def _left(self, step: int) -> str:
        first, began = self._began
        seconds = (time.monotonic() - began) / max(step - first, 1) * (self._steps - step)
        return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _writer(folder: Path, step: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise ValueError(
            "TensorBoard's package is missing: pip install 'codeplan[tensorboard]'"
        ) from error
    return SummaryWriter(str(folder / "tensorboard"), purge_step=step)
