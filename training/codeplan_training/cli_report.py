"""`codeplan-train report`: evaluations and runs as one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(
    records: Annotated[list[Path], typer.Argument(help="Files or folders of records.")],
    out: Annotated[Path, typer.Option(help="The folder to write.")],
    run: Annotated[list[Path] | None, typer.Option(help="Runs whose curves are drawn.")] = None,
    title: str = "codeplan-train report",
) -> None:
    """Write a page with tables, plots, training curves and examples of plans."""
    from codeplan_training.report import read_records, write

    files = [
        f for path in records for f in (sorted(path.glob("*.jsonl")) if path.is_dir() else [path])
    ]
    for written in write(out, [read_records(file) for file in files], run or (), title):
        print(written)


def compare(
    codeplan: Annotated[Path, typer.Argument(help="Records of the student trained on plans.")],
    baseline: Annotated[Path, typer.Argument(help="Records of the conventional student.")],
    strategy: Annotated[str, typer.Option(help="The first one's strategy.")] = "codeplan",
    against: Annotated[str, typer.Option(help="The second one's strategy.")] = "random",
) -> None:
    """The ratio of two students' scores on the same tasks, with its 95 % interval."""
    from codeplan_training.report import ratio, read_records

    one, other = read_records(codeplan).records, read_records(baseline).records
    middle, low, high = ratio(one, other, (strategy, against))
    print(f"{strategy} : {against} = {middle:.2f} (95 % interval {low:.2f} to {high:.2f})")
