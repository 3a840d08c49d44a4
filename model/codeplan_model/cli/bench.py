"""`codeplan bench`: how fast this machine is, as a plain table, in well under a minute.

Each figure comes from a few seconds of real work: nothing is compared and nothing is stored. The
comparisons with other ways of working are in the repository's benchmarks folder.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from codeplan_model.backends import open_backend
from codeplan_model.cli.interrupt import cancelled_by_ctrl_c
from codeplan_model.cli.output import Output
from codeplan_model.extract import task_named
from codeplan_model.generation import Backend, CancelToken, Request, Sampling
from codeplan_model.sandbox import Sandbox
from codeplan_model.search import Budget, Finished, solve
from codeplan_model.values import Candidate, Task

COUNTS = (1, 8, 32)
_TOKENS = 48
_SOURCE = '''
def double(x: int) -> int:
    """Return twice x.

    >>> double(2)
    4
    >>> double(-1)
    -2
    """
    ...


def class_mean(marks: list[float]) -> float:
    """Return the mean of the marks, 0.0 for an empty list.

    >>> class_mean([2.0, 4.0])
    3.0
    >>> class_mean([])
    0.0
    """
    ...


def count_vowels(text: str) -> int:
    """Count the vowels in the text.

    >>> count_vowels("banana")
    3
    >>> count_vowels("xyz")
    0
    """
    ...


def total_price(prices: list[int], quantities: list[int]) -> int:
    """Return the sum of each price times its quantity.

    >>> total_price([2, 3], [4, 5])
    23
    >>> total_price([], [])
    0
    """
    ...
'''
_FUNCTIONS = ("double", "class_mean", "count_vowels", "total_price")
_PARAGRAPH = 'def total(prices):\n    """Return the sum of the prices, 0 for none."""\n'
_PROMPT = _PARAGRAPH * 4 + "<|plan|>"


def measure(
    output: Output, model: str | None, backend_kind: str, each: float, *, consent: bool
) -> int:
    """Print the table; 0. Raises what a solve raises.

    each: seconds for each figure; a round that has begun then is finished.
    """
    rows: dict[str, tuple[float, str]] = {}
    with (
        _host_of_its_own(),
        cancelled_by_ctrl_c() as cancel,
        closing(open_backend(backend_kind, model)) as backend,
    ):
        began = time.perf_counter()
        info = backend.info(cancel)
        rows["start: from nothing to a loaded model"] = (time.perf_counter() - began, "s")
        rate = _prompt_rate(backend, each, cancel)
        if rate:
            rows["reading prompts"] = (rate, "tokens/s")
        for count in COUNTS:
            name = f"writing, {count} at a time"
            rows[name] = (_writing_rate(backend, count, each, cancel), "tokens/s")
        with Sandbox(consent=consent) as sandbox:
            level = sandbox.level.describe()
            rows["judging candidates"] = (_judging_rate(sandbox, each, cancel), "a second")
            seconds = _solving(backend, sandbox, each, cancel)
    solved = f"to verified code ({len(seconds)} of {len(_FUNCTIONS)} small functions)"
    if seconds:
        rows[solved] = (statistics.median(seconds), "s, median")
    if output.as_json:
        output.json(
            {
                "model": info.name,
                "device": info.device,
                "sandbox": level,
                "solved": len(seconds),
                "functions": len(_FUNCTIONS),
                "figures": {name: [round(value, 4), unit] for name, (value, unit) in rows.items()},
            }
        )
        return 0
    output.say(f"{info.name}; {info.device}; sandbox {level}")
    shown = [
        (name, f"{v:,.0f}" if v >= 100 else f"{v:.3g}", unit) for name, (v, unit) in rows.items()
    ]
    output.table("codeplan bench", ("what", "here", "unit"), shown)
    return 0


@contextmanager
def _host_of_its_own() -> Iterator[None]:
    """A model process beside the one that editors use: theirs is warm, and busy perhaps."""
    before = os.environ.get("CODEPLAN_RUNTIME_DIR")
    with tempfile.TemporaryDirectory(prefix="codeplan-bench-") as folder:
        os.environ["CODEPLAN_RUNTIME_DIR"] = folder
        try:
            yield
        finally:
            del os.environ["CODEPLAN_RUNTIME_DIR"]
            if before is not None:
                os.environ["CODEPLAN_RUNTIME_DIR"] = before


def _prompt_rate(backend: Backend, each: float, cancel: CancelToken) -> float:
    """Tokens a second of prompts that nobody has read yet; 0.0 when the backend doesn't count."""
    tokens, rounds, began = 0, 0, time.perf_counter()
    while time.perf_counter() - began < each:
        request = Request(f"{rounds} {_PARAGRAPH * 10}", 1, Sampling(max_tokens=1))
        tokens += sum(c.prompt_tokens for c in backend.generate([request], cancel))
        rounds += 1
    return tokens / (time.perf_counter() - began)


def _writing_rate(backend: Backend, count: int, each: float, cancel: CancelToken) -> float:
    """Tokens a second of `count` samples of one prompt."""
    list(backend.generate([Request(_PROMPT, 1, Sampling(max_tokens=1))], cancel))
    tokens, rounds, began = 0, 0, time.perf_counter()
    while time.perf_counter() - began < each:
        request = Request(_PROMPT, count, Sampling(max_tokens=_TOKENS, seed=rounds))
        tokens += sum(c.tokens for c in backend.generate([request], cancel))
        rounds += 1
    return tokens / (time.perf_counter() - began)


def _judging_rate(sandbox: Sandbox, each: float, cancel: CancelToken) -> float:
    """Candidates a second, one after the other, in an interpreter that is warm."""
    task, candidate = _task("double"), Candidate("    return x + x")
    sandbox.judge(task, candidate, cancel=cancel)
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < each:
        sandbox.judge(task, candidate, cancel=cancel)
        count += 1
    return count / (time.perf_counter() - began)


def _solving(backend: Backend, sandbox: Sandbox, each: float, cancel: CancelToken) -> list[float]:
    """Seconds for each small function that gets code which passes; without memory."""
    budget = Budget(time_limit=max(each, 0.1))
    return [
        event.seconds
        for name in _FUNCTIONS
        for event in solve(_task(name), backend, sandbox, budget, cancel)
        if isinstance(event, Finished) and event.outcome == "passed"
    ]


def _task(name: str) -> Task:
    return task_named(_SOURCE, name)
