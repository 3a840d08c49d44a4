"""Time to verified code: codeplan beside the way most people would write it.

    python benchmarks/solve/bench.py [--exercises 25] [--only-codeplan]

Both sides have the same model, prompts, numbers of samples, limits, stops and seeds, and take
turns task by task. No way finds its prompts read by another; the sandbox has read each task's file
before all of them, as it has when a file is open in an editor. The medians are over the tasks that
both sides solve. Memory is off on both sides; with it, codeplan's row stands apart, and these
functions are taken out of it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tasks import demo_tasks, exercise_tasks
from usual import LOOP_SECONDS, Run, Usual

from codeplan_model.backends import EMBEDDED_MODEL, open_backend
from codeplan_model.generation import Backend, Request, Sampling
from codeplan_model.host.launch import WAITING
from codeplan_model.memory import SHIPPED, Found, Store
from codeplan_model.prompts import codeplan1
from codeplan_model.sandbox import Limits, Sandbox
from codeplan_model.search import Budget, Finished, solve
from codeplan_model.values import Task

N = 10
BUDGET = Budget(plans=N, samples=N, strategy="codeplan", temperature=0.6)
WAYS = {
    "codeplan (adaptive, the default)": replace(BUDGET, strategy="adaptive"),
    "codeplan, plans at once": BUDGET,
    "codeplan, direct programs only": replace(BUDGET, strategy="direct"),
}
# The usual way has plans: with plans at once, both sides take the same numbers of samples.
ALL = "codeplan, plans at once, all samples"
MEMORY = "codeplan with memory (what users get), these functions not in it"


@dataclass(slots=True)
class Way:
    """What one way of codeplan took. seconds: by task, of those that it solved."""

    seconds: dict[int, float] = field(default_factory=dict)
    tokens: int = 0
    total: float = 0.0
    timings: Counter[str] = field(default_factory=Counter)

    def add(self, number: int, finished: Finished) -> None:
        if finished.outcome == "passed":
            self.seconds[number] = finished.seconds
        self.tokens += finished.tokens
        self.total += finished.seconds
        self.timings.update(finished.timings)


class Others(Store):
    """The shipped memory without these tasks' own entries: nobody has solved a user's next one."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        super().__init__(SHIPPED, read_only=True)
        self._names = {task.name for task in tasks}

    def found(self, terms: Sequence[str], limit: int) -> list[Found]:
        """As Store.found."""
        hits = super().found(terms, limit + 10)
        return [hit for hit in hits if hit.entry.name not in self._names][:limit]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--exercises", type=int, default=25)
    parser.add_argument("--only-codeplan", action="store_true", help="without the usual way")
    chosen = parser.parse_args()
    # Both sides: where anything else runs, the usual way would be many times slower without it.
    os.environ.update(WAITING)
    tasks = [*demo_tasks(), *exercise_tasks(chosen.exercises)]
    ways: dict[str, Way] = {name: Way() for name in (*WAYS, ALL, MEMORY)}
    usual = None if chosen.only_codeplan else Usual(EMBEDDED_MODEL, BUDGET)
    runs: dict[int, Run] = {}
    memory = Others(tasks)
    backend = open_backend("llama", None)
    with Sandbox(limits=replace(Limits(), wall_seconds=LOOP_SECONDS)) as sandbox:
        print(f"{backend.info().name}; {backend.info().device}; sandbox {sandbox.level.describe()}")
        for number, task in enumerate(tasks):
            sandbox.judge(task, codeplan1.parse_code("\n    ...", task, None))
            for name, budget in WAYS.items():
                ways[name].add(number, _codeplan(task, backend, sandbox, budget, number))
            everything = replace(BUDGET, early_stop=False)
            ways[ALL].add(number, _codeplan(task, backend, sandbox, everything, number))
            usually = replace(BUDGET, strategy="adaptive")
            ways[MEMORY].add(number, _codeplan(task, backend, sandbox, usually, number, [memory]))
            if usual is not None:
                runs[number] = usual.solve(task, 1000 * number)
            print(f"  {number + 1} of {len(tasks)}: {task.entry_point}", file=sys.stderr)
    backend.close()
    memory.close()
    report(len(tasks), ways, runs)
    return 0


def _codeplan(
    task: Task,
    backend: Backend,
    sandbox: Sandbox,
    budget: Budget,
    seed: int,
    memory: list[Store] | None = None,
) -> Finished:
    events = list(solve(task, backend, sandbox, replace(budget, seed=seed), memory=memory or ()))
    last = events[-1]
    assert isinstance(last, Finished)
    # The next way must read its prompts itself: what can't be used is let go before another call.
    list(backend.generate([Request("# something else\n", 1, Sampling(max_tokens=1))]))
    return last


def report(tasks: int, ways: dict[str, Way], runs: dict[int, Run]) -> None:
    """The tables."""
    print(f"\n{tasks} functions; {N} plans, a program from each, {N} more from the chosen plan\n")
    firsts = {n: run.first for n, run in runs.items() if run.first is not None}
    stages = {n: run.stage for n, run in runs.items() if run.stage is not None}
    print(
        "| to verified code | solved | median s | by both | median s "
        "| the usual way, stopping at the first | stopping after the stage |"
    )
    print("|---|---|---|---|---|---|---|")
    for name, way in ways.items():
        if name == ALL:
            continue
        both = [n for n in way.seconds if n in firsts] if runs else list(way.seconds)
        if not both:
            continue
        mine = statistics.median(way.seconds[n] for n in both)
        own = statistics.median(way.seconds.values())
        cells = [name, str(len(way.seconds)), f"{own:.2f}", str(len(both)), f"{mine:.2f}"]
        for other in (firsts, stages):
            if runs:
                theirs = statistics.median(other[n] for n in both)
                cells.append(f"{theirs:.2f} s, {theirs / mine:.1f} x")
            else:
                cells.append("")
        print(f"| {' | '.join(cells)} |")
    print("\n| all samples, no stop | tokens | seconds | tokens/s | times |\n|---|---|---|---|---|")
    rows = {ALL: (ways[ALL].tokens, ways[ALL].total)}
    if runs:
        rows["the usual way"] = (
            sum(run.tokens for run in runs.values()),
            sum(run.whole for run in runs.values()),
        )
    base = list(rows.values())[-1]
    for name, (tokens, seconds) in rows.items():
        times = tokens / seconds / (base[0] / base[1])
        print(f"| {name} | {tokens:,} | {seconds:.1f} | {tokens / seconds:,.0f} | {times:.1f} x |")
    print("\nWhere codeplan's time goes (share of all seconds; see Finished.timings)\n")
    stages_seen = sorted({stage for way in ways.values() for stage in way.timings})
    print(f"| | {' | '.join(stages_seen)} |\n|---|{'---|' * len(stages_seen)}")
    for name, way in ways.items():
        shares = (f"{way.timings[stage] / way.total:.0%}" for stage in stages_seen)
        print(f"| {name} | {' | '.join(shares)} |")


if __name__ == "__main__":
    sys.exit(main())
