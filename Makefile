# codeplan: the same few words everywhere.
#
#   make run            set everything up and solve a copy of some example files, offline
#   make test           every test
#   make check          formatting, types, import contracts, then every test
#   make test-offline   the end-to-end tests in a network namespace without any interface
#   make soak           thousands of commands: what the server holds before and after
#   make test-neovim    the plugin for Neovim in real Neovims, which are installed first
#   make test-vscode    the extension for VS Code in a real VS Code, which is installed first
#   make test-editors   the server in the other editors that are on this machine (Emacs, Vim, Helix)
#   make bench          benchmarks side by side with what a user would pick instead
#   make train-smoke    every stage of training in sequence, with a tiny student
#   make eval-embedded  the embedded model on kept exercises, MBPP 511-600, exercises without a near
#                       relative and thirty fresh functions, with 1, 10 and 50 samples; goes on where
#                       it was cut. LIMIT: tasks of a set (60); 0 for all
#   make eval-memory    the same with and without memory, and for each use of it alone

PYTHON ?= python3
LIMIT ?= 60
EMBEDDED := model/codeplan_model/embedded/codeplan-embedded.gguf
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check
# Set-up is done when these stamps are newer than what they were made from.
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev

.PHONY: run test test-offline soak test-neovim test-vscode test-editors check bench train-smoke eval-embedded eval-memory setup setup-dev clean

run: $(RUNTIME)
	@$(BIN)/python scripts/demo.py

test: $(DEV)
	$(BIN)/python -m pytest

test-offline: $(DEV)
	$(BIN)/python scripts/offline_tests.py

soak: $(DEV)
	CODEPLAN_SOAK=5000 CODEPLAN_SOAK_MODEL=300 \
	  $(BIN)/python -m pytest -s tests/e2e/test_soak.py

test-neovim: $(DEV)
	$(BIN)/python scripts/install_neovim.py
	$(BIN)/python -m pytest tests/neovim

test-vscode: $(DEV)
	$(BIN)/python scripts/install_vscode.py editor
	$(BIN)/python -m pytest tests/vscode

test-editors: $(DEV)
	$(BIN)/python scripts/install_editors.py
	$(BIN)/python -m pytest tests/editors

check: $(DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python scripts/check_lua.py
	$(BIN)/python -m pytest

bench: $(DEV)
	$(BIN)/python benchmarks/run.py

train-smoke: $(DEV)
	bash training/recipes/smoke.sh

eval-embedded: $(DEV)
	$(BIN)/python benchmarks/fresh/bench.py --problems $(VENV)/fresh.jsonl
	$(BIN)/codeplan-train evaluate --sets exercises,mbpp,apart --problems $(VENV)/fresh.jsonl \
	  --n 1,10,50 --limit $(LIMIT) --workers $$(nproc) --out build/eval-embedded-$$(cksum < $(EMBEDDED) | cut -d" " -f1) \
	  --strategies greedy,random,logprob,direct,codeplan,adaptive,adaptive+memory,oracle

eval-memory: $(DEV)
	$(BIN)/python benchmarks/fresh/bench.py --problems $(VENV)/fresh.jsonl
	$(BIN)/codeplan-train evaluate --problems $(VENV)/fresh.jsonl --limit $(LIMIT)

setup: $(RUNTIME)

setup-dev: $(DEV)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "codeplan needs Python 3.11 or newer; name one: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# llama-cpp-python is compiled here, for this processor: about five minutes the first time.
$(RUNTIME): pyproject.toml constraints.txt scripts/llama_cmake_flags.py | $(BIN)/python
	@echo "Setting up codeplan in $(VENV) (llama.cpp is compiled once, about five minutes)"
	CMAKE_ARGS="$$($(BIN)/python scripts/llama_cmake_flags.py) $$CMAKE_ARGS" \
	  $(PIP) install -q -c constraints.txt -e '.[llama]'
	@touch $@

$(DEV): $(RUNTIME)
	$(PIP) install -q -c constraints.txt 'torch==2.13.0'
	$(PIP) install -q -c constraints.txt -e '.[llama,openai,train,tensorboard,ray,dev]'
	@touch $@

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .import_linter_cache
	rm -rf editors/vscode/node_modules editors/vscode/dist
