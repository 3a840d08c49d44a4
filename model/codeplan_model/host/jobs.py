"""What the engine knows of its work: calls, their prompts, the running samples, strands and slots.

Plain records; the engine decides what happens to them.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np

from codeplan_model.generation import Sampling, Then
from codeplan_model.host.cache import Branch
from codeplan_model.host.llama import Floats, Ints
from codeplan_model.host.sampling import Scratch, draw
from codeplan_model.host.text import TextBuilder


@dataclass(slots=True, eq=False)
class Prompt:
    """A request of a call, or what one of its texts goes on with.

    left: samples to start; taken: started; running: not yet ended; first: the number of the first.
    limit: tokens of one sample at most.
    text: what `tokens` came from. then: what its samples go on with; followed: texts that did.
    after: the sample that it goes on from.
    """

    index: int
    text: str
    tokens: Ints
    sampling: Sampling
    left: int
    limit: int
    then: Then | None = None
    after: int | None = None
    first: int = 0
    taken: int = 0
    running: int = 0
    branch: Branch | None = None
    followed: set[str] = field(default_factory=set)

    @property
    def ready(self) -> bool:
        return self.branch is not None and self.branch.logits is not None


@dataclass(slots=True, eq=False)
class Call:
    """remaining: samples whose completion isn't out yet.

    began: when the decoder first worked on it, by time.perf_counter(); 0.0 before that.
    """

    name: Hashable
    owner: Hashable
    prompts: list[Prompt]
    remaining: int
    began: float = 0.0


@dataclass(slots=True, eq=False)
class Strand:
    """Samples of one prompt that have drawn the same tokens so far: what comes next is computed
    once for all of them.

    token: what they drew last, not computed yet. row: where the latest logits are.
    """

    branch: Branch
    samples: list[Sample]
    token: int = 0
    row: int = 0


@dataclass(slots=True, eq=False)
class Sample:
    """A completion on its way. token: drawn last; count: tokens drawn; logprob: their sum."""

    call: Call
    prompt: Prompt
    sample: int
    strand: Strand
    slot: int
    text: TextBuilder
    token: int = 0
    logprob: float = 0.0
    count: int = 0


@dataclass(slots=True)
class Slots:
    """What is known of the running samples, by slot, as arrays for the vectorised part.

    vocabulary: of the logits that they are drawn from.
    """

    size: int
    vocabulary: int
    temperature: Floats = field(init=False)
    top_p: Floats = field(init=False)
    min_p: Floats = field(init=False)
    key: np.ndarray = field(init=False)
    count: np.ndarray = field(init=False)
    scratch: Scratch = field(init=False)

    def __post_init__(self) -> None:
        self.temperature = np.zeros(self.size, dtype=np.float32)
        self.top_p = np.zeros(self.size, dtype=np.float32)
        self.min_p = np.zeros(self.size, dtype=np.float32)
        self.key = np.zeros(self.size, dtype=np.uint64)
        self.count = np.zeros(self.size, dtype=np.uint64)
        self.scratch = Scratch(self.size, self.vocabulary)

    def draw(
        self, logits: Floats, slots: np.ndarray, rows: np.ndarray
    ) -> tuple[list[int], list[float]]:
        """Draw the next token of each slot; tokens and log-probabilities.

        logits: [rows, vocabulary]; rows: [slots], from which each draws. Slots that draw from the
        same row have the same settings.
        """
        one = np.empty(len(logits), dtype=np.intp)
        one[rows] = slots
        tokens, logprobs = draw(
            logits,
            self.temperature[one],
            self.top_p[one],
            self.min_p[one],
            rows,
            self.key[slots],
            self.count[slots],
            self.scratch,
        )
        self.count[slots] += np.uint64(1)
        return tokens.tolist(), logprobs.tolist()
