"""The report: one page without anything from outside, its figures, and examples of plans."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from codeplan_training import report


def record(number: int, greedy: float, *plans: tuple[float, bool]) -> dict[str, Any]:
    """A task: whether greedy is right, and its plans as (visible share, right)."""
    best = max(plans, key=lambda p: p[0])
    scores = {"greedy": greedy, "greedy-plan": 0.0, "plans": float(best[1]), "codeplan": 1.0}
    told = [
        {"steps": [f"Step <{v}>."], "visible": v, "right": r, "code": "    return 1"}
        for v, r in plans
    ]
    tokens = dict.fromkeys(scores, 10)
    return {
        "id": f"t/{number}",
        "scores": scores,
        "tokens": tokens,
        "seconds": tokens,
        "plans": told,
        "samples": [4, 1],
    }


RECORDS = [
    record(1, 0.0, (1.0, True), (0.0, False)),
    record(2, 1.0, (0.5, False), (0.0, False)),
    record(3, 0.0, (0.0, False), (0.0, False)),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "student" / "tasks.jsonl"
    path.parent.mkdir()
    path.write_text("".join(json.dumps(r) + "\n" for r in RECORDS) + '{"id": "cut o')
    return path


def test_the_page_holds_tables_plots_and_examples_and_needs_nothing_else(file, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    lines = [{"step": 1, "code_loss": 3.0}, {"step": 2, "code_loss": 2.0, "plan_loss": 1.0}]
    (run / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))

    written = report.write(tmp_path / "out", [report.read_records(file)], [run], "A <title>")

    page = written[0].read_text()
    assert [p.name for p in written] == [
        "report.html",
        "figure-1.png",
        "figure-5.png",
        "training.png",
    ]
    assert all(p.read_bytes().startswith(b"\x89PNG") for p in written[1:])
    assert page.count("data:image/png;base64,") == 3
    assert not re.search(r"(src|href)=\"(?!data:)|https?:", page)
    assert "A &lt;title&gt;" in page
    assert "<td>greedy<td>3<td>33.3%" in page
    assert "pass@1 25.0%" in page
    assert "Plans that helped: 1 tasks" in page
    assert "Plans that hurt: 1 tasks" in page
    assert "Step &lt;1.0&gt;." in page


def test_more_plans_solve_more_as_the_visible_examples_choose():
    one, two = report.solved_by_plans(RECORDS)

    assert one == pytest.approx(1 / 6, abs=0.05)
    assert two == pytest.approx(1 / 3)


def test_the_ratio_is_taken_on_the_tasks_of_both():
    middle, low, high = report.ratio(RECORDS, RECORDS[1:], ("codeplan", "greedy"))

    assert middle == 2.0
    assert low <= middle <= high
    with pytest.raises(ValueError, match="no task was evaluated"):
        report.ratio(RECORDS, [], ("codeplan", "greedy"))
    with pytest.raises(ValueError, match="there is no ratio"):
        report.ratio(RECORDS[2:], RECORDS[2:], ("plans", "greedy"))


def test_what_is_not_a_record_is_said(tmp_path, file):
    (tmp_path / "other.jsonl").write_text('{"id": 1}\n')
    with pytest.raises(ValueError, match="holds no records"):
        report.read_records(tmp_path / "other.jsonl")
    with pytest.raises(FileNotFoundError, match="name a folder of a run"):
        report.write(tmp_path / "out", [report.read_records(file)], [tmp_path])
