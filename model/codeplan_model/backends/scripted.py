"""A backend that answers from a script: for tests of everything that stands on a backend."""

from __future__ import annotations

import re
import threading
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field

from codeplan_model.backends.followers import with_followers
from codeplan_model.generation import (
    BackendError,
    CancelToken,
    Completion,
    Message,
    ModelInfo,
    Request,
)
from codeplan_model.host.text import before_stop


@dataclass(frozen=True, slots=True)
class Rule:
    """Answers for prompts in which `pattern` (a regular expression, DOTALL) is found.

    texts: sample j gets texts[j % len(texts)]. seconds: how long each completion takes.
    error: raised instead of an answer.
    """

    pattern: str
    texts: tuple[str, ...] = ()
    seconds: float = 0.0
    logprob: float = -0.5
    error: BackendError | None = None


@dataclass(slots=True)
class ScriptedBackend:
    """The first rule that fits a prompt answers it; no rule is a BackendError.

    Honours n, stop strings, max_tokens (a token is a word with the white space before it) and
    cancel. calls: every generate call's requests, for assertions.
    """

    rules: Sequence[Rule]
    prompt_format: str = "codeplan-1"
    context: int = 1024
    worked_examples: int = 0
    calls: list[tuple[Request, ...]] = field(default_factory=list)
    closed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def kind(self) -> str:
        return "scripted"

    def info(self, cancel: CancelToken | None = None) -> ModelInfo:
        if cancel is not None:
            cancel.check()
        return ModelInfo(
            "scripted",
            "(script)",
            self.prompt_format,
            "no device",
            self.context,
            worked_examples=self.worked_examples,
        )

    def generate(
        self, requests: Sequence[Request], cancel: CancelToken | None = None
    ) -> Iterator[Completion]:
        cancel = cancel or CancelToken()
        with self._lock:
            self.calls.append(tuple(requests))
        yield from with_followers(lambda some: self._answers(some, cancel), requests)

    def close(self) -> None:
        self.closed = True

    def _answers(
        self, requests: Sequence[Request], cancel: CancelToken
    ) -> Generator[Completion, None, None]:
        for index, request in enumerate(requests):
            rule = self._rule(request)
            for sample in range(request.n):
                if rule.seconds:
                    cancel.wait(rule.seconds)
                cancel.check()
                if rule.error is not None:
                    raise rule.error
                text = rule.texts[sample % len(rule.texts)]
                yield _completion(index, sample, text, request, rule.logprob)

    def _rule(self, request: Request) -> Rule:
        prompt = request.prompt
        text = prompt if isinstance(prompt, str) else _join(prompt)
        for rule in self.rules:
            if re.search(rule.pattern, text, re.DOTALL):
                return rule
        # The prompt itself is the user's text, and errors are logged.
        patterns = ", ".join(repr(rule.pattern) for rule in self.rules) or "none"
        raise BackendError(
            f"No rule of the script fits a prompt of {len(text):,} characters; its patterns are: "
            f"{patterns}. Add a rule, or one with an empty pattern."
        )


def _join(messages: Sequence[Message]) -> str:
    return "\n".join(f"{message.role}: {message.content}" for message in messages)


def _completion(request: int, sample: int, text: str, asked: Request, logprob: float) -> Completion:
    text, _ = before_stop(text, asked.sampling.stop)
    words = re.findall(r"\s*\S+|\s+$", text)
    cut = len(words) > asked.sampling.max_tokens
    words = words[: asked.sampling.max_tokens]
    return Completion(
        request, sample, "".join(words), logprob, len(words), "length" if cut else "stop"
    )
