"""From a trained student to the GGUF file that the server loads, with its tokenizer and metadata.

Whether the file is right is looked at in `verify`; what it says to people stands in `model_card`.

The matrices are written as Q8_0 (or F16), the norms as F32. The keys `codeplan.prompt_format` and
`codeplan.version` tell the server which prompts the model understands.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
import torch
from transformers import LlamaForCausalLM

from codeplan_model import __version__
from codeplan_model.prompts import codeplan1
from codeplan_training.finetune.students import PLAN_HEAD
from codeplan_training.tokenizer import PRE_TOKENIZER

QUANTIZATIONS = {
    "q8_0": (gguf.GGMLQuantizationType.Q8_0, gguf.LlamaFileType.MOSTLY_Q8_0),
    "f16": (gguf.GGMLQuantizationType.F16, gguf.LlamaFileType.MOSTLY_F16),
    "f32": (gguf.GGMLQuantizationType.F32, gguf.LlamaFileType.ALL_F32),
}

BY_LLAMA = {"q4_k": 15}
"""Quantizations that llama.cpp makes from the float32 file, with its numbers for them."""


@dataclass(frozen=True, slots=True)
class Card:
    """What the file says about itself.

    worked_examples: solved problems before a problem that the student was trained to use.
    """

    name: str
    licence: str = "Apache-2.0"
    description: str = ""
    worked_examples: int = 0


def export(model_folder: Path, tokenizer: Path, out: Path, quantization: str, card: Card) -> None:
    """Write `out`. The file appears under its name only when it is complete.

    Raises ValueError for an unknown quantization or a student that isn't Llama-shaped.
    """
    if quantization in BY_LLAMA:
        whole = out.with_name(out.name + ".f32")
        export(model_folder, tokenizer, whole, "f32", card)
        try:
            _by_llama(whole, out, BY_LLAMA[quantization])
        finally:
            whole.unlink()
        return
    if quantization not in QUANTIZATIONS:
        known = sorted({*QUANTIZATIONS, *BY_LLAMA})
        raise ValueError(f"unknown quantization {quantization!r}: choose {known}")
    if (model_folder / PLAN_HEAD).exists():
        raise ValueError(
            f"{model_folder} has a plan head of its own, which a GGUF file can't hold: it would"
            " lose its plans. Fine-tune with the shared head to export."
        )
    kind, file_type = QUANTIZATIONS[quantization]
    model = LlamaForCausalLM.from_pretrained(model_folder, dtype=torch.float32)
    config = model.config
    partial = out.with_name(out.name + ".partial")
    out.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(str(partial), "llama")
    writer.add_name(card.name)
    writer.add_license(card.licence)
    writer.add_description(card.description)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads or config.num_attention_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(_rope_base(config))
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    writer.add_vocab_size(config.vocab_size)
    writer.add_file_type(file_type)
    writer.add_string("codeplan.prompt_format", codeplan1.NAME)
    writer.add_string("codeplan.version", __version__)
    writer.add_uint32("codeplan.worked_examples", card.worked_examples)
    _add_tokenizer(writer, tokenizer)
    for name, tensor in _tensors(model):
        array = tensor.numpy()
        if array.ndim == 1:
            writer.add_tensor(name, array.astype(np.float32))
        else:
            writer.add_tensor(name, gguf.quants.quantize(array, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    partial.replace(out)


def _by_llama(whole: Path, out: Path, file_type: int) -> None:
    partial = out.with_name(out.name + ".partial")
    program = [sys.executable, "-m", "codeplan_training.llama_quantize"]
    arguments = [str(whole), str(partial), str(file_type)]
    done = subprocess.run([*program, *arguments], capture_output=True, check=False)
    if done.returncode != 0 or not partial.exists():
        tail = done.stderr.decode(errors="replace").strip()[-400:]
        raise ValueError(f"llama.cpp can't quantize {whole} (status {done.returncode}): {tail}")
    partial.replace(out)


def _rope_base(config: object) -> float:
    parameters = getattr(config, "rope_parameters", None) or {}
    return float(parameters.get("rope_theta", getattr(config, "rope_theta", 10000.0)))


def _add_tokenizer(writer: gguf.GGUFWriter, path: Path) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    vocabulary: dict[str, int] = data["model"]["vocab"]
    pieces = sorted(vocabulary, key=vocabulary.__getitem__)
    special = set(codeplan1.SPECIAL_TOKENS)
    types = [
        gguf.TokenType.CONTROL if piece in special else gguf.TokenType.NORMAL for piece in pieces
    ]
    merges = [m if isinstance(m, str) else " ".join(m) for m in data["model"]["merges"]]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(PRE_TOKENIZER)
    writer.add_token_list(pieces)
    writer.add_token_types(types)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(vocabulary[codeplan1.BOS])
    writer.add_eos_token_id(vocabulary[codeplan1.END])
    writer.add_pad_token_id(vocabulary[codeplan1.PAD])
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)


def _tensors(model: LlamaForCausalLM) -> list[tuple[str, torch.Tensor]]:
    heads = model.config.num_attention_heads
    kv_heads = model.config.num_key_value_heads or heads
    state = {name: tensor.detach() for name, tensor in model.state_dict().items()}
    named = [
        ("token_embd.weight", state["model.embed_tokens.weight"]),
        ("output_norm.weight", state["model.norm.weight"]),
    ]
    if not model.config.tie_word_embeddings:
        named.append(("output.weight", state["lm_head.weight"]))
    for layer in range(model.config.num_hidden_layers):
        source, target = f"model.layers.{layer}.", f"blk.{layer}."
        named += [
            (target + "attn_norm.weight", state[source + "input_layernorm.weight"]),
            (
                target + "attn_q.weight",
                _interleaved(state[source + "self_attn.q_proj.weight"], heads),
            ),
            (
                target + "attn_k.weight",
                _interleaved(state[source + "self_attn.k_proj.weight"], kv_heads),
            ),
            (target + "attn_v.weight", state[source + "self_attn.v_proj.weight"]),
            (target + "attn_output.weight", state[source + "self_attn.o_proj.weight"]),
            (target + "ffn_norm.weight", state[source + "post_attention_layernorm.weight"]),
            (target + "ffn_gate.weight", state[source + "mlp.gate_proj.weight"]),
            (target + "ffn_up.weight", state[source + "mlp.up_proj.weight"]),
            (target + "ffn_down.weight", state[source + "mlp.down_proj.weight"]),
        ]
    return [(name, tensor.contiguous().float()) for name, tensor in named]


def _interleaved(weight: torch.Tensor, heads: int) -> torch.Tensor:
    """Rows in llama.cpp's order: transformers rotates halves, llama.cpp neighbouring pairs."""
    rows, columns = weight.shape
    return weight.view(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)
