import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from codeplan_model.generation import BackendError
from codeplan_model.host.gguf_file import check_gguf


def test_a_whole_file_tells_its_metadata_and_size(tiny_gguf: Path) -> None:
    header = check_gguf(tiny_gguf)

    assert header.metadata["codeplan.prompt_format"] == "codeplan-1"
    assert header.metadata["llama.context_length"] == 1024
    assert header.end == tiny_gguf.stat().st_size
    assert header.parameters > 100_000


@pytest.mark.parametrize("kept", [0, 3, 4, 20, 1000, -1])
def test_a_cut_off_file_is_refused_in_words(tiny_gguf: Path, tmp_path: Path, kept: int) -> None:
    cut = tmp_path / "cut.gguf"
    data = tiny_gguf.read_bytes()
    cut.write_bytes(data[:kept] if kept >= 0 else data[:-100])

    with pytest.raises(BackendError, match=r"cut|is empty|doesn't start") as caught:
        check_gguf(cut)

    assert not caught.value.retryable
    assert str(cut) in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04 a zip file", "not a GGUF"),
        (b"GGUF" + struct.pack("<IQQ", 1, 0, 0), "version 1"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 0), "damaged"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 1 << 50), "damaged"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q1sI", 1, b"k", 99), "damaged"),
    ],
)
def test_what_is_no_model_is_refused_in_words(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "bad.gguf"
    path.write_bytes(content)

    with pytest.raises(BackendError, match=words):
        check_gguf(path)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="No such file"):
        check_gguf(tmp_path / "none.gguf")
    with pytest.raises(BackendError, match="is a folder"):
        check_gguf(tmp_path)


def test_no_random_damage_to_the_header_gets_past_as_another_exception(
    tiny_gguf: Path, tmp_path: Path, write_gguf: Callable[..., Path]
) -> None:
    data = bytearray(tiny_gguf.read_bytes())
    path = tmp_path / "damaged.gguf"
    refused = 0
    for position in range(4, 2000, 7):
        damaged = bytearray(data)
        damaged[position] ^= 0xFF
        path.write_bytes(damaged)
        try:
            check_gguf(path)
        except BackendError:
            refused += 1

    assert refused > 20
