"""`codeplan.status`: what the server is, holds and does, without loading anything.

Argument: none, or {"uri"} for the settings that hold for a document. Documents are named with their
version and a digest of their text, so that a client can compare, and without the text itself.
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
    uri = arguments_of(params).get("uri", "")
    if not isinstance(uri, str):
        raise invalid_params(f'{NAME} takes {{"uri": ...}} or nothing')
    documents = [
        {
            "uri": document.uri,
            "version": document.version,
            "length": len(document.text),
            "sha256": hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest(),
        }
        for document in session.documents
    ]
    return _status(session, documents, uri)


async def _status(session: Session, documents: list[Result], uri: str) -> Result:
    settings = await session.current_settings(uri)
    sandbox = session.engine.sandboxes.current()
    backend = session.engine.backends.current()
    return {
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


def _last(session: Session) -> dict[str, str] | None:
    """What the last search ended with and where its plan and code came from."""
    if session.last is None:
        return None
    said = session.last.to_json()
    return {key: said[key] for key in ("function", "outcome", "origin", "plan_origin")}
