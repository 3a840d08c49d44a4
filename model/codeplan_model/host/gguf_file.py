"""Look at a GGUF file's header without loading it: is it whole, and what does it say of itself.

Follows the GGUF specification, versions 2 and 3, little-endian. Reads no tensor data.
"""

from __future__ import annotations

import math
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from codeplan_model.generation import BackendError

_SCALARS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
_STRING, _ARRAY = 8, 9
# Bytes and elements of a block, by tensor type: enough to find where a tensor ends.
_BLOCKS = {
    0: (4, 1), 1: (2, 1), 2: (18, 32), 3: (20, 32), 6: (22, 32), 7: (24, 32), 8: (34, 32),
    9: (40, 32), 10: (84, 256), 11: (110, 256), 12: (144, 256), 13: (176, 256), 14: (210, 256),
    15: (292, 256), 16: (66, 256), 17: (74, 256), 18: (98, 256), 19: (50, 256), 20: (18, 32),
    21: (110, 256), 22: (82, 256), 23: (136, 256), 24: (1, 1), 25: (2, 1), 26: (4, 1), 27: (8, 1),
    28: (8, 1), 29: (56, 256), 30: (2, 1), 34: (54, 256), 35: (66, 256),
}  # fmt: skip
_LIMIT = 1 << 28


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """What the header says. metadata: scalars and strings by key; arrays are left out."""

    version: int
    tensors: int
    parameters: int
    metadata: dict[str, str | int | float | bool]
    end: int


def check_gguf(path: str | os.PathLike[str]) -> GgufHeader:
    """Read the header; raise BackendError (not retryable) when the file can't be a whole model."""
    try:
        if Path(path).is_dir():
            raise BackendError(
                f"{path} is a folder, not a GGUF file. Name the .gguf file in it, or use "
                "--backend transformers for a Hugging Face folder."
            )
        size = os.stat(path).st_size
        with open(path, "rb") as file:
            header = _Reader(file, size, str(path)).header()
    except OSError as error:
        raise BackendError(
            f"The model file {path} can't be read: {error.strerror}. "
            "Check the path given with --model."
        ) from error
    if header.end > size:
        raise BackendError(
            f"The model file {path} is cut off: it has {size:,} bytes and its header promises "
            f"{header.end:,}. Copy or download it again."
        )
    return header


class _Reader:
    def __init__(self, file: BinaryIO, size: int, path: str) -> None:
        self._file = file
        self._size = size
        self._path = path

    def header(self) -> GgufHeader:
        magic = self._file.read(4)
        if magic != b"GGUF":
            what = "is empty" if not magic else "doesn't start with the letters GGUF"
            raise BackendError(
                f"{self._path} is not a GGUF model file: it {what}. "
                "Name a model in GGUF format with --model."
            )
        version = self._scalar("I")
        if version not in (2, 3):
            raise BackendError(
                f"{self._path} is GGUF version {version}; versions 2 and 3 can be read. "
                "Convert the model with a current llama.cpp."
            )
        tensors, keys = self._scalar("Q"), self._scalar("Q")
        metadata: dict[str, str | int | float | bool] = {}
        for _ in range(self._bounded(keys)):
            key = self._string()
            value = self._value(self._scalar("I"))
            if value is not None:
                metadata[key] = value
        ends = [0]
        parameters = 0
        for _ in range(self._bounded(tensors)):
            self._string()
            shape = [self._scalar("Q") for _ in range(self._bounded(self._scalar("I")))]
            kind, offset = self._scalar("I"), self._scalar("Q")
            elements = math.prod(shape)
            parameters += elements
            block_bytes, block = _BLOCKS.get(kind, (0, 1))
            ends.append(offset + elements // block * block_bytes)
        alignment = metadata.get("general.alignment", 32)
        step = alignment if isinstance(alignment, int) and alignment > 0 else 32
        start = -(-self._file.tell() // step) * step
        return GgufHeader(version, tensors, parameters, metadata, start + max(ends))

    def _value(self, kind: int) -> str | int | float | bool | None:
        if kind == _STRING:
            return self._string()
        if kind == _ARRAY:
            item, count = self._scalar("I"), self._bounded(self._scalar("Q"))
            if item in _SCALARS:
                self._skip(count * struct.calcsize(_SCALARS[item]))
            else:
                for _ in range(count):
                    self._value(item)
            return None
        if kind not in _SCALARS:
            raise self._broken(f"an unknown value type {kind}")
        return self._scalar(_SCALARS[kind])

    def _string(self) -> str:
        return self._read(self._bounded(self._scalar("Q"))).decode("utf-8", errors="replace")

    def _scalar(self, code: str) -> Any:
        return struct.unpack("<" + code, self._read(struct.calcsize(code)))[0]

    def _read(self, count: int) -> bytes:
        data = self._file.read(count)
        if len(data) < count:
            raise self._broken("it ends inside its header")
        return data

    def _skip(self, count: int) -> None:
        if self._file.tell() + count > self._size:
            raise self._broken("it ends inside its header")
        self._file.seek(count, os.SEEK_CUR)

    def _bounded(self, count: int) -> int:
        """A count that a file of this size can hold, so that a broken one can't eat the memory."""
        if count > min(self._size, _LIMIT):
            raise self._broken(f"it announces {count:,} entries, more than the file has bytes")
        return count

    def _broken(self, why: str) -> BackendError:
        return BackendError(
            f"The model file {self._path} is damaged or cut off: {why}. Copy or download it again."
        )
