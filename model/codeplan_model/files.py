"""Reading and replacing source files: encoding, byte order mark, line endings and mode are kept."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import tempfile
import tokenize
from dataclasses import dataclass
from pathlib import Path


class FileError(Exception):
    """A file that can't be read or written; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A Python file's text, with line endings as in the file.

    encoding: as Python's own rules find it ("utf-8-sig" when there is a byte order mark).
    """

    path: Path
    text: str
    encoding: str


def read_source(path: Path) -> SourceFile:
    """Raises FileError for a missing, unreadable, binary or undecodable file."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise FileError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise FileError(f"{path} is a folder; name a Python file in it") from None
    except OSError as error:
        raise FileError(f"{path} can't be read: {error.strerror or error}") from error
    if b"\0" in data:
        raise FileError(f"{path} is a binary file, not Python source")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return SourceFile(path, data.decode(encoding), encoding)
    except (SyntaxError, LookupError, UnicodeDecodeError) as error:
        raise FileError(
            f"{path} can't be decoded ({error}): save it as UTF-8 or add a coding line"
        ) from error


def require_writable(path: Path) -> None:
    """Raise FileError when the file is read-only; for root too, who could write it all the same."""
    target = path.resolve()
    if not os.access(target, os.W_OK) or not target.stat().st_mode & 0o222:
        raise FileError(f"{path} is read-only; nothing was written")


def write_source(source: SourceFile, text: str) -> None:
    """Replace the file's content in one step: afterwards it is wholly new or wholly old.

    A link keeps pointing to its file. Raises FileError when the file is read-only, when it changed
    since it was read, and when the disk is full.
    """
    target = source.path.resolve()
    try:
        data = text.encode(source.encoding)
    except UnicodeEncodeError as error:
        raise FileError(
            f"{source.path} is {source.encoding}, which can't hold the new code ({error.reason}); "
            "nothing was written"
        ) from error
    require_writable(source.path)
    if read_source(source.path).text != source.text:
        raise FileError(f"{source.path} changed in the meantime; nothing was written: run again")
    name = ""
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".new")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        shutil.copystat(target, name)
        # It is a new content: tools that look at the time have to see that.
        os.utime(name)
        owner = target.stat()
        with contextlib.suppress(PermissionError):
            os.chown(name, owner.st_uid, owner.st_gid)
        os.replace(name, target)
    except OSError as error:
        if name:
            with contextlib.suppress(OSError):
                os.unlink(name)
        reason = error.strerror or str(error)
        raise FileError(f"{source.path} can't be written: {reason}; it is as it was") from error
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
