"""A run's weights in parts: from a machine that trains to one that exports, where files are small.

The weights travel as bfloat16 (one safetensors file, cut into numbered pieces) with the run's
shape, settings and metrics. The optimizers' state stays behind: what is unpacked can be exported or
begin another run, not be resumed.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load, save
from transformers import LlamaForCausalLM

from codeplan_training.train import Shape, new_student

ABOUT = "run.json"
_BESIDE = ("settings.json", "metrics.jsonl")


def pack(run: Path, out: Path, part_bytes: int) -> list[Path]:
    """Write the parts of a run's checkpoint into `out`; their paths.

    Raises FileNotFoundError when the run has no checkpoint.
    """
    saved = run / "checkpoint.pt"
    if not saved.exists():
        raise FileNotFoundError(f"{run} holds no checkpoint.pt: nothing was trained there yet")
    state = torch.load(saved, map_location="cpu", weights_only=True)
    weights = {
        name: tensor.to(torch.bfloat16).contiguous()
        for name, tensor in state["model"].items()
        if name != "lm_head.weight"  # tied to the embeddings
    }
    data = save(weights)
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("weights.*"):
        old.unlink()
    written: list[Path] = []
    for number, start in enumerate(range(0, len(data), part_bytes)):
        written.append(out / f"weights.{number:02}")
        written[-1].write_bytes(data[start : start + part_bytes])
    about = {key: state[key] for key in ("step", "elapsed", "tokens", "shape")}
    (out / ABOUT).write_text(json.dumps({**about, "parts": len(written), "bytes": len(data)}))
    for name in _BESIDE:
        if (run / name).exists():
            shutil.copy(run / name, out / name)
    return [*written, out / ABOUT]


def write_weights(
    run: Path, weights: Mapping[str, torch.Tensor], about: Mapping[str, Any]
) -> LlamaForCausalLM:
    """Make a run of weights alone, to be exported or to begin another; the student.

    about: `step`, `elapsed`, `tokens` and `shape`, as in a checkpoint.
    """
    student = new_student(Shape(**about["shape"]), seed=0)
    student.load_state_dict(weights)
    run.mkdir(parents=True, exist_ok=True)
    counts = {key: about[key] for key in ("step", "elapsed", "tokens", "shape")}
    torch.save({"model": student.state_dict(), **counts}, run / "checkpoint.pt")
    student.save_pretrained(run / "model")
    return student


def unpack(folder: Path, run: Path) -> str:
    """Make `run` of the parts in `folder`; in words what it is.

    Raises FileNotFoundError or ValueError when parts are missing or cut.
    """
    if not (folder / ABOUT).is_file():
        raise FileNotFoundError(
            f"{folder} holds no {ABOUT}: write parts with `codeplan-train pack`"
        )
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{folder / ABOUT} is damaged: {error}. Fetch it once more") from error
    files = [folder / f"weights.{number:02}" for number in range(about["parts"])]
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        raise FileNotFoundError(f"{folder} lacks {', '.join(missing)} of {len(files)} parts")
    data = b"".join(file.read_bytes() for file in files)
    if len(data) != about["bytes"]:
        raise ValueError(f"the parts in {folder} are {len(data)} bytes, not {about['bytes']}")
    weights = {name: tensor.float() for name, tensor in load(data).items()}
    weights["lm_head.weight"] = weights["model.embed_tokens.weight"]
    model = write_weights(run, weights, about)
    for name in _BESIDE:
        if (folder / name).exists():
            shutil.copy(folder / name, run / name)
    count = sum(parameter.numel() for parameter in model.parameters())
    minutes = about["elapsed"] / 60
    return f"{run}: {count} parameters, {about['tokens']} tokens read in {minutes:.1f} minutes"
