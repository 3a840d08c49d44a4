"""Evaluation: how often the one candidate that codeplan would insert is right.

A task shows some of its examples; the rest are hidden and decide. Everything is judged in the
sandbox, with any backend. Strategies on the same weights:

    greedy           one program, temperature 0
    greedy-plan      the likeliest plan and the likeliest program from it
    plans            a program from each of N plans, the visible examples choose (figures 1 and 5)
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
    codeplan+memory  all three, worked examples as the model's metadata say
    adaptive+memory  the same with the adaptive strategy (what users get)
    memory-apart, codeplan+memory-apart, adaptive+memory-apart  those three with the task's near
                     duplicates out of the store
    oracle           whether any of N programs is right (pass@N)

The searches stop at the first program that passes the visible examples, and may
each generate the same number of tokens.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator, Sequence
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
from codeplan_training.programs import ProgramJudge

# The chosen plan's programs go on to the end of the tokens, as the direct ones do.
_DIRECT: dict[str, Any] = {"strategy": "direct", "plans": 0, "samples": 64}
_CODEPLAN: dict[str, Any] = {"strategy": "codeplan", "samples": 64}
_ADAPTIVE: dict[str, Any] = {"strategy": "adaptive", "samples": 64}
_NOTHING: dict[str, Any] = {"strategy": "direct", "plans": 0, "samples": 0}
_NO_MEMORY: dict[str, Any] = {"remembered": 0, "remembered_plans": 0, "worked": 0}
_ADAPTED = Budget().remembered
_PLANS = Budget().remembered_plans

WITHOUT_MEMORY: dict[str, dict[str, Any]] = {
    "direct": _DIRECT,
    "codeplan": _CODEPLAN,
    "adaptive": _ADAPTIVE,
}
WITH_MEMORY: dict[str, dict[str, Any]] = {
    "memory": _NOTHING,
    "direct+memory": _DIRECT,
    "codeplan+plans": {**_CODEPLAN, **_NO_MEMORY, "remembered_plans": _PLANS},
    "codeplan+worked": {**_CODEPLAN, **_NO_MEMORY, "worked": WORKED},
    "codeplan+adapted": {**_CODEPLAN, **_NO_MEMORY, "remembered": _ADAPTED},
    "codeplan+memory": _CODEPLAN,
    "adaptive+memory": _ADAPTIVE,
}
APART: dict[str, dict[str, Any]] = {
    "memory-apart": _NOTHING,
    "codeplan+memory-apart": _CODEPLAN,
    "adaptive+memory-apart": _ADAPTIVE,
}
"""How each search that is compared departs from the budget; with the stores, without them, and with
the stores but for the task's near duplicates."""
SEARCHES = {**WITHOUT_MEMORY, **WITH_MEMORY, **APART}

STRATEGIES = ("greedy", "greedy-plan", "plans", "random", "logprob", *SEARCHES, "oracle")


@dataclass(frozen=True, slots=True)
class Settings:
    """n: plans, and programs of the sampled strategies. tokens: the most a search generates.

    time_limit: seconds of one search; so long that the tokens end it also on a busy machine.
    """

    n: int = 10
    temperature: float = 0.6
    tokens: int = 1500
    seed: int = 0
    time_limit: float = 900.0


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

    def run(left: Sequence[EvalTask]) -> Iterator[dict[str, Any]]:
        for task in left:
            yield evaluate_one(task, backend, sandbox, settings, strategies, cancel, memory)

    yield from resumed(tasks, results, run)


def resumed(
    tasks: Sequence[EvalTask],
    results: Path,
    run: Callable[[Sequence[EvalTask]], Iterator[dict[str, Any]]],
) -> Iterator[dict[str, Any]]:
    """The records that stand in `results`, then those of the other tasks, appended as they come.

    run: makes the records of these tasks, in any order.
    """
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
    whole = not results.exists() or results.read_bytes()[-1:] in (b"", b"\n")
    for record in run([task for task in tasks if task.id not in done]):
        with results.open("a", encoding="utf-8") as file:
            # After a line that a kill cut off, a new one begins.
            file.write(("" if whole else "\n") + json.dumps(record) + "\n")
        whole = True
        yield record


def evaluate_one(
    task: EvalTask,
    backend: Backend,
    sandbox: Sandbox,
    settings: Settings,
    strategies: Sequence[str],
    cancel: CancelToken | None,
    memory: Sequence[Store],
) -> dict[str, Any]:
    """The record of one task: scores, tokens and seconds by strategy."""
    judge = ProgramJudge(sandbox)
    visible = replace(task.visible, examples=lenient(task.visible).examples)
    right: dict[str, bool] = {}

    def passes(verdict: Verdict | None) -> bool:
        if verdict is None:
            return False
        code = verdict.candidate.completion
        if code not in right:
            judged = judge.judge(task.hidden, verdict.candidate, cancel=cancel)
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
        for event in solve(visible, backend, judge, replace(budget, **changes), cancel, stores):
            if isinstance(event, Finished):
                return event
        raise RuntimeError("a search ended without a result")

    parts = ("scores", "tokens", "seconds", "visible", "code")
    record: dict[str, Any] = {"id": task.id, **{part: {} for part in parts}}
    if task.difficulty:
        record["difficulty"] = task.difficulty

    def note(name: str, score: float, finished: Finished) -> None:
        record["scores"][name] = score
        record["tokens"][name] = finished.tokens
        record["seconds"][name] = round(finished.seconds, 3)

    if "greedy" in strategies:
        finished = search(strategy="direct", plans=0, samples=1, temperature=0.0, token_limit=None)
        note("greedy", float(passes(finished.best)), finished)
    alone: dict[str, Any] = {
        "strategy": "codeplan",
        "samples": 0,
        "token_limit": None,
        **_NO_MEMORY,
    }
    if "greedy-plan" in strategies:
        finished = search(**alone, plans=1, temperature=0.0)
        note("greedy-plan", float(passes(finished.best)), finished)
    if "plans" in strategies:
        finished = search(**alone, early_stop=False)
        note("plans", float(passes(finished.best)), finished)
        record["plans"] = [
            {
                "steps": list(plan.plan.steps),
                "visible": plan.best.passed / max(plan.best.total, 1) if plan.best else 0.0,
                "right": passes(plan.best),
                "code": plan.best.candidate.completion if plan.best else "",
            }
            for plan in finished.plans
        ]
    if {"random", "logprob", "oracle"} & set(strategies):
        finished = search(
            strategy="direct", plans=0, samples=settings.n, early_stop=False, token_limit=None
        )
        drawn = [*finished.ranked, *finished.repeated]
        likeliest = max(drawn, key=lambda v: v.candidate.logprob, default=None)
        right_ones = sum(passes(verdict) for verdict in drawn)
        record["samples"] = [settings.n, right_ones]
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


def pass_at_k(n: int, right: int, k: int) -> float:
    """The chance that one of k of these n samples is right (Chen et al. 2021, unbiased)."""
    if n - right < k:
        return 1.0
    return 1.0 - math.prod(1.0 - k / i for i in range(n - right + 1, n + 1))


def pass_table(records: Sequence[dict[str, Any]], ks: Sequence[int] = (1, 5, 10, 100)) -> str:
    """pass@k of the sampled programs as a line; "" where none were sampled."""
    counts = [tuple(r["samples"]) for r in records if "samples" in r]
    if not counts:
        return ""
    told = [
        f"pass@{k} {math.fsum(pass_at_k(n, c, k) for n, c in counts) / len(counts):.1%}"
        for k in ks
        if k <= min(n for n, _ in counts)
    ]
    return "programs without a plan: " + ", ".join(told)


def by_difficulty(records: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Records by the difficulty that their data set names (APPS); empty where none does."""
    found: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        if "difficulty" in record:
            found.setdefault(record["difficulty"], []).append(record)
    return found


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
