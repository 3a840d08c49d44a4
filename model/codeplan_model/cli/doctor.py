"""`codeplan doctor`: what works on this machine, and what to do about what doesn't."""

from __future__ import annotations

import importlib.util
import platform
import sys
from collections.abc import Sequence
from importlib import metadata
from itertools import groupby
from typing import Any

from codeplan_model import __version__
from codeplan_model.backends import EMBEDDED_MODEL, available, open_backend
from codeplan_model.backends.transformers import device_in_words
from codeplan_model.cli.output import Output, escape
from codeplan_model.generation import BackendError
from codeplan_model.host.device import nvidia_gpu
from codeplan_model.sandbox import AttackResult, Sandbox, SandboxUnavailable, probe

PACKAGES = ("llama-cpp-python", "torch", "transformers", "openai", "pygls", "pyseccomp")


def examine(output: Output, model: str | None) -> int:
    """Print versions, backends, model, device and sandbox level. 0 when a solve would work."""
    found: dict[str, Any] = {
        "codeplan": __version__,
        "python": f"{platform.python_version()} ({sys.executable})",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    backends = {a.kind: a.reason for a in available()}
    problems: list[str] = []
    found.update(_model(model, problems))
    found.update(_gpu())
    found.update(_sandbox(problems))
    card = EMBEDDED_MODEL.with_name("MODEL_CARD.md")
    if card.exists():
        found["model card"] = str(card)
    if output.as_json:
        output.json({**found, "backends": backends, "problems": problems})
    else:
        rows = [(key, str(value)) for key, value in found.items()]
        rows += [(f"backend {kind}", state) for kind, state in backends.items()]
        output.table("codeplan doctor", ("what", "found"), rows)
        for problem in problems:
            output.error(problem)
    return 1 if problems else 0


def attack(output: Output) -> int:
    """Attack the sandbox for real, group by group; 0 when nothing got through.

    An attack counts as contained only where the same text succeeds unprotected on this machine.
    Those that succeed nowhere here (a kernel without vsock, a user who may not mount) are named
    as not tried: they show nothing.
    """
    from codeplan_model.sandbox import attack as run_attacks

    through = False
    with Sandbox() as sandbox:
        output.say(f"attacking this machine's sandbox, level {sandbox.level.describe()}")
        for group, results in groupby(run_attacks(sandbox), lambda result: result.attack.group):
            through |= _tell_group(group, list(results), output)
    return int(through)


def _tell_group(group: str, results: Sequence[AttackResult], output: Output) -> bool:
    """How a group of attacks ended; whether one of them got through."""
    escaped = [r.attack.name for r in results if not r.contained]
    untried = [r.attack.name for r in results if r.contained and r.control is not True]
    held = len(results) - len(escaped) - len(untried)
    for result in results:
        if not result.contained:
            output.error(f"{result.attack.name}: {result.detail}")
    if output.as_json:
        output.json(
            {
                "group": group,
                "attacks": len(results),
                "contained": held,
                "not_tried": untried,
                "escaped": escaped,
            }
        )
        return bool(escaped)
    word = "NOT CONTAINED" if escaped else "contained" if held else "not tried"
    words = f"{held} of {len(results)} contained, which succeed unprotected"
    if untried:
        words += f"; not tried, since unprotected they don't succeed here: {', '.join(untried)}"
    output.out.print(escape(f"{word:>14}  {group}: {words}"))
    return bool(escaped)


def _model(model: str | None, problems: list[str]) -> dict[str, str]:
    found: dict[str, str] = {"model file": model or str(EMBEDDED_MODEL)}
    if importlib.util.find_spec("llama_cpp") is None:
        problems.append("llama.cpp is not installed: pip install 'codeplan[llama]'")
        return found
    try:
        backend = open_backend("llama", model)
        try:
            info = backend.info()
        finally:
            backend.close()
    except BackendError as error:
        problems.append(str(error))
        return found
    found["model"] = info.name
    found["prompt format"] = info.prompt_format
    found["context"] = f"{info.context} tokens"
    found["device"] = info.device
    return found


def _gpu() -> dict[str, str]:
    """The GPU, if any, and whether torch would use it (importing torch takes seconds)."""
    gpu = nvidia_gpu()
    found = {"GPU": gpu or "none seen (NVIDIA)"}
    if gpu and importlib.util.find_spec("torch"):
        found["device of torch"] = device_in_words()
    return found


def _sandbox(problems: list[str]) -> dict[str, str]:
    try:
        level = probe()
    except SandboxUnavailable as error:
        problems.append(str(error))
        return {"sandbox": "none: generated code is not run"}
    found = {"sandbox": level.describe()}
    if level.reasons:
        found["a stronger sandbox"] = "; ".join(level.reasons)
    return found
