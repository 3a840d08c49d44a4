"""Evaluation: how often the one candidate that codeplan would insert is right.

A task shows some of its examples; the rest are hidden and decide. Everything is judged in the
sandbox, with any backend. Strategies on the same weights:

    greedy           one program, temperature 0
    random           a random one of N programs (the mean over all N: pass@1 of sampling)
    logprob          the one of N with the highest mean log-probability
    direct           programs without plans, the visible examples choose
    codeplan         plans, code for each, more code from the best (the paper's three stages)
    adaptive         direct first, then the three stages
    memory           programs adapted from the shipped memory alone: no model, no tokens
    direct+memory    memory first, then programs without plans
    codeplan+plans   the three stages, with remembered plans beside the sampled ones
    codeplan+worked  the three stages, with two solved problems in every prompt
    codeplan+adapted  adapted programs first, then the three stages
    codeplan+memory  all three, worked examples as the model's metadata say (what users get)
    memory-apart, codeplan+memory-apart  the same with the task's near duplicates out of the store
    oracle           whether any of N programs is right (pass@N)

The searches stop at the first program that passes the visible examples, and may
each generate the same number of tokens.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from codeplan_model.generation import Backend, CancelToken
from codeplan_model.memory import Store
from codeplan_model.memory.recall import WORKED
from codeplan_model.sandbox import Sandbox
from codeplan_model.search import Budget, Finished, solve
from codeplan_model.values import Outcome, Verdict
from codeplan_training.eval_memory import Without, near_duplicates
from codeplan_training.eval_tasks import EvalTask, lenient

# The chosen plan's programs go on to the end of the tokens, as the direct ones do.
_DIRECT: dict[str, Any] = {"strategy": "direct", "plans": 0, "samples": 64}
_CODEPLAN: dict[str, Any] = {"strategy": "codeplan", "samples": 64}
_NOTHING: dict[str, Any] = {"strategy": "direct", "plans": 0, "samples": 0}
_NO_MEMORY: dict[str, Any] = {"remembered": 0, "remembered_plans": 0, "worked": 0}
_ADAPTED = Budget().remembered
_PLANS = Budget().remembered_plans

WITHOUT_MEMORY: dict[str, dict[str, Any]] = {
    "direct": _DIRECT,
    "codeplan": _CODEPLAN,
    "adaptive": {"strategy": "adaptive", "samples": 64},
}
WITH_MEMORY: dict[str, dict[str, Any]] = {
    "memory": _NOTHING,
    "direct+memory": _DIRECT,
    "codeplan+plans": {**_CODEPLAN, **_NO_MEMORY, "remembered_plans": _PLANS},
    "codeplan+worked": {**_CODEPLAN, **_NO_MEMORY, "worked": WORKED},
    "codeplan+adapted": {**_CODEPLAN, **_NO_MEMORY, "remembered": _ADAPTED},
    "codeplan+memory": _CODEPLAN,
}
APART: dict[str, dict[str, Any]] = {
    "memory-apart": _NOTHING,
    "codeplan+memory-apart": _CODEPLAN,
}
"""How each search that is compared departs from the budget; with the stores, without them, and with
the stores but for the task's near duplicates."""
SEARCHES = {**WITHOUT_MEMORY, **WITH_MEMORY, **APART}

STRATEGIES = ("greedy", "random", "logprob", *SEARCHES, "oracle")


@dataclass(frozen=True, slots=True)
class Settings:
    """n: plans, and programs of the sampled strategies. tokens: the most a search generates."""

    n: int = 10
    temperature: float = 0.6
    tokens: int = 1500
    seed: int = 0
    time_limit: float = 60.0


def evaluate(
    tasks: Sequence[EvalTask],
    backend: Backend,
    sandbox: Sandbox,
    settings: Settings,
    strategies: Sequence[str],
    results: Path,
    cancel: CancelToken | None = None,
    memory: Sequence[Store] = (),
) -> Iterator[dict[str, Any]]:
    """Yield one record a task, appended to `results`; tasks that stand there are not repeated."""
    done: set[str] = set()
    if results.exists():
        for line in results.read_text(encoding="utf-8").splitlines():
            try:
                record = json.loads(line)
            except ValueError:
                continue  # the line that a kill cut off; its task is evaluated again
            done.add(record["id"])
            yield record
    results.parent.mkdir(parents=True, exist_ok=True)
    for task in tasks:
        if task.id in done:
            continue
        record = _evaluate_one(task, backend, sandbox, settings, strategies, cancel, memory)
        with results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
        yield record


def _evaluate_one(
    task: EvalTask,
    backend: Backend,
    sandbox: Sandbox,
    settings: Settings,
    strategies: Sequence[str],
    cancel: CancelToken | None,
    memory: Sequence[Store],
) -> dict[str, Any]:
    visible = replace(task.visible, examples=lenient(task.visible).examples)
    right: dict[str, bool] = {}

    def passes(verdict: Verdict | None) -> bool:
        if verdict is None:
            return False
        code = verdict.candidate.completion
        if code not in right:
            judged = sandbox.judge(task.hidden, verdict.candidate, cancel=cancel)
            right[code] = judged.outcome is Outcome.PASSED
        # Wrong on a visible example is wrong, whatever the hidden ones say.
        return right[code] and verdict.passed == verdict.total

    def search(stores: Sequence[Store] = (), **changes: Any) -> Finished:
        budget = Budget(
            plans=settings.n,
            samples=settings.n,
            temperature=settings.temperature,
            seed=settings.seed,
            time_limit=settings.time_limit,
            token_limit=settings.tokens,
        )
        for event in solve(visible, backend, sandbox, replace(budget, **changes), cancel, stores):
            if isinstance(event, Finished):
                return event
        raise RuntimeError("a search ended without a result")

    parts = ("scores", "tokens", "seconds", "visible", "code")
    record: dict[str, Any] = {"id": task.id, **{part: {} for part in parts}}

    def note(name: str, score: float, finished: Finished) -> None:
        record["scores"][name] = score
        record["tokens"][name] = finished.tokens
        record["seconds"][name] = round(finished.seconds, 3)

    if "greedy" in strategies:
        finished = search(strategy="direct", plans=0, samples=1, temperature=0.0, token_limit=None)
        note("greedy", float(passes(finished.best)), finished)
    if {"random", "logprob", "oracle"} & set(strategies):
        finished = search(
            strategy="direct", plans=0, samples=settings.n, early_stop=False, token_limit=None
        )
        drawn = [*finished.ranked, *finished.repeated]
        likeliest = max(drawn, key=lambda v: v.candidate.logprob, default=None)
        right_ones = sum(passes(verdict) for verdict in drawn)
        # A sample without readable code is in none of them, and wrong.
        note("random", right_ones / settings.n, finished)
        note("logprob", float(passes(likeliest)), finished)
        note("oracle", float(right_ones > 0), finished)
    near = near_duplicates(task, memory)
    record["near"] = sorted(near)
    for name, options in SEARCHES.items():
        if name in strategies:
            with ExitStack() as stack:
                stores: Sequence[Store] = memory if name in WITH_MEMORY else ()
                if name in APART:
                    stores = [stack.enter_context(Without(s.path, near)) for s in memory]
                finished = search(stores, **options)
            note(name, float(passes(finished.best)), finished)
            record["visible"][name] = finished.outcome == Outcome.PASSED.value
            record["code"][name] = finished.to_json()["code"]
    return record


@dataclass(frozen=True, slots=True)
class Row:
    """A strategy's result: mean score, its 95 % bootstrap interval, mean tokens, median seconds.

    apart: mean score of the tasks that have no near duplicate in the memory; how many they are.
    """

    strategy: str
    tasks: int
    score: float
    low: float
    high: float
    tokens: float
    seconds: float
    apart: float = 0.0
    apart_tasks: int = 0


def summarize(records: Sequence[dict[str, Any]], seed: int = 0, draws: int = 2000) -> list[Row]:
    """One row a strategy, in the order of STRATEGIES."""
    rows: list[Row] = []
    for name in STRATEGIES:
        scores = [r["scores"][name] for r in records if name in r["scores"]]
        if not scores:
            continue
        rng = random.Random(seed)
        means = sorted(
            math.fsum(rng.choices(scores, k=len(scores))) / len(scores) for _ in range(draws)
        )
        apart = [r["scores"][name] for r in records if name in r["scores"] and not r.get("near")]
        tokens = [r["tokens"][name] for r in records if name in r["tokens"]]
        seconds = sorted(r["seconds"][name] for r in records if name in r["seconds"])
        rows.append(
            Row(
                name,
                len(scores),
                math.fsum(scores) / len(scores),
                means[int(0.025 * draws)],
                means[int(0.975 * draws) - 1],
                sum(tokens) / len(tokens),
                seconds[len(seconds) // 2],
                math.fsum(apart) / len(apart) if apart else 0.0,
                len(apart),
            )
        )
    return rows


def table(rows: Sequence[Row], title: str) -> str:
    """The rows as Markdown."""
    lines = [
        f"{title}\n",
        "| strategy | right | 95 % interval | right where memory holds no near duplicate "
        "| tokens a task | median seconds |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r.strategy} | {r.score:.1%} | {r.low:.1%} to {r.high:.1%} | {r.apart:.1%} "
        f"| {r.tokens:.0f} | {r.seconds:.2f} |"
        for r in rows
    ]
    if rows:
        lines.append(f"\n{rows[0].tasks} tasks, {rows[0].apart_tasks} without a near duplicate")
    return "\n".join(lines)
