"""A report of evaluations and training runs: one HTML page with its plots inside, and the plots.

Reads records and metrics, runs nothing. Plots need matplotlib; the page needs no other file and no
network.
"""

from __future__ import annotations

import base64
import html
import io
import json
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codeplan_training.evaluate import Row, by_difficulty, pass_table, summarize

FIGURE_1 = {"greedy": "no plan", "greedy-plan": "greedy plan", "plans": "best plan"}
"""The paper's figure 1: what stands in the prompt, and the strategy that measures it."""
EXAMPLES = 4
_STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:1rem 0}td,th{border-bottom:1px solid #ccc;padding:.3rem .8rem;
text-align:right}td:first-child,th:first-child{text-align:left}img{max-width:100%}
pre{background:#f4f4f4;padding:.6rem;overflow-x:auto}.pair{display:flex;gap:1rem;flex-wrap:wrap}
.pair>div{flex:1 1 20rem;min-width:0}"""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """One file of records, by the name that it has in the report."""

    name: str
    records: list[dict[str, Any]]


def read_records(path: Path) -> Evaluated:
    """The records of a file without a line that was cut. Raises ValueError when none is left."""
    records = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict) and "scores" in record:
            records.append(record)
    if not records:
        raise ValueError(f"{path} holds no records of `codeplan-train evaluate`")
    folder = path.parent.name
    return Evaluated(f"{folder}/{path.stem}" if folder else path.stem, records)


def solved_by_plans(
    records: Sequence[dict[str, Any]], draws: int = 200, seed: int = 0
) -> list[float]:
    """Share of tasks solved with 1, 2, ... plans (the paper's figure 5).

    For k plans: k are drawn of those that a task has, the one that passes most of the visible
    examples is chosen, and its program is right or not; the mean over many draws.
    """
    found = [r["plans"] for r in records if r.get("plans")]
    tasks = sum("plans" in r for r in records)
    rng = random.Random(seed)
    most = max((len(plans) for plans in found), default=0)
    curve = []
    for k in range(1, most + 1):
        solved = 0.0
        for plans in found:
            size = min(k, len(plans))
            for _ in range(draws):
                drawn = rng.sample(plans, size)
                solved += max(drawn, key=lambda plan: plan["visible"])["right"]
        curve.append(solved / draws / max(tasks, 1))
    return curve


def ratio(
    one: Sequence[dict[str, Any]],
    other: Sequence[dict[str, Any]],
    strategies: tuple[str, str],
    draws: int = 4000,
    seed: int = 0,
) -> tuple[float, float, float]:
    """(ratio of mean scores, low, high): the first's strategy against the other's, on the tasks of
    both, with a 95 % bootstrap interval over tasks. Infinite where the other solves nothing. Raises
    ValueError where neither solves anything: that is no ratio."""
    first = {r["id"]: r["scores"][strategies[0]] for r in one if strategies[0] in r["scores"]}
    second = {r["id"]: r["scores"][strategies[1]] for r in other if strategies[1] in r["scores"]}
    both = sorted(first.keys() & second.keys())
    if not both:
        raise ValueError(f"no task was evaluated with {strategies[0]} and with {strategies[1]}")
    if not any(first[i] or second[i] for i in both):
        raise ValueError(
            f"neither {strategies[0]} nor {strategies[1]} solves one of {len(both)} tasks: "
            "there is no ratio; measure more tasks, or train longer"
        )

    def of(ids: Sequence[str]) -> float:
        down = math.fsum(second[i] for i in ids)
        up = math.fsum(first[i] for i in ids)
        # A draw without any solved task says nothing for either.
        return up / down if down else (math.inf if up else 1.0)

    rng = random.Random(seed)
    drawn = sorted(of(rng.choices(both, k=len(both))) for _ in range(draws))
    return of(both), drawn[int(0.025 * draws)], drawn[int(0.975 * draws) - 1]


def plan_examples(
    records: Sequence[dict[str, Any]],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Tasks that only the plan solved, and tasks that only the program without a plan solved."""
    helped, hurt = [], []
    for record in records:
        scores = record["scores"]
        if "greedy" in scores and record.get("plans"):
            best = max(record["plans"], key=lambda plan: plan["visible"])
            told = {"id": record["id"], **best}
            if scores["plans"] > scores["greedy"]:
                helped.append(told)
            elif scores["plans"] < scores["greedy"]:
                hurt.append(told)
    return helped, hurt


def write(
    out: Path, evaluated: Sequence[Evaluated], runs: Sequence[Path], title: str = "codeplan"
) -> list[Path]:
    """Write `out`/report.html and its plots as PNG files; the files that were written."""
    out.mkdir(parents=True, exist_ok=True)
    body = [f"<h1>{html.escape(title)}</h1>", *map(_set_html, evaluated)]
    drawn = {
        "figure-1": _figure_1(evaluated),
        "figure-5": _figure_5(evaluated),
        "training": _curves(runs),
    }
    plots = {name: data for name, data in drawn.items() if data is not None}
    captions = {
        "figure-1": "What stands in the prompt (figure 1 of the paper, in kind)",
        "figure-5": "Solved tasks against the number of plans (figure 5 of the paper, in kind)",
        "training": "Training",
    }
    for name, data in plots.items():
        (out / f"{name}.png").write_bytes(data)
        source = base64.b64encode(data).decode()
        caption = html.escape(captions[name])
        body.append(f'<h2>{caption}</h2><img alt="{caption}" src="data:image/png;base64,{source}">')
    body += map(_examples_html, evaluated)
    page = out / "report.html"
    page.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{_STYLE}</style><body>{''.join(body)}</body></html>\n",
        encoding="utf-8",
    )
    return [page, *(out / f"{name}.png" for name in plots)]


def _set_html(found: Evaluated) -> str:
    parts = [f"<h2>{html.escape(found.name)}</h2>", _table_html(summarize(found.records))]
    parts.append(f"<p>{html.escape(pass_table(found.records))}</p>")
    for difficulty, some in sorted(by_difficulty(found.records).items()):
        parts.append(f"<h3>{html.escape(difficulty)}</h3>" + _table_html(summarize(some)))
    return "".join(parts)


def _table_html(rows: Sequence[Row]) -> str:
    head = "<tr><th>strategy<th>tasks<th>right<th>95 % interval<th>tokens<th>seconds</tr>"
    lines = [
        f"<tr><td>{html.escape(r.strategy)}<td>{r.tasks}<td>{r.score:.1%}<td>{r.low:.1%} to "
        f"{r.high:.1%}<td>{r.tokens:.0f}<td>{r.seconds:.2f}</tr>"
        for r in rows
    ]
    return f"<table>{head}{''.join(lines)}</table>"


def _examples_html(found: Evaluated) -> str:
    helped, hurt = plan_examples(found.records)
    parts = []
    for told, examples in (("helped", helped), ("hurt", hurt)):
        if examples:
            parts.append(
                f"<h2>Plans that {told}: {len(examples)} tasks of {html.escape(found.name)}</h2>"
            )
        for example in examples[:EXAMPLES]:
            steps = "".join(f"<li>{html.escape(step)}" for step in example["steps"])
            parts.append(
                f'<h3>{html.escape(example["id"])}</h3><div class="pair"><div><ol>{steps}</ol>'
                f"</div><div><pre>{html.escape(example['code'])}</pre></div></div>"
            )
    return "".join(parts)


def _figure_1(evaluated: Sequence[Evaluated]) -> bytes | None:
    bars = [
        (f.name, {r.strategy: r for r in summarize(f.records) if r.strategy in FIGURE_1})
        for f in evaluated
    ]
    bars = [(name, rows) for name, rows in bars if rows]
    if not bars:
        return None
    figure, axes = _axes()
    width = 0.8 / len(bars)
    for number, (name, rows) in enumerate(bars):
        known = [(i, rows[s]) for i, s in enumerate(FIGURE_1) if s in rows]
        axes.bar(
            [i + number * width for i, _ in known],
            [100 * row.score for _, row in known],
            width,
            label=name,
            yerr=[
                [100 * (row.score - row.low) for _, row in known],
                [100 * (row.high - row.score) for _, row in known],
            ],
            capsize=3,
        )
    middle = 0.4 - width / 2
    axes.set_ylim(bottom=0)
    axes.set_xticks([i + middle for i in range(len(FIGURE_1))], list(FIGURE_1.values()))
    axes.set_ylabel("tasks solved, %")
    axes.legend()
    return _png(figure)


def _figure_5(evaluated: Sequence[Evaluated]) -> bytes | None:
    curves = [(f.name, solved_by_plans(f.records)) for f in evaluated]
    curves = [(name, curve) for name, curve in curves if curve]
    if not curves:
        return None
    figure, axes = _axes()
    for name, curve in curves:
        axes.plot(range(1, len(curve) + 1), [100 * y for y in curve], marker="o", label=name)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("plans")
    axes.set_ylabel("tasks solved, %")
    axes.legend()
    return _png(figure)


def _curves(runs: Sequence[Path]) -> bytes | None:
    drawn = []
    for run in runs:
        file = run / "metrics.jsonl"
        if not file.is_file():
            raise FileNotFoundError(f"{run} holds no metrics.jsonl: name a folder of a run")
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        for name in sorted({key for line in lines for key in line if key.endswith("loss")}):
            points = [(line["step"], line[name]) for line in lines if name in line]
            drawn.append((f"{run.name} {name}", points))
    if not drawn:
        return None
    figure, axes = _axes()
    for name, points in drawn:
        axes.plot(*zip(*points, strict=True), label=name)
    axes.set_xlabel("step")
    axes.set_ylabel("loss, nats a token")
    axes.legend()
    return _png(figure)


def _axes() -> tuple[Any, Any]:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ValueError("plots need matplotlib: pip install 'codeplan[train]'") from error
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    return figure, figure.subplots()


def _png(figure: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=120)
    return buffer.getvalue()
