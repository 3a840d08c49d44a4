"""What commands share: how they are named to a client, arguments, works, progress, the end.

A command ends with a value in every case that a user can bring about: `outcome` says which. Errors
of JSON-RPC are left for misuse (wrong arguments), for `$/cancelRequest`, and for bugs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from lsprotocol import types

from codeplan_model.extract import ExtractError
from codeplan_model.generation import Cancelled
from codeplan_server.documents import Document
from codeplan_server.progress import WorkProgress
from codeplan_server.rpc import Call, invalid_params
from codeplan_server.searching import SearchFailed
from codeplan_server.session import Session
from codeplan_server.targets import Target, target_at

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """A command's argument {"uri", "position", ...}, with the document as it is when it is read."""

    document: Document
    position: types.Position
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Command:
    """One run of a command. title: what it does, in words that a function's name may follow."""

    name: str
    title: str
    session: Session
    call: Call
    token: types.ProgressToken | None


def command_at(title: str, name: str, uri: str, position: types.Position) -> types.Command:
    """A command on the function at a position, for a client to offer."""
    place = {"uri": uri, "position": {"line": position.line, "character": position.character}}
    return types.Command(title, name, arguments=[place])


def arguments_of(params: types.ExecuteCommandParams) -> dict[str, Any]:
    """The command's one argument, an object; {} when there is none."""
    given: list[Any] = list(params.arguments or [])
    if not given:
        return {}
    if len(given) > 1 or not isinstance(given[0], dict):
        raise invalid_params(f"{params.command} takes one argument, an object")
    return given[0]


def document_of(session: Session, params: types.ExecuteCommandParams) -> Document:
    """The document that the argument's "uri" names."""
    uri = arguments_of(params).get("uri")
    if not isinstance(uri, str):
        raise invalid_params(f'{params.command} needs {{"uri": ...}} of an open document')
    return session.document(uri)


def place_of(session: Session, params: types.ExecuteCommandParams) -> Place:
    """The function that the argument points at: a position in an open document."""
    arguments = arguments_of(params)
    if "uri" not in arguments or "position" not in arguments:
        raise invalid_params(f'{params.command} needs {{"uri": ..., "position": ...}}')
    document = document_of(session, params)
    try:
        position = session.protocol.structure(arguments["position"], types.Position)
    except ValueError as error:
        raise invalid_params(f"{params.command}: position: {error}") from error
    return Place(document, position, arguments)


@contextmanager
def working(command: Command, uri: str, function: str = "") -> Iterator[WorkProgress]:
    """Register the command as running and show its progress, until the block ends.

    Raises RequestFailed when the function is being worked on.
    """
    session, cancel = command.session, command.call.cancel
    title = f"codeplan: {command.title} {function}".rstrip()
    with session.work(command.name, uri, function, cancel):
        progress = WorkProgress(
            session.client, session.progress_tokens, title, cancel, command.token
        )
        progress.start()
        try:
            yield progress
        finally:
            progress.end("cancelled" if cancel.cancelled else "done")


async def run_on_function(
    command: Command,
    place: Place,
    act: Callable[[Target, WorkProgress], Awaitable[Callable[[], Awaitable[Result]] | Result]],
) -> Result:
    """Find the function, show progress and do `act`.

    `act` may give a function for what comes after the work, such as a question to the user: it is
    called when the progress has ended and the function is free for other commands.
    """
    session, call = command.session, command.call
    target: Target | None = None
    try:
        target = await session.readers.submit(
            lambda: target_at(place.document, place.position), call.cancel
        )
        if target is None:
            line = place.position.line + 1
            return _ended(session, None, "error", f"line {line} is in no function: nothing to do")
        with working(command, target.document.uri, target.name) as progress:
            result = await act(target, progress)
        return await result() if callable(result) else result
    except Cancelled:
        if call.withdrawn:
            raise
        return _result(target, "cancelled", "cancelled: nothing was changed")
    except (SearchFailed, ExtractError) as error:
        return _ended(session, target, "error", str(error))


def _ended(session: Session, target: Target | None, outcome: str, message: str) -> Result:
    session.client.error(message if target is None else f"{target.name}: {message}")
    return _result(target, outcome, message)


def _result(target: Target | None, outcome: str, message: str) -> Result:
    return {
        "file": target.document.path if target else None,
        "function": target.name if target else None,
        "outcome": outcome,
        "message": message,
        "applied": False,
    }
