"""How cost grows: functions in a file, lines, examples of a function, plans.

    python benchmarks/scaling/bench.py [--plot FILE.png] [--model MODEL.gguf]

Each row has more of one thing and the same of everything else; "growth" is the exponent between
the middle row and the last (1 is linear, 0 is constant). The best of three runs counts, of texts
that no cache knows. Plans are sampled and coded with a model of random weights, which solves
nothing: so all of them are.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "decoding"))
from random_gguf import EMBEDDED, write_random_gguf

from codeplan_model.backends import open_backend
from codeplan_model.extract import functions_to_write, task_named
from codeplan_model.generation import Backend
from codeplan_model.sandbox import Limits, Sandbox
from codeplan_model.search import Budget, solve
from codeplan_model.values import Candidate, Task

FUNCTIONS = (1, 10, 100, 300, 1000)
LINES = (1000, 3000, 10_000, 20_000, 50_000)
EXAMPLES = (1, 10, 100, 300, 1000)
PLANS = (1, 3, 10, 30, 100)
RUNS = 3
EMPTY = '''def f{n}(a, b):
    """Return the sum of a and b.

    >>> f{n}(1, 2)
    3
    """
    ...


'''
WRITTEN = """def g{n}(items):
    total = 0
    for item in items:
        if item > {n}:
            total += item  # "quoted" and (bracketed)
    text = f"{{total}} of {{len(items)}}"
    return [text, {{"total": total}}]


"""
Row = tuple[int, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--model", type=Path)
    chosen = parser.parse_args()
    tables: dict[str, list[Row]] = {
        "functions to write, found in a file": measure(FUNCTIONS, _find_functions),
        "lines of a file, one function cut out": measure(LINES, _cut_out),
        "examples of a function, found": measure(EXAMPLES, _find_examples),
    }
    with Sandbox(limits=Limits(wall_seconds=120.0)) as sandbox:
        tables["examples of a function, judged"] = measure(
            EXAMPLES, lambda n: _judge(sandbox, _with_examples(n))
        )
        with tempfile.TemporaryDirectory() as folder:
            os.environ["CODEPLAN_RUNTIME_DIR"] = os.environ["CODEPLAN_STATE_DIR"] = folder
            model = chosen.model or write_random_gguf(Path(folder) / "random.gguf", EMBEDDED)
            backend = open_backend("llama", str(model), grace=0.0)
            backend.info()
            tables["plans, with their code and verdicts"] = measure(
                PLANS, lambda n: _search(backend, sandbox, n)
            )
            backend.close()
    for name, rows in tables.items():
        print(f"| {name} | ms | ms for each | growth |\n|---|---|---|---|")
        for size, seconds in rows:
            last = f"{growth(rows):.2f}" if size == rows[-1][0] else ""
            print(f"| {size:,} | {seconds * 1e3:.1f} | {seconds * 1e3 / size:.4f} | {last} |")
        print()
    if chosen.plot:
        plot(tables, chosen.plot)


def measure(sizes: Sequence[int], prepare: Callable[[int], Callable[[int], object]]) -> list[Row]:
    """(size, seconds) for each size; prepare(size) gives the work of run n, which is timed."""
    rows = []
    for size in sizes:
        work = prepare(size)
        best = math.inf
        for number in range(RUNS):
            began = time.perf_counter()
            work(number)
            best = min(best, time.perf_counter() - began)
        print(f"  {size:,}: {best * 1e3:.1f} ms", file=sys.stderr)
        rows.append((size, best))
    return rows


def growth(rows: list[Row]) -> float:
    """The exponent of size in the larger half of the rows."""
    (small, quick), (large, slow) = rows[len(rows) // 2], rows[-1]
    return math.log(slow / quick) / math.log(large / small)


def plot(tables: dict[str, list[Row]], path: Path) -> None:
    """Seconds by size, both logarithmic, a line for each table."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 5))
    for name, rows in tables.items():
        axes.plot([size for size, _ in rows], [s * 1e3 for _, s in rows], "o-", label=name)
    axes.set(xscale="log", yscale="log", xlabel="how many", ylabel="milliseconds")
    axes.grid(True, alpha=0.3)
    axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=120)


def _find_functions(count: int) -> Callable[[int], object]:
    text = "".join(EMPTY.format(n=n) for n in range(count))
    return lambda run: functions_to_write(f"# {run}\n{text}", with_tests=False)


def _cut_out(lines: int) -> Callable[[int], object]:
    written = "".join(WRITTEN.format(n=n) for n in range(lines // 9))
    text = written + EMPTY.format(n=0)
    return lambda run: task_named(f"# {run}\n{text}", "f0", with_tests=False)


def _example_text(count: int) -> str:
    lines = "".join(f"    >>> f({n}, 2)\n    {n + 2}\n" for n in range(count))
    return f'def f(a, b):\n    """Return the sum.\n\n{lines}    """\n    ...\n'


def _find_examples(count: int) -> Callable[[int], object]:
    text = _example_text(count)
    return lambda run: task_named(f"# {run}\n{text}", "f", with_tests=False)


def _with_examples(count: int) -> Task:
    return task_named(_example_text(count), "f", with_tests=False)


def _judge(sandbox: Sandbox, task: Task) -> Callable[[int], object]:
    def work(_run: int) -> None:
        verdict = sandbox.judge(task, Candidate("    return a + b"))
        if verdict.passed != len(task.examples):
            raise SystemExit(f"{verdict.passed} of {len(task.examples)} passed: {verdict.detail}")

    return work


def _search(backend: Backend, sandbox: Sandbox, plans: int) -> Callable[[int], object]:
    budget = Budget(
        strategy="codeplan",
        plans=plans,
        samples=1,
        time_limit=600.0,
        plan_tokens=24,
        code_tokens=24,
        early_stop=False,
    )
    task = _with_examples(2)
    return lambda run: list(solve(task, backend, sandbox, replace(budget, seed=run)))


if __name__ == "__main__":
    main()
