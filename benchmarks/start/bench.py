"""Time to the answer to `initialize`, and memory then, beside other Python language servers.

    python benchmarks/start/bench.py [--rounds 7] [--peers FOLDER]

The others are installed from the package index into a virtual environment that is thrown away
(--peers keeps one). All are started the same way, in turns, over stdin and stdout; memory is what
the process and its children hold (proportional set size) a second after the answer, before any file
is open.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

import psutil

PEERS = ("python-lsp-server==1.15.0", "jedi-language-server==0.47.0", "pyright==1.1.414")
SETTLE_SECONDS = 1.0
PARAMETERS = {
    "processId": None,
    "rootUri": None,
    "capabilities": {"textDocument": {}, "workspace": {}, "window": {"workDoneProgress": True}},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--peers", type=Path, help="a folder to keep the others in")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bin_folder = install(chosen.peers or Path(folder) / "peers")
        here = Path(sys.executable).parent
        servers = {
            "codeplan": [str(here / "codeplan-server")],
            "pylsp": [str(bin_folder / "pylsp")],
            "jedi-language-server": [str(bin_folder / "jedi-language-server")],
            "pyright": [str(bin_folder / "pyright-langserver"), "--stdio"],
        }
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in servers}
        for number in range(chosen.rounds + 1):
            for name, command in servers.items():
                result = measure(command, Path(folder))
                # The first start of each fills the disk's cache.
                if number:
                    found[name].append(result)
    report(found, chosen.rounds)


def install(folder: Path) -> Path:
    """A virtual environment with the other servers; the folder of its programs."""
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    if not (programs / "pylsp").exists():
        venv.create(folder, with_pip=True)
        pip = [str(programs / "python"), "-m", "pip", "install", "-q", *PEERS]
        subprocess.run(pip, check=True, stdout=sys.stderr)
    # pyright fetches its own program at its first start.
    subprocess.run([str(programs / "pyright"), "--version"], check=True, stdout=sys.stderr)
    return programs


def measure(command: list[str], folder: Path) -> tuple[float, float]:
    """Seconds to the answer, and megabytes a second later."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": PARAMETERS})
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
    process.stdin.flush()
    try:
        while "capabilities" not in read(process).get("result", {}):
            pass
        seconds = time.perf_counter() - began
        time.sleep(SETTLE_SECONDS)
        own = psutil.Process(process.pid)
        family = [own, *own.children(recursive=True)]
        size = sum(_held(each) for each in family)
    finally:
        for each in psutil.Process(process.pid).children(recursive=True):
            each.kill()
        process.kill()
        process.communicate()
    return seconds, size / 2**20


def read(process: subprocess.Popen[bytes]) -> dict:
    """The next message of a server."""
    assert process.stdout is not None
    length = 0
    while (line := process.stdout.readline().strip()) or not length:
        if not line and process.poll() is not None:
            raise SystemExit(f"{process.args} ended before it answered")
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return json.loads(process.stdout.read(length))


def _held(process: psutil.Process) -> int:
    info = process.memory_full_info()
    return getattr(info, "pss", 0) or info.uss


def report(found: dict[str, list[tuple[float, float]]], rounds: int) -> None:
    print(f"{rounds} starts of each, in turns; medians\n")
    print(
        "| | s to `initialize` | against codeplan | MB | against codeplan |\n|---|---|---|---|---|"
    )
    medians = {
        name: (statistics.median(s for s, _ in runs), statistics.median(m for _, m in runs))
        for name, runs in found.items()
    }
    own_seconds, own_size = medians["codeplan"]
    for name, (seconds, size) in sorted(medians.items(), key=lambda item: item[1]):
        print(
            f"| {name} | {seconds:.2f} | {seconds / own_seconds:.2f} x | {size:.0f} "
            f"| {size / own_size:.2f} x |"
        )


if __name__ == "__main__":
    main()
