"""Positions <-> offsets in every encoding, with every line end, and outside of everything."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from codeplan_model.values import Span
from codeplan_server.positions import Encoding, PositionCodec

TEXTS = st.text(alphabet="ab\r\n\té€🎉\u2028\f\x0b\x85\ud800", max_size=40)
ENCODINGS = st.sampled_from(list(Encoding))
WIDTHS = {
    Encoding.UTF8: ("utf-8", 1),
    Encoding.UTF16: ("utf-16-le", 2),
    Encoding.UTF32: ("utf-32-le", 4),
}


@given(TEXTS, ENCODINGS, st.data())
def test_an_offset_comes_back_from_its_position(text, encoding, data):
    codec = PositionCodec(text, encoding)
    offset = data.draw(st.integers(0, len(text)))

    position = codec.position(offset)

    inside_line_end = text[offset - 1 : offset + 1] == "\r\n" and offset > 0
    assert codec.offset(position) == (offset - 1 if inside_line_end else offset)


@given(TEXTS, ENCODINGS)
def test_positions_count_code_units_of_the_encoding(text, encoding):
    codec = PositionCodec(text, encoding)
    name, width = WIDTHS[encoding]

    for offset in range(len(text) + 1):
        before = text[:offset]
        lines = re.split(r"\r\n|\r|\n", before)
        expected = (len(lines) - 1, len(lines[-1].encode(name, "surrogatepass")) // width)
        if text[offset - 1 : offset + 1] == "\r\n" and offset > 0:
            continue
        position = codec.position(offset)
        assert (position.line, position.character) == expected


@given(TEXTS, ENCODINGS, st.integers(0, 50), st.integers(0, 50))
def test_every_position_has_an_offset_in_its_line(text, encoding, line, character):
    codec = PositionCodec(text, encoding)

    offset = codec.offset(types.Position(line, character))

    assert 0 <= offset <= len(text)
    if line <= codec.position(len(text)).line:
        assert codec.position(offset).line == line


def test_a_position_between_surrogates_is_the_one_before_the_character():
    codec = PositionCodec("a🎉b", Encoding.UTF16)

    assert [codec.offset(types.Position(0, n)) for n in range(6)] == [0, 1, 1, 2, 3, 3]


def test_form_feeds_and_line_separators_end_no_line():
    codec = PositionCodec("a\fb\u2028c\x0bd\x85e\nf", Encoding.UTF16)

    assert codec.position(len(codec.text)).line == 1
    assert codec.offset(types.Position(1, 0)) == 10


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_position_behind_the_end_of_a_line_is_its_end(end):
    codec = PositionCodec(f"ab{end}c", Encoding.UTF16)

    assert codec.offset(types.Position(0, 99)) == 2
    assert codec.offset(types.Position(99, 0)) == len(codec.text)


def test_an_offset_outside_of_the_text_is_an_error():
    codec = PositionCodec("ab", Encoding.UTF16)

    with pytest.raises(ValueError, match="outside the text of 2"):
        codec.position(3)


def test_a_range_from_end_to_start_is_turned_round():
    codec = PositionCodec("abc\n", Encoding.UTF16)

    backwards = types.Range(types.Position(0, 2), types.Position(0, 1))
    assert codec.span(backwards) == Span(1, 2)


def test_a_line_without_its_indentation_and_end():
    codec = PositionCodec("  a b \r\n\r\n", Encoding.UTF16)

    assert codec.line_range(0) == types.Range(types.Position(0, 2), types.Position(0, 5))
    assert codec.line_range(1) == types.Range(types.Position(1, 0), types.Position(1, 0))
    assert codec.line_range(7) == types.Range(types.Position(2, 0), types.Position(2, 0))
