"""`textDocument/codeLens`: "Plan then code" above each function to write."""

from __future__ import annotations

from collections.abc import Awaitable

from lsprotocol import types

from codeplan_model.extract import all_functions
from codeplan_server.commands import command_at
from codeplan_server.documents import Document
from codeplan_server.features import plan_then_code
from codeplan_server.rpc import Call
from codeplan_server.session import Session

TITLE = "Plan then code"


def code_lens(
    session: Session, params: types.CodeLensParams, call: Call
) -> Awaitable[list[types.CodeLens]] | list[types.CodeLens]:
    document = session.documents.get(params.text_document.uri)
    if document is None or not document.is_python or not session.settings.code_lens.enable:
        return []
    return session.readers.submit(lambda: lenses(document), call.cancel)


def lenses(document: Document) -> list[types.CodeLens]:
    codec = document.codec
    return [
        types.CodeLens(
            range=codec.range(site.header),
            command=command_at(
                TITLE, plan_then_code.NAME, document.uri, codec.position(site.name.start)
            ),
        )
        for site in all_functions(document.text)
        if site.to_write
    ]
