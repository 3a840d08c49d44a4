"""Time to the answer to `initialize`, and memory then, beside other Python language servers.

    python benchmarks/start/bench.py [--rounds 7] [--peers FOLDER]

The others are installed from the package index into a virtual environment that is thrown away
(--peers keeps one). All are started the same way, in turns, over stdin and stdout. codeplan answers
before it has loaded everything, so two more things are said: when the next request is answered,
sent at once behind the first answer (`shutdown`, which all of them know), and the processor time of
it all. Memory is what the process and its children hold (proportional set size) once they have come
to rest after `initialize`, before any file is open.
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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

PEERS = ("python-lsp-server==1.15.0", "jedi-language-server==0.47.0", "pyright==1.1.414")
REST_SECONDS = 0.5
"""A server is at rest when it has taken no processor time for so long."""
REST_LIMIT = 20.0
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
        found: dict[str, list[Start]] = {name: [] for name in servers}
        for number in range(chosen.rounds + 1):
            for name, command in servers.items():
                result = measure(command, Path(folder))
                # The first start of each fills the disk's cache.
                if number:
                    found[name].append(result)
    report(found, chosen.rounds)


@dataclass(frozen=True, slots=True)
class Start:
    """One server's start. Seconds to two answers, processor seconds until rest, megabytes then."""

    first: float
    second: float
    processor: float
    size: float


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


def measure(command: list[str], folder: Path) -> Start:
    """Start it twice: for the two answers, and to let it come to rest."""
    began = time.perf_counter()
    with started(command, folder) as process:
        ask(process, 1, "initialize", PARAMETERS)
        first = time.perf_counter() - began
        tell(process, {"method": "initialized", "params": {}})
        ask(process, 2, "shutdown", None)
        second = time.perf_counter() - began
    with started(command, folder) as process:
        ask(process, 1, "initialize", PARAMETERS)
        tell(process, {"method": "initialized", "params": {}})
        processor, size = at_rest(psutil.Process(process.pid))
    return Start(first, second, processor, size / 2**20)


@contextmanager
def started(command: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The server's process, ended with its children at the end."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
    )
    try:
        yield process
    finally:
        for each in psutil.Process(process.pid).children(recursive=True):
            each.kill()
        process.kill()
        process.communicate()


def ask(process: subprocess.Popen[bytes], id: int, method: str, params: object) -> None:
    """Send a request and wait for its answer; what the server asks meanwhile has none."""
    tell(process, {"id": id, "method": method, "params": params})
    while "method" in (message := read(process)) or message.get("id") != id:
        pass
    if "error" in message:
        raise SystemExit(f"{process.args}: {method} was answered with {message['error']}")


def tell(process: subprocess.Popen[bytes], message: dict) -> None:
    assert process.stdin is not None
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    process.stdin.flush()


def at_rest(own: psutil.Process) -> tuple[float, int]:
    """Processor seconds and bytes of a process and its children when they do nothing any more."""
    used, end = -1.0, time.monotonic() + REST_LIMIT
    while True:
        family = [own, *own.children(recursive=True)]
        now = sum(sum(each.cpu_times()[:2]) for each in family)
        if now == used or time.monotonic() > end:
            return now, sum(_held(each) for each in family)
        used = now
        time.sleep(REST_SECONDS)


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


def report(found: dict[str, list[Start]], rounds: int) -> None:
    print(f"{rounds} starts of each, in turns; medians\n")
    print("| | s to `initialize` | s to the next answer | processor s until at rest | MB at rest |")
    print("|---|---|---|---|---|")
    rows = []
    for name, starts in found.items():
        first, second, processor, size = (
            statistics.median(getattr(start, part) for start in starts)
            for part in ("first", "second", "processor", "size")
        )
        rows.append((first, second, processor, size, name))
    for first, second, processor, size, name in sorted(rows):
        print(f"| {name} | {first:.2f} | {second:.2f} | {processor:.2f} | {size:.0f} |")


if __name__ == "__main__":
    main()
