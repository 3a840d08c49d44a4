"""Failing examples, marked at their lines: pushed, or pulled by clients that do so (never both).

They hold for one text: the first change clears them.
"""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from codeplan_model.values import ExampleKind, ExampleResult, Status
from codeplan_server.documents import Document
from codeplan_server.rpc import Call
from codeplan_server.session import Session

SOURCE = "codeplan"
_CODES = {
    Status.FAILED: "example-failed",
    Status.TIMED_OUT: "example-timed-out",
    Status.CRASHED: "example-crashed",
}


def document_diagnostic(
    session: Session, params: types.DocumentDiagnosticParams, call: Call
) -> types.RelatedFullDocumentDiagnosticReport:
    """`textDocument/diagnostic`."""
    return types.RelatedFullDocumentDiagnosticReport(
        list(session.diagnostics.get(params.text_document.uri, ()))
    )


async def show_diagnostics(
    session: Session, document: Document, results: Sequence[ExampleResult], *, mark: bool
) -> None:
    """Keep what failed and, with `mark`, mark it, unless the text is another one by now."""
    if session.documents.get(document.uri) is not document:
        return
    failing = tuple(result for result in results if result.status in _CODES)
    if failing != session.failing.pop(document.uri, ()):
        session.spawn(session.client.refresh_lenses())
    if failing:
        session.failing[document.uri] = failing
    if not mark:
        return
    found = [
        diagnostic
        for result in results
        if (diagnostic := diagnostic_of(document, result)) is not None
    ]
    had = session.diagnostics.pop(document.uri, None)
    if found:
        session.diagnostics[document.uri] = found
    if not session.client.can.pull_diagnostics:
        if found or had:
            session.client.diagnostics(document.uri, document.version, found)
    elif found or had:
        await session.client.refresh_diagnostics()


def clear_diagnostics(session: Session, uri: str, version: int) -> None:
    """The text has changed or is gone: nothing that was said about it holds."""
    session.failing.pop(uri, None)
    if session.diagnostics.pop(uri, None) is None:
        return
    if session.client.can.pull_diagnostics:
        session.spawn(session.client.refresh_diagnostics())
    else:
        session.client.diagnostics(uri, version, [])


def diagnostic_of(document: Document, result: ExampleResult) -> types.Diagnostic | None:
    """The mark for one example; None when it passed, was not judged, or stands in another file."""
    example = result.example
    code = _CODES.get(result.status)
    if code is None or example.kind is ExampleKind.TEST:
        return None
    if document.own_line(example.line) is None:
        return None
    return types.Diagnostic(
        range=document.codec.line_range(example.line),
        message=_words(result),
        severity=types.DiagnosticSeverity.Warning,
        code=code,
        source=SOURCE,
    )


def _words(result: ExampleResult) -> str:
    want = (result.example.want or "").rstrip("\n")
    got = result.got.rstrip("\n")
    match result.status:
        case Status.TIMED_OUT:
            return f"this example ran out of time{': ' + got if got else ''}"
        case Status.CRASHED:
            return f"this example could not be run{': ' + got if got else ''}"
    if result.example.kind is ExampleKind.ASSERT:
        return f"this assertion fails: {got}" if got else "this assertion fails"
    if "\n" in want or "\n" in got:
        return f"expected:\n{want or 'nothing'}\ngot:\n{got or 'nothing'}"
    return f"expected {want or 'nothing'}, got {got or 'nothing'}"
