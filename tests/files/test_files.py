"""Source files are replaced whole or not at all, and stay what they were in every other way."""

from __future__ import annotations

import os
import stat

import pytest

from codeplan_model.files import FileError, read_source, write_source


def test_line_endings_byte_order_mark_and_mode_are_kept(tmp_path):
    path = tmp_path / "a.py"
    path.write_bytes(b"\xef\xbb\xbfx = 1\r\ny = '\xc3\xa4'\r\n")
    path.chmod(0o750)

    source = read_source(path)
    write_source(source, source.text.replace("1", "2"))

    assert path.read_bytes() == b"\xef\xbb\xbfx = 2\r\ny = '\xc3\xa4'\r\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o750


def test_a_coding_line_is_obeyed(tmp_path):
    path = tmp_path / "a.py"
    path.write_bytes(b"# -*- coding: latin-1 -*-\nx = '\xe4'\n")

    source = read_source(path)
    write_source(source, source.text + "y = 'ö'\n")

    assert path.read_bytes() == b"# -*- coding: latin-1 -*-\nx = '\xe4'\ny = '\xf6'\n"


def test_what_the_encoding_can_not_hold_is_refused_and_the_file_stays(tmp_path):
    path = tmp_path / "a.py"
    before = b"# coding: latin-1\nx = 1\n"
    path.write_bytes(before)

    with pytest.raises(FileError, match="nothing was written"):
        write_source(read_source(path), "# coding: latin-1\nx = '\N{SNOWMAN}'\n")

    assert path.read_bytes() == before


def test_a_link_stays_a_link(tmp_path):
    real = tmp_path / "real.py"
    real.write_text("x = 1\n")
    link = tmp_path / "link.py"
    link.symlink_to(real)

    write_source(read_source(link), "x = 2\n")

    assert link.is_symlink()
    assert real.read_text() == "x = 2\n"


def test_a_change_in_the_meantime_is_not_overwritten(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    source = read_source(path)
    path.write_text("x = 'mine'\n")

    with pytest.raises(FileError, match="changed in the meantime"):
        write_source(source, "x = 2\n")

    assert path.read_text() == "x = 'mine'\n"


def test_a_read_only_file_is_refused_even_for_root(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    path.chmod(0o444)

    with pytest.raises(FileError, match="read-only"):
        write_source(read_source(path), "x = 2\n")

    assert path.read_text() == "x = 1\n"


def test_a_failing_write_leaves_no_trace(tmp_path, monkeypatch):
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    source = read_source(path)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match="No space left on device; it is as it was"):
        write_source(source, "x = 2\n")

    assert path.read_text() == "x = 1\n"
    assert [p.name for p in tmp_path.iterdir()] == ["a.py"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x7fELF\0\0", "binary"),
        (b"x = '\xff'\n", "decoded"),
        (b"# coding: no-such-thing\n", "decoded"),
    ],
)
def test_what_is_not_python_text_is_said(tmp_path, content, message):
    path = tmp_path / "a.py"
    path.write_bytes(content)

    with pytest.raises(FileError, match=message):
        read_source(path)


def test_missing_files_and_folders_are_said(tmp_path):
    with pytest.raises(FileError, match="no such file"):
        read_source(tmp_path / "none.py")
    with pytest.raises(FileError, match="folder"):
        read_source(tmp_path)
