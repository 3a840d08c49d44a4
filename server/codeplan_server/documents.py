"""Documents: immutable values, replaced by a new one on every change.

A request takes the document as it stands when the request is read, and works on that value however
the user types meanwhile. Files that are not open are not known here: the server does not assume
that it sees the client's files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import unquote, urlsplit

from lsprotocol import types

from codeplan_model.values import Edit, Span
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

    def owns(self, span: Span) -> bool:
        """Whether a span of the text is this document's own."""
        return True

    def own_line(self, line: int) -> int | None:
        """A line of the text as this document counts it; None for another document's."""
        return line

    def shown_line(self, line: int) -> int:
        """A line of the text, counted from 1, as the editor shows it beside this document."""
        own = self.own_line(line - 1)
        return line if own is None else own + 1

    def placed(self, edits: Sequence[Edit]) -> list[tuple[Document, list[types.TextEdit]]]:
        """Edits of the text as the protocol has them, by the document that they belong to."""
        return [(self, [types.TextEdit(self.codec.range(e.span), e.new_text) for e in edits])]

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
