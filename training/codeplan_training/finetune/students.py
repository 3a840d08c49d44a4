"""Students: Hugging Face folders with a tokenizer, decoder-only or encoder-decoder.

Nothing is downloaded. The tokens of our prompt format are added where a tokenizer lacks them.
"""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from codeplan_model.prompts import codeplan1
from codeplan_training.finetune.settings import Settings

PLAN_HEAD = "plan_head.pt"
MARKS = (codeplan1.PLAN, codeplan1.CODE, codeplan1.END)


class TwoHeads(nn.Module):
    """Stands where the LM head stood: the head of the active task, on the shared trunk."""

    def __init__(self, code: nn.Linear) -> None:
        super().__init__()
        self.code = code
        self.plan = nn.Linear(code.in_features, code.out_features, bias=code.bias is not None)
        self.plan.load_state_dict(code.state_dict())
        self.plan.to(code.weight.device, code.weight.dtype)
        self.active = "code"

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        return self.plan(hidden) if self.active == "plan" else self.code(hidden)


@dataclass(slots=True)
class Student:
    """model: what is trained. head: its module that makes logits. heads: the same module where it
    is two heads, None when one serves both tasks."""

    model: Any
    tokenizer: Any
    encoder_decoder: bool
    head: nn.Module
    heads: TwoHeads | None = None

    def use_head(self, task: str) -> None:
        """Choose the head of a task; nothing to choose where there is one."""
        if self.heads is not None:
            self.heads.active = task


def load(folder: Path, settings: Settings) -> Student:
    """A student ready to be trained. Raises FileNotFoundError or ValueError in words."""
    model, tokenizer, encoder_decoder = read_folder(folder, from_scratch=settings.from_scratch)
    missing = [mark for mark in MARKS if mark not in tokenizer.get_vocab()]
    if missing:
        tokenizer.add_special_tokens({"additional_special_tokens": missing})
    if len(tokenizer) > model.get_input_embeddings().weight.shape[0]:
        model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    model.config.codeplan_prompt_format = codeplan1.NAME
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    model.generation_config.eos_token_id = tokenizer.convert_tokens_to_ids(codeplan1.END)
    student = Student(model, tokenizer, encoder_decoder, model.get_output_embeddings())
    if settings.lora:
        student.model = _with_lora(model, settings, new_tokens=missing, tokenizer=tokenizer)
    if settings.plans and settings.plan_head == "separate":
        student.head = student.heads = TwoHeads(model.get_output_embeddings())
        model.set_output_embeddings(student.heads)
    return student


def read_folder(folder: Path, *, from_scratch: bool = False) -> tuple[Any, Any, bool]:
    """(model, tokenizer, whether it is an encoder-decoder) of a folder.

    from_scratch: random weights in the shape of its config.json.
    """
    import transformers

    if not (folder / "config.json").is_file():
        raise FileNotFoundError(
            f"{folder} is no Hugging Face model folder (no config.json): "
            "make a new student with `codeplan-train student`"
        )
    names = ("tokenizer.json", "tokenizer_config.json", "vocab.json", "spiece.model")
    if not any((folder / name).is_file() for name in names):
        raise FileNotFoundError(
            f"{folder} has no tokenizer ({', '.join(names)}): copy the tokenizer's files into it"
        )
    transformers.utils.logging.disable_progress_bar()
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
        config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True)
        encoder_decoder = bool(config.is_encoder_decoder)
        kind = (
            transformers.AutoModelForSeq2SeqLM
            if encoder_decoder
            else transformers.AutoModelForCausalLM
        )
        if from_scratch:
            model: Any = kind.from_config(config)
        else:
            model = kind.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f"transformers can't load the student {folder}: {error}") from error
    return model, tokenizer, encoder_decoder


def save(student: Student, folder: Path, state: dict[str, torch.Tensor]) -> None:
    """Write model and tokenizer so that every backend can load them. state: the model's weights."""
    model = student.model
    if student.heads is not None:
        base = model.get_base_model() if hasattr(model, "get_base_model") else model
        torch.save(
            {
                k.removeprefix("plan."): v
                for k, v in student.heads.state_dict().items()
                if k.startswith("plan.")
            },
            _made(folder) / PLAN_HEAD,
        )
        base.set_output_embeddings(student.heads.code)
        state = {k.replace(".code.", "."): v for k, v in state.items() if ".plan." not in k}
    if hasattr(model, "merge_and_unload"):
        model.save_pretrained(str(folder.with_name("adapter")))
        model = model.merge_and_unload()
        state = model.state_dict()
    model.save_pretrained(str(_made(folder)), state_dict=state)
    student.tokenizer.save_pretrained(str(folder))


def load_plan_head(model: Any, folder: Path) -> TwoHeads | None:
    """Put the second head of a saved student back in its place; None when it has none."""
    if not (folder / PLAN_HEAD).is_file():
        return None
    heads = TwoHeads(model.get_output_embeddings())
    heads.plan.load_state_dict(torch.load(folder / PLAN_HEAD, weights_only=True))
    model.set_output_embeddings(heads)
    return heads


def new(folder: Path, tokenizer_file: Path, kind: str, shape: dict[str, int], seed: int) -> int:
    """Write a student with random weights and our tokenizer; the number of its parameters.

    kind: "llama" or "t5". shape: hidden, layers, feed_forward, heads, context. Raises ValueError.
    """
    import transformers
    from tokenizers import Tokenizer

    raw = Tokenizer.from_file(str(tokenizer_file))
    bos, end = raw.token_to_id(codeplan1.BOS), raw.token_to_id(codeplan1.END)
    if bos is None or end is None:
        raise ValueError(f"{tokenizer_file} is no tokenizer of ours: it lacks {codeplan1.BOS}")
    torch.manual_seed(seed)
    transformers.utils.logging.disable_progress_bar()
    pad = raw.token_to_id(codeplan1.PAD)
    common = {"vocab_size": raw.get_vocab_size(), "eos_token_id": end, "pad_token_id": pad}
    if kind == "llama":
        config: Any = transformers.LlamaConfig(
            hidden_size=shape["hidden"],
            intermediate_size=shape["feed_forward"],
            num_hidden_layers=shape["layers"],
            num_attention_heads=shape["heads"],
            num_key_value_heads=shape["heads"],
            max_position_embeddings=shape["context"],
            rms_norm_eps=1e-5,
            tie_word_embeddings=True,
            bos_token_id=bos,
            **common,
        )
        model: Any = transformers.LlamaForCausalLM(config)
    elif kind == "t5":
        config = transformers.T5Config(
            d_model=shape["hidden"],
            d_kv=shape["hidden"] // shape["heads"],
            d_ff=shape["feed_forward"],
            num_layers=shape["layers"],
            num_heads=shape["heads"],
            dropout_rate=0.0,
            **common,
        )
        config.decoder_start_token_id = pad
        model = transformers.T5ForConditionalGeneration(config)
    else:
        raise ValueError(f"unknown kind of student {kind!r}: llama or t5")
    write(model, raw, folder, shape["context"])
    return int(model.num_parameters())


def write(model: Any, raw: Any, folder: Path, context: int) -> None:
    """Write a student that has our tokenizer. context: the most tokens that it reads."""
    import transformers
    from tokenizers.processors import TemplateProcessing

    bos, end = raw.token_to_id(codeplan1.BOS), raw.token_to_id(codeplan1.END)
    if model.config.is_encoder_decoder:
        raw.post_processor = TemplateProcessing(
            single=f"$A {codeplan1.END}", special_tokens=[(codeplan1.END, end)]
        )
    else:
        raw.post_processor = TemplateProcessing(
            single=f"{codeplan1.BOS} $A", special_tokens=[(codeplan1.BOS, bos)]
        )
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=raw,
        bos_token=codeplan1.BOS,
        eos_token=codeplan1.END,
        pad_token=codeplan1.PAD,
        model_max_length=context,
    )
    model.config.codeplan_prompt_format = codeplan1.NAME
    model.save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))


def is_two_headed(folder: Path) -> bool:
    """Whether a saved student needs its second head for plans."""
    return (folder / PLAN_HEAD).is_file()


def _with_lora(model: Any, settings: Settings, *, new_tokens: list[str], tokenizer: Any) -> Any:
    try:
        import peft
    except ImportError as error:
        raise ValueError("LoRA needs the package peft: pip install 'codeplan[train]'") from error
    further: dict[str, Any] = {}
    if new_tokens:
        # Fresh rows of the embedding would stay random.
        further["trainable_token_indices"] = tokenizer.convert_tokens_to_ids(new_tokens)
    config = peft.LoraConfig(
        r=settings.lora,
        lora_alpha=2 * settings.lora,
        target_modules="all-linear",
        task_type="SEQ_2_SEQ_LM" if model.config.is_encoder_decoder else "CAUSAL_LM",
        **further,
    )
    with warnings.catch_warnings():
        # peft asks transformers by names that go out of use: nothing that a user could change.
        warnings.simplefilter("ignore", FutureWarning)
        return peft.get_peft_model(model, config)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def describe(folder: Path) -> str:
    """What kind of student a folder holds, in a word or two."""
    return str(json.loads((folder / "config.json").read_text(encoding="utf-8"))["model_type"])
