"""The open documents: immutable values, replaced by a new one on every change.

A request takes the document as it stands when the request is read, and works on that value however
the user types meanwhile. Files that are not open are not known here: the server does not assume
that it sees the client's files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import unquote, urlsplit

from lsprotocol import types

from codeplan_server.positions import Encoding, PositionCodec

Change = types.TextDocumentContentChangePartial | types.TextDocumentContentChangeWholeDocument


@dataclass(frozen=True)
class Document:
    """One version of one document's text."""

    uri: str
    language_id: str
    version: int
    text: str
    encoding: Encoding

    @cached_property
    def codec(self) -> PositionCodec:
        return PositionCodec(self.text, self.encoding)

    @property
    def path(self) -> str | None:
        """The file, for messages and for the tests beside it; None when the URI names no file."""
        return path_of(self.uri)

    @property
    def is_python(self) -> bool:
        return self.language_id == "python" or self.uri.endswith((".py", ".pyi"))

    def changed(self, version: int, changes: Sequence[Change]) -> Document:
        """The document after changes, each of which refers to the text after the one before."""
        document = replace(self, version=version)
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                span = document.codec.span(change.range)
                text = document.text[: span.start] + change.text + document.text[span.end :]
            else:
                text = change.text
            document = replace(document, text=text)
        return document


class Documents:
    """What the client has open. Used by the protocol's thread only."""

    def __init__(self) -> None:
        self.encoding = Encoding.UTF16
        self._open: dict[str, Document] = {}

    def __iter__(self) -> Iterator[Document]:
        return iter(list(self._open.values()))

    def get(self, uri: str) -> Document | None:
        return self._open.get(uri)

    def open(self, item: types.TextDocumentItem) -> Document:
        language = str(getattr(item.language_id, "value", item.language_id))
        document = Document(item.uri, language, item.version, item.text, self.encoding)
        self._open[item.uri] = document
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
        return document

    def close(self, uri: str) -> None:
        self._open.pop(uri, None)


def path_of(uri: str) -> str | None:
    """The path of a file URI ("file:///C%3A/a%20b.py" too), None for every other scheme."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme != "file":
        return None
    path = unquote(parts.path)
    if parts.netloc and parts.netloc != "localhost":
        return f"//{parts.netloc}{path}"
    if len(path) >= 3 and path[0] == "/" and path[1].isalpha() and path[2] == ":":
        return path[1:]
    return path or None
