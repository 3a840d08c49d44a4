"""Any result of finetune as a backend: decoder-only, encoder-decoder, one head or two.

For measuring students before export. Decoder-only students with one head are faster through
`codeplan_model.backends.transformers`, and through llama.cpp once they are exported.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from codeplan_model.generation import (
    BackendError,
    CancelToken,
    Completion,
    ModelInfo,
    Request,
    Sampling,
)
from codeplan_model.host.text import before_stop
from codeplan_model.prompts import codeplan1


@dataclass(slots=True)
class _Row:
    """One sample on its way."""

    request: int
    sample: int
    sampling: Sampling
    generator: Any
    ids: list[int] = field(default_factory=list)
    logprob: float = 0.0


class StudentBackend:
    """See `generation.Backend`. The samples of one request are decoded together."""

    kind = "student"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any, bool, Any] | None = None

    def info(self, cancel: CancelToken | None = None) -> ModelInfo:
        model, _, encoder_decoder, _ = self._load()
        count = int(model.num_parameters())
        kind = "encoder-decoder" if encoder_decoder else "decoder-only"
        return ModelInfo(
            f"{self._folder.name} ({count / 1e6:.1f}M, {kind})",
            str(self._folder),
            codeplan1.NAME,
            str(model.device),
            self._context(model),
            count,
        )

    def generate(
        self, requests: Sequence[Request], cancel: CancelToken | None = None
    ) -> Iterator[Completion]:
        for number, request in enumerate(requests):
            if not isinstance(request.prompt, str):
                raise BackendError("A student is asked in plain text.")
            with self._lock:
                rows = self._decode(number, request, request.prompt, cancel or CancelToken())
            yield from rows

    def close(self) -> None:
        self._loaded = None

    def _load(self) -> tuple[Any, Any, bool, Any]:
        if self._loaded is None:
            import torch

            from codeplan_training.finetune import students

            try:
                model, tokenizer, encoder_decoder = students.read_folder(self._folder)
            except (OSError, ValueError) as error:
                raise BackendError(str(error)) from error
            heads = students.load_plan_head(model, self._folder)
            model.to("cuda" if torch.cuda.is_available() else "cpu").eval()
            self._loaded = (model, tokenizer, encoder_decoder, heads)
        return self._loaded

    def _context(self, model: Any) -> int:
        return int(getattr(model.config, "max_position_embeddings", None) or 1024)

    def _decode(
        self, number: int, request: Request, prompt: str, cancel: CancelToken
    ) -> list[Completion]:
        import torch

        model, tokenizer, encoder_decoder, heads = self._load()
        if heads is not None:
            heads.active = "plan" if prompt.endswith(codeplan1.PLAN) else "code"
        ends = {tokenizer.eos_token_id, tokenizer.convert_tokens_to_ids(codeplan1.END)}
        ids = list(tokenizer(prompt)["input_ids"])
        if not encoder_decoder:
            while ids and ids[-1] in ends:
                ids.pop()
        context = self._context(model)
        if len(ids) >= context:
            raise BackendError(f"The prompt has {len(ids)} tokens, the student reads {context}.")
        seed, device = request.sampling.seed, model.device
        rows = [
            _Row(number, j, request.sampling, _generator(seed, number, j)) for j in range(request.n)
        ]
        source = torch.tensor([ids] * request.n, device=device)
        given: dict[str, Any] = {}
        if encoder_decoder:
            encoded = model.get_encoder()(input_ids=source[:1])
            hidden = encoded.last_hidden_state.expand(request.n, -1, -1)
            given = {"encoder_outputs": (hidden,), "attention_mask": torch.ones_like(source)}
            start = model.config.decoder_start_token_id
            source = torch.full((request.n, 1), start, device=device)
        name = "decoder_input_ids" if encoder_decoder else "input_ids"
        limit = min(request.sampling.max_tokens, context - len(ids))
        done: set[int] = set()
        cache: Any = None
        # transformers renamed it in version 5, where it is given and where it comes back.
        known = inspect.signature(model.forward).parameters
        cache_name = "cache" if "cache" in known else "past_key_values"
        with torch.inference_mode():
            while len(done) < len(rows):
                cancel.check()
                out = model(**{name: source}, **{cache_name: cache}, use_cache=True, **given)
                cache = out[cache_name]
                tokens = []
                for j, (row, logits) in enumerate(
                    zip(rows, out.logits[:, -1].float(), strict=True)
                ):
                    token = _draw(logits, row)
                    tokens.append(token)
                    if j in done:
                        continue
                    row.ids.append(token)
                    row.logprob += float(torch.log_softmax(logits, -1)[token])
                    if token in ends or len(row.ids) >= limit or _stops(row, tokenizer):
                        done.add(j)
                source = torch.tensor(tokens, device=device)[:, None]
        return [_completion(row, tokenizer, ends) for row in rows]


def _generator(seed: int, request: int, sample: int) -> Any:
    import torch

    from codeplan_model.host.seeds import sequence_key

    return torch.Generator().manual_seed(sequence_key(seed, request, sample) % 2**63)


def _draw(logits: Any, row: _Row) -> int:
    import torch

    if row.sampling.temperature == 0:
        return int(logits.argmax())
    weights = torch.softmax(logits.cpu() / row.sampling.temperature, -1)
    ordered, order = weights.sort(descending=True)
    ordered[ordered.cumsum(-1) - ordered >= row.sampling.top_p] = 0.0
    return int(order[torch.multinomial(ordered, 1, generator=row.generator)])


def _stops(row: _Row, tokenizer: Any) -> bool:
    stops = row.sampling.stop
    window = max((len(stop.encode()) for stop in stops), default=0) + 4
    text = tokenizer.decode(row.ids[-window:], clean_up_tokenization_spaces=False)
    return any(stop in text for stop in stops)


def _completion(row: _Row, tokenizer: Any, ends: set[int]) -> Completion:
    ended = row.ids[-1] in ends
    ids = [i for i in row.ids if i not in ends]
    text = tokenizer.decode(ids, clean_up_tokenization_spaces=False)
    text, cut = before_stop(text, row.sampling.stop)
    return Completion(
        row.request,
        row.sample,
        text,
        row.logprob / len(row.ids),
        len(row.ids),
        "stop" if ended or cut else "length",
    )
