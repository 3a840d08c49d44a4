"""The OpenAI-compatible backend against a real HTTP server on loopback."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from codeplan_model.backends.openai import OpenAIBackend
from codeplan_model.generation import (
    BackendError,
    Cancelled,
    CancelToken,
    Completion,
    Message,
    Request,
    Sampling,
)

Start = Callable[[Callable[[str, dict[str, Any]], tuple[int, Any]]], Any]
CHAT = (Message("system", "be brief"), Message("user", "hello"))


def choice(text: str, finish: str = "stop", logprob: float = -0.5) -> dict[str, Any]:
    content = [{"token": word, "logprob": logprob} for word in text.split()]
    return {
        "message": {"role": "assistant", "content": text},
        "finish_reason": finish,
        "logprobs": {"content": content},
    }


def numbered(path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return 200, {"choices": [choice(f"answer {n}") for n in range(body.get("n", 1))]}


def open_at(server: Any, **options: Any) -> OpenAIBackend:
    return OpenAIBackend("small", base_url=server.url, **{"api_key": "", **options})


def collect(backend: OpenAIBackend, *requests: Request) -> list[Completion]:
    return sorted(backend.generate(requests), key=lambda c: (c.request, c.sample))


def test_all_samples_come_from_one_request_where_the_server_can(http_server: Start) -> None:
    server = http_server(numbered)
    found = collect(open_at(server), Request(CHAT, 3, Sampling(0.7, 0.9, 0.05, 99, ("X",), 4)))

    assert [(c.sample, c.text, c.logprob, c.tokens, c.finish) for c in found] == [
        (n, f"answer {n}", -0.5, 2, "stop") for n in range(3)
    ]
    [(path, body, _)] = server.seen
    assert path == "/v1/chat/completions"
    assert body["messages"] == [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "hello"},
    ]
    del body["messages"], body["seed"]
    assert body == {
        "model": "small",
        "temperature": 0.7,
        "top_p": 0.9,
        "min_p": 0.05,
        "max_tokens": 99,
        "stop": ["X"],
        "n": 3,
        "logprobs": True,
    }


def test_a_server_that_ignores_n_is_asked_again_with_other_seeds(http_server: Start) -> None:
    def one(path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return 200, {"choices": [choice(f"seed {body['seed']}")]}

    server = http_server(one)
    found = collect(open_at(server), Request(CHAT, 4), Request(CHAT, 2))

    assert [(c.request, c.sample) for c in found] == [
        *((0, n) for n in range(4)),
        *((1, n) for n in range(2)),
    ]
    assert len({c.text for c in found}) == 6
    assert len(server.seen) == 6


def test_parameters_that_a_server_refuses_are_left_out(http_server: Start) -> None:
    def strict(path: str, body: dict[str, Any]) -> tuple[int, Any]:
        for name in ("min_p", "logprobs", "n", "seed"):
            if name in body:
                return 400, {"error": {"message": f"Unsupported parameter: '{name}'"}}
        if "max_tokens" in body:
            return 400, {"error": {"message": "Use 'max_completion_tokens' instead"}}
        return 200, {"choices": [{"message": {"content": "ok"}}], "usage": {"completion_tokens": 7}}

    server = http_server(strict)
    backend = open_at(server)
    found = collect(backend, Request(CHAT, 2, Sampling(min_p=0.1)))
    questions = len(server.seen)
    collect(backend, Request(CHAT, 1))

    assert [(c.text, c.tokens, c.logprob) for c in found] == [("ok", 7, 0.0)] * 2
    assert len(server.seen) == questions + 1


def test_every_stop_string_holds_though_servers_take_four(http_server: Start) -> None:
    def long(path: str, body: dict[str, Any]) -> tuple[int, Any]:
        return 200, {"choices": [choice("one two five three", "length")]}

    server = http_server(long)
    stops = ("a9", "b9", "c9", "d9", "five")
    [found] = collect(open_at(server), Request(CHAT, 1, Sampling(stop=stops)))

    assert (found.text, found.finish) == ("one two ", "stop")
    assert len(server.seen[0][1]["stop"]) == 4


def test_raw_prompts_use_the_older_endpoint(http_server: Start) -> None:
    def old(path: str, body: dict[str, Any]) -> tuple[int, Any]:
        logprobs = {"token_logprobs": [-1.0, -2.0]}
        return 200, {"choices": [{"text": "def", "finish_reason": "length", "logprobs": logprobs}]}

    server = http_server(old)
    [found] = collect(open_at(server), Request("raw prompt"))

    assert server.seen[0][0] == "/v1/completions"
    assert server.seen[0][1]["prompt"] == "raw prompt"
    assert found == Completion(0, 0, "def", -1.5, 2, "length")


def test_the_only_model_of_a_server_is_chosen(http_server: Start) -> None:
    def models(path: str, body: dict[str, Any]) -> tuple[int, Any]:
        return (200, {"data": [{"id": "lonely"}]}) if path == "/v1/models" else numbered(path, body)

    server = http_server(models)
    backend = OpenAIBackend(base_url=server.url, api_key="secret")

    assert backend.info().name == "lonely"
    assert backend.info().prompt_format == "chat"
    collect(backend, Request(CHAT))
    assert server.seen[-1][1]["model"] == "lonely"
    assert {headers["Authorization"] for _, _, headers in server.seen} == {"Bearer secret"}


def test_several_models_must_be_chosen_from(http_server: Start) -> None:
    server = http_server(lambda path, body: (200, {"data": [{"id": "a"}, {"id": "b"}]}))

    with pytest.raises(BackendError, match="it has: a, b"):
        OpenAIBackend(base_url=server.url, api_key="").info()


@pytest.mark.parametrize(
    ("status", "body", "words", "retryable"),
    [
        (401, {"error": {"message": "bad key"}}, "refuses the key.*bad key", False),
        (404, {"detail": "no such model"}, "doesn't know this address or the model", False),
        (400, {"error": "context is too long"}, "status 400.*context is too long", False),
        (302, "", "sends us elsewhere", False),
        (200, "<html>hello</html>", "something else than JSON", False),
        (200, {"choices": []}, "without any text", False),
    ],
)
def test_a_failure_is_told_in_words_and_not_repeated(
    http_server: Start, status: int, body: Any, words: str, retryable: bool
) -> None:
    server = http_server(lambda path, _: (status, body))
    with pytest.raises(BackendError, match=words) as caught:
        collect(open_at(server), Request(CHAT))

    assert caught.value.retryable == retryable
    assert len(server.seen) == 1


def test_a_passing_failure_is_tried_again(
    http_server: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("codeplan_model.backends.openai_http._PAUSES", (0.01, 0.01, 0.01))
    failures = [503, 429, 500]

    def flaky(path: str, body: dict[str, Any]) -> tuple[int, Any]:
        return (failures.pop(), "busy") if failures else numbered(path, body)

    server = http_server(flaky)
    assert len(collect(open_at(server), Request(CHAT, 2))) == 2

    failures[:] = [503] * 10
    with pytest.raises(BackendError, match=r"status 503.*busy") as caught:
        collect(open_at(server), Request(CHAT))
    assert caught.value.retryable


def test_nobody_there_is_told_in_words() -> None:
    with pytest.raises(BackendError, match=r"can't be reached.*Is it running") as caught:
        collect(OpenAIBackend("x", base_url="http://127.0.0.1:9/v1"), Request(CHAT))

    assert caught.value.retryable


@pytest.mark.parametrize("way", ["cancel", "close"])
def test_who_cancels_or_stops_pulling_hangs_up(http_server: Start, way: str) -> None:
    def first_only(path: str, body: dict[str, Any]) -> tuple[int, Any]:
        return numbered(path, body) if body["messages"][-1]["content"] == "hello" else (0, "")

    server = http_server(first_only)
    slow = (Message("user", "slow"),)
    token = CancelToken()
    completions = open_at(server).generate([Request(CHAT), Request(slow)], token)
    assert next(completions).request == 0
    assert server.slow_arrived.wait(5)
    start = time.monotonic()
    if way == "cancel":
        threading.Timer(0.05, token.cancel).start()
        with pytest.raises(Cancelled):
            next(completions)
    else:
        completions.close()  # type: ignore[attr-defined]

    assert time.monotonic() - start < 5
    assert server.hung_up.wait(5)


def test_proxies_of_the_environment_are_not_used(
    http_server: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert len(collect(open_at(http_server(numbered)), Request(CHAT))) == 1
