"""A model with its format and what was spent on it, for work on code that exists."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from codeplan_model.generation import Backend, CancelToken, Completion, ModelInfo, Request, Sampling
from codeplan_model.prompts import PromptFormat, format_named
from codeplan_model.search.events import Budget


class Sampler:
    """One piece of work: `load`, then `generate`."""

    def __init__(self, backend: Backend, budget: Budget, cancel: CancelToken | None) -> None:
        self.backend, self.budget, self.cancel = backend, budget, cancel
        self.info = ModelInfo("none loaded", "", "", "", 0)
        self.format: PromptFormat
        self.tokens = 0
        self._rounds = 0
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def load(self) -> None:
        """Raises BackendError, Cancelled, UnknownFormat."""
        self.info = self.backend.info(self.cancel)
        self.format = format_named(self.info.prompt_format)

    def sampling(self, max_tokens: int, stop: tuple[str, ...]) -> Sampling:
        return Sampling(
            temperature=self.budget.temperature,
            top_p=self.budget.top_p,
            max_tokens=max_tokens,
            stop=stop,
            seed=self.budget.seed * 1009 + self._rounds,
        )

    def generate(self, requests: Sequence[Request]) -> Iterator[Completion]:
        """All completions of one round. Raises BackendError, Cancelled."""
        self._rounds += 1
        if not requests:
            return
        stream = self.backend.generate(requests, self.cancel)
        try:
            for completion in stream:
                self.tokens += completion.tokens
                yield completion
        finally:
            # The decoder stops when nobody wants the rest.
            close = getattr(stream, "close", None)
            if close is not None:
                close()
