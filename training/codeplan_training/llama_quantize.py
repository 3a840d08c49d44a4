"""Run as a program: a GGUF file quantized by llama.cpp, in a process of its own.

    python -m codeplan_training.llama_quantize IN.gguf OUT.gguf FILE_TYPE

FILE_TYPE is llama.cpp's number (15: Q4_K_M). Rows that can't be divided into its blocks of 256
weights are kept in the smaller blocks of another type, as llama.cpp chooses.
"""

from __future__ import annotations

import sys


def main() -> None:
    """See the module's docstring. Exit status 1 when llama.cpp refuses the file."""
    import ctypes

    import llama_cpp

    source, target, file_type = sys.argv[1:4]
    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype = int(file_type)
    parameters.nthread = 1
    status = llama_cpp.llama_model_quantize(
        source.encode(), target.encode(), ctypes.pointer(parameters)
    )
    sys.exit(1 if status else 0)


if __name__ == "__main__":
    main()
