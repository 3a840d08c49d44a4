"""How many sequences of a model that keeps a state fit into memory: see LlamaModel.keeps_state."""

from __future__ import annotations

import ctypes
from typing import Any

# Tens of megabytes a sequence for some models.
_BYTES = 512 * 1024 * 1024
_FEWEST = 8


def that_fit(lib: Any, model: Any, most: int, on_gpu: bool) -> int:
    """As many as there may be; fewer where the states of so many would fill the memory.

    lib: llama_cpp. model: one that it has loaded.
    """
    budget = max(_BYTES, lib.llama_model_size(model) // 2)
    return max(_FEWEST, min(most, budget // max(1, bytes_of_one(lib, model, on_gpu))))


def bytes_of_one(lib: Any, model: Any, on_gpu: bool) -> int:
    """What one sequence's state takes. llama.cpp tells it when there is one: after a token."""
    params = lib.llama_context_default_params()
    params.n_ctx = params.n_batch = params.n_ubatch = 64
    params.n_seq_max = 1
    params.n_threads = params.n_threads_batch = 1
    if not on_gpu:
        params.offload_kqv = False
        params.op_offload = False
    context = lib.llama_init_from_model(model, params)
    if not context:
        return 0
    try:
        lib.llama_decode(context, lib.llama_batch_get_one((ctypes.c_int32 * 1)(0), 1))
        only_state = lib.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY
        return lib.llama_state_seq_get_size_ext(context, 0, only_state)
    finally:
        lib.llama_free(context)
