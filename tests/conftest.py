"""What several rooms need: small models with random weights, from the benchmarks' own script."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

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
