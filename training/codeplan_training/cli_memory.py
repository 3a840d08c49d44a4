"""`codeplan-train memory`: the store of solved problems that ships."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="The store of solved problems that ships.")


@app.callback()
def _group() -> None:
    pass  # keeps `build` a word of its own


@app.command()
def build(
    out: Annotated[Path, typer.Argument(help="The store (.sqlite) to write anew.")],
    data: Annotated[Path, typer.Option("--data", help="The folder with the problems.")] = Path(
        "training/data"
    ),
) -> None:
    """Build the store from all problems but the kept tenth, with their plans and licences."""
    from codeplan_model.memory import Store
    from codeplan_training import neighbours, problems

    found = problems.training(problems.read_all(data)[0])
    partial = out.with_name(out.name + ".partial")
    partial.unlink(missing_ok=True)
    with Store(partial) as store:
        count = store.add(neighbours.entries(found))
        store.compact()
    partial.replace(out)
    print(f"{out}: {count} programs, {out.stat().st_size} bytes")
