"""The client's notebooks: opened, changed, closed; their cells are documents like any other."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from codeplan_server.features.diagnostics import clear_diagnostics
from codeplan_server.features.synchronization import forget
from codeplan_server.session import Session

SYNC = types.NotebookDocumentSyncOptions(
    notebook_selector=[
        types.NotebookDocumentFilterWithCells(cells=[types.NotebookCellLanguage("python")])
    ]
)


def did_open(session: Session, params: types.DidOpenNotebookDocumentParams) -> None:
    for item in params.cell_text_documents:
        session.documents.open(item)
    cells = [cell.document for cell in params.notebook_document.cells]
    session.documents.arrange(params.notebook_document.uri, cells)


def did_change(session: Session, params: types.DidChangeNotebookDocumentParams) -> None:
    """Cells added, removed or moved, and their texts changed."""
    notebook = params.notebook_document.uri
    changes = params.change.cells
    if changes is None:
        return
    before = session.documents.cells(notebook)
    if changes.structure is not None:
        structure = changes.structure
        _close(session, [document.uri for document in structure.did_close or ()])
        for item in structure.did_open or ():
            session.documents.open(item)
        cells = list(before)
        start = structure.array.start
        new = [cell.document for cell in structure.array.cells or ()]
        cells[start : start + structure.array.delete_count] = new
        session.documents.arrange(notebook, cells)
    for content in changes.text_content or ():
        session.documents.change(content.document, content.changes)
    # A cell's examples may have used what another cell defines.
    for uri in {*before, *session.documents.cells(notebook)}:
        document = session.documents.get(uri)
        clear_diagnostics(session, uri, document.version if document else 0)


def did_close(session: Session, params: types.DidCloseNotebookDocumentParams) -> None:
    uris = [document.uri for document in params.cell_text_documents]
    session.documents.arrange(params.notebook_document.uri, ())
    _close(session, uris)


def _close(session: Session, uris: Sequence[str]) -> None:
    for uri in uris:
        document = session.documents.get(uri)
        session.documents.close(uri)
        if document is not None:
            clear_diagnostics(session, uri, document.version)
        forget(session, uri)
