"""Check the Lua in editors/neovim and tests/neovim: StyLua for its form, Luacheck for its sense.

    check_lua.py          says what is wrong and fails
    check_lua.py --fix    rewrites files in StyLua's form, then checks

StyLua is the package index's build for Node.js, Luacheck comes from Debian's packages; both are
installed below .venv when they are not there. Where this machine's apt has no Debian archive,
Luacheck is left out, and that is said. Types are not checked: no package index has a Lua checker
that knows the annotations.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

from debian_packages import KIND, NotToBeHad, unpack, write_program
from install_vscode import NODE_PROGRAM, InstallError, install_node, npm

STYLUA = "@johnnymorganz/stylua@2.5.2"
LUACHECK, RELEASE = "lua-check", "bookworm"
ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".venv/lua"
PLACES = ("editors/neovim", "tests/neovim")

# StyLua's build for Node.js has no command line: this gives it one.
FORMAT = """
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
const [home, settings, fix, ...paths] = process.argv.slice(1);
const stylua = createRequire(home + '/')('@johnnymorganz/stylua');
const names = {
  indent_type: stylua.IndentType, quote_style: stylua.QuoteStyle, syntax: stylua.LuaVersion,
};
let wrong = 0;
for (const path of paths) {
  const config = stylua.Config.new();
  for (const [key, value] of Object.entries(JSON.parse(settings)))
    config[key] = names[key] ? names[key][value] : value;
  const text = readFileSync(path, 'utf8');
  const formed = stylua.formatCode(text, config, undefined, stylua.OutputVerification.Full);
  if (formed === text) continue;
  if (fix === 'fix') writeFileSync(path, formed);
  else { wrong += 1; console.log(path + ': not in the form of StyLua (check_lua.py --fix)'); }
}
process.exit(wrong ? 1 : 0);
"""


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--fix"]):
        print(__doc__, file=sys.stderr)
        return 2
    files = sorted(str(path) for place in PLACES for path in (ROOT / place).rglob("*.lua"))
    try:
        good = form(files, fix=bool(arguments))
    except InstallError as error:
        print(f"check_lua: {error}", file=sys.stderr)
        return 1
    try:
        good = sense(files) and good
    except NotToBeHad as problem:
        print(f"check_lua: Luacheck is left out: {problem}", flush=True)
    return 0 if good else 1


def form(files: list[str], *, fix: bool) -> bool:
    """Whether the files are in StyLua's form, by the settings in stylua.toml."""
    install_node()
    folder = FOLDER / "stylua"
    if not (folder / "node_modules").exists():
        print(f"Installing {STYLUA}", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        npm(["install", "--prefix", folder, "--ignore-scripts", STYLUA], folder)
    settings = json.dumps(tomllib.loads((ROOT / "stylua.toml").read_text()))
    node: list[str | Path] = [NODE_PROGRAM, "--input-type=module", "--eval", FORMAT]
    words = [*node, "--", folder, settings, "fix" if fix else "check", *files]
    return subprocess.run(words, check=False).returncode == 0


def sense(files: list[str]) -> bool:
    """Whether Luacheck has nothing to say, by the settings in .luacheckrc. Raises NotToBeHad."""
    folder = FOLDER / "luacheck"
    lua = folder / "bin/lua5.1"
    if not lua.exists():
        print("Installing Luacheck", flush=True)
        unpack(LUACHECK, RELEASE, folder, beside=("lua-filesystem",))
        share = "{folder}/usr/share/lua/5.1"
        paths = {
            "LUA_PATH": f"{share}/?.lua;{share}/?/init.lua",
            "LUA_CPATH": f"{{folder}}/usr/lib/{KIND}/lua/5.1/?.so",
        }
        write_program(folder, "lua5.1", paths)
    words = [lua, folder / "usr/bin/luacheck", "--quiet", "--no-color", *files]
    return subprocess.run(words, cwd=ROOT, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
