import threading
import time

import pytest

from codeplan_model.backends.scripted import Rule, ScriptedBackend
from codeplan_model.generation import (
    BackendError,
    Cancelled,
    CancelToken,
    Message,
    Request,
    Sampling,
    Then,
)

TEXTS = (" one", " one", " two", "")


def test_the_first_rule_that_fits_answers_each_sample_in_turn() -> None:
    backend = ScriptedBackend([Rule(r"plan\Z", ("one", "two")), Rule("", ("other",))])
    found = list(backend.generate([Request("the plan", 3), Request("the code")]))

    assert [(c.request, c.sample, c.text) for c in found] == [
        (0, 0, "one"),
        (0, 1, "two"),
        (0, 2, "one"),
        (1, 0, "other"),
    ]
    assert backend.calls == [(Request("the plan", 3), Request("the code"))]


def test_stop_strings_and_max_tokens_hold() -> None:
    backend = ScriptedBackend([Rule("", ("one two three<|end|>four",))])
    stopped, cut = backend.generate(
        [
            Request("x", sampling=Sampling(stop=("<|end|>",))),
            Request("x", sampling=Sampling(max_tokens=2)),
        ]
    )

    assert (stopped.text, stopped.tokens, stopped.finish) == ("one two three", 3, "stop")
    assert (cut.text, cut.tokens, cut.finish) == ("one two", 2, "length")


def test_messages_are_matched_by_role_and_content() -> None:
    backend = ScriptedBackend([Rule("system: brief.*user: hello", ("hi",))], prompt_format="chat")
    request = Request((Message("system", "brief"), Message("user", "hello")))

    assert next(iter(backend.generate([request]))).text == "hi"
    assert backend.info().prompt_format == "chat"


def test_a_cancel_wakes_a_slow_script() -> None:
    backend = ScriptedBackend([Rule("", ("text",), seconds=30.0)])
    token = CancelToken()
    threading.Timer(0.05, token.cancel).start()
    start = time.monotonic()
    with pytest.raises(Cancelled):
        list(backend.generate([Request("x")], token))

    assert time.monotonic() - start < 5


def test_errors_come_as_scripted_or_when_nothing_fits() -> None:
    dead = BackendError("the model process died", retryable=True)
    backend = ScriptedBackend([Rule("boom", error=dead)])
    with pytest.raises(BackendError, match="died"):
        list(backend.generate([Request("boom")]))
    with pytest.raises(BackendError, match="No rule") as error:
        list(backend.generate([Request("else, which is nobody's business")]))

    assert "business" not in str(error.value)
    assert "'boom'" in str(error.value)


def test_texts_go_on_with_their_joint_once_each() -> None:
    backend = ScriptedBackend(
        [
            Rule("plan one code$", ("first", "other")),
            Rule("code$", ("second",)),
            Rule("plan$", TEXTS),
        ]
    )
    found = list(backend.generate([Request("plan", 4, then=Then(" code", 2))]))

    assert [(c.after, c.sample, c.text) for c in found[:4]] == [
        (None, sample, TEXTS[sample]) for sample in range(4)
    ]
    assert [(c.request, c.after, c.sample, c.text) for c in found[4:]] == [
        (0, 0, 0, "first"),
        (0, 0, 1, "other"),
        (0, 2, 4, "second"),
        (0, 2, 5, "second"),
    ]
