"""`make run`: solve ten functions of the example files, on a copy, and show a table.

Ends with status 0 when at least six of them are verified.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
ENOUGH = 6

# The ten, spread over files and kinds, are listed beside the examples.
TARGETS = [
    line.strip()
    for line in (ROOT / "examples" / "demo.txt").read_text(encoding="utf-8").splitlines()
    if line.strip() and not line.startswith("#")
]

ORIGINS = {"sampled": "the model", "adapted": "memory, adapted", "": "nowhere"}


def main() -> int:
    console = Console(highlight=False)
    table = Table(title="codeplan: written from docstrings, verified by their own examples")
    for column in ("function", "outcome", "examples", "seconds", "code from"):
        table.add_column(column, overflow="fold")
    verified = 0
    with tempfile.TemporaryDirectory(prefix="codeplan-demo-") as folder:
        copy = Path(folder) / "examples"
        shutil.copytree(ROOT / "examples", copy)
        console.print(
            f"Solving {len(TARGETS)} functions of {ROOT / 'examples'} on a copy, offline."
        )
        command = [sys.executable, "-m", "codeplan_model.cli", "solve", "--json", "--write"]
        process = subprocess.Popen(
            [*command, *(str(copy / target) for target in TARGETS)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        for line in process.stdout:
            result = json.loads(line)
            passed = result["outcome"] == "passed"
            verified += passed
            name = f"{Path(result['file']).name}::{result['function']}"
            console.print(f"  {result['outcome']:>12}  {name}  ({result['seconds']:.1f} s)")
            if passed:
                for number, step in enumerate(result["plan"], 1):
                    console.print(f"                {number}. {step}", markup=False)
                for code in result["code"].splitlines():
                    console.print(f"                  {code}", style="dim", markup=False)
            table.add_row(
                name,
                result["outcome"],
                f"{result['passed']} of {result['total']}",
                f"{result['seconds']:.1f}",
                ORIGINS.get(result["origin"], result["origin"]),
            )
        process.wait()
    if process.returncode not in (0, 1, 3):
        console.print(f"codeplan ended with status {process.returncode}")
        return 1
    console.print(table)
    console.print(f"{verified} of {len(TARGETS)} verified; {ENOUGH} are enough.")
    return 0 if verified >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())
