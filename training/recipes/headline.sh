#!/usr/bin/env bash
# The paper's headline in kind: CodePLAN against conventional fine-tuning, from the same weights,
# with the same problems, steps and decoding budget, on tasks that neither has seen.
#
#     bash training/recipes/headline.sh runs/headline
#     STEPS=4 LIMIT=4 N=2 bash training/recipes/headline.sh runs/small   # to see that it runs
#
# START: the student that both begin with: a folder of `codeplan-train`, or "random" for new
#   weights (HIDDEN, LAYERS, FEED_FORWARD); default: the weights that codeplan ships, which are read
#   out of the GGUF file.
# STEPS, RATE, WARMUP, BATCH, LENGTH, RENDERINGS: of finetune, the same for both.
# LIMIT, N: held-out tasks (0: all), samples a task. THREADS: of each of the two.
#
# Both are trained at the same time, each on half of the cores, and then measured at the same time:
# what disturbs one disturbs the other. Held out is the tenth of the problems that is kept by name,
# less what has a near-duplicate among the training problems. Every stage goes on where it was cut.
#
# "codeplan" is scored with its three stages, the baseline with one sampled program (pass@1), and
# with example selection at the same number of tokens. What was measured is in training/LOG.md.
set -euo pipefail
run=${1:?name a folder for the run}
train=${BIN:-.venv/bin}/codeplan-train
steps=${STEPS:-700} limit=${LIMIT:-0} n=${N:-10}
half=$((($(nproc) + 1) / 2))
threads=${THREADS:-$half}
export OMP_NUM_THREADS=$threads OMP_WAIT_POLICY=PASSIVE
mkdir -p "$run"

data=(training/data/exercises.jsonl training/data/exercises)
for part in training validation; do
  [ -f "$run/$part.jsonl" ] || $train problems convert "${data[@]}" --part $part \
    --out "$run/$part.jsonl"
done
[ -f "$run/held-out-clean.jsonl" ] || $train problems dedupe "$run/validation.jsonl" \
  --against "$run/training.jsonl" --report "$run/contamination.jsonl" \
  --out "$run/held-out-clean.jsonl"

if [ ! -d "$run/student" ]; then
  case ${START:-shipped} in
    shipped) $train student "$run/student" \
      --from-gguf model/codeplan_model/embedded/codeplan-embedded.gguf ;;
    random)
      $train tokenizer "$run" --functions 0
      $train student "$run/student" --tokenizer "$run" --hidden "${HIDDEN:-256}" \
        --layers "${LAYERS:-8}" --feed-forward "${FEED_FORWARD:-704}" --heads 4 ;;
    *) cp -r "$START" "$run/student" ;;
  esac
fi

# Run a step for both methods at once; what they say goes to files.
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
both() {
  local of=() method
  for method in codeplan conventional; do
    "$1" $method >"$run/$method.$1.out" 2>"$run/$method.$1.log" &
    of+=($!)
  done
  for method in codeplan conventional; do
    wait "${of[0]}" || { tail -n 5 "$run/$method.$1.log"; exit 1; }
    of=("${of[@]:1}")
    cat "$run/$method.$1.out"
  done
}

tune() {
  $train finetune "$run/training.jsonl" --method "$1" --student "$run/student" --out "$run/$1" \
    --steps "$steps" --batch "${BATCH:-16}" --length "${LENGTH:-512}" \
    --renderings "${RENDERINGS:-4}" --rate "${RATE:-1e-3}" --warmup "${WARMUP:-30}" \
    --report-every 20 --save-every 100 --threads "$threads" --compile \
    --held-out "$run/held-out-clean.jsonl"
  $train export "$run/$1" "$run/$1.gguf" --tokenizer "$run/student" --name "$1"
}

measure() {
  $train evaluate --model "$run/$1.gguf" --sets none --problems "$run/held-out-clean.jsonl" \
    --limit "$limit" --n "$n" --out "$run/records-$1" --workers "$((half + 1))" \
    --strategies greedy,greedy-plan,plans,random,logprob,direct,codeplan,adaptive,oracle
}

both tune
both measure
records=held-out-clean.jsonl
$train report "$run/records-codeplan/$records" "$run/records-conventional/$records" \
  --out "$run/report" --run "$run/codeplan" --run "$run/conventional"
for against in random greedy direct; do
  $train compare "$run/records-codeplan/$records" "$run/records-conventional/$records" \
    --against $against
done
