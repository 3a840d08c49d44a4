"""Write GGUF files of Llama shape with random weights: same speed as a trained model, no meaning.

Used by the decoding benchmark and by the tests of host and backends. The vocabulary is byte-level
BPE with the pre-tokenizer "smollm", like the embedded model's. Nothing here is downloaded.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import gguf
import numpy as np
import platformdirs

SPECIALS = ("<|end|>", "<|bos|>", "<|plan|>", "<|code|>")
# Merges are learned from this text, which looks like what the embedded model reads.
_SAMPLE = '''def total(prices):
    """Return the sum of the prices, 0 for none.

    >>> total([1, 2, 3])
    6
    """
    result = 0
    for price in prices:
        result += price
    return result


def words(text):
    """Return the words of the text in order, in lower case.

    >>> words("One two")
    ['one', 'two']
    """
    return [word.lower() for word in text.split() if word]
1. Start with an empty list for the result.
2. For each value in the input, check the condition and keep the value.
3. Return the result.
'''

_FILE_TYPES = {
    "F32": gguf.LlamaFileType.ALL_F32,
    "F16": gguf.LlamaFileType.MOSTLY_F16,
    "Q8_0": gguf.LlamaFileType.MOSTLY_Q8_0,
    "Q4_0": gguf.LlamaFileType.MOSTLY_Q4_0,
}


@dataclass(frozen=True)
class Shape:
    """Sizes of a Llama model. quantization: "Q8_0", "Q4_0", "F16" or "F32"."""

    hidden: int = 320
    layers: int = 8
    heads: int = 5
    kv_heads: int = 5
    feed_forward: int = 864
    vocabulary: int = 4096
    context: int = 1024
    quantization: str = "Q8_0"


SIXTEEN_MILLION = Shape(384, 8, 6, 2, 1056, 8192)
EMBEDDED = Shape(512, 10, 8, 2, 1408, 8192)
# Half a billion parameters, shaped like the small models that people run (tied embeddings).
HALF_BILLION = Shape(896, 24, 14, 2, 4864, 151_936, 4096, "Q4_0")
TINY = Shape(hidden=64, layers=2, heads=2, kv_heads=2, feed_forward=128, vocabulary=320)


def write_random_gguf(
    path: Path,
    shape: Shape = EMBEDDED,
    *,
    prompt_format: str | None = "codeplan-1",
    chat_template: str | None = None,
    seed: int = 0,
    scale: float = 1.0,
) -> Path:
    """Write the file and return its path. scale: of the logits; larger means more certain."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("random")
    writer.add_file_type(_FILE_TYPES[shape.quantization])
    if prompt_format is not None:
        writer.add_string("codeplan.prompt_format", prompt_format)
        writer.add_string("codeplan.version", "0.0")
    if chat_template is not None:
        writer.add_chat_template(chat_template)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.hidden)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_dimension_count(shape.hidden // shape.heads)
    writer.add_rope_freq_base(10_000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    add_tokenizer(writer, shape.vocabulary)
    _add_weights(writer, shape, np.random.default_rng(seed), scale)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def add_tokenizer(writer: gguf.GGUFWriter, size: int) -> None:
    """A vocabulary of `size` tokens: see `_vocabulary`."""
    tokens, merges = _vocabulary(size)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types(
        [gguf.TokenType.CONTROL if t in SPECIALS else gguf.TokenType.NORMAL for t in tokens]
    )
    writer.add_token_merges(merges)
    writer.add_eos_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_add_bos_token(True)


def half_billion() -> Path:
    """A model of HALF_BILLION's shape in the user's cache folder, made when it is not there.

    It takes 280 MB there, and about a minute to make.
    """
    path = platformdirs.user_cache_path("codeplan", ensure_exists=True) / "half-billion-1.gguf"
    if not path.exists():
        print(f"  making {path}", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            write_random_gguf(Path(folder) / path.name, HALF_BILLION).replace(path)
    return path


def _add_weights(
    writer: gguf.GGUFWriter, shape: Shape, rng: np.random.Generator, scale: float
) -> None:
    kind = gguf.GGMLQuantizationType[shape.quantization]
    head = shape.hidden // shape.heads

    def matrix(name: str, rows: int, columns: int, deviation: float) -> None:
        weights = rng.standard_normal((rows, columns), dtype=np.float32) * deviation
        writer.add_tensor(name, gguf.quants.quantize(weights, kind), raw_dtype=kind)

    def ones(name: str) -> None:
        writer.add_tensor(name, np.ones(shape.hidden, dtype=np.float32))

    inner = shape.hidden**-0.5
    matrix("token_embd.weight", shape.vocabulary, shape.hidden, scale * inner)
    ones("output_norm.weight")
    for layer in range(shape.layers):
        block = f"blk.{layer}."
        ones(block + "attn_norm.weight")
        ones(block + "ffn_norm.weight")
        matrix(block + "attn_q.weight", shape.heads * head, shape.hidden, inner)
        matrix(block + "attn_k.weight", shape.kv_heads * head, shape.hidden, inner)
        matrix(block + "attn_v.weight", shape.kv_heads * head, shape.hidden, inner)
        matrix(block + "attn_output.weight", shape.hidden, shape.hidden, inner)
        matrix(block + "ffn_gate.weight", shape.feed_forward, shape.hidden, inner)
        matrix(block + "ffn_up.weight", shape.feed_forward, shape.hidden, inner)
        matrix(block + "ffn_down.weight", shape.hidden, shape.feed_forward, inner)


def _vocabulary(size: int) -> tuple[list[str], list[str]]:
    """Specials, 256 bytes, merges learned from `_SAMPLE`, and made-up words up to `size`."""
    tokens = [*SPECIALS, *_BYTES.values()]
    merges: list[str] = []
    words = Counter(
        tuple(_BYTES[byte] for byte in word.encode())
        for word in _SAMPLE.replace(" ", "\0 ").replace("\n", "\0\n\0").split("\0")
        if word
    )
    while len(tokens) < size:
        pairs: Counter[tuple[str, str]] = Counter()
        for word, count in words.items():
            for pair in pairwise(word):
                pairs[pair] += count
        if not pairs:
            break
        (left, right), _ = max(pairs.items(), key=lambda item: (item[1], item[0]))
        merges.append(f"{left} {right}")
        tokens.append(left + right)
        words = Counter({_merge(word, left, right): n for word, n in words.items()})
    tokens = list(dict.fromkeys(tokens))
    tokens += [f"\u0120word{n}" for n in range(size - len(tokens))]
    return tokens, merges


def _merge(word: tuple[str, ...], left: str, right: str) -> tuple[str, ...]:
    merged: list[str] = []
    at = 0
    while at < len(word):
        if word[at : at + 2] == (left, right):
            merged.append(left + right)
            at += 2
        else:
            merged.append(word[at])
            at += 1
    return tuple(merged)


def _byte_alphabet() -> dict[int, str]:
    """GPT-2's printable stand-in for each byte."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    alphabet = {byte: chr(byte) for byte in printable}
    alphabet.update({byte: chr(256 + n) for n, byte in enumerate(others)})
    return dict(sorted(alphabet.items()))


_BYTES = _byte_alphabet()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--shape", choices=["tiny", "embedded", "half-billion"], default="embedded")
    arguments = parser.parse_args()
    shapes = {"tiny": TINY, "embedded": EMBEDDED, "half-billion": HALF_BILLION}
    write_random_gguf(arguments.path, shapes[arguments.shape])


if __name__ == "__main__":
    main()
