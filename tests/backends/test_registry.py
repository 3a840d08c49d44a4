import subprocess
import sys
from pathlib import Path

import pytest

from codeplan_model import backends
from codeplan_model.generation import BackendError, Request, Sampling


def test_every_kind_is_listed_with_a_reason() -> None:
    found = backends.available()

    assert [entry.kind for entry in found] == ["llama", "transformers", "openai"]
    assert all(entry.reason for entry in found)


def test_looking_and_opening_import_nothing_heavy(tiny_gguf: Path) -> None:
    code = (
        "import sys; from codeplan_model.backends import *; available(); "
        f"open_backend('llama', {str(tiny_gguf)!r}); open_backend('transformers', '/nowhere'); "
        "open_backend('openai', 'x', base_url='http://127.0.0.1:1/v1'); "
        "print([m for m in ('torch', 'transformers', 'llama_cpp', 'openai', 'numpy', 'jinja2') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_a_missing_package_names_the_extra_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends.importlib.util, "find_spec", lambda name: None)

    with pytest.raises(BackendError, match=r"pip install 'codeplan\[llama\]'") as caught:
        backends.open_backend("llama")

    assert not caught.value.retryable
    assert [entry.installed for entry in backends.available()] == [False, False, True]


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("gpt", {}, "Choose one of llama, transformers, openai"),
        ("llama", {"colour": 1}, "colour"),
        ("llama", {"parallel": 0}, "parallel must lie between"),
        ("transformers", {}, "Name the folder"),
        ("openai", {"base_url": "not a url"}, "is no address like"),
        ("openai", {"base_url": "http://127.0.0.1/v1", "concurrency": 0}, "concurrency"),
    ],
)
def test_a_wrong_choice_is_refused_in_words(kind: str, options: dict, words: str) -> None:
    with pytest.raises(BackendError, match=words):
        backends.open_backend(kind, None, **options)


def test_openai_without_an_address_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)

    with pytest.raises(BackendError, match="OPENAI_BASE_URL"):
        backends.open_backend("openai")


@pytest.mark.usefixtures("host_folders")
def test_the_llama_backend_samples_through_its_process(tiny_gguf: Path) -> None:
    backend = backends.open_backend("llama", str(tiny_gguf), grace=0.0)
    found = list(backend.generate([Request("x", 4, Sampling(max_tokens=5))]))
    info = backend.info()
    backend.close()

    assert backend.kind == "llama"
    assert info.path == str(tiny_gguf)
    assert sorted(c.sample for c in found) == [0, 1, 2, 3]
