"""The way back of `export`: a GGUF file of ours as a student that can be trained on.

Quantized weights become the numbers that llama.cpp computes with. Reads files of `export` only, not
any Llama-shaped GGUF: names, order of rows and tokenizer are those that are written there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from tokenizers import Tokenizer

from codeplan_model.prompts import codeplan1
from codeplan_training import tokenizer as tokenizers
from codeplan_training.finetune import students

_TENSORS = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_WHOLE = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}


def write_student(file: Path, out: Path) -> int:
    """Write a Hugging Face folder with the model and its tokenizer; the number of parameters.

    Raises FileNotFoundError, or ValueError when the file is no GGUF file of ours.
    """
    import transformers

    if not file.is_file():
        raise FileNotFoundError(f"no such file: {file}")
    try:
        read = gguf.GGUFReader(str(file))
    except (ValueError, IndexError, OSError) as error:
        raise ValueError(f"{file} is no GGUF file that can be read: {error}") from error
    found = {name: field.contents() for name, field in read.fields.items()}
    if found.get("codeplan.prompt_format") != codeplan1.NAME:
        raise ValueError(
            f"{file} does not say that it understands {codeplan1.NAME}: only files that "
            "`codeplan-train export` wrote can be trained on"
        )
    config = transformers.LlamaConfig(
        vocab_size=found["llama.vocab_size"],
        hidden_size=found["llama.embedding_length"],
        intermediate_size=found["llama.feed_forward_length"],
        num_hidden_layers=found["llama.block_count"],
        num_attention_heads=found["llama.attention.head_count"],
        num_key_value_heads=found["llama.attention.head_count_kv"],
        max_position_embeddings=found["llama.context_length"],
        rms_norm_eps=float(f"{found['llama.attention.layer_norm_rms_epsilon']:.6g}"),
        rope_parameters={"rope_theta": found["llama.rope.freq_base"], "rope_type": "default"},
        tie_word_embeddings=not any(t.name == "output.weight" for t in read.tensors),
        bos_token_id=found["tokenizer.ggml.bos_token_id"],
        eos_token_id=found["tokenizer.ggml.eos_token_id"],
        pad_token_id=found["tokenizer.ggml.padding_token_id"],
    )
    model = transformers.LlamaForCausalLM(config)
    state = dict(_weight(t, config) for t in read.tensors)
    missing, unexpected = model.load_state_dict(state, strict=False)
    if unexpected or set(missing) - {"lm_head.weight"}:
        raise ValueError(f"{file} holds other weights than a student of its shape")
    out.mkdir(parents=True, exist_ok=True)
    students.write(model, _tokenizer(found), out, found["llama.context_length"])
    return int(model.num_parameters())


def _weight(tensor: Any, config: Any) -> tuple[str, torch.Tensor]:
    array = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
    weight = torch.from_numpy(np.ascontiguousarray(array))
    if tensor.name in _WHOLE:
        return _WHOLE[tensor.name], weight
    _, layer, name, _ = tensor.name.split(".")
    heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    if name in heads:
        weight = _halves(weight, heads[name])
    return f"model.layers.{layer}.{_TENSORS[name]}.weight", weight


def _halves(weight: torch.Tensor, heads: int) -> torch.Tensor:
    """Rows in transformers' order again (see `export`)."""
    rows, columns = weight.shape
    return weight.view(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)


def _tokenizer(found: dict[str, Any]) -> Tokenizer:
    vocabulary = {piece: number for number, piece in enumerate(found["tokenizer.ggml.tokens"])}
    merges = [tuple(merge.split(" ")) for merge in found["tokenizer.ggml.merges"]]
    return tokenizers.of(vocabulary, merges)
