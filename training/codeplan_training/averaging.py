"""The average of two runs' weights: what a run learned, without all of what it forgot.

After WiSE-FT (Wortsman et al. 2021, arXiv 2109.01903): weights that were trained on from others lie
near enough to them that the points between work, often better than both ends.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch

from codeplan_training.parts import write_weights


def average(first: Path, second: Path, out: Path, share: float) -> str:
    """Write the run `out`, whose weights are `share` (0 to 1) of the second's and the rest of the
    first's; in words what it is. It can be exported or begin another run, not be resumed.

    Raises FileNotFoundError when a run has no checkpoint, ValueError when their shapes differ.
    """
    if out in (first, second):
        raise ValueError(f"{out} would replace a run that it is made of: name another folder")
    states = []
    for run in (first, second):
        if not (run / "checkpoint.pt").is_file():
            raise FileNotFoundError(f"{run} holds no checkpoint.pt: nothing was trained there yet")
        states.append(torch.load(run / "checkpoint.pt", map_location="cpu", weights_only=True))
    one, other = states
    if one["shape"] != other["shape"]:
        raise ValueError(f"{first} and {second} have different shapes: average runs of one shape")
    weights = {
        name: torch.lerp(tensor.float(), other["model"][name].float(), share)
        for name, tensor in one["model"].items()
    }
    write_weights(out, weights, other)
    settings = {"average": [str(first), str(second)], "share": share}
    (out / "settings.json").write_text(json.dumps(settings, indent=1))
    return f"{out}: {1 - share:.2f} of {first} and {share:.2f} of {second}"
