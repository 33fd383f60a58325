# make sweep    set everything up and run the main job (AUDIO=folder for your own recordings)
# make test     set everything up and pass the tests
PYTHON ?= python3
AUDIO ?= synthetic
SWEEP ?= quickstart
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: sweep test test-slow test-crash test-cluster check format manifests machine clean

sweep: $(VENV)/installed
	$(BIN)/fxsweep run $(SWEEP) --audio "$(AUDIO)"

test: $(VENV)/installed-dev machine
	$(BIN)/python -m pytest -n 2 --dist loadfile --max-worker-restart 0

test-slow: $(VENV)/installed-dev machine
	$(BIN)/python -m pytest -n 2 --dist loadfile --max-worker-restart 0 -m "slow and not crash and not cluster"

test-crash: $(VENV)/installed-dev machine
	$(BIN)/python -m pytest -m crash

test-cluster: $(VENV)/installed-dev machine
	@bash tests/cluster_machine.sh
	$(BIN)/python -m pytest -m cluster

machine:
	@bash tests/machine.sh

check: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

manifests: $(VENV)/installed-dev
	$(BIN)/python benchmarks/manifests.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is older than Python 3.11, which fxsweep needs. Name a newer one: make PYTHON=python3.12"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing into $(VENV); the first time takes some minutes."
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,tracking]'
	@touch $@
