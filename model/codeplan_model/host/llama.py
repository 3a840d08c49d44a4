"""llama.cpp's low-level API as the engine needs it: load, tokenise, decode a batch, fork sequences.

Knows nothing of requests, sampling or sockets. Not thread-safe. llama_cpp is imported when a model
is loaded, never before. Run on CPUs, and with Vulkan in software; CUDA and Metal were not run.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from codeplan_model.generation import BackendError
from codeplan_model.host import states, widening
from codeplan_model.host.device import describe_device, usable_cores, why_not_loaded
from codeplan_model.host.gguf_file import GgufHeader, check_gguf
from codeplan_model.host.gpus import gpus
from codeplan_model.host.offload import CACHE_BYTES, CACHE_SHARE, layers_for
from codeplan_model.host.threads import Threads

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]

# ggml_log_level
_LOG_WARNING, _LOG_ERROR = 3, 4
MAX_SEQUENCES = 256
# Below 64 tokens llama.cpp's CPU attention handles every token of a batch by the same code, so that
# its results don't depend on how a prompt was cut or who else is in the batch (measured: equal to
# the last bit, but for lone tokens: see `alone_differs`). Larger batches take a tiled path with
# other roundings.
_CPU_BATCH = 48
# Larger models get smaller prompt chunks, so that a cancel is noticed soon.
_CPU_BATCH_LARGE = 24
_LARGE = 200_000_000
_GPU_BATCH = 512
# llama_ftype: weights in float32, float16, bfloat16.
_UNPACKED = (0, 1, 32)
_CACHE_TOKENS = 16_384


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """How to load. threads: in every step; 0 for as many of the usable cores as pay.

    gpu: use one when llama.cpp was built for it.
    context: tokens per sequence at most (the model's own limit if smaller).
    extra_buffers: repack weights for the CPU; off is the safe, slower setting after a SIGILL.
    """

    threads: int = 0
    gpu: bool = True
    context: int = 4096
    extra_buffers: bool = True


class LlamaModel:
    """A loaded model and its cache of sequences.

    alone_differs: a token that is alone in its batch gets other roundings than one in company.
    width: of a token, all layers together. sequences: 0 and up, below this number.
    keeps_state: some layers (Mamba's, short convolutions, gated delta nets) keep one state for all
    that a sequence has read, not something of each token. So it can be gone on with and forked at
    its end only, and nothing of it can be cut. Its batches hold next tokens of several sequences,
    or several tokens of one, never both: llama.cpp would compute the two apart.
    """

    def __init__(
        self,
        path: str,
        settings: ModelSettings,
        on_progress: Callable[[float], bool] = lambda _: True,
    ) -> None:
        """Load. on_progress gets 0..1 and returns False to give up. Raises BackendError."""
        self._context: Any = None
        self._model: Any = None
        header = check_gguf(path)
        self.path = path
        self.metadata = header.metadata
        try:
            import llama_cpp
        # AttributeError: a library that lacks what this version of the package calls.
        except (ImportError, OSError, RuntimeError, AttributeError) as error:
            raise BackendError(why_not_loaded(error)) from error
        lib: Any = llama_cpp
        self._lib = lib
        self._callbacks: list[Any] = []
        _take_log(lib)
        lib.llama_backend_init()
        self.on_gpu = settings.gpu and bool(lib.llama_supports_gpu_offload())
        self.threads = settings.threads or usable_cores()
        self._gpu_layers, layers = 0, 0
        if self.on_gpu:
            self._gpu_layers, layers = layers_for(header, sum(gpu.free for gpu in gpus()))
        gpu_problem = ""
        try:
            self._open(header, settings, on_progress)
        except BackendError as error:
            if not self.on_gpu or error.retryable:
                raise
            # Mostly there is no room on it. What is wrong with the file fails and is said again.
            gpu_problem = _last_error()
            self.close()
            self.on_gpu, self._gpu_layers = False, 0
            self._open(header, settings, on_progress)
        self._allocate_batch()
        self.device = describe_device(
            self.on_gpu,
            self.threads,
            settings.extra_buffers,
            settings.gpu,
            gpu_problem,
            f"{self._gpu_layers} of {layers} layers, its memory has no room for more"
            if self._gpu_layers > 0
            else "",
        )

    def _open(
        self, header: GgufHeader, settings: ModelSettings, on_progress: Callable[[float], bool]
    ) -> None:
        """Load the weights and make a context, on the GPU where `on_gpu` says so."""
        lib, path = self._lib, self.path
        widen = settings.extra_buffers and not self.on_gpu and widening.pays(lib, header)
        weights = widening.widened(lib, path, self.threads) if widen else nullcontext(path)
        with weights as source:
            self._load(source, settings, on_progress)
        unpacked = source != path or header.metadata.get("general.file_type") in _UNPACKED
        self.alone_differs = unpacked and not self.on_gpu
        self._make_context(settings)

    def _load(
        self, path: str, settings: ModelSettings, on_progress: Callable[[float], bool]
    ) -> None:
        lib = self._lib
        params = lib.llama_model_default_params()
        params.n_gpu_layers = self._gpu_layers
        no_devices = (ctypes.c_void_p * 1)(None)
        if not self.on_gpu:
            # Else a GPU would be made ready all the same, which takes time and its memory.
            params.devices = ctypes.cast(no_devices, ctypes.c_void_p)
        params.use_extra_bufts = settings.extra_buffers
        gave_up = False

        def progress(fraction: float, _data: Any) -> bool:
            nonlocal gave_up
            gave_up = not on_progress(fraction)
            return not gave_up

        callback = lib.llama_progress_callback(progress)
        params.progress_callback = callback
        self._model = lib.llama_model_load_from_file(os.fsencode(path), params)
        if not self._model:
            if gave_up:
                raise BackendError(f"Loading {self.path} was given up.", retryable=True)
            raise BackendError(
                f"llama.cpp can't load {self.path}: {_last_error()}. The file is damaged, or needs "
                "a newer llama-cpp-python (pip install --upgrade llama-cpp-python)."
            )
        self._vocab: Any = lib.llama_model_get_vocab(self._model)
        self.vocabulary: int = lib.llama_vocab_n_tokens(self._vocab)
        self.parameters: int = lib.llama_model_n_params(self._model)
        self.bos: int = lib.llama_vocab_bos(self._vocab)
        self.eos: int = lib.llama_vocab_eos(self._vocab)
        self._adds_bos: bool = bool(lib.llama_vocab_get_add_bos(self._vocab)) and self.bos >= 0
        self._pieces: dict[int, bytes | None] = {}
        if self.vocabulary == 0:
            raise BackendError(f"{self.path} is no model that codeplan can sample from (its kind).")
        self.keeps_state = bool(
            lib.llama_model_is_recurrent(self._model) or lib.llama_model_is_hybrid(self._model)
        )
        self._windowed = lib.llama_model_n_swa(self._model) > 0

    def _make_context(self, settings: ModelSettings) -> None:
        lib = self._lib
        own = lib.llama_model_n_ctx_train(self._model)
        self.context = max(64, min(own, settings.context)) if own > 0 else settings.context
        head = lib.llama_model_n_embd(self._model) // max(1, lib.llama_model_n_head(self._model))
        layers = lib.llama_model_n_layer(self._model)
        self.width = max(1, layers * lib.llama_model_n_embd(self._model))
        token_bytes = 4 * layers * lib.llama_model_n_head_kv(self._model) * head
        budget = max(CACHE_BYTES, lib.llama_model_size(self._model) // CACHE_SHARE)
        self.cells = max(2 * self.context, min(_CACHE_TOKENS, budget // max(1, token_bytes)))
        large = self.parameters > _LARGE
        all_on_gpu = self._gpu_layers < 0
        self.batch = _GPU_BATCH if all_on_gpu else _CPU_BATCH_LARGE if large else _CPU_BATCH
        self._capacity = max(self.batch, MAX_SEQUENCES)
        params = lib.llama_context_default_params()
        params.n_ctx = self.cells
        params.n_batch = self._capacity
        params.n_ubatch = self.batch
        self.sequences = MAX_SEQUENCES
        if self.keeps_state:
            self.sequences = states.that_fit(lib, self._model, MAX_SEQUENCES, self.on_gpu)
        params.n_seq_max = self.sequences
        params.kv_unified = True
        params.n_threads = params.n_threads_batch = self.threads
        params.flash_attn_type = lib.LLAMA_FLASH_ATTN_TYPE_AUTO
        params.no_perf = True
        if not self.on_gpu:
            params.offload_kqv = False
            params.op_offload = False
        self._context = lib.llama_init_from_model(self._model, params)
        if not self._context:
            raise BackendError(
                f"llama.cpp can't make room to run {self.path}: {_last_error()}. "
                "Close other programs or choose a smaller model."
            )
        self._memory: Any = lib.llama_get_memory(self._context)
        self.cells = lib.llama_n_ctx(self._context)
        self.interrupt: Callable[[], bool] | None = None
        # A large model's steps are worth every core.
        choice = not (settings.threads or large or self.on_gpu)
        self._choice = Threads(self.threads) if choice else None
        self._threads_now = self.threads
        # A state that an interrupted step has begun to change can't be had back.
        if large and not all_on_gpu and not self.keeps_state:
            # Called before each of some hundred operations of a step: too dear for a small model,
            # whose steps are short anyway.
            callback = lib.ggml_abort_callback(self._interrupted)
            self._callbacks.append(callback)
            lib.llama_set_abort_callback(self._context, callback, None)

    def _interrupted(self, _data: Any) -> bool:
        return self.interrupt is not None and self.interrupt()

    def _allocate_batch(self) -> None:
        """numpy arrays that the llama_batch structure points into: no copy, no loop per token."""
        size = self._capacity
        self._tokens = np.zeros(size, dtype=np.int32)
        self._positions = np.zeros(size, dtype=np.int32)
        self._counts = np.ones(size, dtype=np.int32)
        self._sequences = np.zeros(size, dtype=np.int32)
        self._wanted = np.zeros(size, dtype=np.int8)
        self._pointers = self._sequences.ctypes.data + 4 * np.arange(size, dtype=np.uint64)
        batch = self._batch = self._lib.llama_batch()
        fields = {
            "token": self._tokens,
            "pos": self._positions,
            "n_seq_id": self._counts,
            "seq_id": self._pointers,
            "logits": self._wanted,
        }
        kinds: dict[str, Any] = dict(batch._fields_)
        for name, array in fields.items():
            setattr(batch, name, ctypes.cast(array.ctypes.data, kinds[name]))

    def tokenize(self, text: str) -> Ints:
        """Token ids of `text`: special tokens are parsed, BOS comes first if the model wants it."""
        data = text.encode("utf-8", errors="replace")
        size = len(data) + 8
        buffer = (ctypes.c_int32 * size)()
        count = self._lib.llama_tokenize(
            self._vocab,
            data,
            len(data),
            buffer,
            size,
            False,
            True,
        )
        if count < 0:
            raise BackendError(f"llama.cpp can't tokenise a prompt of {len(data):,} bytes.")
        tokens = np.array(buffer[:count], dtype=np.int32)
        if self._adds_bos and (not count or tokens[0] != self.bos):
            tokens = np.concatenate([np.array([self.bos], dtype=np.int32), tokens])
        return tokens

    def piece(self, token: int) -> bytes | None:
        """The bytes that a token stands for (special tokens as they are written); None: the end."""
        try:
            return self._pieces[token]
        except KeyError:
            piece = None
            if not self._lib.llama_vocab_is_eog(self._vocab, token):
                piece = self._render(token)
            self._pieces[token] = piece
            return piece

    def _render(self, token: int) -> bytes:
        size = 64
        while True:
            buffer = ctypes.create_string_buffer(size)
            count = self._lib.llama_token_to_piece(
                self._vocab,
                token,
                buffer,
                size,
                0,
                True,
            )
            if count >= 0:
                return buffer.raw[:count]
            size = -count

    def token_text(self, token: int) -> str:
        """A special token as text, "" for none, for chat templates."""
        if token < 0:
            return ""
        return self._render(token).decode("utf-8", errors="replace")

    def decode(self, tokens: Ints, positions: Ints, sequences: Ints, wanted: npt.NDArray) -> Floats:
        """Compute a batch and return the logits of the wanted tokens: [wanted, vocabulary].

        The rows are a view that the next call overwrites. Raises CacheFull, Interrupted (when
        `interrupt` said so; nothing has changed then), BackendError.
        """
        count = len(tokens)
        self._tokens[:count] = tokens
        self._positions[:count] = positions
        self._sequences[:count] = sequences
        self._wanted[:count] = wanted
        self._batch.n_tokens = count
        threads = self._choice.choose(count) if self._choice else self.threads
        if threads != self._threads_now:
            self._lib.llama_set_n_threads(self._context, threads, threads)
            self._threads_now = threads
        began = time.perf_counter()
        status = self._lib.llama_decode(self._context, self._batch)
        if status == 0 and self._choice:
            self._choice.record(count, threads, time.perf_counter() - began)
        if status == 1:
            raise CacheFull
        if status == 2:
            raise Interrupted
        if status != 0:
            raise BackendError(
                f"llama.cpp failed while computing (status {status}): {_last_error()}.",
                retryable=True,
            )
        rows = int(np.count_nonzero(self._wanted[:count]))
        if not rows:
            self._lib.llama_synchronize(self._context)
            return np.empty((0, self.vocabulary), dtype=np.float32)
        pointer = self._lib.llama_get_logits(self._context)
        return np.ctypeslib.as_array(pointer, shape=(rows, self.vocabulary))

    def fork(self, source: int, target: int, length: int) -> None:
        """Let `target` begin with the first `length` tokens of `source`; they share the cells.

        That is all of it, unless `whole_only` says no.
        """
        end = -1 if self.keeps_state else length
        self._lib.llama_memory_seq_cp(self._memory, source, target, 0, end)

    def whole_only(self, sequences: Ints) -> npt.NDArray[np.bool_] | None:
        """Which of these sequences can be forked at their end only; None for none of them."""
        if self.keeps_state:
            return np.ones(len(sequences), dtype=np.bool_)
        if not self._windowed:
            return None
        # Cells before a layer's window are given to other tokens when there is need, first ones
        # first, so that the end of a sequence is all that can be gone on from.
        first = self._lib.llama_memory_seq_pos_min
        return np.array([first(self._memory, sequence) > 0 for sequence in sequences.tolist()])

    def cut(self, sequence: int, length: int, keeper: int) -> None:
        """Let a sequence end after `length` tokens. The cells of the others stay taken, by
        `keeper`: given back, they would be filled by later tokens, out of order."""
        self._lib.llama_memory_seq_cp(self._memory, sequence, keeper, length, -1)
        self._lib.llama_memory_seq_rm(self._memory, sequence, length, -1)

    def forget(self, sequence: int) -> None:
        self._lib.llama_memory_seq_rm(self._memory, sequence, -1, -1)

    def clear(self) -> None:
        """Forget every sequence."""
        self._lib.llama_memory_clear(self._memory, False)

    def close(self) -> None:
        """Free the model. Safe to call twice."""
        context, self._context = self._context, None
        model, self._model = self._model, None
        if context:
            self._lib.llama_free(context)
        if model:
            self._lib.llama_model_free(model)


# llama.cpp has one log for the process and calls it until the very end, also when the model that
# was loaded last is gone: so what it calls is never let go.
_errors: list[str] = []
_log_callbacks: list[Any] = []


def _take_log(lib: Any) -> None:
    """Send llama.cpp's warnings and errors to stderr and remember the last errors."""

    def log(level: int, text: bytes, _data: Any) -> None:
        if level == _LOG_ERROR:
            _errors.append(text.decode("utf-8", errors="replace").strip())
            del _errors[:-5]
        if level in (_LOG_WARNING, _LOG_ERROR):
            with contextlib.suppress(OSError):
                os.write(2, text)

    _errors.clear()
    if not _log_callbacks:
        _log_callbacks.append(lib.llama_log_callback(log))
        lib.llama_log_set(_log_callbacks[0], ctypes.c_void_p(0))


def _last_error() -> str:
    return "; ".join(_errors[-2:]) or "it gave no reason"


class CacheFull(Exception):
    """No room in the cache for this batch; the sequences are as before the call."""


class Interrupted(Exception):
    """`interrupt` stopped a step of a large model; the sequences are as before the call."""
