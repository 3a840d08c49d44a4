"""A server that speaks OpenAI's protocol (llama-server, vLLM, Ollama, a paid one), by plain HTTP.

Connects to the address that the user set and to no other: no proxy from the environment, no
redirect. Parameters that a server refuses are left out and done here where possible.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from codeplan_model.backends.followers import with_followers
from codeplan_model.backends.openai_http import Endpoint, HttpFailure
from codeplan_model.generation import (
    BackendError,
    CancelToken,
    Completion,
    ModelInfo,
    Request,
)
from codeplan_model.host.seeds import sequence_key
from codeplan_model.host.text import before_stop

# Parameters that a server may not know, and that we can do without.
_OPTIONAL = ("logprobs", "seed", "min_p", "stop", "n")
# OpenAI's own limit; every stop string is also looked for here.
_MOST_STOPS = 4


class OpenAIBackend:
    """See `generation.Backend`.

    base_url: the address with its path ("http://127.0.0.1:8080/v1"); OPENAI_BASE_URL if None.
    model: the name on the server; if None OPENAI_MODEL, or the only one that the server has.
    api_key: OPENAI_API_KEY if None; may be empty. concurrency: requests in flight at most.
    timeout: seconds for one answer. context: tokens that the model is believed to read.
    """

    kind = "openai"

    def __init__(
        self,
        model: str | None = None,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        concurrency: int = 8,
        timeout: float = 600.0,
        context: int = 8192,
    ) -> None:
        address = base_url or os.environ.get("OPENAI_BASE_URL")
        if not address:
            raise BackendError(
                "No server is named. Set OPENAI_BASE_URL (or --base-url, or the setting "
                "backend.baseUrl) to its address, "
                "for example http://127.0.0.1:8080/v1."
            )
        if concurrency < 1:
            raise ValueError(f"concurrency must be at least 1, not {concurrency}")
        key = os.environ.get("OPENAI_API_KEY", "") if api_key is None else api_key
        self._endpoint = Endpoint(address, key, timeout)
        self._model = model or os.environ.get("OPENAI_MODEL")
        self._concurrency = concurrency
        self._context = context
        self._lock = threading.Lock()
        self._refused: set[str] = set()

    def info(self, cancel: CancelToken | None = None) -> ModelInfo:
        name = self._name(cancel or CancelToken())
        url = self._endpoint.url
        return ModelInfo(name, url, "chat", f"the server at {url}", self._context)

    def generate(
        self, requests: Sequence[Request], cancel: CancelToken | None = None
    ) -> Iterator[Completion]:
        cancel = cancel or CancelToken()
        self._name(cancel)
        yield from with_followers(lambda some: self._complete(some, cancel), requests)

    def _complete(
        self, requests: Sequence[Request], cancel: CancelToken
    ) -> Generator[Completion, None, None]:
        # A caller that stops pulling must stop the requests in flight too, which its own token
        # doesn't say.
        stop = CancelToken()
        forget = cancel.on_cancel(stop.cancel)
        pool = ThreadPoolExecutor(self._concurrency, thread_name_prefix="codeplan-openai")
        try:
            waiting: set[Future[list[Completion]]] = {
                pool.submit(self._ask, index, request, 0, request.n, stop)
                for index, request in enumerate(requests)
                if request.n > 0
            }
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    cancel.check()
                    completions = future.result()
                    yield from completions
                    waiting |= {
                        pool.submit(self._ask, index, request, sample, 1, stop)
                        for index, request in enumerate(requests)
                        if completions and completions[0].request == index
                        for sample in self._missing(request, completions)
                    }
            cancel.check()
        finally:
            forget()
            stop.cancel()
            pool.shutdown(wait=True, cancel_futures=True)

    def close(self) -> None:
        """Nothing is held between calls."""

    def _missing(self, request: Request, got: list[Completion]) -> range:
        """Samples that a server which ignores `n` didn't give with the first answer."""
        if got[0].sample != 0:
            return range(0)
        return range(len(got), request.n)

    def _name(self, cancel: CancelToken) -> str:
        with self._lock:
            if self._model is None:
                answer = self._endpoint.ask("GET", "/models", None, cancel)
                names = [str(entry["id"]) for entry in answer.get("data") or [] if "id" in entry]
                if len(names) != 1:
                    listed = ", ".join(names[:10]) or "none"
                    raise BackendError(
                        f"Name a model of the server at {self._endpoint.url} with --model; "
                        f"it has: {listed}."
                    )
                self._model = names[0]
            return self._model

    def _ask(
        self, index: int, request: Request, first: int, n: int, cancel: CancelToken
    ) -> list[Completion]:
        """Samples `first`... of a request: n of them, or as many as the server gives at once."""
        chat = not isinstance(request.prompt, str)
        path = "/chat/completions" if chat else "/completions"
        while True:
            body = self._body(index, request, first, n)
            try:
                answer = self._endpoint.ask("POST", path, body, cancel)
                break
            except HttpFailure as failure:
                refused = self._refusal(failure, body)
                if refused is None:
                    raise failure.as_error(self._endpoint.url, self._model) from None
                self._refused.add(refused)
        choices = answer.get("choices") or []
        if not choices:
            raise BackendError(f"The server at {self._endpoint.url} answered without any text.")
        usage = (answer.get("usage") or {}).get("completion_tokens") or 0
        share = usage // len(choices)
        return [
            _completion(index, first + place, choice, request, share)
            for place, choice in enumerate(choices[:n])
        ]

    def _body(self, index: int, request: Request, first: int, n: int) -> dict[str, Any]:
        sampling = request.sampling
        limit = "max_completion_tokens" if "max_tokens" in self._refused else "max_tokens"
        body: dict[str, Any] = {
            "model": self._model,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            limit: sampling.max_tokens,
            "seed": sequence_key(sampling.seed, index, first) % (1 << 31),
            "n": n,
        }
        if sampling.min_p > 0:
            body["min_p"] = sampling.min_p
        if sampling.stop:
            body["stop"] = list(sampling.stop[:_MOST_STOPS])
        if isinstance(request.prompt, str):
            body["prompt"] = request.prompt
            body["logprobs"] = 1
        else:
            body["messages"] = [{"role": m.role, "content": m.content} for m in request.prompt]
            body["logprobs"] = True
        for name in self._refused:
            body.pop(name, None)
        return body

    def _refusal(self, failure: HttpFailure, body: dict[str, Any]) -> str | None:
        """The optional parameter that a 400 or 422 complains about, if any."""
        if failure.status not in (400, 422):
            return None
        text = failure.text.lower()
        if "max_completion_tokens" in text and "max_tokens" in body:
            return "max_tokens"
        for name in _OPTIONAL:
            if name in body and (f"{name} " in text or f"'{name}'" in text or f'"{name}' in text):
                return name
        return None


def _completion(
    index: int, sample: int, choice: dict[str, Any], request: Request, usage: int
) -> Completion:
    message = choice.get("message")
    text = str((message or {}).get("content") or "") if message else str(choice.get("text") or "")
    text, cut = before_stop(text, request.sampling.stop)
    logprobs = _logprobs(choice.get("logprobs"))
    stopped = cut or choice.get("finish_reason") != "length"
    return Completion(
        request=index,
        sample=sample,
        text=text,
        logprob=sum(logprobs) / len(logprobs) if logprobs else 0.0,
        tokens=len(logprobs) or usage,
        finish="stop" if stopped else "length",
    )


def _logprobs(value: Any) -> list[float]:
    """Per-token log-probabilities in the chat form ("content") or the older one."""
    if not isinstance(value, dict):
        return []
    content = value.get("content")
    numbers = (
        [entry.get("logprob") for entry in content if isinstance(entry, dict)]
        if isinstance(content, list)
        else value.get("token_logprobs") or []
    )
    return [float(number) for number in numbers if isinstance(number, int | float)]
