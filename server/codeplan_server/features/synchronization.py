"""The client's documents: opened, changed, saved, closed."""

from __future__ import annotations

import logging

from lsprotocol import types

from codeplan_server.features.diagnostics import clear_diagnostics
from codeplan_server.features.early import load_early
from codeplan_server.features.run_examples import run_on_save
from codeplan_server.session import Session

logger = logging.getLogger(__name__)


def did_open(session: Session, params: types.DidOpenTextDocumentParams) -> None:
    uri = params.text_document.uri
    session.documents.open(params.text_document)
    clear_diagnostics(session, uri, params.text_document.version)
    forget(session, uri)
    document = session.documents.get(uri)
    if document is not None and document.is_python:
        session.spawn(load_early(session, document))


def did_change(session: Session, params: types.DidChangeTextDocumentParams) -> None:
    document = session.documents.change(params.text_document, params.content_changes)
    if document is None:
        logger.warning("a change of a document that is not open was ignored")
        return
    for uri in session.documents.together(document.uri):
        clear_diagnostics(session, uri, document.version)


def did_save(session: Session, params: types.DidSaveTextDocumentParams) -> None:
    document = session.documents.get(params.text_document.uri)
    if document is not None and document.is_python:
        session.spawn(run_on_save(session, document))


def did_close(session: Session, params: types.DidCloseTextDocumentParams) -> None:
    uri = params.text_document.uri
    document = session.documents.get(uri)
    session.documents.close(uri)
    if document is not None:
        clear_diagnostics(session, uri, document.version)
    forget(session, uri)


def forget(session: Session, uri: str) -> None:
    """What was found for a document is not asked for again."""
    for key in [key for key in session.outcomes if key[0] == uri]:
        del session.outcomes[key]
