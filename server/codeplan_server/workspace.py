"""What the client has open: documents, and notebooks of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lsprotocol import types

from codeplan_server.documents import Change, Document
from codeplan_server.notebooks import view_of
from codeplan_server.positions import Encoding


class Documents:
    """What the client has open. Used by the protocol's thread only."""

    def __init__(self) -> None:
        self.encoding = Encoding.UTF16
        self._open: dict[str, Document] = {}
        self._notebooks: dict[str, list[str]] = {}
        self._views: dict[str, Document] = {}

    def __iter__(self) -> Iterator[Document]:
        """All documents; the cells of notebooks by themselves."""
        return iter(list(self._open.values()))

    def get(self, uri: str) -> Document | None:
        """The document; a cell together with its notebook. The same object until it changes."""
        notebook = self.notebook_of(uri)
        document = self._open.get(uri)
        if notebook is None or document is None:
            return document
        if uri not in self._views:
            cells = [self._open[cell] for cell in self._notebooks[notebook] if cell in self._open]
            self._views[uri] = view_of(cells, cells.index(document))
        return self._views[uri]

    def notebook_of(self, uri: str) -> str | None:
        """The notebook that a cell belongs to."""
        return next((name for name, cells in self._notebooks.items() if uri in cells), None)

    def scope_of(self, uri: str) -> str:
        """What a document's settings go by: a cell's notebook, else the document itself."""
        return self.notebook_of(uri) or uri

    def together(self, uri: str) -> list[str]:
        """The document and those that are read with it: all cells of its notebook."""
        notebook = self.notebook_of(uri)
        return [uri] if notebook is None else list(self._notebooks[notebook])

    def arrange(self, notebook: str, cells: Sequence[str]) -> None:
        """A notebook's cells, in order; none when it is closed."""
        self._views.clear()
        if cells:
            self._notebooks[notebook] = list(cells)
        else:
            self._notebooks.pop(notebook, None)

    def cells(self, notebook: str) -> list[str]:
        return list(self._notebooks.get(notebook, ()))

    def open(self, item: types.TextDocumentItem) -> Document:
        language = str(getattr(item.language_id, "value", item.language_id))
        document = Document(item.uri, language, item.version, item.text, self.encoding)
        self._open[item.uri] = document
        self._views.clear()
        return document

    def change(
        self, identifier: types.VersionedTextDocumentIdentifier, changes: Sequence[Change]
    ) -> Document | None:
        """The new document; None when it is not open."""
        document = self._open.get(identifier.uri)
        if document is None:
            return None
        document = document.changed(identifier.version, changes)
        self._open[identifier.uri] = document
        self._views.clear()
        return document

    def close(self, uri: str) -> None:
        self._open.pop(uri, None)
        self._views.clear()
