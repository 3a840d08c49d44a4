#!/usr/bin/env bash
# The two phases that the shipped weights had after those of embedded-cpu.sh, on one core:
#
#     bash training/recipes/embedded-cpu.sh runs/embedded
#     bash training/recipes/embedded-cpu-more.sh runs/embedded
#
# A constant rate again on newly drawn data, then a falling one on renderings of which six in ten
# have solved problems before them. What was measured with it is in training/LOG.md.
set -euo pipefail
run=${1:?name the folder of a finished embedded-cpu.sh}
train=.venv/bin/codeplan-train
threads=${THREADS:-1}

render() { [ -f "$run/$1.npz" ] || $train render "$run/$1.npz" --tokenizer "$run" "${@:2}"; }
render again --exercises 9 --composed 40000 --functions 5000 --seed 41
render neighbours --exercises 9 --composed 24000 --neighbours 0.6 --seed 51
render validation-neighbours --validation --exercises 3 --prompt-weight 0 --seed 3 --neighbours 1

$train train "$run/4" --tokens "$run/again.npz" --start-from "$run/3" --minutes 24 --fall 0 \
  --warmup-steps 30 --threads "$threads" --held-out "$run/validation.npz"
$train train "$run/5" --tokens "$run/neighbours.npz" --start-from "$run/4" --minutes 92 --fall 0.6 \
  --warmup-steps 30 --batch 8 --length 1024 --threads "$threads" \
  --held-out "$run/validation-neighbours.npz"

$train export "$run/5" "$run/codeplan-embedded.gguf" --tokenizer "$run" --name codeplan-embedded
$train evaluate --model "$run/codeplan-embedded.gguf"
