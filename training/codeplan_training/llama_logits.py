"""Run as a program: the logits that llama.cpp gives for prompts, in a process of its own.

    python -m codeplan_training.llama_logits MODEL.gguf OUT.npz < prompts.json

llama.cpp and torch each bring an OpenMP of their own, and a crash of one must not take the other
along. The prompts are a JSON list of texts. OUT gets for each, by its number from 0 on, `ids0`
(int32, shape (tokens,)) and `logits0` (float32, shape (tokens, vocabulary)).
"""

from __future__ import annotations

import json
import sys


def main() -> None:
    """See the module's docstring."""
    import llama_cpp
    import numpy as np

    model, out = sys.argv[1:3]
    llama = llama_cpp.Llama(model, n_ctx=1024, logits_all=True, verbose=False)
    found: dict[str, np.ndarray] = {}
    for number, prompt in enumerate(json.load(sys.stdin.buffer)):
        llama.reset()
        ids = llama.tokenize(prompt.encode(), add_bos=True, special=True)
        llama.eval(ids)
        found[f"ids{number}"] = np.array(ids, dtype=np.int32)
        found[f"logits{number}"] = np.array(llama.scores[: len(ids)], dtype=np.float32)
    np.savez(out, allow_pickle=False, **found)


if __name__ == "__main__":
    main()
