#!/usr/bin/env bash
# The embedded model on one GPU of the H100 class, in 10 to 25 minutes of training.
#
#     bash training/recipes/embedded-gpu.sh data runs/gpu      # tokenizer and token files, on CPUs
#     bash training/recipes/embedded-gpu.sh train runs/gpu     # on the machine with the GPU
#     bash training/recipes/embedded-gpu.sh finish runs/gpu    # GGUF file, model card, evaluation
#
# `train` needs of the folder only the token files (*.xz, about 60 MB) and of Python only numpy,
# torch, transformers, typer and platformdirs: set PYTHON to an interpreter that has them. What
# comes back is runs/gpu/parts: the weights in bfloat16, in files of 15 MB.
#
# WHEELS: a folder of wheels whose functions are read. Those that the shipped weights read are in
# training/data/library_packages.tsv (name==version, licence, functions), fetched one by one with
#   cut -f1 training/data/library_packages.tsv |
#     xargs -n 1 pip download --no-deps --only-binary=:all: --dest wheels
# MINUTES: of training, for `train`. What was measured is in training/LOG.md.
set -euo pipefail
stage=${1:?data, train or finish} run=${2:?name a folder for the run}
train=${BIN:-.venv/bin}/codeplan-train
mkdir -p "$run"

render() {
  [ -f "$run/$1" ] || "$train" render "$run/$1" --tokenizer "$run" \
    --functions-from "$run/functions.jsonl.gz" "${@:2}"
}

case $stage in
data)
  wheels=${WHEELS:?name the folder of wheels}
  functions=$run/functions.jsonl.gz
  [ -f "$functions" ] || "$train" functions "$wheels" "$functions" --processes "$(nproc)"
  [ -f "$run/mined.jsonl" ] || "$train" problems mine "$functions" --out "$run/mined.jsonl" \
    --rejected "$run/mined.rejected.tsv"
  [ -f "$run/tokenizer.json" ] || "$train" tokenizer "$run" --vocabulary 8192 \
    --functions 100000 --functions-from "$functions"
  render validation.npz.xz --validation --exercises 3 --prompt-weight 0 --seed 3
  render alone.npz.xz --exercises 0 --composed 0 --functions 320000 --alone --per-package 2000 \
    --seed 7
  render library.npz.xz --exercises 0 --composed 0 --functions 90000 --no-alone --per-package 800 \
    --seed 8
  render composed.npz.xz --exercises 0 --composed 120000 --seed 31
  render composed-late.npz.xz --exercises 0 --composed 70000 --seed 32
  render early.npz.xz --exercises 2 --composed 0 --mined "$run/mined.jsonl" --seed 61
  render tasks.npz.xz --exercises 10 --composed 0 --mined "$run/mined.jsonl" --seed 71
  ;;
train)
  file() { printf -- '--%s\n%s\n' "$1" "$run/$2.npz.xz"; }
  mapfile -t files < <(file tokens library; file tokens alone; file tokens composed
    file tokens early; file late alone; file late composed-late; file late tasks)
  PYTHONPATH=model:training "${PYTHON:-python3}" -m codeplan_training train "$run/run" \
    "${files[@]}" \
    --held-out "$run/validation.npz.xz" --minutes "${MINUTES:-20}" --late-from 0.55 --fall 0.6 \
    --vocabulary 8192 --hidden 512 --layers 10 --feed-forward 1408 --heads 8 --kv-heads 2 \
    --batch 128 --length 1024 --weight-decay 0.1 --warmup-steps 100 --report-every 50
  PYTHONPATH=model:training "${PYTHON:-python3}" -m codeplan_training pack "$run/run" "$run/parts"
  ;;
finish)
  "$train" unpack "$run/parts" "$run/unpacked"
  "$train" export "$run/unpacked" "$run/codeplan-embedded.gguf" --tokenizer "$run" \
    --name codeplan-embedded
  "$train" evaluate --model "$run/codeplan-embedded.gguf"
  ;;
*)
  echo "data, train or finish, not $stage" >&2
  exit 2
  ;;
esac
