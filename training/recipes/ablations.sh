#!/usr/bin/env bash
# Small comparisons behind the embedded model's shape: one student for each choice, from random
# weights, with the same number of tokens, one change from a common base.
#
#     bash training/recipes/ablations.sh runs/ablations
#     STEPS=4 bash training/recipes/ablations.sh runs/small             # to see that it runs
#     ARMS="base wide" bash training/recipes/ablations.sh runs/ablations   # some of them
#
# ARMS: the arms, by name (below), and "combinations": the shipped model on pairs of steps that
#   it has not read; default: all arms that need nothing but the repository.
# STEPS: of 4,096 tokens, the same for every arm of a folder; THREADS: of the training.
# FUNCTIONS: what `codeplan-train functions` wrote (embedded-gpu.sh says how); adds the arm that
#   reads library functions.
#
# Every twelfth exercise is trained on, so that a problem is read several times, as it is in the
# long runs. All arms are measured on the same renderings of the whole validation tenth, each alone
# in its row, on completions only, in nats a byte, so that vocabularies compare. Every stage goes on
# where it was cut. What was measured is in training/LOG.md.
set -euo pipefail
run=${1:?name a folder for the run}
bin=${BIN:-.venv/bin} train=${BIN:-.venv/bin}/codeplan-train
steps=${STEPS:-240} threads=${THREADS:-1}
default="base seed-2 wide deep vocabulary-8192 vocabulary-2048 exercises-only prompt-0 prompt-0.5
  length-256 length-1024${FUNCTIONS:+ functions}"
arms=" $(echo ${ARMS:-$default}) "
export OMP_NUM_THREADS=$threads OMP_WAIT_POLICY=PASSIVE TOKENIZERS_PARALLELISM=false
mkdir -p "$run/data/exercises"

# A twelfth of the exercises of each of the two forms.
[ -f "$run/data/exercises.jsonl" ] || {
  cp training/data/mbpp_validation.jsonl "$run/data"
  awk '/^=== / { n++ } n % 12 == 1' training/data/exercises/*.txt >"$run/data/exercises/some.txt"
  awk 'NR % 12 == 1' training/data/exercises.jsonl >"$run/data/exercises.jsonl"
}

# token_file VOCABULARY NAME PROMPT_WEIGHT: its path; it is rendered where it is missing. Of every
# kind there are about 1.2 million tokens (a half or a quarter of that where its name says so).
token_file() {
  local out=$run/$1/$2-$3.npz options
  case $2 in
  validation) options=(--validation --exercises 1 --seed 3) ;;
  exercises) options=(--data "$run/data" --exercises 6 --composed 0 --seed 11) ;;
  half-exercises) options=(--data "$run/data" --exercises 3 --composed 0 --seed 11) ;;
  half-composed) options=(--exercises 0 --composed 3200 --seed 12) ;;
  quarter-composed) options=(--exercises 0 --composed 1600 --seed 12) ;;
  quarter-functions)
    options=(--exercises 0 --composed 0 --functions 3000 --alone --per-package 50 --seed 13
      --functions-from "$FUNCTIONS")
    ;;
  esac
  [ -f "$run/$1/tokenizer.json" ] ||
    "$train" tokenizer "$run/$1" --vocabulary "$1" --functions 0 >&2
  [ -f "$out" ] ||
    "$train" render "$out" --tokenizer "$run/$1" --prompt-weight "$3" "${options[@]}" >&2
  echo "$out"
}

# arm NAME VOCABULARY PROMPT_WEIGHT "FILES" [options of train, instead of the base's]
arm() {
  local name=$1 vocabulary=$2 weight=$3 kinds=$4 files=() kind path
  shift 4
  [[ $arms == *" $name "* ]] && [ ! -f "$run/$name/documents.json" ] || return 0
  for kind in $kinds; do
    path=$(token_file "$vocabulary" "$kind" "$weight")
    files+=(--tokens "$path")
  done
  path=$(token_file "$vocabulary" validation 0)
  echo "$name"
  "$train" train "$run/$name" "${files[@]}" --held-out "$path" --steps "$steps" --minutes 1e6 \
    --vocabulary "$vocabulary" --hidden 192 --layers 6 --feed-forward 528 --heads 4 --batch 8 \
    --length 512 --warmup-steps 20 --fall 0.5 --report-every "$((steps < 20 ? steps : 20))" \
    --threads "$threads" "$@"
  measure "$run/$name/model" "$run/$vocabulary" "$path" "$run/$name/documents.json"
}

# measure MODEL TOKENIZER TOKEN_FILE OUT: nats, bytes and tokens of each rendering's completion, by
# the digest of its text.
measure() {
  "$bin/python" - "$@" <<'PYTHON'
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import torch
from transformers import LlamaForCausalLM

from codeplan_model.prompts import codeplan1
from codeplan_training import tokenizer as tokenizers
from codeplan_training import tokens

folder, tokenizer_folder, token_file, out = (Path(argument) for argument in sys.argv[1:])
tokenizer = tokenizers.load(tokenizer_folder)
ids, weights = tokens.load(token_file)
model = LlamaForCausalLM.from_pretrained(folder).eval()
starts = np.flatnonzero(ids == tokenizer.token_to_id(codeplan1.BOS))
documents = list(zip(np.split(ids, starts[1:]), np.split(weights, starts[1:]), strict=True))
documents.sort(key=lambda document: len(document[0]))
found: dict[str, tuple[float, int, int]] = {}
for first in range(0, len(documents), 16):
    batch = documents[first : first + 16]
    rows = torch.zeros(len(batch), len(batch[-1][0]), dtype=torch.long)
    counts = torch.zeros(rows.shape)
    for row, (text, weight) in enumerate(batch):
        rows[row, : len(text)] = torch.from_numpy(text.astype(np.int64))
        counts[row, : len(text)] = torch.from_numpy(weight.astype(np.float32) / 255)
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(input_ids=rows[:, :-1], use_cache=False).logits.float()
    losses = torch.nn.functional.cross_entropy(
        logits.transpose(1, 2), rows[:, 1:], reduction="none"
    )
    nats = (losses * counts[:, 1:]).sum(1).tolist()
    for (text, weight), value in zip(batch, nats, strict=True):
        whole, end = (
            tokenizer.decode(part.tolist(), skip_special_tokens=False).encode()
            for part in (text, text[weight > 0])
        )
        found[hashlib.sha256(whole).hexdigest()[:16]] = (value, len(end), int((weight > 0).sum()))
out.write_text(json.dumps({"parameters": model.num_parameters(), "documents": found}))
nats, size, pieces = (sum(values) for values in zip(*found.values(), strict=True))
print(f"{out}: {len(found)} renderings, {nats / pieces:.3f} nats a token, {nats / size:.4f} a byte")
PYTHON
}

# All arms that were measured, on the renderings that all of them have.
table() {
  "$bin/python" - "$run" <<'PYTHON'
import json
import statistics
import sys
from pathlib import Path

files = sorted(Path(sys.argv[1]).glob("*/documents.json"), key=lambda file: file.stat().st_mtime)
arms = {file.parent.name: json.loads(file.read_text()) for file in files}
common = sorted(set.intersection(*(set(arm["documents"]) for arm in arms.values())))
size = sum(arms["base"]["documents"][key][1] for key in common)
print(f"{len(common)} renderings, {size} bytes of completions\n")
titles = "arm, parameters, tokens, tokens/s at best, nats/token, nats/byte, less base's (± s.e.)"
print("| " + " | ".join(titles.split(", ")) + " |\n" + "|---" * 7 + "|")
for name, arm in arms.items():
    rows = [arm["documents"][key] for key in common]
    nats, pieces = sum(row[0] for row in rows), sum(row[2] for row in rows)
    base = [arms["base"]["documents"][key][0] for key in common]
    apart = [row[0] - other for row, other in zip(rows, base, strict=True)]
    mean = sum(apart) / size
    spread = [d - mean * row[1] for d, row in zip(apart, rows, strict=True)]
    error = statistics.pstdev(spread) * len(rows) ** 0.5 / size
    lines = (Path(sys.argv[1]) / name / "metrics.jsonl").read_text().splitlines()
    reports = [json.loads(line) for line in lines]
    speed = max(report["tokens_per_second"] for report in reports)
    print(
        f"| {name} | {arm['parameters'] / 1e6:.2f}M | {reports[-1]['tokens'] / 1e6:.2f}M "
        f"| {speed:,.0f} | {nats / pieces:.3f} | {nats / size:.4f} | {mean:+.4f} ± {error:.4f} |"
    )
PYTHON
}

# The shipped model on new composed problems whose pairs of steps it has read in other problems, and
# on such with a pair that was kept back: as many of two, three and four steps of each.
combinations() {
  local split gguf=model/codeplan_model/embedded/codeplan-embedded.gguf of=$run/combinations
  [ -f "$of/composed.jsonl" ] || "$bin/python" - "$of" <<'PYTHON'
import json
import sys
from pathlib import Path

from codeplan_training import compose, eval_tasks
from codeplan_training.problems import from_record

out = Path(sys.argv[1])
chosen: list[list[str]] = []
for split, count in (("heldout", 900), ("train", 2400)):
    by_steps: dict[int, dict[tuple[str, ...], str]] = {2: {}, 3: {}, 4: {}}
    for record in compose.generate(2026112, count, split=split):
        record |= {"id": f"{split}/{record['id']}", "difficulty": split}
        steps = tuple(record["ops"])
        task = eval_tasks.eval_task(from_record(record, "compose", "Apache-2.0"))
        if task is not None and len(steps) in by_steps:
            by_steps[len(steps)].setdefault(steps, json.dumps(record, ensure_ascii=False) + "\n")
    rows = (found.values() for found in by_steps.values())
    lines = [line for row in zip(*rows, strict=False) for line in row]
    (out / split).mkdir(parents=True, exist_ok=True)
    (out / split / "exercises.jsonl").write_text("".join(lines[:240]))
    chosen.append(lines[:60])
in_turn = [line for pair in zip(*chosen, strict=True) for line in pair]
(out / "composed.jsonl").write_text("".join(in_turn))
PYTHON
  [ -d "$of/student" ] || "$train" student "$of/student" --from-gguf "$gguf"
  for split in heldout train; do
    [ -f "$of/$split.npz" ] || "$train" render "$of/$split.npz" --tokenizer "$of/student" \
      --data "$of/$split" --exercises 1 --composed 0 --prompt-weight 0 --seed 5
    measure "$of/student" "$of/student" "$of/$split.npz" "$of/documents-$split.json"
    [ ! -d "$run/base/model" ] || {
      [ -f "$of/base-$split.npz" ] || "$train" render "$of/base-$split.npz" \
        --tokenizer "$run/4096" --data "$of/$split" --exercises 1 --composed 0 --prompt-weight 0 \
        --seed 5
      measure "$run/base/model" "$run/4096" "$of/base-$split.npz" "$of/documents-base-$split.json"
    }
  done
  "$train" evaluate --problems "$of/composed.jsonl" --sets none --n 10 --model "$gguf" \
    --strategies greedy,random,direct,oracle --out "$of/records"
}

mixed="half-exercises half-composed"
arm base 4096 0.15 "$mixed"
arm wide 4096 0.15 "$mixed" --layers 4 --hidden 224 --feed-forward 664
arm deep 4096 0.15 "$mixed" --layers 10 --hidden 160 --feed-forward 384
arm seed-2 4096 0.15 "$mixed" --seed 2
arm vocabulary-8192 8192 0.15 "$mixed"
arm vocabulary-2048 2048 0.15 "$mixed"
arm exercises-only 4096 0.15 exercises
arm functions 4096 0.15 "half-exercises quarter-composed quarter-functions"
arm prompt-0 4096 0 "$mixed"
arm prompt-0.5 4096 0.5 "$mixed"
arm length-256 4096 0.15 "$mixed" --batch 16 --length 256
arm length-1024 4096 0.15 "$mixed" --batch 4 --length 1024
[ ! -f "$run/base/documents.json" ] || table
[[ $arms != *" combinations "* ]] || combinations
