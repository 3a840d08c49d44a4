#!/usr/bin/env bash
# Small comparisons behind the embedded model's shape: one student for each choice, from random
# weights, with the same number of tokens, one change from a common base.
#
#     bash training/recipes/ablations.sh runs/ablations
#     STEPS=4 bash training/recipes/ablations.sh runs/small             # to see that it runs
#     ARMS="base wide" bash training/recipes/ablations.sh runs/ablations   # some of them
#
# ARMS: the arms, by name (below), and "combinations": the shipped model on pairs of steps that
#   it has not read; default: all arms that need nothing but the repository. plans-*: which plans are
#   read (`codeplan-train render --plans`). executions: texts that ask for the value of a call in the
#   place of half the composed problems, as the library functions are in the arm "functions".
#   NAME-seed-2: these arms with another seed, where they are asked for; "seed-2" is the base's.
# STEPS: of 4,096 tokens, the same for every arm of a folder; THREADS: of the training.
# FUNCTIONS: what `codeplan-train functions` wrote (embedded-gpu.sh says how); adds the arm that
#   reads library functions.
#
# Every twelfth exercise is trained on, so that a problem is read several times, as it is in the
# long runs. All arms are measured on the same renderings of the whole validation tenth, each alone
# in its row, on completions only, in nats a byte, so that vocabularies compare; those with a plan also
# in parts: the plan, the code after it, the code alone. Every stage goes on where it was cut. What was
# measured is in training/LOG.md.
set -euo pipefail
run=${1:?name a folder for the run}
bin=${BIN:-.venv/bin} train=${BIN:-.venv/bin}/codeplan-train
steps=${STEPS:-240} threads=${THREADS:-1}
default="base seed-2 wide deep vocabulary-8192 vocabulary-2048 exercises-only prompt-0 prompt-0.5
  length-256 length-1024 plans-first plans-joined plans-ends plans-none executions${FUNCTIONS:+ functions}"
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
# kind there were about 1.2 million tokens of the 17,108 problems of 26 November (a half or a quarter of
# that where its name says so): with more problems the exercises are more.
token_file() {
  local out=$run/$1/$2-$3.npz options
  case $2 in
  validation) options=(--validation --exercises 1 --seed 3) ;;
  exercises) options=(--data "$run/data" --exercises 6 --composed 0 --seed 11) ;;
  half-exercises) options=(--data "$run/data" --exercises 3 --composed 0 --seed 11) ;;
  half-composed) options=(--exercises 0 --composed 3200 --seed 12) ;;
  half-exercises-*)
    options=(--data "$run/data" --exercises 3 --composed 0 --seed 11 --plans "${2##*-}")
    ;;
  half-composed-*) options=(--exercises 0 --composed 3200 --seed 12 --plans "${2##*-}") ;;
  quarter-composed) options=(--exercises 0 --composed 1600 --seed 12) ;;
  quarter-functions)
    options=(--exercises 0 --composed 0 --functions 1800 --alone --per-package 50 --seed 13
      --functions-from "$FUNCTIONS")
    ;;
  quarter-executions)
    options=(--data "$run/data" --exercises 0 --composed 0 --executions 3300 --seed 14)
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
  [[ $arms == *" $name "* ]] && [ ! -f "$run/$name/losses.json" ] || return 0
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
  measure "$run/$name/model" "$run/$vocabulary" "$path" "$run/$name/losses.json"
}

# twice NAME ...: as arm, and the arm NAME-seed-2.
twice() {
  arm "$@"
  arm "$1-seed-2" "${@:2}" --seed 2
}

# measure MODEL TOKENIZER TOKEN_FILE OUT: nats, bytes and tokens of each rendering's completion, by
# the digest of its text; where it has a plan, also of the plan, of the code after it, and of the code
# when the plan is taken out.
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
BOS, PLAN, CODE = map(tokenizer.token_to_id, (codeplan1.BOS, codeplan1.PLAN, codeplan1.CODE))
ids, weights = tokens.load(token_file)
model = LlamaForCausalLM.from_pretrained(folder).eval()


def losses(texts: list[np.ndarray]) -> list[np.ndarray]:
    """Nats of every token of every text; 0 for the first."""
    found: list[np.ndarray] = [np.zeros(0)] * len(texts)
    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    for first in range(0, len(order), 16):
        batch = order[first : first + 16]
        rows = torch.zeros(len(batch), len(texts[batch[-1]]), dtype=torch.long)
        for row, number in enumerate(batch):
            rows[row, : len(texts[number])] = torch.from_numpy(texts[number].astype(np.int64))
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(input_ids=rows[:, :-1], use_cache=False).logits.float()
        nats = torch.nn.functional.cross_entropy(
            logits.transpose(1, 2), rows[:, 1:], reduction="none"
        )
        for row, number in enumerate(batch):
            found[number] = np.append(0.0, nats[row, : len(texts[number]) - 1].numpy())
    return found


def entry(text: np.ndarray, nats: np.ndarray, start: int, stop: int) -> list[float]:
    part = tokenizer.decode(text[start:stop].tolist(), skip_special_tokens=False).encode()
    return [float(nats[start:stop].sum()), len(part), stop - start]


starts = np.flatnonzero(ids == BOS)
texts = np.split(ids, starts[1:])
keys = [
    hashlib.sha256(tokenizer.decode(t.tolist(), skip_special_tokens=False).encode()).hexdigest()
    for t in texts
]
found: dict[str, dict[str, list[float]]] = {"all": {}, "plan": {}, "code": {}, "code alone": {}}
alone: dict[str, tuple[np.ndarray, int]] = {}
for key, text, weight, nats in zip(
    keys, texts, np.split(weights, starts[1:]), losses(texts), strict=True
):
    begin = int(np.flatnonzero(weight)[0])
    found["all"][key[:16]] = entry(text, nats, begin, len(text))
    if text[begin - 1] == PLAN:
        code = int(np.flatnonzero(text == CODE)[0]) + 1
        found["plan"][key[:16]] = entry(text, nats, begin, code)
        found["code"][key[:16]] = entry(text, nats, code, len(text))
        alone[key[:16]] = (np.concatenate([text[: begin - 1], text[code - 1 :]]), begin)
for (key, (text, begin)), nats in zip(
    alone.items(), losses([text for text, _ in alone.values()]), strict=True
):
    found["code alone"][key] = entry(text, nats, begin, len(text))
out.write_text(json.dumps({"parameters": model.num_parameters(), **found}))
nats, size, pieces = (sum(values) for values in zip(*found["all"].values(), strict=True))
print(f"{out}: {len(keys)} renderings, {nats / pieces:.3f} nats a token, {nats / size:.4f} a byte")
PYTHON
}

# All arms that were measured, on the renderings that all of them have.
table() {
  "$bin/python" - "$run" <<'PYTHON'
import json
import statistics
import sys
from pathlib import Path

files = sorted(Path(sys.argv[1]).glob("*/losses.json"), key=lambda file: file.stat().st_mtime)
arms = {file.parent.name: json.loads(file.read_text()) for file in files}
Rows = list[list[float]]


def against(rows: Rows, others: Rows) -> str:
    """By how many nats a byte these are more, with the standard error over the renderings."""
    apart = [row[0] - other[0] for row, other in zip(rows, others, strict=True)]
    size = sum(row[1] for row in others)
    mean = sum(apart) / size
    spread = [d - mean * other[1] for d, other in zip(apart, others, strict=True)]
    return f"{mean:+.4f} ± {statistics.pstdev(spread) * len(rows) ** 0.5 / size:.4f}"


def of_all_arms(part: str) -> tuple[dict[str, Rows], str]:
    common = sorted(set.intersection(*(set(arm[part]) for arm in arms.values())))
    rows = {name: [arm[part][key] for key in common] for name, arm in arms.items()}
    return rows, f"{len(common)} renderings, {sum(row[1] for row in rows['base']):.0f} bytes"


whole, renderings = of_all_arms("all")
print(f"{renderings} of completions\n")
titles = "arm, parameters, tokens, tokens/s at best, nats/token, nats/byte, less base's (± s.e.)"
print("| " + " | ".join(titles.split(", ")) + " |\n" + "|---" * 7 + "|")
for name, rows in whole.items():
    nats, size, pieces = (sum(values) for values in zip(*rows, strict=True))
    lines = (Path(sys.argv[1]) / name / "metrics.jsonl").read_text().splitlines()
    reports = [report for line in lines if "tokens" in (report := json.loads(line))]
    speed = max(report["tokens_per_second"] for report in reports)
    print(
        f"| {name} | {arms[name]['parameters'] / 1e6:.2f}M | {reports[-1]['tokens'] / 1e6:.2f}M "
        f"| {speed:,.0f} | {nats / pieces:.3f} | {nats / size:.4f} "
        f"| {against(rows, whole['base'])} |"
    )

parts = {part: of_all_arms(part) for part in ("plan", "code", "code alone")}
titles = ("plan", "code after its plan", "the same code without the plan")
print(f"\nOf the renderings with a plan, nats/byte: {parts['code'][1]} of code\n")
print("| arm | " + " | | ".join(titles) + " | |\n" + "|---" * 7 + "|")
for name in arms:
    cells = [
        f"{sum(row[0] for row in rows[name]) / sum(row[1] for row in rows[name]):.4f} "
        f"| {against(rows[name], rows['base'])}"
        for rows, _ in parts.values()
    ]
    print(f"| {name} | " + " | ".join(cells) + " |")
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
twice functions 4096 0.15 "half-exercises quarter-composed quarter-functions"
twice executions 4096 0.15 "half-exercises quarter-composed quarter-executions"
for plans in first joined ends none; do
  twice "plans-$plans" 4096 0.15 "half-exercises-$plans half-composed-$plans"
done
arm prompt-0 4096 0 "$mixed"
arm prompt-0.5 4096 0.5 "$mixed"
arm length-256 4096 0.15 "$mixed" --batch 16 --length 256
arm length-1024 4096 0.15 "$mixed" --batch 4 --length 1024
[ ! -f "$run/base/losses.json" ] || table
[[ $arms != *" combinations "* ]] || combinations
