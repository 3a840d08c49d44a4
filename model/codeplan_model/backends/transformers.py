"""Any Hugging Face model folder, in this process, with torch on CUDA, Apple's MPS or the CPU.

Loads the model onto the best device; `torch_decoder` decodes. Nothing is downloaded. torch and
transformers are imported on first use. Run on the CPU and on CUDA (an H100); MPS is chosen when it
is there, but was not run.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

from codeplan_model.backends.followers import with_followers
from codeplan_model.backends.torch_decoder import Decoder, Row
from codeplan_model.generation import (
    BackendError,
    CancelToken,
    Completion,
    ModelInfo,
    Request,
    count_in_words,
)
from codeplan_model.host.device import nvidia_gpu

_FIX = "Check the folder given with --model."


class TransformersBackend:
    """See `generation.Backend`.

    device: "cuda", "mps", "cpu", or None for the best one here. dtype: "bfloat16", "float16",
    "float32", or None: bfloat16 on CUDA, float16 on MPS, the model's own on the CPU.
    batch: samples decoded together at most. context: tokens per sample at most.
    """

    kind = "transformers"

    def __init__(
        self,
        model: Path,
        *,
        device: str | None = None,
        dtype: str | None = None,
        batch: int = 64,
        context: int = 4096,
    ) -> None:
        if batch < 1 or context < 64:
            raise ValueError(f"batch must be at least 1 and context 64, not {batch} and {context}")
        self._path = model
        self._device = device
        self._dtype = dtype
        self._batch = batch
        self._context = context
        self._lock = threading.Lock()
        self._loaded: Decoder | None = None
        self._closed = False

    def info(self, cancel: CancelToken | None = None) -> ModelInfo:
        loaded = self._load(cancel or CancelToken())
        return ModelInfo(
            name=f"{self._path.name} ({count_in_words(loaded.parameters)})",
            path=str(self._path),
            prompt_format=loaded.prompt_format,
            device=loaded.device_text,
            context=loaded.context,
            parameters=loaded.parameters,
            worked_examples=loaded.worked_examples,
        )

    def generate(
        self, requests: Sequence[Request], cancel: CancelToken | None = None
    ) -> Iterator[Completion]:
        cancel = cancel or CancelToken()
        loaded = self._load(cancel)
        yield from with_followers(
            lambda some: self._complete(loaded, some, cancel), requests, loaded.fits
        )

    def _complete(
        self, loaded: Decoder, requests: Sequence[Request], cancel: CancelToken
    ) -> Generator[Completion, None, None]:
        rows = [
            Row(index, sample, tokens, request.sampling)
            for index, request in enumerate(requests)
            for tokens in [loaded.prompt(request)]
            for sample in range(request.n)
        ]
        for start in range(0, len(rows), self._batch):
            yield from loaded.run(rows[start : start + self._batch], cancel)

    def close(self) -> None:
        self._closed = True
        with self._lock:
            self._loaded = None

    def _load(self, cancel: CancelToken) -> Decoder:
        cancel.check()
        with self._lock:
            if self._closed:
                raise BackendError("The backend was closed.")
            if self._loaded is None:
                self._loaded = _load(self._path, self._device, self._dtype, self._context)
            return self._loaded


def device_in_words() -> str:
    """What torch would run on here, for `codeplan doctor`; imports torch. Never raises."""
    try:
        import torch

        return _choose_device(torch, None)[1]
    except (ImportError, OSError) as error:
        return f"torch can't be loaded: {error}"


def _load(path: Path, device: str | None, dtype: str | None, context: int) -> Decoder:
    if not (path / "config.json").is_file():
        raise BackendError(f"{path} is no Hugging Face model folder (no config.json). {_FIX}")
    try:
        import torch
        import transformers
    except (ImportError, OSError) as error:
        raise BackendError(
            f"torch or transformers can't be loaded: {error}. "
            "Install them with: pip install 'codeplan[torch]'"
        ) from error
    device, text = _choose_device(torch, device)
    chosen = dtype or {"cuda": "bfloat16", "mps": "float16"}.get(device.split(":")[0], "auto")
    kind = chosen if chosen == "auto" else getattr(torch, chosen, None)
    if chosen not in ("auto", "bfloat16", "float16", "float32"):
        raise BackendError(f"There is no dtype {chosen!r}. Choose bfloat16, float16 or float32.")
    try:
        with _quiet(transformers):
            tokenizer = transformers.AutoTokenizer.from_pretrained(path, local_files_only=True)
            model = transformers.AutoModelForCausalLM.from_pretrained(
                path, dtype=kind, local_files_only=True
            )
    except torch.cuda.OutOfMemoryError as error:
        raise BackendError(f"The GPU has no room for {path}. Choose a smaller model.") from error
    except Exception as error:  # the library raises a dozen kinds; all mean the folder is no good
        raise BackendError(f"transformers can't load {path}: {error}. {_FIX}") from error
    loaded: Any = model
    loaded.to(device).eval()
    return Decoder(loaded, tokenizer, text, context)


def _choose_device(torch: Any, wanted: str | None) -> tuple[str, str]:
    """The torch device and what to tell people about it."""
    if wanted is not None:
        known = {"cpu": True, "cuda": torch.cuda.is_available()}
        known["mps"] = torch.backends.mps.is_available()
        if not known.get(wanted.split(":")[0], False):
            raise BackendError(f"torch can't use the device {wanted!r} here. Choose cpu.")
    device = wanted or (
        "cuda"
        if torch.cuda.is_available()
        else "mps"
        if torch.backends.mps.is_available()
        else "cpu"
    )
    if device.startswith("cuda"):
        index = torch.device(device).index or 0
        return device, f"CUDA {index}: {torch.cuda.get_device_name(index)}"
    if device == "mps":
        return device, "Apple GPU (MPS)"
    text = f"CPU, {torch.get_num_threads()} threads"
    gpu = nvidia_gpu()
    if gpu and wanted is not None:
        text += f" (an {gpu} is here, but the settings say not to use it)"
    elif gpu and torch.version.cuda is None:
        text += (
            f" (an {gpu} is here, but this torch was built without CUDA: install a build with it, "
            "see https://pytorch.org/get-started/locally)"
        )
    elif gpu:
        text += (
            f" (an {gpu} is here, but torch can't reach it: its driver may be too old for CUDA "
            f"{torch.version.cuda}; update the driver)"
        )
    return device, text


@contextlib.contextmanager
def _quiet(transformers: Any) -> Iterator[None]:
    """No progress bars on stdout or stderr while loading."""
    logging = transformers.utils.logging
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
