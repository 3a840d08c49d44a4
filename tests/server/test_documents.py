"""Documents: incremental changes, and what a URI names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from codeplan_server.documents import Document, path_of
from codeplan_server.positions import Encoding
from codeplan_server.workspace import Documents

TEXTS = st.text(alphabet="ab\r\n é🎉", max_size=30)


def change(codec_text, encoding, start, end, new):
    codec = Document("u", "python", 1, codec_text, encoding).codec
    wanted = types.Range(codec.position(start), codec.position(end))
    return types.TextDocumentContentChangePartial(range=wanted, text=new)


@given(
    TEXTS, st.sampled_from(list(Encoding)), st.lists(st.tuples(st.floats(0, 1), TEXTS), max_size=4)
)
def test_changes_follow_one_another_as_at_the_client(text, encoding, changes):
    document = Document("file:///a.py", "python", 1, text, encoding)
    expected = text
    sent = []
    for where, new in changes:
        start = int(where * len(expected))
        end = min(len(expected), start + 3)
        if any(expected[at - 1 : at + 1] == "\r\n" for at in (start, end) if at):
            continue  # no client can point between the two
        sent.append(change(expected, encoding, start, end, new))
        expected = expected[:start] + new + expected[end:]

    after = document.changed(2, sent)

    assert after.text == expected
    assert document.text == text


def test_a_change_of_the_whole_text_replaces_it():
    document = Document("u", "python", 1, "old", Encoding.UTF16)

    after = document.changed(5, [types.TextDocumentContentChangeWholeDocument("new")])

    assert (after.text, after.version) == ("new", 5)


def test_a_change_of_what_is_not_open_is_none():
    identifier = types.VersionedTextDocumentIdentifier(2, "file:///a.py")

    assert Documents().change(identifier, []) is None


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///home/a/b.py", "/home/a/b.py"),
        ("file:///a%20b/c%25d.py", "/a b/c%d.py"),
        ("file:///C%3A/a/b.py", "C:/a/b.py"),
        ("file:///c:/a/b.py", "c:/a/b.py"),
        ("file://localhost/a.py", "/a.py"),
        ("file://server/share/a.py", "//server/share/a.py"),
        ("file:///%C3%A4.py", "/ä.py"),
        ("untitled:Untitled-1", None),
        ("vscode-notebook-cell:/a.ipynb#W0", None),
        ("", None),
        ("file://[", None),
    ],
)
def test_what_a_uri_names(uri, path):
    assert path_of(uri) == path
