"""Any Hugging Face model folder, in this process, with torch on CUDA, Apple's MPS or the CPU.

Each different prompt is read once; its samples share one batch of decode steps, from which
finished ones leave. Nothing is downloaded. torch and transformers are imported on first use. Tried
on the CPU only: CUDA and MPS are chosen when they are there, but were not run.
"""

from __future__ import annotations

import contextlib
import inspect
import threading
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from codeplan_model.backends.followers import with_followers
from codeplan_model.generation import (
    BackendError,
    CancelToken,
    Completion,
    ModelInfo,
    Request,
    Sampling,
)
from codeplan_model.host.chat import render_plain
from codeplan_model.host.device import nvidia_gpu
from codeplan_model.host.seeds import sequence_key
from codeplan_model.host.text import before_stop

# A cancel is looked for between two pieces of a prompt.
_PROMPT_PIECE = 256
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
        self._loaded: _Loaded | None = None
        self._closed = False

    def info(self, cancel: CancelToken | None = None) -> ModelInfo:
        loaded = self._load(cancel or CancelToken())
        return ModelInfo(
            name=f"{self._path.name} ({loaded.parameters / 1e6:.1f}M)",
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
        self, loaded: _Loaded, requests: Sequence[Request], cancel: CancelToken
    ) -> Generator[Completion, None, None]:
        rows = [
            _Row(index, sample, tokens, request.sampling)
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

    def _load(self, cancel: CancelToken) -> _Loaded:
        cancel.check()
        with self._lock:
            if self._closed:
                raise BackendError("The backend was closed.")
            if self._loaded is None:
                self._loaded = _load(self._path, self._device, self._dtype, self._context)
            return self._loaded


@dataclass(slots=True, eq=False)
class _Row:
    """One completion on its way. ids: generated tokens."""

    request: int
    sample: int
    prompt: list[int]
    sampling: Sampling
    ids: list[int] = field(default_factory=list)
    logprob: float = 0.0


class _Loaded:
    """A model in memory. Calls keep their state to themselves, so several may run."""

    def __init__(self, model: Any, tokenizer: Any, device_text: str, context: int) -> None:
        self._model = model
        self._tokenizer = tokenizer
        # transformers renamed the argument in version 5.
        known = inspect.signature(model.forward).parameters
        self._cache_name = "cache" if "cache" in known else "past_key_values"
        self.device_text = device_text
        own = getattr(model.config, "max_position_embeddings", None) or context
        self.context = min(own, context)
        self.parameters = int(model.num_parameters())
        self.prompt_format = str(getattr(model.config, "codeplan_prompt_format", None) or "chat")
        self.worked_examples = int(getattr(model.config, "codeplan_worked_examples", None) or 0)
        ends = model.generation_config.eos_token_id
        self._ends = {*(ends if isinstance(ends, list) else [ends]), tokenizer.eos_token_id}

    def prompt(self, request: Request) -> list[int]:
        """The prompt's token ids. Raises BackendError when it is too long."""
        if isinstance(request.prompt, str):
            text, special = request.prompt, True
        else:
            turns = [{"role": m.role, "content": m.content} for m in request.prompt]
            if getattr(self._tokenizer, "chat_template", None):
                text = self._tokenizer.apply_chat_template(
                    turns, tokenize=False, add_generation_prompt=True
                )
                special = False
            else:
                text, special = render_plain(request.prompt), True
        bos = self._tokenizer.bos_token
        special = special and not (bos and text.startswith(bos))
        ids = self._tokenizer(text, add_special_tokens=special)["input_ids"]
        # A tokenizer that closes every text (T5's habit) would end the answer before it begins.
        while (
            len(ids) > 1
            and ids[-1] in self._ends
            and not text.endswith(self._tokenizer.decode([ids[-1]]))
        ):
            ids.pop()
        if not ids or len(ids) >= self.context:
            raise BackendError(
                f"The prompt has {len(ids):,} tokens, and the model reads {self.context:,} at "
                "most and 1 at least. Shorten the docstring or the code around it."
            )
        return list(ids)

    def fits(self, request: Request) -> bool:
        """Whether the prompt leaves room for an answer."""
        try:
            return bool(self.prompt(request))
        except BackendError:
            return False

    def run(self, rows: list[_Row], cancel: CancelToken) -> Iterator[Completion]:
        """Decode rows together and yield each as it ends."""
        import torch

        # Nothing is yielded inside inference_mode: it would stay on in the caller's thread.
        try:
            with torch.inference_mode():
                state, logits = self._read_prompts(rows, cancel)
                done = self._draw(rows, logits)
            while True:
                for index in done:
                    yield self._completion(rows[index])
                keep = [index for index in range(len(rows)) if index not in done]
                if not keep:
                    return
                cancel.check()
                with torch.inference_mode():
                    if done:
                        rows = [rows[index] for index in keep]
                        state.select(keep)
                    done = self._draw(rows, self._step(state, [row.ids[-1] for row in rows]))
        except torch.cuda.OutOfMemoryError as error:
            raise BackendError(
                f"The GPU has no room for {len(rows)} samples at once. Set a smaller batch.",
                retryable=True,
            ) from error

    def _read_prompts(self, rows: list[_Row], cancel: CancelToken) -> tuple[_State, Any]:
        """Compute every different prompt once, padded on the left; then one row per sample."""
        import torch
        from transformers import DynamicCache

        unique: dict[tuple[int, ...], int] = {}
        places = [unique.setdefault(tuple(row.prompt), len(unique)) for row in rows]
        longest = max(map(len, unique))
        ids = torch.zeros((len(unique), longest), dtype=torch.long)
        mask = torch.zeros((len(unique), longest), dtype=torch.long)
        for prompt, place in unique.items():
            ids[place, longest - len(prompt) :] = torch.tensor(prompt)
            mask[place, longest - len(prompt) :] = 1
        device = self._model.device
        ids, mask = ids.to(device), mask.to(device)
        positions = (mask.cumsum(-1) - 1).clamp(min=0)
        cache = DynamicCache(config=self._model.config)
        logits = None
        for start in range(0, longest, _PROMPT_PIECE):
            cancel.check()
            end = min(longest, start + _PROMPT_PIECE)
            logits = self._model(
                input_ids=ids[:, start:end],
                attention_mask=mask[:, :end],
                position_ids=positions[:, start:end],
                use_cache=True,
                logits_to_keep=1,
                **{self._cache_name: cache},
            ).logits[:, -1]
        assert logits is not None
        state = _State(cache, mask, positions[:, -1:] + 1)
        state.select(places)
        return state, logits[torch.tensor(places, device=device)]

    def _step(self, state: _State, last: list[int]) -> Any:
        import torch

        device = self._model.device
        ids = torch.tensor(last, device=device)[:, None]
        state.mask = torch.cat([state.mask, torch.ones_like(ids)], dim=1)
        logits = self._model(
            input_ids=ids,
            attention_mask=state.mask,
            position_ids=state.positions,
            use_cache=True,
            **{self._cache_name: state.cache},
        ).logits[:, -1]
        state.positions = state.positions + 1
        return logits

    def _draw(self, rows: list[_Row], logits: Any) -> list[int]:
        """Append a token to each row; the indices of the rows that end with it."""
        tokens, logprobs = _draw(rows, logits.float())
        done = []
        for index, (row, token, logprob) in enumerate(zip(rows, tokens, logprobs, strict=True)):
            row.ids.append(token)
            row.logprob += logprob
            limit = min(row.sampling.max_tokens, self.context - len(row.prompt))
            if token in self._ends or self._stopped(row) or len(row.ids) >= limit:
                done.append(index)
        return done

    def _stopped(self, row: _Row) -> bool:
        """A stop string ends in the last token; only as many tokens as can hold it are read."""
        stops = row.sampling.stop
        if not stops:
            return False
        window = max(len(stop.encode()) for stop in stops) + 4
        text = self._text(row.ids[-window:])
        return any(stop in text for stop in stops)

    def _text(self, ids: list[int]) -> str:
        return self._tokenizer.decode(
            [i for i in ids if i not in self._ends],
            skip_special_tokens=False,
            clean_up_tokenization_spaces=False,
        )

    def _completion(self, row: _Row) -> Completion:
        ids = row.ids
        text, cut = before_stop(self._text(ids), row.sampling.stop)
        stopped = cut or ids[-1] in self._ends
        return Completion(
            request=row.request,
            sample=row.sample,
            text=text,
            logprob=row.logprob / len(ids),
            tokens=len(ids),
            finish="stop" if stopped else "length",
        )


@dataclass(slots=True)
class _State:
    """The cache of a batch, its attention mask [rows, tokens] and next positions [rows, 1]."""

    cache: Any
    mask: Any
    positions: Any

    def select(self, rows: list[int]) -> None:
        """Keep these rows, in this order; a row may appear several times."""
        import torch

        index = torch.tensor(rows, device=self.mask.device)
        self.cache.batch_select_indices(index)
        self.mask = self.mask[index]
        self.positions = self.positions[index]


def _draw(rows: list[_Row], logits: Any) -> tuple[list[int], list[float]]:
    """One token a row by temperature, min-p and top-p from the row's own random stream."""
    import numpy as np
    import torch

    from codeplan_model.host.sampling import uniform

    device = logits.device
    settings = [row.sampling for row in rows]
    temperature = torch.tensor([s.temperature for s in settings], device=device)[:, None]
    hot = temperature > 0
    weights = torch.softmax(logits / torch.where(hot, temperature, 1.0), dim=-1)
    if any(s.min_p > 0 for s in settings):
        least = torch.tensor([s.min_p for s in settings], device=device)[:, None]
        weights = weights.masked_fill(weights < least * weights.amax(-1, keepdim=True), 0.0)
    if any(s.top_p < 1 for s in settings):
        top_p = torch.tensor([s.top_p for s in settings], device=device)[:, None]
        ordered, order = weights.sort(dim=-1, descending=True, stable=True)
        before = ordered.cumsum(-1) - ordered
        ordered = ordered.masked_fill(before >= top_p * ordered.sum(-1, keepdim=True), 0.0)
        weights = torch.zeros_like(weights).scatter(-1, order, ordered)
    keys = [sequence_key(r.sampling.seed, r.request, r.sample) for r in rows]
    counts = [len(r.ids) for r in rows]
    numbers = uniform(np.array(keys, dtype=np.uint64), np.array(counts, dtype=np.uint64))
    cumulated = weights.cumsum(-1)
    targets = torch.tensor(numbers, dtype=cumulated.dtype, device=device)[:, None]
    drawn = torch.searchsorted(cumulated, targets * cumulated[:, -1:], right=True)
    drawn = drawn.clamp(max=logits.shape[-1] - 1)
    tokens = torch.where(hot, drawn, logits.argmax(-1, keepdim=True))
    logprobs = torch.log_softmax(logits, dim=-1).gather(-1, tokens)
    return tokens[:, 0].tolist(), logprobs[:, 0].tolist()


def _load(path: Path, device: str | None, dtype: str | None, context: int) -> _Loaded:
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
    return _Loaded(loaded, tokenizer, text, context)


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
    gpu = nvidia_gpu() if wanted is None else None
    if gpu:
        text += f" (an {gpu} is here, but this torch can't use it: install a CUDA build of torch)"
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
