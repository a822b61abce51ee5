# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
#
# Everything here needs Python 3.11 or newer with its venv module, and make; the rest goes into .venv.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
BENCHMARKS := $(wildcard benchmarks/*.py)
AGENTS := random reference:wrong reference:partial reference:slow reference:fast

.PHONY: help demo test check bench docs clean

help:
	@echo "make demo    install into .venv and play rsi/Code-v0 with agents that need no model"
	@echo "make test    run the tests; name some with ARGS='tests/code -k forgery'"
	@echo "make check   formatting, lint, types, import contracts, licences, docs"
	@echo "make bench   run the benchmarks, quickly; one with BENCHMARKS=benchmarks/step_speed.py"
	@echo "make docs    build the documentation into docs/_build/html"
	@echo "make clean   remove .venv and everything that was built; records in runs/ stay"

demo: .venv/installed
	$(BIN)/rsi eval rsi/Code-v0 $(AGENTS:%=--agent %) --split test --episodes 10

test: .venv/installed-test
	$(BIN)/python -m pytest -n auto --maxprocesses 4 $(ARGS)

check: .venv/installed-check .venv/installed-docs .venv/installed-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	PYTHONPATH=agents:sandboxes $(BIN)/lint-imports --no-logo
	$(BIN)/reuse lint --quiet || $(BIN)/reuse lint
	$(BIN)/sphinx-build -W -n --keep-going -q -b html docs docs/_build/html

bench: .venv/installed
	@set -e; for script in $(BENCHMARKS); do echo "$$script"; $(BIN)/python "$$script" --quick $(ARGS); done

docs: .venv/installed-docs
	$(BIN)/sphinx-build -W -n --keep-going -b html docs docs/_build/html

clean:
	rm -rf .venv build dist docs/_build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

# A file in .venv for each thing that has been installed there, so that it is done again only when pyproject.toml changes.

.venv/created:
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; try: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(PIP) install --upgrade 'pip>=25.1'
	@touch $@

.venv/installed: pyproject.toml | .venv/created
	$(PIP) install --editable .
	@touch $@

.venv/installed-%: pyproject.toml | .venv/installed
	$(PIP) install --group $*
	@touch $@
