"""`codeplan.status`: what the server is, holds and does, without loading anything.

Documents are named with their version and a digest of their text, so that a client can compare,
and without the text itself.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import time

from lsprotocol import types

from codeplan_server import __version__
from codeplan_server.commands import Result
from codeplan_server.rpc import Call
from codeplan_server.session import Session

NAME = "codeplan.status"


def status(session: Session, params: types.ExecuteCommandParams, call: Call) -> Result:
    sandbox = session.engine.sandboxes.current()
    backend = session.engine.backends.current()
    return {
        "version": __version__,
        "process": os.getpid(),
        "positionEncoding": session.documents.encoding.value,
        "documents": [
            {
                "uri": document.uri,
                "version": document.version,
                "length": len(document.text),
                "sha256": hashlib.sha256(
                    document.text.encode("utf-8", "surrogatepass")
                ).hexdigest(),
            }
            for document in session.documents
        ],
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
            "kind": session.settings.backend.kind,
            "model": session.settings.backend.model or "embedded",
            "open": backend is not None,
            "name": session.model.name if session.model else "",
            "device": session.model.device if session.model else "",
        },
        "sandbox": sandbox.level.describe() if sandbox else "not started yet",
        "trusted": session.trusted,
        "settings": dataclasses.asdict(session.settings),
        "settingsProblems": list(session.settings_problems),
        "logFile": session.log_file,
    }
