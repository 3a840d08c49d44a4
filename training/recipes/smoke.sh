#!/usr/bin/env bash
# Every stage in sequence on a small set, with a tiny student and a teacher on the loopback address:
#
#     make train-smoke
#
# The student learns sixteen functions by heart and is asked for the same ones: this shows that the
# stages fit together, and says nothing about how good a student is.
set -euo pipefail
run=${1:-build/train-smoke}
bin=${BIN:-.venv/bin}
train=$bin/codeplan-train
export OMP_NUM_THREADS=${THREADS:-$(nproc)} OMP_WAIT_POLICY=PASSIVE
rm -rf "$run"
mkdir -p "$run/data"

echo "== problems"
$train problems convert training/data/exercises/w1_01.txt --limit 16 --out "$run/known.jsonl"
$train problems convert "$run/known.jsonl" --without-plans --out "$run/problems.jsonl"
$train problems stats "$run/problems.jsonl"
$train problems dedupe "$run/problems.jsonl" --against training/data/mbpp_validation.jsonl

echo "== distill"
$bin/python -m codeplan_training.distill.loopback "$run/known.jsonl" --port-file "$run/teacher" \
  --faults 429,500,timeout,cut,garbage,empty,nonsense >"$run/teacher.log" 2>&1 &
teacher=$!
trap 'kill $teacher 2>/dev/null || true' EXIT
until [ -s "$run/teacher" ]; do
  kill -0 $teacher || { cat "$run/teacher.log"; exit 1; }
  sleep 0.1
done
export OPENAI_BASE_URL OPENAI_API_KEY=none OPENAI_MODEL=loopback
OPENAI_BASE_URL=$(cat "$run/teacher")
distill="$train distill $run/problems.jsonl --out $run/distilled --plans 1 --timeout 10 --backoff 0.1"
$distill
$distill # has everything already and asks for nothing
kill $teacher

echo "== finetune"
cp "$run/distilled/distilled.jsonl" "$run/data/exercises.jsonl"
$train tokenizer "$run" --data "$run/data" --vocabulary 700 --functions 0
$train student "$run/student" --tokenizer "$run" --hidden 128 --layers 3 --feed-forward 320 \
  --heads 2 --context 512
common=(--student "$run/student" --length 384 --batch 4 --renderings 3 --rate 3e-3 --warmup 20
  --report-every 20 --threads "$OMP_NUM_THREADS")
$train finetune "$run/data/exercises.jsonl" --out "$run/codeplan" --steps "${STEPS:-240}" "${common[@]}"
$train finetune "$run/data/exercises.jsonl" --out "$run/conventional" --method conventional \
  --steps "${STEPS:-240}" "${common[@]}"

echo "== export"
$train export "$run/codeplan" "$run/student.gguf" --tokenizer "$run" --name smoke
$train export "$run/codeplan" "$run/student-q4_k.gguf" --tokenizer "$run" --name smoke \
  --quantization q4_k

echo "== evaluate"
for method in codeplan conventional; do
  $train evaluate --backend student --model "$run/$method/model" --sets none \
    --problems "$run/problems.jsonl" --limit 6 --n 3 --tokens 1500 --out "$run/records/$method" \
    --strategies greedy,greedy-plan,plans,random,codeplan
done
$train evaluate --model "$run/student.gguf" --sets none --problems "$run/problems.jsonl" \
  --limit 6 --n 3 --tokens 1500 --strategies greedy,codeplan --out "$run/records/gguf"

echo "== report"
$train report "$run"/records/*/problems.jsonl --out "$run/report" --run "$run/codeplan" \
  --run "$run/conventional"
$train compare "$run/records/codeplan/problems.jsonl" "$run/records/conventional/problems.jsonl"

echo "== solve with the exported model"
$bin/python training/recipes/smoke_solve.py "$run"
