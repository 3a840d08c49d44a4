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


@app.command()
def twins(
    data: Annotated[Path, typer.Option("--data", help="The folder with the problems.")] = Path(
        "training/data"
    ),
    limit: Annotated[int, typer.Option(min=0, help="Problems to look at; 0 for all.")] = 0,
) -> None:
    """Find training problems that are one function in other words; minutes, in the sandbox.

    What is found is added beside the problems and kept out of contexts by `render --neighbours`.
    Goes on where it was cut; only problems that are new are looked at.
    """
    import json

    from codeplan_model.sandbox import Sandbox
    from codeplan_training import neighbours, problems
    from codeplan_training import twins as finder

    found, _ = problems.read_all(data)
    training = {p.id: p for p in problems.training(found)}
    out = data / finder.FILE
    known = finder.looked_at(out)
    chosen = [p for p in found if p.id not in known][: limit or None]
    nearest = neighbours.of_problems(chosen, list(training.values()))
    count = 0
    with Sandbox() as sandbox, out.open("a", encoding="utf-8") as file:
        for problem, same in finder.find(chosen, nearest, training, sandbox):
            file.write(json.dumps({"id": problem, "same": same}) + "\n")
            file.flush()
            count += len(same)
    print(f"{out}: {count} pairs more, among the neighbours of {len(chosen)} problems")
