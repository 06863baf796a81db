# `make help` says what there is. Every target makes its own environment in .venv first, once.

BIN := .venv/bin
READY := .venv/.ready
ARGS :=

# Most of the time of the tests is XLA's compilation: what one of them compiled is kept for the other process and for the
# next run. A program is found by all that it was made of, so that none is out of date. Benchmarks measure without.
COMPILED := JAX_COMPILATION_CACHE_DIR="$(CURDIR)/.venv/compiled" JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS=0
# Neighbours in a file share fitted processes: each process gets half of the tests in order, and helps when it is done.
SHARED := -n 2 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help run test test-slow bench lint format types notebooks lock clean

help: ## say what there is (ARGS="..." is handed to the tool behind a target)
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1 # \2/p' Makefile | \
	    while IFS='#' read -r target words; do printf '%-16s%s\n' "$$target" "$$words"; done

run: $(READY) ## generate the wine data set into results/wine
	@$(BIN)/synlabel-prob generate models/wine.toml --out results/wine --force $(ARGS)

test: $(READY) ## run the tests
	@$(COMPILED) $(BIN)/python -m pytest $(SHARED) $(ARGS)

test-slow: $(READY) ## run the tests that take minutes
	@$(COMPILED) $(BIN)/python -m pytest $(SHARED) -m slow $(ARGS)

# Without the checks of types that tests run with, which would be measured too.
bench: $(READY) ## measure speed and memory, and print the tables
	@$(BIN)/python -m pytest tests/benchmarks -o addopts="" -m benchmark -s $(ARGS)

lint: $(READY) ## check style, format and the order of imports
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/lint-imports --no-logo

format: $(READY) ## put the code into its format
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

types: $(READY) ## check the types
	@PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(BIN)/pyright $(ARGS)

notebooks: $(READY) ## execute the notebooks, at their small size
	@SYNLABEL_FAST=1 $(COMPILED) $(BIN)/python -m pytest --nbmake notebooks $(ARGS)

lock: $(READY) ## write requirements.lock anew from pyproject.toml (ARGS=--upgrade moves the pins)
	@$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.12 --generate-hashes \
	    --custom-compile-command "make lock" --quiet --output-file requirements.lock $(ARGS)

clean: ## remove the environment, caches and results
	@rm -rf .venv results dist build *.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@find . -name .ipynb_checkpoints -type d -prune -exec rm -rf {} +

$(READY): requirements.lock pyproject.toml $(BIN)/python
	@bash .ci/setup

# A Python that is gone, or was replaced, makes the environment anew.
$(BIN)/python: ;
