"""A tiny GGUF, a tiny Hugging Face folder (random weights) and a real HTTP server on loopback."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

# Spinning threads make tiny models slow on a busy machine; read when torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
Answer = Callable[[str, dict[str, Any]], tuple[int, dict[str, Any] | str]]


@pytest.fixture
def host_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # pytest's own folders can be longer than a socket's path may be.
    runtime = Path("/tmp") / f"cp-{os.getpid()}-{time.monotonic_ns() % 10**9}"
    monkeypatch.setenv("CODEPLAN_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("CODEPLAN_STATE_DIR", str(tmp_path / "state"))


@pytest.fixture(scope="session")
def hf_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama of two layers with a byte-level tokenizer, as transformers saves it."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("hf")
    specials = ["<|end|>", "<|bos|>", "<|plan|>", "<|code|>"]
    vocabulary = {token: n for n, token in enumerate(specials)}
    for letter in sorted(pre_tokenizers.ByteLevel.alphabet()):
        vocabulary[letter] = len(vocabulary)
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<|bos|>",
        eos_token="<|end|>",
        additional_special_tokens=["<|plan|>", "<|code|>"],
    )
    fast.save_pretrained(folder)
    torch.set_num_threads(1)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=256,
        bos_token_id=1,
        eos_token_id=0,
        initializer_range=0.5,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@dataclass
class FakeServer:
    """An HTTP server whose answers the test decides. seen: (path, body, headers) by request.

    slow_arrived: a request that is never answered has been read whole.
    """

    url: str
    answer: Answer
    seen: list[tuple[str, dict[str, Any], dict[str, str]]] = field(default_factory=list)
    slow_arrived: threading.Event = field(default_factory=threading.Event)
    hung_up: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def http_server() -> Iterator[Callable[[Answer], FakeServer]]:
    started: list[ThreadingHTTPServer] = []

    def start(answer: Answer) -> FakeServer:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._reply({})

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                self._reply(json.loads(self.rfile.read(length)))

            def _reply(self, body: dict[str, Any]) -> None:
                fake.seen.append((self.path, body, dict(self.headers)))
                status, value = fake.answer(self.path, body)
                if status == 0:  # never answer; notice when the client hangs up
                    fake.slow_arrived.set()
                    if not self.rfile.read(1):
                        fake.hung_up.set()
                    return
                data = (value if isinstance(value, str) else json.dumps(value)).encode()
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", "http://127.0.0.1:1/")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        started.append(server)
        fake = FakeServer(f"http://127.0.0.1:{server.server_address[1]}/v1", answer)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return fake

    yield start
    for server in started:
        server.shutdown()
        server.server_close()
