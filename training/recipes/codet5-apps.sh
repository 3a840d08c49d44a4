#!/usr/bin/env bash
# CodePLAN as in the paper: CodeT5 on APPS, plans by a teacher, a second LM head for the plan task.
# Nothing is downloaded: bring the folders.
#
#     APPS=/data/APPS CODET5=/models/codet5-large-ntp-py OPENAI_BASE_URL=... OPENAI_MODEL=... \
#       OPENAI_API_KEY=... bash training/recipes/codet5-apps.sh runs/codet5
#
# APPS holds train/0000 and so on (question.txt, solutions.json, input_output.json, metadata.json).
# Several GPUs: LAUNCH="accelerate launch --num_processes 8 -m codeplan_training"; sharded:
# LAUNCH="accelerate launch --config_file training/recipes/fsdp.yaml -m codeplan_training".
# This recipe has not been run with CodeT5 and APPS, only with stand-ins: a T5 of one layer and two
# steps, eight problems, the loopback teacher. Nothing is solved then, and the last line says that
# there is no ratio.
set -euo pipefail
run=${1:?name a folder for the run}
: "${APPS:?the folder of APPS}" "${CODET5:?the folder of a T5-shaped student}"
train=${BIN:-.venv/bin}/codeplan-train
launch=${LAUNCH:-$train}
steps=${STEPS:-20000}
mkdir -p "$run"

[ -f "$run/train.jsonl" ] || $train problems convert "$APPS/train" --out "$run/train.jsonl" \
  --rejected "$run/rejected.tsv"
[ -f "$run/test.jsonl" ] || $train problems convert "$APPS/test" --out "$run/test.jsonl"
$train distill "$run/train.jsonl" --out "$run/plans" --plans 1 --solutions "${SOLUTIONS:-4}" \
  --concurrency "${CONCURRENCY:-16}"
for method in codeplan conventional; do
  $launch finetune "$run/plans/distilled.jsonl" --method $method --plan-head separate \
    --student "$CODET5" --out "$run/$method" --steps "$steps" --batch 32 --length 600 \
    --rate 2e-5 --warmup 500
  $train evaluate --backend student --model "$run/$method/model" --sets none \
    --problems "$run/test.jsonl" --limit "${LIMIT:-0}" --n "${N:-20}" --tokens 1500 --workers "${WORKERS:-1}" \
    --strategies greedy,greedy-plan,plans,random,codeplan --out "$run/records-$method"
done
$train report "$run"/records-*/test.jsonl --out "$run/report" --run "$run/codeplan" \
  --run "$run/conventional"
$train compare "$run/records-codeplan/test.jsonl" "$run/records-conventional/test.jsonl"
