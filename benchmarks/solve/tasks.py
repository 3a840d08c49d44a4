"""The functions that the solve benchmark writes: the demonstration's and some of the exercises.

The exercises are problems that the model was trained on, so that many of them are solved: the time
is what is measured here, not how clever the model is. Training's own code is not needed.
"""

from __future__ import annotations

import json
from pathlib import Path

from codeplan_model.extract import task_named
from codeplan_model.values import Task

ROOT = Path(__file__).resolve().parents[2]
MOST_EXAMPLES = 4


def demo_tasks() -> list[Task]:
    """The functions that `make run` solves."""
    lines = (ROOT / "examples" / "demo.txt").read_text(encoding="utf-8").splitlines()
    tasks = []
    for line in lines:
        if line.strip() and not line.startswith("#"):
            name, _, function = line.strip().partition("::")
            path = ROOT / "examples" / name
            tasks.append(task_named(path.read_text(encoding="utf-8"), function, str(path)))
    return tasks


def exercise_tasks(count: int) -> list[Task]:
    """`count` exercises, evenly spread over the file; each a file of its own."""
    path = ROOT / "training" / "data" / "exercises.jsonl"
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    # A third of a step off the start: the first of each family is not always the one.
    places = [int((n + 1 / 3) * len(records) / count) for n in range(count)]
    return [_task(records[place]) for place in places]


def _task(record: dict) -> Task:
    examples = [e for e in record["examples"] if e.get("kind", "call") == "call"]
    lines = [record["doc"], ""]
    for example in examples[:MOST_EXAMPLES]:
        if not example["want"].startswith("raises "):
            lines += [f">>> {example['call']}", example["want"]]
    text = "\n".join(f"    {line}".rstrip() for line in lines).lstrip()
    imports = "".join(f"{line}\n" for line in record["imports"])
    quoted = text.replace("\\", "\\\\").replace('"""', "'''")
    source = f'{imports}\n\n{record["signature"]}\n    """{quoted}\n    """\n    ...\n'
    return task_named(source, record["entry_point"])
