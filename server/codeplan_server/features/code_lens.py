"""`textDocument/codeLens`: above each function what most likely comes next.

"Plan then code" where a body is missing; "Repair" where an example in the docstring has failed;
"Run examples" where there are some.
"""

from __future__ import annotations

from collections.abc import Awaitable

from lsprotocol import types

from codeplan_model.extract import FunctionSite, all_functions, file_examples
from codeplan_model.values import ExampleKind
from codeplan_server.commands import command_at
from codeplan_server.documents import Document
from codeplan_server.features import plan_then_code, repair, run_examples
from codeplan_server.rpc import Call
from codeplan_server.session import Session

TITLE = "Plan then code"
REPAIR_TITLE = "Repair"
EXAMPLES_TITLE = "Run examples"


def code_lens(
    session: Session, params: types.CodeLensParams, call: Call
) -> Awaitable[list[types.CodeLens]] | list[types.CodeLens]:
    document = session.documents.get(params.text_document.uri)
    if document is None or not document.is_python:
        return []
    return _lenses(session, document, call)


async def _lenses(session: Session, document: Document, call: Call) -> list[types.CodeLens]:
    settings = await session.current_settings(document.uri)
    if not settings.code_lens.enable:
        return []
    failing = session.failing.get(document.uri, ())
    lines = {result.example.line for result in failing if result.example.name == ""}
    return await session.readers.submit(lambda: lenses(document, lines), call.cancel)


def lenses(document: Document, failing: set[int]) -> list[types.CodeLens]:
    """failing: the lines of examples that failed."""
    codec = document.codec
    sites = [site for site in all_functions(document.text) if document.owns(site.header)]
    wrong = {_innermost(document, sites, line) for line in map(document.own_line, failing)}
    found = [e.line for e in file_examples(document.text) if e.kind is ExampleKind.DOCTEST]
    tried = {_innermost(document, sites, line) for line in map(document.own_line, found)}
    made: list[types.CodeLens] = []
    for site in sites:
        if site.to_write:
            title, name = TITLE, plan_then_code.NAME
        elif site in wrong:
            title, name = REPAIR_TITLE, repair.NAME
        elif site in tried:
            title, name = EXAMPLES_TITLE, run_examples.NAME
        else:
            continue
        at = codec.position(site.name.start)
        made.append(
            types.CodeLens(
                range=codec.range(site.header), command=command_at(title, name, document.uri, at)
            )
        )
    return made


def _innermost(
    document: Document, sites: list[FunctionSite], line: int | None
) -> FunctionSite | None:
    """The function whose docstring or body has this line."""
    if line is None:
        return None
    offset = document.codec.offset(types.Position(line, 0))
    around = [s for s in sites if s.extent.start <= offset < s.extent.end]
    return max(around, key=lambda site: site.extent.start, default=None)
