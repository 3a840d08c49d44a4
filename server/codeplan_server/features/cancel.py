"""`codeplan.cancel`: stop running commands.

Argument: none for all, {"number"} for one (see codeplan.status), {"uri"} for those of one document.
Value: {"cancelled": how many}.
"""

from __future__ import annotations

import threading

from lsprotocol import types

from codeplan_server.commands import Result, arguments_of
from codeplan_server.rpc import Call
from codeplan_server.session import Session

NAME = "codeplan.cancel"


def cancel(session: Session, params: types.ExecuteCommandParams, call: Call) -> Result:
    wanted = arguments_of(params)
    works = [
        work
        for work in session.works
        if wanted.get("number") in (None, work.number) and wanted.get("uri") in (None, work.uri)
    ]
    for work in works:
        threading.Thread(target=work.cancel.cancel, name="cancel", daemon=True).start()
    return {"cancelled": len(works)}
