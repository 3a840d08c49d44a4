"""The end-to-end tests in a network namespace of their own, which has no interface at all.

Arguments go to pytest. Not even the loopback interface is up: tests of the TCP transport, which is
the one thing that needs it, skip themselves.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CHECK = "import socket; s = socket.socket(); s.settimeout(3); s.connect(('192.0.2.1', 9))"


def main() -> int:
    prefix = next((way for way in _ways() if _succeeds([*way, "true"])), None)
    if prefix is None:
        print("offline tests: this machine gives no network namespaces (unshare --net)")
        return 2
    if _succeeds([*prefix, sys.executable, "-c", CHECK]):
        print("offline tests: the namespace reaches a network")
        return 2
    shown = subprocess.run(
        [*prefix, "cat", "/proc/net/dev"], capture_output=True, text=True, check=True
    )
    print("interfaces:", [line.split(":")[0].strip() for line in shown.stdout.split("\n")[2:-1]])
    command = [*prefix, sys.executable, "-m", "pytest", "tests/e2e", *sys.argv[1:]]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def _ways() -> list[list[str]]:
    """As the user that runs this where possible: another one changes what the sandbox does."""
    return [
        ["unshare", "--net"],
        ["unshare", "--net", "--map-current-user"],
        ["unshare", "--net", "--map-root-user"],
    ]


def _succeeds(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
