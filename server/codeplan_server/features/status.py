"""`codeplan.status`: what the server is, holds and does, without loading anything.

Argument: none, or {"uri"} for the settings that hold for a document; with "show": true, `message`,
the same in words, is shown too. Documents are named with their version and a digest of their text,
so that a client can compare, and without the text itself.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import time
from collections.abc import Awaitable

from lsprotocol import types

from codeplan_server import __version__
from codeplan_server.commands import Result, arguments_of
from codeplan_server.rpc import Call, invalid_params
from codeplan_server.session import Session

NAME = "codeplan.status"


def status(session: Session, params: types.ExecuteCommandParams, call: Call) -> Awaitable[Result]:
    arguments = arguments_of(params)
    uri, show = arguments.get("uri", ""), arguments.get("show", False)
    if not isinstance(uri, str) or not isinstance(show, bool):
        raise invalid_params(f'{NAME} takes {{"uri": ..., "show": true}} or nothing')
    documents = [
        {
            "uri": document.uri,
            "version": document.version,
            "length": len(document.text),
            "sha256": hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest(),
        }
        for document in session.documents
    ]
    return _status(session, documents, uri, show=show)


async def _status(session: Session, documents: list[Result], uri: str, *, show: bool) -> Result:
    settings = await session.current_settings(uri)
    sandbox = session.engine.sandboxes.current()
    backend = session.engine.backends.current()
    status: Result = {
        "version": __version__,
        "process": os.getpid(),
        "positionEncoding": session.documents.encoding.value,
        "documents": documents,
        "works": [
            {
                "number": work.number,
                "command": work.command,
                "uri": work.uri,
                "function": work.function,
                "seconds": round(time.monotonic() - work.began, 3),
            }
            for work in session.works
        ],
        "backend": {
            "kind": settings.backend.kind,
            "model": settings.backend.model or "embedded",
            "open": backend is not None,
            "name": session.model.name if session.model else "",
            "device": session.model.device if session.model else "",
        },
        "last": _last(session),
        "sandbox": sandbox.level.describe() if sandbox else "not started yet",
        "trusted": session.trusted,
        "folders": list(session.folders),
        "settings": dataclasses.asdict(settings),
        "settingsProblems": list(session.settings_problems),
        "logFile": session.log_file,
    }
    status["message"] = _words(status)
    if show:
        session.client.show(status["message"])
    return status


def _words(status: Result) -> str:
    """The status for a person."""
    backend, works = status["backend"], status["works"]
    model = backend["name"] or f"{backend['model']} ({backend['kind']})"
    device = f" on {backend['device']}" if backend["device"] else ""
    lines = [
        f"codeplan {status['version']}: model {model}{device}, "
        f"{'in use' if backend['open'] else 'not loaded yet'}",
        f"sandbox: {status['sandbox']}",
        *(
            f"running: {work['command']} {work['function']}".rstrip()
            + f", {work['seconds']:.0f} s so far"
            for work in works
        ),
        *([] if works else ["nothing is running"]),
        *([] if status["trusted"] else ["this workspace is not trusted"]),
        *status["settingsProblems"],
    ]
    return "; ".join(lines)


def _last(session: Session) -> dict[str, str] | None:
    """What the last search ended with and where its plan and code came from."""
    if session.last is None:
        return None
    said = session.last.to_json()
    return {key: said[key] for key in ("function", "outcome", "origin", "plan_origin")}
