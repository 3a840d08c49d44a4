"""Unpack a package of some Debian release, with all that it stands on, into a folder, and let its
programs run from there. For editors and tools of another release than this machine's.

Nothing is installed and no root is needed: the programs run with the loader and the libraries of
their own release. The archive is the one that this machine's apt uses. Scripts of packages are not
run, so what needs them is not for this.
"""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
KIND = f"{platform.machine()}-linux-gnu"
"""The folder that libraries of this machine's kind stand in."""


class NotToBeHad(Exception):
    """Why a package can't be unpacked here, in words."""


def unpack(
    package: str, release: str, folder: Path, starting: str = "", beside: tuple[str, ...] = ()
) -> str:
    """Unpack `package` of `release` ("trixie"), packages beside it, and all dependencies into
    `folder`, which is made.

    Downloads are kept in the user's cache folder. Returns the package's version, which must begin
    with `starting`. Raises NotToBeHad, and then `folder` is as it was.
    """
    apt = private_apt(release)
    # When the lists can't be had anew, those of the last time are used; the next step needs some.
    said([*apt, "update"], check=False)
    planned = said([*apt, "-s", "-qq", "install", package, *beside])
    versions: dict[str, str] = {}
    for line in planned.splitlines():
        words = line.split()
        if words[:1] == ["Inst"]:
            versions[words[1]] = words[2].lstrip("(")
    if package not in versions:
        raise NotToBeHad(f"Debian {release} has no package {package}")
    version = versions[package].split(":")[-1]
    if not version.startswith(starting):
        raise NotToBeHad(f"Debian {release} has {package} {version}, not {starting}")
    archives = cache(release) / "archives"
    names = [f"{name}={number}" for name, number in versions.items()]
    said([*apt, "-qq", "download", *names], folder=archives)
    making = folder.with_name(folder.name + ".part")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    for name, number in versions.items():
        (archive,) = archives.glob(f"{name}_{number.replace(':', '%3a')}_*.deb")
        said(["dpkg-deb", "-x", str(archive), str(making)])
    shutil.rmtree(folder, ignore_errors=True)
    making.rename(folder)
    return version


def write_program(folder: Path, name: str, environment: Mapping[str, str]) -> Path:
    """Write `folder`/bin/`name`, which runs usr/bin/`name` with its own loader and libraries.

    In the values of `environment` {folder} stands for the folder.
    """
    loaders = sorted(folder.glob("usr/lib*/ld-linux-*.so.*")) or sorted(
        folder.glob("lib*/ld-*.so.*")
    )
    if not loaders:
        raise NotToBeHad(f"{folder} holds no program loader")
    libraries = ":".join(str(folder / part / KIND) for part in ("usr/lib", "lib"))
    lines = ["#!/bin/sh"]
    for key, value in environment.items():
        lines.append(f"export {key}={shlex.quote(value.format(folder=folder))}")
    words = [str(loaders[0]), "--library-path", libraries, str(folder / "usr/bin" / name)]
    lines.append(f'exec {shlex.join(words)} "$@"')
    program = folder / "bin" / name
    program.parent.mkdir(exist_ok=True)
    program.write_text("\n".join(lines) + "\n")
    program.chmod(0o755)
    return program


def cache(release: str) -> Path:
    """Where lists and packages of a release are kept between runs."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    return Path(home) / "codeplan-tools" / release


def private_apt(release: str) -> list[str]:
    """The words of an apt-get that knows one release, thinks nothing is installed, and touches
    only the cache folder. Raises NotToBeHad."""
    for program in ("apt-get", "dpkg-deb"):
        if not shutil.which(program):
            raise NotToBeHad(f"{program} is not on this machine")
    folder = cache(release)
    for part in ("lists/partial", "archives/partial"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    source = folder / "sources.list"
    signed = f"[signed-by={KEYS}] " if KEYS.exists() else ""
    source.write_text(f"deb {signed}{archive_address()} {release} main\n")
    options = {
        "Dir::Etc::SourceList": source,
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State": folder,
        "Dir::State::Lists": folder / "lists",
        "Dir::State::status": "/dev/null",
        "Dir::Cache": folder,
        "Debug::NoLocking": "1",
        "APT::Install-Recommends": "0",
        "APT::Sandbox::User": "root",
        "Acquire::Retries": "5",
    }
    return ["apt-get", *(f"-o{name}={value}" for name, value in options.items())]


def archive_address() -> str:
    """The address of the Debian archive that this machine's apt uses."""
    told = platform.freedesktop_os_release()
    targets = said(
        ["apt-get", "indextargets", "--no-release-info", "--format", "$(RELEASE) $(REPO_URI)"]
    )
    for line in targets.splitlines():
        release, _, address = line.partition(" ")
        if told.get("ID") == "debian" and release == told.get("VERSION_CODENAME"):
            return address
    raise NotToBeHad("this machine's apt uses no Debian archive")


def said(words: list[str], folder: Path | None = None, check: bool = True) -> str:
    """What a program wrote to its standard output. Raises NotToBeHad with its error's last lines
    when it failed, unless `check` is False."""
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    if check and done.returncode:
        problem = "; ".join((done.stderr or done.stdout).strip().splitlines()[-3:])
        raise NotToBeHad(f"{Path(words[0]).name} failed: {problem}")
    return done.stdout
