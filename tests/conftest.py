"""What several rooms need: small models with random weights, from the benchmarks' own script."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

_SCRIPT = Path(__file__).parents[1] / "benchmarks" / "decoding" / "random_gguf.py"


@pytest.fixture(scope="session")
def random_gguf() -> ModuleType:
    """benchmarks/decoding/random_gguf.py as a module: `write_random_gguf`, `TINY`, ..."""
    name = "codeplan_random_gguf"
    spec = importlib.util.spec_from_file_location(name, _SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Its dataclasses look their module up there.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def write_gguf(random_gguf: ModuleType) -> Callable[..., Path]:
    """write_random_gguf(path, ...) with the tiny shape."""
    pytest.importorskip("llama_cpp")

    def write(path: Path, **options: Any) -> Path:
        return random_gguf.write_random_gguf(path, random_gguf.TINY, **options)

    return write


@pytest.fixture(scope="session")
def tiny_gguf(write_gguf: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model with random weights, in our prompt format."""
    return write_gguf(tmp_path_factory.mktemp("model") / "tiny.gguf")


@pytest.fixture(scope="session")
def chat_gguf(write_gguf: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that is not ours: no prompt format, a chat template."""
    template = (
        "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
        "{% if add_generation_prompt %}assistant:{% endif %}"
    )
    path = tmp_path_factory.mktemp("chat") / "chat.gguf"
    return write_gguf(path, prompt_format=None, chat_template=template)
