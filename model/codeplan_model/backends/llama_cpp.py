"""The default backend: a GGUF model in llama.cpp, in the process that all clients share.

A thin client of `codeplan_model.host`; llama.cpp is never loaded into this process.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from codeplan_model.generation import CancelToken, Completion, ModelInfo, Request
from codeplan_model.host.client import HostClient, Progress
from codeplan_model.host.settings import HostSettings


class LlamaBackend:
    """See `generation.Backend`. on_progress: called with 0..1 while the model loads.

    settings: fields of HostSettings; they count when this client is the one that starts the host.
    """

    kind = "llama"

    def __init__(self, model: Path, on_progress: Progress | None = None, **settings: Any) -> None:
        self._client = HostClient(model.absolute(), HostSettings(**settings), on_progress)

    def info(self, cancel: CancelToken | None = None) -> ModelInfo:
        return self._client.info(cancel)

    def generate(
        self, requests: Sequence[Request], cancel: CancelToken | None = None
    ) -> Iterator[Completion]:
        return self._client.generate(requests, cancel)

    def process_id(self) -> int:
        """The shared process's id, for `codeplan doctor` and tests."""
        return self._client.process_id()

    def close(self) -> None:
        self._client.close()
