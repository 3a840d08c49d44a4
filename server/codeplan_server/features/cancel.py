"""`codeplan.cancel`: stop running commands.

Argument: none for all, {"number"} for one (see codeplan.status), {"uri"} for those of one document.
Value: {"cancelled": how many}.
"""

from __future__ import annotations

from lsprotocol import types

from codeplan_server.commands import Result, arguments_of
from codeplan_server.rpc import Call
from codeplan_server.session import Session
from codeplan_server.workers import cancel_aside

NAME = "codeplan.cancel"


def cancel(session: Session, params: types.ExecuteCommandParams, call: Call) -> Result:
    wanted = arguments_of(params)
    works = [
        work
        for work in session.works
        if wanted.get("number") in (None, work.number) and wanted.get("uri") in (None, work.uri)
    ]
    for work in works:
        cancel_aside(work.cancel.cancel)
    return {"cancelled": len(works)}
