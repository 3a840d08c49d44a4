"""The GPUs that llama.cpp would take, asked of ggml, which it stands on."""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# ggml_backend_dev_type
_GPU, _INTEGRATED = 1, 2


@dataclass(frozen=True, slots=True)
class Gpu:
    """A GPU that llama.cpp would take. name: "CUDA0: NVIDIA H100". free: bytes of its memory."""

    name: str
    free: int


def gpus() -> list[Gpu]:
    """What ggml says about them; none where it can't be asked."""
    found: dict[int, list[Gpu]] = {_GPU: [], _INTEGRATED: []}
    try:
        ggml, base = _library("ggml"), _library("ggml-base")
        for index in range(ggml.ggml_backend_dev_count()):
            device = ctypes.c_void_p(ggml.ggml_backend_dev_get(ctypes.c_size_t(index)))
            kind = base.ggml_backend_dev_type(device)
            if kind in found:
                name = base.ggml_backend_dev_name(device).decode()
                about = base.ggml_backend_dev_description(device).decode()
                free, whole = ctypes.c_size_t(), ctypes.c_size_t()
                base.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(whole))
                found[kind].append(Gpu(f"{name}: {about}", free.value))
    except (ImportError, OSError, StopIteration, AttributeError):
        return []
    # llama.cpp takes those that are part of the processor only where there are no others.
    return found[_GPU] or found[_INTEGRATED]


def built_for(kind: str) -> bool:
    """Whether ggml was built with this kind of backend ("CUDA", "Vulkan"), with a device or not."""
    try:
        return bool(_library("ggml").ggml_backend_reg_by_name(kind.encode()))
    except (ImportError, OSError, StopIteration, AttributeError):
        return False


def _library(name: str) -> Any:
    """One of ggml's libraries, as llama_cpp brings it."""
    import llama_cpp

    other = os.environ.get("LLAMA_CPP_LIB_PATH")  # where llama_cpp looks as well
    folder = Path(other) if other else Path(llama_cpp.__file__).parent / "lib"
    patterns = (f"lib{name}.so*", f"lib{name}.dylib", f"{name}.dll")
    library = ctypes.CDLL(str(next(p for pattern in patterns for p in folder.glob(pattern))))
    results = {
        "ggml_backend_dev_count": ctypes.c_size_t,
        "ggml_backend_dev_get": ctypes.c_void_p,
        "ggml_backend_reg_by_name": ctypes.c_void_p,
        "ggml_backend_dev_name": ctypes.c_char_p,
        "ggml_backend_dev_description": ctypes.c_char_p,
    }
    for function, result in results.items():
        if hasattr(library, function):
            getattr(library, function).restype = result
    return library
