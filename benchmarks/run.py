"""`make bench`: every benchmark, one after the other, each in a process of its own.

    python benchmarks/run.py [NAME ...] [--write]

A benchmark is a folder with a `bench.py`; it prints tables of ratios measured in one run. With
--write the tables go to benchmarks/RESULTS.md as well, each with its day, command and machine, in
the place of what that benchmark gave before; so each can be taken again alone.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "RESULTS.md"
_HEADING = """# Measured

Each section is what `python benchmarks/run.py NAME --write` printed on the day and machine that it
names; it is not edited by hand. Compare figures within a section only: they were taken in turns in
one run, and the same machine can be twice as fast an hour later.
"""


def main() -> int:
    """Run them; 1 if one of them failed."""
    known = sorted(path.parent.name for path in HERE.glob("*/bench.py"))
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(known))
    parser.add_argument("--write", action="store_true", help="put the tables into RESULTS.md")
    chosen = parser.parse_args()
    unknown = sorted(set(chosen.names) - set(known))
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}: there are {', '.join(known)}")
    failed = False
    for name in chosen.names or known:
        print(f"\n== {name} ==", flush=True)
        load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
        text, status = _run(HERE / name / "bench.py")
        failed |= status != 0
        if chosen.write and status == 0:
            _write(name, text, load)
    return int(failed)


def _run(script: Path) -> tuple[str, int]:
    """What it prints, which is passed on as it comes; and its exit status."""
    with subprocess.Popen(
        [sys.executable, "-u", str(script)], stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    return "".join(lines), process.returncode


def _write(name: str, text: str, load: float) -> None:
    """Replace one section of the results; the others stay as they are."""
    old = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else _HEADING
    heading, *rest = re.split(r"^## ", old, flags=re.MULTILINE)
    sections = {part.partition("\n")[0]: part.partition("\n")[2].strip() for part in rest}
    where = f"{time.strftime('%Y-%m-%d')}, {machine()}, load before {load:.1f}"
    sections[name] = f"`python benchmarks/run.py {name} --write`, {where}\n\n{text.strip()}"
    parts = [heading.strip(), *(f"## {key}\n\n{sections[key]}" for key in sorted(sections))]
    RESULTS.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    print(f"written to {RESULTS.relative_to(HERE.parent)}", file=sys.stderr)


def machine() -> str:
    """Processor, cores, memory, system, Python: "AMD EPYC, 2 cores, 8 GB, Linux x86_64, ..."."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    parts = [_processor(), f"{cores} cores"]
    if hasattr(os, "sysconf"):
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        parts.append(f"{size / 2**30:.0f} GB")
    parts.append(f"{platform.system()} {platform.machine()}")
    parts.append(f"Python {platform.python_version()}")
    return ", ".join(parts)


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found.group(1) if found else platform.processor() or platform.machine()


if __name__ == "__main__":
    sys.exit(main())
