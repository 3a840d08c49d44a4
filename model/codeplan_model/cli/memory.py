"""`codeplan memory`: what this user's memories hold, and what goes into them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from codeplan_model.cli.interrupt import cancelled_by_ctrl_c
from codeplan_model.cli.output import Output, delivering, escape
from codeplan_model.files import FileError
from codeplan_model.memory import (
    Found,
    Store,
    mend,
    open_shipped,
    user_path,
    workspace_of,
    workspace_path,
)
from codeplan_model.memory.mining import mine, place_of, python_files
from codeplan_model.memory.remembering import keep
from codeplan_model.memory.words import stems

OK, NOTHING = 0, 1

app = typer.Typer(
    no_args_is_help=True,
    help="Solved functions of your own that help with new ones. They stay on this machine.",
)

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
User = Annotated[
    bool, typer.Option("--user", help="The memory that serves every workspace, not this one's.")
]
Workspace = Annotated[
    Path, typer.Option("--workspace", help="A folder of the workspace that is meant.")
]
_HERE = Path()


@app.command()
def add(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Files or folders.")],
    user: User = False,
    as_json: Json = False,
    allow_unsandboxed: Annotated[
        bool,
        typer.Option("--allow-unsandboxed", help="Run examples even where they can't be contained"),
    ] = False,
) -> None:
    """Remember the short functions whose doctests pass; a file that changed is learnt anew."""
    from codeplan_model.sandbox import Sandbox

    output = Output(as_json=as_json)
    new = known = files = 0
    left_out: dict[str, list[str]] = {}
    with (
        Sandbox(consent=allow_unsandboxed, environments=True) as sandbox,
        cancelled_by_ctrl_c() as cancel,
    ):
        for path in paths:
            root = None if user else workspace_of(path)
            with Store(user_path() if root is None else workspace_path(root)) as store:
                for file in python_files(path):
                    mined = mine(file, root, sandbox, cancel)
                    files += 1
                    added = keep(store, mined)
                    new += added
                    known += len(mined.entries) - added
                    for name, reason in mined.passed_over:
                        if name:
                            output.say(f"{mined.place}::{name}: {reason}")
                        else:
                            left_out.setdefault(reason, []).append(mined.place)
                if root is not None:
                    output.say(f"the memory of {root} is {store.path}")
    for reason, places in left_out.items():
        more = f" and {len(places) - 1} files more" if len(places) > 1 else ""
        output.say(f"{places[0]}{more}: {reason}")
    if as_json:
        output.json({"files": files, "added": new, "known": known})
    else:
        output.out.print(f"{new} functions remembered, {known} known already, from {files} files")
    raise typer.Exit(OK if new or known else NOTHING)


@app.command("list")
def show(
    user: User = False,
    workspace: Workspace = _HERE,
    limit: Annotated[int, typer.Option(min=0, help="Entries at most; 0 for all.")] = 0,
    as_json: Json = False,
) -> None:
    """Show what is remembered, in the order in which it came."""
    output = Output(as_json=as_json)
    path = _path(user, workspace)
    count = 0
    if path.exists():
        with Store(path, read_only=True) as store:
            for found in _every(store):
                if limit and count == limit:
                    break
                count += 1
                _print(output, found)
    if not count:
        output.say(f"nothing is remembered in {path}")
    raise typer.Exit(OK if count else NOTHING)


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORD")],
    user: User = False,
    workspace: Workspace = _HERE,
    shipped: Annotated[bool, typer.Option("--shipped", help="The memory that came along.")] = False,
    limit: Annotated[int, typer.Option(min=1)] = 10,
    as_json: Json = False,
) -> None:
    """Find remembered functions by words of their descriptions and names, the best first."""
    output = Output(as_json=as_json)
    path = _path(user, workspace)
    stores = open_shipped() if shipped else []
    if not shipped and path.exists():
        stores = [Store(path, read_only=True)]
    found: list[Found] = []
    for store in stores:
        with store:
            found += store.found(stems(" ".join(words)), limit)
    for hit in found:
        _print(output, hit)
    if not found:
        output.say("nothing with these words is remembered")
    raise typer.Exit(OK if found else NOTHING)


@app.command()
def export(
    out: Annotated[Path, typer.Argument(help="The file (.jsonl) to write; - for the terminal.")],
    user: User = False,
    workspace: Workspace = _HERE,
) -> None:
    """Write everything that is remembered as JSON, one entry a line."""
    path = _path(user, workspace)
    if not path.exists():
        raise FileError(f"nothing is remembered in {path}: there is nothing to export")
    with Store(path, read_only=True) as store:
        lines = (json.dumps(asdict(f.entry), ensure_ascii=False) + "\n" for f in _every(store))
        if str(out) == "-":
            with delivering():
                sys.stdout.writelines(lines)
                sys.stdout.flush()
            return
        partial = out.with_name(out.name + ".partial")
        try:
            with partial.open("w", encoding="utf-8") as file:
                file.writelines(lines)
            partial.replace(out)
        except OSError as error:
            with suppress(OSError):
                partial.unlink()
            raise FileError(f"{out} can't be written: {error.strerror}") from error


@app.command()
def forget(
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="NUMBER|PATH[::FUNCTION]", help="Numbers as `list` shows them."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of it.")] = False,
    user: User = False,
    workspace: Workspace = _HERE,
) -> None:
    """Delete entries by number, by the file or folder they came from, or all of them."""
    output = Output(as_json=False)
    if bool(what) == everything:
        raise FileError("say what to forget: numbers, paths, or --all")
    path = _path(user, workspace)
    count = 0
    if path.exists():
        with Store(path) as store:
            count = store.forget_all() if everything else _forget(store, what or [], user)
    output.out.print(f"{count} functions forgotten")
    raise typer.Exit(OK if count else NOTHING)


@app.command()
def repair(user: User = False, workspace: Workspace = _HERE) -> None:
    """Save what can be read of a damaged memory into a new file; the damaged one is kept."""
    output = Output(as_json=False)
    path = _path(user, workspace)
    if not path.exists():
        raise FileError(f"there is no memory at {path}")
    mended = mend(path)
    if mended.damaged is None:
        output.out.print(escape(f"{path} is sound: {mended.saved} functions"))
    else:
        said = f"{mended.saved} functions saved; the damaged file is {mended.damaged}"
        output.out.print(escape(said))


def _path(user: bool, workspace: Path) -> Path:
    return user_path() if user else workspace_path(workspace_of(workspace))


def _every(store: Store) -> Iterator[Found]:
    after = 0
    while chunk := store.entries(after):
        yield from chunk
        after = chunk[-1].number


def _forget(store: Store, what: Sequence[str], user: bool) -> int:
    numbers = [int(word) for word in what if word.isdecimal()]
    count = store.forget(numbers)
    for word in what:
        if not word.isdecimal():
            name, mark, function = word.partition("::")
            root = None if user else workspace_of(Path(name))
            place = place_of(Path(name), root)
            count += (
                store.forget_all() if place == "." else store.forget_place(place + mark + function)
            )
    return count


def _print(output: Output, found: Found) -> None:
    entry = found.entry
    if output.as_json:
        value: dict[str, Any] = {"number": found.number, **asdict(entry)}
        output.json(value)
        return
    output.out.print(f"[bold]{found.number:>6}[/]  {escape(entry.signature)}")
    doc = entry.wordings[0].split("\n")[0] if entry.wordings else ""
    output.out.print(f"        {escape(doc)}  {escape(entry.origin)}", style="dim")
