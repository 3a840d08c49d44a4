"""Which device a model runs on, in words, and why a GPU that is here is not used.

Tried on Linux without a GPU: what is said of CUDA devices was not seen on one, and on macOS a GPU
has no name here.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from pathlib import Path


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


def describe_device(on_gpu: bool, threads: int, extra_buffers: bool, gpu_wanted: bool) -> str:
    """The text of ModelInfo.device for a model that llama.cpp has loaded.

    gpu_wanted: whether the settings allow a GPU.
    """
    if on_gpu:
        return _gpu_names() or "GPU"
    text = f"CPU, {threads} thread" + ("s" if threads != 1 else "")
    if not extra_buffers:
        text += ", safe setting after a crash (slower)"
    gpu = nvidia_gpu()
    if gpu and not gpu_wanted:
        text += f" (an {gpu} is here, but the settings say not to use it)"
    elif gpu:
        text += (
            f" (an {gpu} is here, but llama.cpp was built without CUDA: reinstall it with "
            'CMAKE_ARGS="-DGGML_CUDA=on" pip install --force-reinstall --no-binary :all: '
            "llama-cpp-python)"
        )
    return text


def _gpu_names() -> str:
    """What ggml says about its GPUs: "CUDA0: NVIDIA H100"."""
    try:
        import llama_cpp

        folder = Path(llama_cpp.__file__).parent / "lib"
        ggml = ctypes.CDLL(str(next(folder.glob("libggml.so*"))))
        base = ctypes.CDLL(str(next(folder.glob("libggml-base.so*"))))
        ggml.ggml_backend_dev_count.restype = ctypes.c_size_t
        ggml.ggml_backend_dev_get.restype = ctypes.c_void_p
        ggml.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
        names = []
        for function in ("ggml_backend_dev_name", "ggml_backend_dev_description"):
            getattr(base, function).restype = ctypes.c_char_p
            getattr(base, function).argtypes = [ctypes.c_void_p]
        base.ggml_backend_dev_type.argtypes = [ctypes.c_void_p]
        for index in range(ggml.ggml_backend_dev_count()):
            device = ggml.ggml_backend_dev_get(index)
            if base.ggml_backend_dev_type(device) == 1:  # GGML_BACKEND_DEVICE_TYPE_GPU
                name = base.ggml_backend_dev_name(device).decode()
                names.append(f"{name}: {base.ggml_backend_dev_description(device).decode()}")
        return ", ".join(names)
    except (ImportError, OSError, StopIteration, AttributeError):
        return ""
