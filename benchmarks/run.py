"""`make bench`: every benchmark, one after the other, each in a process of its own.

A benchmark is a folder with a `bench.py`; it prints ratios measured in one run.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    """Run them all; 1 if one of them failed."""
    print(f"{platform.platform()}, Python {platform.python_version()}", flush=True)
    failed = False
    for folder in sorted(path for path in HERE.iterdir() if path.is_dir()):
        script = folder / "bench.py"
        if not script.exists():
            continue
        print(f"\n== {folder.name} ==", flush=True)
        failed |= subprocess.run([sys.executable, str(script)], check=False).returncode != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
