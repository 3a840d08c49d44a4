#!/usr/bin/env bash
# The paper's headline in kind: CodePLAN against conventional fine-tuning, from the same weights,
# with the same problems, steps and decoding budget, on tasks that neither has seen.
#
#     bash training/recipes/headline.sh runs/headline            # about a night on two cores
#     STEPS=200 LIMIT=40 bash training/recipes/headline.sh runs/small   # to see that it runs
#
# "codeplan" is scored with its three stages, the baseline with one sampled program (pass@1), and
# with example selection at the same number of tokens. It has not been run to its end yet:
# no figure stands in training/LOG.md.
set -euo pipefail
run=${1:?name a folder for the run}
train=${BIN:-.venv/bin}/codeplan-train
steps=${STEPS:-12000} limit=${LIMIT:-0} n=${N:-10}
export OMP_NUM_THREADS=${THREADS:-$(nproc)} OMP_WAIT_POLICY=PASSIVE
mkdir -p "$run"

data=(training/data/exercises.jsonl training/data/exercises)
[ -f "$run/training.jsonl" ] || $train problems convert "${data[@]}" --part training \
  --out "$run/training.jsonl"
[ -f "$run/held-out.jsonl" ] || $train problems convert training/data/exercises.jsonl \
  --part validation --out "$run/held-out.jsonl"
$train problems dedupe "$run/held-out.jsonl" --against "$run/training.jsonl" \
  --report "$run/contamination.jsonl" --out "$run/held-out-clean.jsonl"
[ -f "$run/tokenizer.json" ] || $train tokenizer "$run" --functions 0
[ -d "$run/student" ] || $train student "$run/student" --tokenizer "$run" --hidden "${HIDDEN:-256}" \
  --layers "${LAYERS:-8}" --feed-forward "${FEED_FORWARD:-704}" --heads 4

for method in codeplan conventional; do
  $train finetune "$run/training.jsonl" --method $method --student "$run/student" \
    --out "$run/$method" --steps "$steps" --batch 16 --length 512 --renderings 4 --rate 2e-3 \
    --warmup 100 --report-every 20 --save-every 200 --threads "$OMP_NUM_THREADS"
  $train export "$run/$method" "$run/$method.gguf" --tokenizer "$run" --name "$method"
  $train evaluate --model "$run/$method.gguf" --sets none --problems "$run/held-out-clean.jsonl" \
    --limit "$limit" --n "$n" --out "$run/records-$method" \
    --strategies greedy,greedy-plan,plans,random,logprob,direct,codeplan,adaptive,oracle
done
records=held-out-clean.jsonl
$train report "$run/records-codeplan/$records" "$run/records-conventional/$records" \
  --out "$run/report" --run "$run/codeplan" --run "$run/conventional"
for against in random greedy direct; do
  $train compare "$run/records-codeplan/$records" "$run/records-conventional/$records" \
    --against $against
done
