#!/usr/bin/env bash
# The embedded model on two CPU cores, in about two and a half hours, from a fresh clone:
#
#     make setup-dev && bash training/recipes/embedded-cpu.sh runs/embedded
#
# Three phases: language (function text and exercises), a mixture at a constant rate, and the
# exercises with composed problems at a falling rate. Each phase goes on where it was cut.
# What was measured with it is in training/LOG.md.
set -euo pipefail
run=${1:?name a folder for the run}
train=.venv/bin/codeplan-train
threads=${THREADS:-$(nproc)}
mkdir -p "$run"

[ -f "$run/tokenizer.json" ] || $train tokenizer "$run"
render() { [ -f "$run/$1.npz" ] || $train render "$run/$1.npz" --tokenizer "$run" "${@:2}"; }
render validation --validation --exercises 3 --prompt-weight 0 --seed 3
render language --exercises 6 --composed 0 --functions 22000 --prompt-weight 1 --seed 7
render mixture --exercises 6 --composed 36000 --functions 6000 --seed 11
render tasks --exercises 7 --composed 40000 --seed 21

common=(--threads "$threads" --held-out "$run/validation.npz")
$train train "$run/1" --tokens "$run/language.npz" --minutes 15 --fall 0 "${common[@]}"
$train train "$run/2" --tokens "$run/mixture.npz" --start-from "$run/1" --minutes 35 --fall 0 \
  --warmup-steps 20 "${common[@]}"
$train train "$run/3" --tokens "$run/tasks.npz" --start-from "$run/2" --minutes 75 --fall 0.75 \
  --warmup-steps 20 "${common[@]}"

$train export "$run/3" "$run/codeplan-embedded.gguf" --tokenizer "$run" --name codeplan-embedded
$train memory build "$run/shipped.sqlite"
$train evaluate --model "$run/codeplan-embedded.gguf"
