"""Which device a model runs on, in words, and why a GPU that is here is not used.

Tried on Linux: without a GPU, with Mesa's Vulkan driver in software in the place of one, and with
a build for CUDA 13 where the driver, its libraries or the GPU was missing. What is said of a CUDA
device that runs, and of Apple's, was not seen there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from codeplan_model.host.gpus import built_for, gpus

_DRIVER = ("libcuda.so", "nvcuda.dll")
_CUDA = ("libcudart", "libcublas", "cudart64", "cublas64")
REINSTALL = (
    "pip install --force-reinstall --no-deps --no-cache-dir "
    "--no-binary llama-cpp-python llama-cpp-python"
)
"""What compiles llama.cpp for this machine."""


def usable_cores() -> int:
    """Physical cores that this process may use: the threads that make llama.cpp fastest."""
    try:
        allowed = os.sched_getaffinity(0)
    except AttributeError:  # not Linux
        return max(1, (os.cpu_count() or 2) // (1 if os.name == "posix" else 2))
    cores = set()
    for cpu in allowed:
        topology = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology")
        try:
            package = (topology / "physical_package_id").read_text()
            cores.add((package, (topology / "core_id").read_text()))
        except OSError:
            return len(allowed)
    return max(1, min(len(cores), _cgroup_cpus() or len(cores)))


def _cgroup_cpus() -> int | None:
    """The container's share of the processors, rounded up; None when unlimited."""
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return None if quota == "max" else max(1, -(-int(quota) // int(period)))
    except (OSError, ValueError):
        return None


def nvidia_gpu() -> str | None:
    """The first NVIDIA GPU's name when the driver shows one; None otherwise."""
    if not Path("/proc/driver/nvidia/version").exists() and not shutil.which("nvidia-smi"):
        return None
    try:
        answer = subprocess.run(
            ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    names = answer.stdout.strip().splitlines()
    return names[0] if answer.returncode == 0 and names else None


def describe_device(
    on_gpu: bool,
    threads: int,
    extra_buffers: bool,
    gpu_wanted: bool,
    gpu_problem: str = "",
    share: str = "",
) -> str:
    """The text of ModelInfo.device for a model that llama.cpp has loaded.

    gpu_wanted: whether the settings allow a GPU. gpu_problem: why the model could not be loaded on
    the GPU that llama.cpp knows, in its words. share: what of the model the GPU has.
    """
    known = ", ".join(gpu.name for gpu in gpus())
    if on_gpu:
        return (known or "GPU") + (f" ({share})" if share else "")
    text = f"CPU, {threads} thread" + ("s" if threads != 1 else "")
    if not extra_buffers:
        text += ", safe setting after a crash (slower)"
    unused = _why_unused(known, gpu_wanted, gpu_problem)
    return f"{text} ({unused})" if unused else text


def _why_unused(known: str, wanted: bool, problem: str) -> str:
    """Why a GPU that is here does nothing, and what to do; "" without one.

    known: the GPUs that llama.cpp can use.
    """
    nvidia = nvidia_gpu()
    if not wanted:
        here = f"the GPU {known}" if known else _a(nvidia) if nvidia else ""
        return f"{here} is here, but the settings say not to use it" if here else ""
    if problem:
        return (
            f"the GPU {known or 'of llama.cpp'} is here, but the model could not be loaded there: "
            f"{problem}. Close what else uses its memory, or choose a smaller model"
        )
    if not nvidia:
        return ""
    if built_for("CUDA"):
        return (
            f"{_a(nvidia)} is here, and llama.cpp was built with CUDA but finds no GPU that it can "
            "use: update NVIDIA's driver, and see that CUDA_VISIBLE_DEVICES doesn't hide it"
        )
    return (
        f"{_a(nvidia)} is here, but llama.cpp was built without CUDA: reinstall it with "
        f'CMAKE_ARGS="-DGGML_CUDA=on" {REINSTALL}'
    )


def why_not_loaded(error: Exception) -> str:
    """What to do when llama-cpp-python can't be imported, after what the loader said.

    A build for NVIDIA's GPUs doesn't even load where the driver is missing (a container, a laptop
    without the card), so the build itself is then the wrong thing to install again.
    """
    said = str(error)
    if any(name in said for name in _DRIVER):
        missing = "is built for NVIDIA GPUs, whose driver is not installed here"
        remedy = "Install the driver, or the build for processors"
    elif any(name in said for name in _CUDA):
        missing = "is built with CUDA, whose libraries are not found here"
        remedy = (
            "Install the version of CUDA that it was built with, or put its folder on "
            "LD_LIBRARY_PATH, or install the build for processors"
        )
    elif isinstance(error, ModuleNotFoundError):
        return (
            f"llama-cpp-python can't be loaded: {said}. Install it: pip install 'codeplan[llama]'"
        )
    else:
        missing, remedy = "can't be loaded", "Install it again"
    return f"llama-cpp-python {missing} ({said}). {remedy}: {REINSTALL}"


def _a(name: str) -> str:
    return ("an " if name.startswith("NVIDIA") else "a ") + name
