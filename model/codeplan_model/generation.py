"""What is asked of a model and what comes back: plain values shared by backends, host and search.

No backend is named here and nothing heavy is imported.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to draw tokens.

    temperature: 0 is greedy. top_p, min_p: nucleus and minimum-probability cuts (1.0 and 0.0: off).
    max_tokens: generated tokens per completion at most.
    stop: a completion ends before the first of these strings; the string is not part of its text.
    seed: completion j of request i draws from a generator that depends on (seed, i, j) alone, so
        that the same seed gives the same text whatever else is in flight.
    """

    temperature: float = 0.8
    top_p: float = 0.95
    min_p: float = 0.0
    max_tokens: int = 256
    stop: tuple[str, ...] = ()
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """One chat turn, for models that are asked through their chat template."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Then:
    """What each text that a request gives is continued with, as soon as that text is finished.

    The new prompt is the old one, the text and `joint`; it is sampled n times. Equal texts are
    continued once, empty ones and those that leave no room in the context not at all.
    """

    joint: str
    n: int = 1
    sampling: Sampling = Sampling()


@dataclass(frozen=True, slots=True)
class Request:
    """One prompt, sampled n times.

    prompt: raw text (special tokens such as "<|plan|>" are parsed), or chat messages.
    then: how its texts go on; only for a prompt that is raw text.
    """

    prompt: str | tuple[Message, ...]
    n: int = 1
    sampling: Sampling = Sampling()
    then: Then | None = None

    def __post_init__(self) -> None:
        if self.then is not None and not isinstance(self.prompt, str):
            raise ValueError("chat messages can't be continued with a joint")


@dataclass(frozen=True, slots=True)
class Completion:
    """One sampled text.

    request, sample: which request (its index in the call) and which of its n samples this is.
    text: without the prompt and without the stop string.
    logprob: mean natural log-probability per generated token at temperature 1; 0.0 if unknown.
    tokens: generated tokens.
    finish: "stop" (stop string or end of text), "length" (max_tokens reached).
    after: for a text that goes on from another (see Then), the `sample` of that one; `sample` then
        counts the texts that do.
    seconds: from the decoder's first work on the call to the end of this text, by the decoder's
        clock; 0.0 if unknown.
    prompt_tokens: how long its prompt was; 0 if unknown.
    """

    request: int
    sample: int
    text: str
    logprob: float
    tokens: int
    finish: Literal["stop", "length"]
    after: int | None = None
    seconds: float = 0.0
    prompt_tokens: int = 0


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a loaded model is.

    name: for people ("codeplan-embedded 0.1 (11.5M, Q8_0)"); path: file, folder or URL.
    prompt_format: "codeplan-1" for models trained by codeplan-train, "chat" for any other.
    device: where it runs, in words ("CPU, 2 threads", "CUDA 0: NVIDIA H100").
    context: tokens that prompt and completion may take together.
    worked_examples: how many solved problems before the one to solve the model was trained to use.
    """

    name: str
    path: str
    prompt_format: str
    device: str
    context: int
    parameters: int = 0
    worked_examples: int = 0


def count_in_words(parameters: int) -> str:
    """A number of parameters as people say it: "11.5M", "0.5B"."""
    if parameters >= 200_000_000:
        return f"{parameters / 1e9:.1f}B"
    return f"{parameters / 1e6:.1f}M"


class Cancelled(Exception):
    """The caller's CancelToken fired; nothing was lost but the work itself."""


class BackendError(Exception):
    """The model can't answer; the text says what happened and what to do.

    retryable: True when the next call may work without the user changing anything (a model process
    that died and will be started again); False for a wrong path, a broken file, a missing package.
    """

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable


class CancelToken:
    """A flag that one thread sets and others watch or are called by. Thread-safe; fires once."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], None]] = []

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    def cancel(self) -> None:
        """Fire. Callbacks run in the calling thread, each once; later calls do nothing."""
        with self._lock:
            if self._event.is_set():
                return
            self._event.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def on_cancel(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` when fired, at once if it already has. Returns what takes this back."""
        with self._lock:
            if not self._event.is_set():
                self._callbacks.append(callback)
                return lambda: self._forget(callback)
        callback()
        return lambda: None

    def _forget(self, callback: Callable[[], None]) -> None:
        with self._lock:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

    def wait(self, seconds: float) -> bool:
        """Sleep at most `seconds`, waking when fired; True if fired."""
        return self._event.wait(seconds)

    def check(self) -> None:
        """Raise Cancelled if fired."""
        if self._event.is_set():
            raise Cancelled


class Backend(Protocol):
    """A model that completes prompts. Implementations are thread-safe."""

    @property
    def kind(self) -> str:
        """ "llama", "transformers", "openai" or "scripted"."""
        ...

    def info(self, cancel: CancelToken | None = None) -> ModelInfo:
        """Load the model if needed and say what it is. Raises BackendError, Cancelled."""
        ...

    def generate(
        self, requests: Sequence[Request], cancel: CancelToken | None = None
    ) -> Iterator[Completion]:
        """Yield each completion as it finishes, all requests in one batch where possible.

        The order is the order of finishing, which is the same for the same requests and seeds.
        Closing the iterator or firing `cancel` stops the decoder; the latter raises Cancelled.
        Raises BackendError.
        """
        ...

    def close(self) -> None:
        """Let go of the model. Safe to call twice."""
        ...
