"""The model card beside an exported GGUF file: what it is, what it was trained on, how it was made.

It says what the file and the run's folder know, and says so where they know nothing.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from codeplan_model.prompts import codeplan1
from codeplan_training.problems import Problem

DATA = "data.json"


def write_data(folder: Path, problems: Iterable[Problem]) -> None:
    """Note in a run's folder how many problems of which source and licence it trains on."""
    counts = Counter((p.source, p.licence) for p in problems)
    told = [
        {"source": source, "licence": licence, "problems": count}
        for (source, licence), count in sorted(counts.items())
    ]
    (folder / DATA).write_text(json.dumps(told, indent=1), encoding="utf-8")


def path_of(gguf_file: Path) -> Path:
    """Where the card of a file stands: MODEL.gguf -> MODEL.md."""
    return gguf_file.with_suffix(".md")


def write(
    gguf_file: Path,
    run: Path,
    *,
    name: str,
    licence: str,
    quantization: str,
    verified: Iterable[str],
    command: str,
) -> Path:
    """Write the card beside the file. verified: sentences on what was found about the file."""
    config = json.loads((run / "model" / "config.json").read_text(encoding="utf-8"))
    lines = [
        f"# {name}",
        "",
        f"A {config['model_type']}-shaped model of {_parameters(gguf_file) / 1e6:.1f} million "
        f"parameters (hidden {config['hidden_size']}, {config['num_hidden_layers']} layers, "
        f"{config['num_attention_heads']} heads, feed-forward {config['intermediate_size']}, "
        f"vocabulary {config['vocab_size']}, context {config['max_position_embeddings']}"
        f"{', tied embeddings' if config.get('tie_word_embeddings') else ''}), trained with "
        "codeplan-train. It reads a Python function's header and docstring and writes plans and "
        "code; what it writes is often wrong, and the function's own examples have to choose.",
        "",
        f"- File: {gguf_file.name}, {quantization.upper()}, {gguf_file.stat().st_size:,} bytes",
        f"- Tokenizer: byte-level BPE, {config['vocab_size']} entries, in the file",
        f"- Prompt format: {codeplan1.NAME}, named in the file as `codeplan.prompt_format`",
        f"- Licence of the weights: {licence}",
        "",
        "## Verified",
        "",
        *(f"- {sentence}" for sentence in verified),
        "",
        "## Data",
        "",
        *_data(run),
        "",
        "## Training",
        "",
        *_training(run),
        "",
        "## Made with",
        "",
        f"    {command}",
        "",
    ]
    path = path_of(gguf_file)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _parameters(gguf_file: Path) -> int:
    import gguf

    return sum(int(tensor.n_elements) for tensor in gguf.GGUFReader(str(gguf_file)).tensors)


def _data(run: Path) -> list[str]:
    rows = _json(run / DATA)
    if not rows:
        return [f"The run's folder doesn't say which data it was trained on (no {DATA})."]
    return [
        "| source | licence | problems |",
        "|---|---|---|",
        *(f"| {row['source']} | {row['licence']} | {row['problems']} |" for row in rows),
    ]


def _training(run: Path) -> list[str]:
    settings = _json(run / "settings.json")
    if not settings:
        return ["The run's folder holds no settings."]
    told: dict[str, Any] = settings.get("settings", settings)
    lines = [f"- {key}: {value}" for key, value in told.items() if key != "student"]
    metrics = run / "metrics.jsonl"
    if metrics.exists() and (found := metrics.read_text(encoding="utf-8").splitlines()):
        lines.append(f"- last figures: {found[-1]}")
    return lines


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
