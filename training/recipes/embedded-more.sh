#!/usr/bin/env bash
# Training on after embedded-gpu.sh: the exercises that were written since then, and some of the older
# ones beside them, on two processor cores. What came of it does not ship: it was no gain.
#
#     bash training/recipes/embedded-gpu.sh finish runs/gpu
#     bash training/recipes/embedded-more.sh runs/gpu
#
# An hour at a constant rate on the files z, 48 minutes with a falling one on the files u and z. What
# was measured with it is in training/LOG.md.
set -euo pipefail
run=${1:?name the folder of a finished embedded-gpu.sh}
train=${BIN:-.venv/bin}/codeplan-train
data=training/data

# part NAME PATTERN [and-the-seed]: a folder with those of the exercises' files, with or without
# exercises.jsonl.
part() {
  local to=$run/$1
  rm -rf "$to" && mkdir -p "$to/exercises"
  find $data/exercises -name "$2" -exec cp {} "$to/exercises/" \;
  if [ $# -gt 2 ]; then cp $data/*.jsonl "$to/"; else : >"$to/exercises.jsonl"; fi
}
render() {
  [ -f "$run/$1.npz" ] || "$train" render "$run/$1.npz" --tokenizer "$run" --composed 0 "${@:2}"
}
part z 'z*.txt'
part u 'u*.txt'
part old '[dwxy]*.txt' and-the-seed
part third '[dwxy]*.txt' and-the-seed
find "$run/third/exercises" -name '*.txt' | sort | awk 'NR % 3 != 0' | xargs rm
render z4 --data "$run/z" --exercises 4 --seed 102
render old1 --data "$run/old" --exercises 1 --mined "$run/mined.jsonl" --seed 103
render u2 --data "$run/u" --exercises 2 --seed 201
render z2 --data "$run/z" --exercises 2 --seed 202
render third1 --data "$run/third" --exercises 1 --seed 203
render more-validation --validation --exercises 1 --prompt-weight 0 --seed 3

more() { # more FOLDER FROM NAME... -- OPTION...
  local to=$1 from=$2 files=()
  shift 2
  while [ "$1" != -- ]; do files+=(--tokens "$run/$1.npz") && shift; done
  "$train" train "$run/$to" "${files[@]}" --start-from "$run/$from" --batch 16 --length 256 \
    --matrix-lr 0.004 --other-lr 0.0006 --held-out "$run/more-validation.npz" "${@:2}"
}
more more1 unpacked z4 old1 -- --minutes 60 --fall 0
more more2 more1 u2 z2 third1 -- --minutes 48 --fall 0.95 --seed 2
# Alone the second has forgotten too much: pass@1 on MBPP falls to a half.
"$train" average "$run/unpacked" "$run/more2" "$run/average" --share 0.4
"$train" export "$run/average" "$run/average.gguf" --tokenizer "$run" --name codeplan-embedded
"$train" evaluate --model "$run/average.gguf"
