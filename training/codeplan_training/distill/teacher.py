"""One call to a teacher behind an OpenAI-compatible endpoint: waiting, trying again, paying.

Calls run concurrently on one event loop. What is refused for good (a wrong key, an unknown model)
ends the run; what may pass (429, 5xx, time-outs, cut connections, answers that can't be read) is
tried again, after the time that the server asks for or else a growing one.
"""

from __future__ import annotations

import asyncio
import email.utils
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from codeplan_model.generation import Message

CHARACTERS_PER_TOKEN = 3.5
"""For estimates before a call; what was used is counted by the server."""


class TeacherError(Exception):
    """The teacher can't be used; the text says why and what to do."""


class TeacherRefused(TeacherError):
    """No call to this teacher will ever be answered: a wrong key, an unknown model."""


class OutOfBudget(Exception):
    """The next call could cost more than is left."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the teacher is asked.

    attempts: tries for one call. timeout: seconds for one answer. backoff: seconds before the
    second try, doubled for each further one. longest_wait: seconds, also where a server asks for
    more. max_tokens: of one answer.
    """

    model: str
    base_url: str | None = None
    api_key: str | None = None
    temperature: float = 0.7
    max_tokens: int = 400
    attempts: int = 6
    timeout: float = 120.0
    backoff: float = 1.0
    longest_wait: float = 120.0


@dataclass(frozen=True, slots=True)
class Price:
    """Money for a million tokens, in whatever currency the budget is in."""

    input: float = 0.0
    output: float = 0.0

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        return (prompt_tokens * self.input + completion_tokens * self.output) / 1e6


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. finished: False when it was cut at max_tokens."""

    text: str
    prompt_tokens: int
    completion_tokens: int
    finished: bool


class Budget:
    """What was spent and what is in flight, against limits; None for no limit."""

    def __init__(self, price: Price, tokens: int | None, cost: float | None) -> None:
        self.price, self.tokens, self.cost = price, tokens, cost
        self.prompt_tokens = self.completion_tokens = 0
        self._reserved: dict[int, tuple[int, int]] = {}
        self._number = 0

    @property
    def spent(self) -> float:
        """Money spent so far, in earlier runs too."""
        return self.price.of(self.prompt_tokens, self.completion_tokens)

    def add(self, prompt_tokens: int, completion_tokens: int) -> None:
        """Count tokens that were used."""
        self.prompt_tokens += prompt_tokens
        self.completion_tokens += completion_tokens

    def reserve(self, prompt_tokens: int, completion_tokens: int) -> int:
        """Set tokens aside for a call; a number to release them by. Raises OutOfBudget."""
        prompt = self.prompt_tokens + sum(p for p, _ in self._reserved.values()) + prompt_tokens
        completion = self.completion_tokens + sum(c for _, c in self._reserved.values())
        completion += completion_tokens
        if self.tokens is not None and prompt + completion > self.tokens:
            raise OutOfBudget(f"{self.tokens:,} tokens")
        if self.cost is not None and self.price.of(prompt, completion) > self.cost:
            raise OutOfBudget(f"a cost of {self.cost:g}")
        self._number += 1
        self._reserved[self._number] = (prompt_tokens, completion_tokens)
        return self._number

    def release(self, number: int) -> None:
        """The call of that reservation has ended."""
        self._reserved.pop(number, None)


class Teacher:
    """See the module's docstring. An async context manager; raises TeacherError when opened."""

    def __init__(self, settings: Settings, budget: Budget) -> None:
        try:
            import openai
        except ImportError as error:
            raise TeacherError(
                "the package openai is missing: pip install 'codeplan[openai]'"
            ) from error
        self._openai = openai
        self.settings = settings
        self.budget = budget
        self.retries = 0
        self._resume_at = 0.0
        try:
            self._client = openai.AsyncOpenAI(
                base_url=settings.base_url,
                api_key=settings.api_key,
                max_retries=0,
                timeout=settings.timeout,
            )
        except openai.OpenAIError as error:
            raise TeacherError(
                f"{error}\nSet OPENAI_BASE_URL and OPENAI_API_KEY (any text for a server that "
                "needs none)"
            ) from error

    async def __aenter__(self) -> Teacher:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    async def ask(self, messages: tuple[Message, ...]) -> Answer:
        """One answer. Raises TeacherError, OutOfBudget."""
        settings = self.settings
        number = self.budget.reserve(prompt_estimate(messages), settings.max_tokens)
        try:
            for attempt in range(settings.attempts):
                await self._wait()
                try:
                    answer = await self._once(messages)
                except Exception as error:  # sorted into what may pass and what may not
                    wait = self._wait_after(error, attempt)
                    if wait is None:
                        raise self._fatal(error) from error
                    if attempt + 1 == settings.attempts:
                        raise TeacherError(
                            f"no answer in {settings.attempts} tries, the last one: {_words(error)}"
                        ) from error
                    self.retries += 1
                    await asyncio.sleep(wait)
                else:
                    self.budget.add(answer.prompt_tokens, answer.completion_tokens)
                    return answer
        finally:
            self.budget.release(number)
        raise TeacherError("attempts must be at least 1")

    async def _once(self, messages: tuple[Message, ...]) -> Answer:
        turns: Any = [{"role": m.role, "content": m.content} for m in messages]
        settings = self.settings
        # The client's own time-out starts anew with every byte that arrives.
        async with asyncio.timeout(settings.timeout * 1.5):
            completion: Any = await self._client.chat.completions.create(
                model=settings.model,
                messages=turns,
                temperature=settings.temperature,
                max_tokens=settings.max_tokens,
            )
        choices = getattr(completion, "choices", None)
        if not choices or getattr(choices[0], "message", None) is None:
            raise ValueError("an answer without choices")
        text = choices[0].message.content or ""
        if not isinstance(text, str):
            raise ValueError("an answer that is no text")
        usage = completion.usage
        return Answer(
            text,
            _count(getattr(usage, "prompt_tokens", None), prompt_estimate(messages)),
            _count(getattr(usage, "completion_tokens", None), tokens_estimate(text)),
            choices[0].finish_reason != "length",
        )

    def _wait_after(self, error: Exception, attempt: int) -> float | None:
        """Seconds before the next try; None when there should be none."""
        openai = self._openai
        # Spread, so that calls that failed together are not repeated together.
        grown = self.settings.backoff * 2**attempt * random.uniform(0.75, 1.25)
        grown = min(grown, self.settings.longest_wait)
        if isinstance(error, openai.APIStatusError):
            if error.status_code not in (408, 409, 425, 429) and error.status_code < 500:
                return None
            asked = retry_after(error.response.headers)
            if asked is not None:
                asked = min(asked, self.settings.longest_wait)
                # A server that is asked too often means every caller.
                self._resume_at = max(self._resume_at, time.monotonic() + asked)
                return asked
            return grown
        passing = (openai.APIConnectionError, openai.APIResponseValidationError)
        return grown if isinstance(error, (*passing, ValueError, TimeoutError)) else None

    async def _wait(self) -> None:
        while (left := self._resume_at - time.monotonic()) > 0:
            await asyncio.sleep(left)

    def _fatal(self, error: Exception) -> Exception:
        openai = self._openai
        if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
            return TeacherRefused(
                f"the teacher refuses the key: {_words(error)}. See OPENAI_API_KEY"
            )
        if isinstance(error, openai.NotFoundError):
            return TeacherRefused(
                f"the teacher does not know the model {self.settings.model!r} or the address "
                f"{self._client.base_url}: {_words(error)}"
            )
        if isinstance(error, openai.APIStatusError):
            return TeacherError(f"the teacher refuses the request: {_words(error)}")
        return error


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to wait, from `retry-after-ms` or `retry-after`."""
    try:
        return max(0.0, float(headers["retry-after-ms"]) / 1000)
    except (KeyError, ValueError):
        pass
    value = headers.get("retry-after", "")
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        date = email.utils.parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    return max(0.0, date.timestamp() - time.time())


def tokens_estimate(text: str) -> int:
    """About how many tokens a text has."""
    return int(len(text) / CHARACTERS_PER_TOKEN) + 1


def prompt_estimate(messages: tuple[Message, ...]) -> int:
    """About how many tokens the messages have."""
    return sum(tokens_estimate(message.content) + 4 for message in messages)


def _count(given: Any, estimate: int) -> int:
    return given if isinstance(given, int) and given >= 0 else estimate


def _words(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}"[:300]
