"""Small random models of kinds that are no plain transformers, each as one GGUF file.

Layers of two sorts, where a kind has two, so that both keep something of what was read. What
writes the tokenizer is handed in: the benchmarks' random_gguf.py as a module. No weights with
meaning, and no model of Llama's shape: random_gguf.py itself writes those.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import gguf
import numpy as np

_HIDDEN = 64
_FEED_FORWARD = 128
_HEADS = 2
_HEAD = _HIDDEN // _HEADS
_VOCABULARY = 320
_CONTEXT = 1024
# Of the models with a state: width, numbers a channel, and the convolution's length.
_INNER, _STATE, _KERNEL, _RANK = 2 * _HIDDEN, 16, 4, 4
WINDOW = 32
"""So many tokens back the windowed model's first layer looks."""


def write_model(random_gguf: ModuleType, kind: str, path: Path, quantization: str = "Q8_0") -> Path:
    """Write a model of KINDS and return its path. quantization: "Q8_0" or "F32"."""
    writer = gguf.GGUFWriter(path, kind)
    writer.add_name(f"random {kind}")
    writer.add_file_type(
        gguf.LlamaFileType.MOSTLY_Q8_0 if quantization == "Q8_0" else gguf.LlamaFileType.ALL_F32
    )
    writer.add_string("codeplan.prompt_format", "codeplan-1")
    writer.add_context_length(_CONTEXT)
    writer.add_embedding_length(_HIDDEN)
    writer.add_layer_norm_rms_eps(1e-5)
    random_gguf.add_tokenizer(writer, _VOCABULARY)
    weights = _Weights(writer, quantization)
    weights.matrix("token_embd", _VOCABULARY, _HIDDEN)
    KINDS[kind](writer, weights)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


class _Weights:
    """Adds random tensors to a file."""

    def __init__(self, writer: gguf.GGUFWriter, quantization: str) -> None:
        self._writer = writer
        self._quantization = quantization
        self._rng = np.random.default_rng(0)

    def matrix(self, name: str, rows: int, columns: int) -> None:
        weights = self._rng.standard_normal((rows, columns), dtype=np.float32) * columns**-0.5
        # Blocks of eight-bit numbers are 32 long.
        kind = gguf.GGMLQuantizationType["F32" if columns % 32 else self._quantization]
        packed = gguf.quants.quantize(weights, kind)
        self._writer.add_tensor(f"{name}.weight", packed, raw_dtype=kind)

    def ones(self, name: str, size: int = _HIDDEN) -> None:
        self.plain(f"{name}.weight", np.ones(size))

    def plain(self, name: str, values: np.ndarray) -> None:
        self._writer.add_tensor(name, values.astype(np.float32))

    def noise(self, name: str, *shape: int) -> None:
        self.plain(name, self._rng.standard_normal(shape) * 0.5)

    def feed_forward(self, block: str) -> None:
        self.ones(block + "ffn_norm")
        self.matrix(block + "ffn_gate", _FEED_FORWARD, _HIDDEN)
        self.matrix(block + "ffn_up", _FEED_FORWARD, _HIDDEN)
        self.matrix(block + "ffn_down", _HIDDEN, _FEED_FORWARD)

    def attention(self, block: str, kv_heads: int = _HEADS) -> None:
        self.matrix(block + "attn_q", _HIDDEN, _HIDDEN)
        self.matrix(block + "attn_k", kv_heads * _HEAD, _HIDDEN)
        self.matrix(block + "attn_v", kv_heads * _HEAD, _HIDDEN)
        self.matrix(block + "attn_output", _HIDDEN, _HIDDEN)

    def head_norms(self, block: str) -> None:
        """Attention looks at a few tokens, not at all alike: what is missing is missed."""
        self.plain(block + "attn_q_norm.weight", np.full(_HEAD, 3.0))
        self.plain(block + "attn_k_norm.weight", np.full(_HEAD, 3.0))

    def mamba(self, block: str, *, norms: bool) -> None:
        self.matrix(block + "ssm_in", 2 * _INNER, _HIDDEN)
        self.noise(block + "ssm_conv1d.weight", _INNER, _KERNEL)
        self.noise(block + "ssm_conv1d.bias", _INNER)
        self.matrix(block + "ssm_x", _RANK + 2 * _STATE, _INNER)
        self.matrix(block + "ssm_dt", _INNER, _RANK)
        self.noise(block + "ssm_dt.bias", _INNER)
        self.plain(block + "ssm_a", -np.tile(np.arange(1, _STATE + 1) / 64, (_INNER, 1)))
        self.plain(block + "ssm_d", np.ones(_INNER))
        self.matrix(block + "ssm_out", _HIDDEN, _INNER)
        if norms:
            self.ones(block + "ssm_dt_norm", _RANK)
            self.ones(block + "ssm_b_norm", _STATE)
            self.ones(block + "ssm_c_norm", _STATE)


def _add_state(writer: gguf.GGUFWriter, rank: int = _RANK) -> None:
    writer.add_ssm_conv_kernel(_KERNEL)
    writer.add_ssm_inner_size(_INNER)
    writer.add_ssm_state_size(_STATE)
    writer.add_ssm_time_step_rank(rank)


def _mamba(writer: gguf.GGUFWriter, weights: _Weights) -> None:
    """Gu, Dao 2023: state space layers alone."""
    writer.add_block_count(2)
    writer.add_feed_forward_length(0)
    writer.add_head_count(0)
    _add_state(writer)
    weights.ones("output_norm")
    for layer in range(2):
        block = f"blk.{layer}."
        weights.ones(block + "attn_norm")
        weights.mamba(block, norms=False)


def _lfm2(writer: gguf.GGUFWriter, weights: _Weights) -> None:
    """Liquid AI 2025: short convolutions and attention."""
    writer.add_block_count(4)
    writer.add_feed_forward_length(_FEED_FORWARD)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv([0, _HEADS, 0, _HEADS])
    writer.add_rope_freq_base(10_000.0)
    writer.add_shortconv_l_cache(_KERNEL)
    weights.ones("token_embd_norm")
    for layer in range(4):
        block = f"blk.{layer}."
        weights.ones(block + "attn_norm")
        if layer % 2:
            weights.attention(block)
            weights.head_norms(block)
        else:
            weights.noise(block + "shortconv.conv.weight", _HIDDEN, _KERNEL)
            weights.matrix(block + "shortconv.in_proj", 3 * _HIDDEN, _HIDDEN)
            weights.matrix(block + "shortconv.out_proj", _HIDDEN, _HIDDEN)
        weights.feed_forward(block)


def _jamba(writer: gguf.GGUFWriter, weights: _Weights) -> None:
    """AI21 2024: state space layers and attention."""
    writer.add_block_count(3)
    writer.add_feed_forward_length(_FEED_FORWARD)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv([0, _HEADS, 0])
    _add_state(writer)
    weights.ones("output_norm")
    for layer in range(3):
        block = f"blk.{layer}."
        weights.ones(block + "attn_norm")
        if layer % 2:
            weights.attention(block)
        else:
            weights.mamba(block, norms=True)
        weights.feed_forward(block)


def _qwen35(writer: gguf.GGUFWriter, weights: _Weights) -> None:
    """Qwen 2026: gated delta nets and attention, positions in four dimensions."""
    heads, state = 4, 32
    writer.add_block_count(4)
    writer.add_feed_forward_length(_FEED_FORWARD)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_rope_freq_base(10_000.0)
    writer.add_rope_dimension_count(_HEAD // 2)
    writer.add_rope_dimension_sections([3, 3, 2, 0])
    writer.add_ssm_conv_kernel(_KERNEL)
    writer.add_ssm_inner_size(heads * state)
    writer.add_ssm_state_size(state)
    writer.add_ssm_time_step_rank(heads)
    writer.add_ssm_group_count(2)
    weights.ones("output_norm")
    channels = (2 * 2 + heads) * state
    for layer in range(4):
        block = f"blk.{layer}."
        weights.ones(block + "attn_norm")
        weights.ones(block + "post_attention_norm")
        if layer == 3:
            weights.matrix(block + "attn_q", 2 * _HIDDEN, _HIDDEN)
            weights.matrix(block + "attn_k", _HIDDEN, _HIDDEN)
            weights.matrix(block + "attn_v", _HIDDEN, _HIDDEN)
            weights.matrix(block + "attn_output", _HIDDEN, _HIDDEN)
            weights.head_norms(block)
        else:
            weights.matrix(block + "attn_qkv", channels, _HIDDEN)
            weights.matrix(block + "attn_gate", heads * state, _HIDDEN)
            weights.noise(block + "ssm_conv1d.weight", channels, _KERNEL)
            weights.noise(block + "ssm_dt.bias", heads)
            weights.plain(block + "ssm_a", np.full(heads, -0.05))
            weights.matrix(block + "ssm_beta", heads, _HIDDEN)
            weights.matrix(block + "ssm_alpha", heads, _HIDDEN)
            weights.ones(block + "ssm_norm", state)
            weights.matrix(block + "ssm_out", _HIDDEN, heads * state)
        weights.matrix(block + "ffn_gate", _FEED_FORWARD, _HIDDEN)
        weights.matrix(block + "ffn_up", _FEED_FORWARD, _HIDDEN)
        weights.matrix(block + "ffn_down", _HIDDEN, _FEED_FORWARD)


def _gemma3(writer: gguf.GGUFWriter, weights: _Weights) -> None:
    """Google 2025: layers that see the last tokens only, between others that see all."""
    writer.add_block_count(3)
    writer.add_feed_forward_length(_FEED_FORWARD)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_rope_freq_base(10_000.0)
    writer.add_sliding_window(WINDOW)
    writer.add_sliding_window_pattern([True, False, True])
    weights.ones("output_norm")
    for layer in range(3):
        block = f"blk.{layer}."
        weights.ones(block + "attn_norm")
        weights.attention(block)
        weights.head_norms(block)
        weights.ones(block + "post_attention_norm")
        weights.feed_forward(block)
        weights.ones(block + "post_ffw_norm")


KINDS: dict[str, Callable[[gguf.GGUFWriter, _Weights], None]] = {
    "mamba": _mamba,
    "lfm2": _lfm2,
    "jamba": _jamba,
    "qwen35": _qwen35,
    "gemma3": _gemma3,
}
