"""Write generated problems to a JSON Lines file: `python -m codeplan_training.compose`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from codeplan_training.compose import SPLITS, generate


def main() -> None:
    """Parse the command line and write the file."""
    parser = argparse.ArgumentParser(
        prog="python -m codeplan_training.compose", description=__doc__
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--split", choices=SPLITS, default="train")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    with options.out.open("w", encoding="utf-8") as file:
        for problem in generate(options.seed, options.count, split=options.split):
            file.write(json.dumps(problem, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
