"""How a host behaves; decided by the client that starts it."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HostSettings:
    """grace: seconds that a host without clients waits for the next one; 0 ends it at once.

    unload_after: seconds without work after which the model is let go (it loads again by itself).
    parallel: samples decoded at once. threads: 0 is as many of the usable cores as pay. context:
    tokens per sample at most. gpu: use one if llama.cpp can. extra_buffers: False is the safe
    setting for processors on which llama.cpp's repacked kernels crash.
    """

    grace: float = 0.0
    unload_after: float = 900.0
    parallel: int = 32
    threads: int = 0
    context: int = 4096
    gpu: bool = True
    extra_buffers: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.parallel <= 120:
            raise ValueError(f"parallel must lie between 1 and 120, not {self.parallel}")
        if self.grace < 0 or self.unload_after <= 0 or self.threads < 0 or self.context < 64:
            raise ValueError(f"host settings out of range: {self}")

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> HostSettings:
        return cls(**json.loads(text))
