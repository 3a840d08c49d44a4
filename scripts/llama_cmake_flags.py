"""Print CMake flags with which llama.cpp is compiled for this machine's processor.

llama.cpp's own choice (GGML_NATIVE) takes in AMX wherever the processor reports it; on virtual
machines that report AMX without keeping its tile registers, the result dies with SIGILL. So the
instruction sets are named one by one, from what the kernel reports, and AMX is never among them.
On other systems than Linux on x86-64 the default build is right, and nothing is printed.
"""

from __future__ import annotations

import platform
from pathlib import Path

FLAGS = {
    "avx": "AVX",
    "avx2": "AVX2",
    "fma": "FMA",
    "f16c": "F16C",
    "bmi2": "BMI2",
    "avx512f": "AVX512",
    "avx512_vbmi": "AVX512_VBMI",
    "avx512vbmi": "AVX512_VBMI",
    "avx512_vnni": "AVX512_VNNI",
    "avx512_bf16": "AVX512_BF16",
}


def main() -> None:
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        return
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    has = set(next((line for line in lines if line.startswith("flags")), "").split())
    chosen = sorted({name for flag, name in FLAGS.items() if flag in has})
    if "AVX512" in chosen and not {"avx512cd", "avx512bw", "avx512dq", "avx512vl"} <= has:
        chosen = [name for name in chosen if not name.startswith("AVX512")]
    print("-DGGML_NATIVE=OFF", *(f"-DGGML_{name}=ON" for name in chosen))


if __name__ == "__main__":
    main()
