import pytest

from codeplan_model.host.text import TextBuilder


def build(pieces: list[bytes], *stops: str) -> tuple[str, bool]:
    builder = TextBuilder(stops)
    stopped = any(builder.add(piece) for piece in pieces)
    return builder.text(), stopped


@pytest.mark.parametrize(
    ("pieces", "stops", "text", "stopped"),
    [
        ([b"abc", b"def"], (), "abcdef", False),
        ([b"abc", b"def"], ("xyz",), "abcdef", False),
        ([b"a<|co", b"de|>b"], ("<|code|>",), "a", True),
        ([b"a", b"\n", b"d", b"e", b"f", b" "], ("\ndef ",), "a", True),
        ([b"one two three"], ("three", "two"), "one ", True),
        ([b"stop"], ("stop",), "", True),
        ([b"\xe2\x82", b"\xac!"], (), "\u20ac!", False),
        ([b"\xe2\x82", b"\xac!"], ("\u20ac",), "", True),
        ([b"a\xff", b"b"], ("b",), "a\ufffd", True),
        ([b"\xf0\x9f\x98"], (), "\ufffd", False),
        ([b"x"], ("",), "x", False),
    ],
)
def test_text_is_cut_before_the_first_stop_string(pieces, stops, text, stopped) -> None:
    assert build(pieces, *stops) == (text, stopped)
