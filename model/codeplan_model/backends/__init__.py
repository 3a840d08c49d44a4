"""Models behind one interface (`generation.Backend`), by kind: llama, transformers, openai.

A fourth, "scripted", answers from a file instead of a model (`script_file`). Nothing heavy is
imported before a backend is used.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codeplan_model.generation import Backend, BackendError

KINDS = ("llama", "transformers", "openai")
EMBEDDED_MODEL = Path(__file__).parents[1] / "embedded" / "codeplan-embedded.gguf"

# What each kind imports (module: distribution), and the extra that installs it.
_NEEDS: dict[str, tuple[dict[str, str], str]] = {
    "llama": ({"llama_cpp": "llama-cpp-python", "numpy": "numpy"}, "llama"),
    "transformers": (
        {"torch": "torch", "transformers": "transformers", "numpy": "numpy"},
        "torch",
    ),
    "openai": ({}, "openai"),
}


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether what a kind of backend needs is installed; reason: what is or isn't, in words."""

    kind: str
    installed: bool
    reason: str


def open_backend(kind: str = "llama", model: str | None = None, **options: Any) -> Backend:
    """A backend, not loaded yet: the first `info` or `generate` does that.

    model: a GGUF file (llama), a folder (transformers), a model's name on the server (openai), a
    file of answers (scripted); None is the embedded model. options: keyword arguments of the
    backend's class. Raises BackendError for an unknown kind, a missing package, a wrong option.
    """
    if kind == "scripted":
        from codeplan_model.backends.script_file import read_script

        if model is None:
            raise BackendError("Name a file of answers with --model.")
        return read_script(Path(model))
    if kind not in KINDS:
        raise BackendError(f"There is no backend {kind!r}. Choose one of {', '.join(KINDS)}.")
    availability = _look(kind)
    if not availability.installed:
        raise BackendError(f"The backend {kind!r} can't be loaded: {availability.reason}")
    try:
        return _open(kind, model, options)
    except (TypeError, ValueError) as error:
        raise BackendError(f"The backend {kind!r} can't be opened: {error}") from error


def available() -> list[Availability]:
    """Every kind and whether its packages are installed, found without importing them."""
    return [_look(kind) for kind in KINDS]


def _open(kind: str, model: str | None, options: dict[str, Any]) -> Backend:
    if kind == "llama":
        from codeplan_model.backends.llama_cpp import LlamaBackend

        return LlamaBackend(Path(model) if model else EMBEDDED_MODEL, **options)
    if kind == "transformers":
        from codeplan_model.backends.transformers import TransformersBackend

        if model is None:
            raise BackendError("Name the folder of a Hugging Face model with --model.")
        return TransformersBackend(Path(model), **options)
    from codeplan_model.backends.openai import OpenAIBackend

    return OpenAIBackend(model, **options)


def _look(kind: str) -> Availability:
    modules, extra = _NEEDS[kind]
    missing = [name for module, name in modules.items() if not importlib.util.find_spec(module)]
    if missing:
        names = " and ".join(missing)
        return Availability(
            kind, False, f"{names} not installed. Install with: pip install 'codeplan[{extra}]'"
        )
    if not modules:
        return Availability(kind, True, "plain HTTP, to the address that you set")
    return Availability(kind, True, ", ".join(map(_with_version, modules.values())))


def _with_version(distribution: str) -> str:
    try:
        return f"{distribution} {importlib.metadata.version(distribution)}"
    except importlib.metadata.PackageNotFoundError:
        return distribution
