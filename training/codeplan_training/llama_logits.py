"""Run as a program: the logits that llama.cpp gives for a prompt, in a process of its own.

    python -m codeplan_training.llama_logits MODEL.gguf OUT.npz < prompt.txt

llama.cpp and torch each bring an OpenMP of their own, and a crash of one must not take the other
along. OUT gets `ids` (int32, shape (tokens,)) and `logits` (float32, shape (tokens, vocabulary)).
"""

from __future__ import annotations

import sys


def main() -> None:
    """See the module's docstring."""
    import llama_cpp
    import numpy as np

    model, out = sys.argv[1:3]
    prompt = sys.stdin.buffer.read()
    llama = llama_cpp.Llama(model, n_ctx=1024, logits_all=True, verbose=False)
    ids = llama.tokenize(prompt, add_bos=True, special=True)
    llama.eval(ids)
    logits = np.array(llama.scores[: len(ids)], dtype=np.float32)
    np.savez(out, ids=np.array(ids, dtype=np.int32), logits=logits)


if __name__ == "__main__":
    main()
