"""A small model's eight-bit weights, widened to bfloat16 where that is faster to multiply.

llama.cpp's products of Q8_0 weights with a few columns are slow on x86: a step of ten sequences
takes 1.5 times as long as with the same weights in bfloat16, on processors that have instructions
for it (AVX512_BF16: AMD from Zen 4 on, Intel's Xeons from Sapphire Rapids on). Where llama.cpp was
built with AMX, it has faster products of eight bits, and nothing is widened. The model says what
the file says, and a little more exactly, since what the weights are multiplied with isn't cut to
eight bits either. What is loaded lives in memory alone; the file stays as it is.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from codeplan_model.host.gguf_file import GgufHeader

# Twice the bytes: for a model of this size 200 MB, which is still no burden.
_LARGEST = 100_000_000
# llama_ftype
_Q8_0, _BF16 = 7, 32


def pays(lib: Any, header: GgufHeader) -> bool:
    """Whether llama.cpp (`lib`) runs this model faster with its weights widened."""
    return (
        hasattr(os, "memfd_create")
        and header.metadata.get("general.file_type") == _Q8_0
        and header.parameters <= _LARGEST
        and b"AVX512_BF16 = 1" in (info := lib.llama_print_system_info())
        and b"AMX_INT8 = 1" not in info
    )


@contextlib.contextmanager
def widened(lib: Any, path: str, threads: int) -> Iterator[str]:
    """A path to load the model from, instead of `path`; the same where widening fails.

    It may be closed as soon as the model is loaded: what is mapped stays.
    """
    memory = os.memfd_create("codeplan-weights", os.MFD_CLOEXEC)
    try:
        params = lib.llama_model_quantize_default_params()
        params.ftype = _BF16
        params.allow_requantize = True
        params.pure = True
        params.nthread = threads
        target = f"/proc/self/fd/{memory}"
        status = lib.llama_model_quantize(os.fsencode(path), os.fsencode(target), params)
        yield target if status == 0 else path
    finally:
        os.close(memory)
