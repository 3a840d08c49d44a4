"""A loaded model in the words of `ModelInfo`."""

from __future__ import annotations

from pathlib import Path

from codeplan_model.generation import ModelInfo, count_in_words
from codeplan_model.host.llama import LlamaModel


def model_info(model: LlamaModel) -> ModelInfo:
    """From the GGUF's metadata; a model without "codeplan.prompt_format" is asked by chat."""
    metadata = model.metadata
    name = str(metadata.get("general.name") or Path(model.path).stem)
    version = metadata.get("codeplan.version")
    if version:
        name += f" {version}"
    return ModelInfo(
        name=f"{name} ({count_in_words(model.parameters)})",
        path=model.path,
        prompt_format=str(metadata.get("codeplan.prompt_format") or "chat"),
        device=model.device,
        context=model.context,
        parameters=model.parameters,
        worked_examples=_number(metadata.get("codeplan.worked_examples")),
    )


def _number(value: object) -> int:
    return int(value) if isinstance(value, int | str) and str(value).isdigit() else 0
