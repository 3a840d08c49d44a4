"""Decode many samples of a Hugging Face model together with torch, sharing what they share.

Each different prompt is read once; its samples share one batch of decode steps, from which
finished ones leave. Loads nothing and chooses no device. torch is imported on first use.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from codeplan_model.generation import (
    BackendError,
    CancelToken,
    Completion,
    Request,
    Sampling,
)
from codeplan_model.host.chat import render_plain
from codeplan_model.host.seeds import sequence_key
from codeplan_model.host.text import before_stop

# A cancel is looked for between two pieces of a prompt.
_PROMPT_PIECE = 256


@dataclass(slots=True, eq=False)
class Row:
    """One completion on its way. ids: generated tokens."""

    request: int
    sample: int
    prompt: list[int]
    sampling: Sampling
    ids: list[int] = field(default_factory=list)
    logprob: float = 0.0


class Decoder:
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

    def run(self, rows: list[Row], cancel: CancelToken) -> Iterator[Completion]:
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

    def _read_prompts(self, rows: list[Row], cancel: CancelToken) -> tuple[_State, Any]:
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

    def _draw(self, rows: list[Row], logits: Any) -> list[int]:
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

    def _stopped(self, row: Row) -> bool:
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

    def _completion(self, row: Row) -> Completion:
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


def _draw(rows: list[Row], logits: Any) -> tuple[list[int], list[float]]:
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
