# Every target works alone on a machine with Python 3.11 or newer, make and a package index.

PYTHON ?= python3
VENV := .venv
SDKS := .venv-sdks
BIN := $(VENV)/bin
CODE := schemas adapters emulators gateway
PIP := install --quiet --disable-pip-version-check --require-hashes

.DEFAULT_GOAL := help
.PHONY: help setup demo serve test test-sdks check format lint types docs soak bench lock clean

help:  ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/ready  ## Build the environment in .venv

demo: $(VENV)/ready  ## Run the gateway in front of an emulator of every vendor (PORT=8080)
	@exec $(BIN)/workflow-gateway demo

serve: $(VENV)/ready  ## Run the gateway with config/gateway.yaml (WORKFLOW_GATEWAY_CONFIG names another)
	@exec $(BIN)/workflow-gateway serve

# Both suites at once: the vendors' SDKs mostly wait, and their environment is built meanwhile.
test: $(VENV)/ready  ## Run every test, the vendors' own SDKs included
	@$(MAKE) --no-print-directory --jobs=2 test-house test-sdks

.PHONY: test-house
test-house: $(VENV)/ready
	$(BIN)/pytest -q -n auto --dist worksteal

test-sdks: $(VENV)/ready $(SDKS)/ready  ## Run the vendors' own SDKs against the emulators, and through the gateway
	@GATEWAY_PYTHON=$(abspath $(BIN)/python) $(SDKS)/bin/pytest -q -c tests/sdks/pytest.ini tests/sdks \
		> $(SDKS)/report.txt 2>&1 || { cat $(SDKS)/report.txt; exit 1; }
	@echo "the vendors' own SDKs: $$(tail -n 1 $(SDKS)/report.txt)"

check: format-check lint types test  ## Everything CI checks: format, lint, strict types, tests

format: $(VENV)/ready  ## Format the code
	$(BIN)/ruff format $(CODE) tests bench docs
	$(BIN)/ruff check --fix-only --quiet $(CODE) tests bench docs

.PHONY: format-check
format-check: $(VENV)/ready
	$(BIN)/ruff format --check --quiet $(CODE) tests bench docs

lint: $(VENV)/ready  ## Lint the code
	$(BIN)/ruff check $(CODE) tests bench docs

types: $(VENV)/ready  ## Check types strictly
	$(BIN)/mypy

docs: $(VENV)/ready  ## Write the reference pages anew from the code
	$(BIN)/python docs/generate.py

soak: $(VENV)/ready  ## Load everything for minutes with faults on, and check each answer, see tests/soak
	@$(BIN)/python -m tests.soak

bench: $(VENV)/ready  ## Measure, see bench/README.md
	$(BIN)/python bench/run.py

lock: $(VENV)/ready  ## Resolve the dependencies anew into requirements/*.lock (needs uv)
	$(PYTHON) requirements/lock.py

clean:  ## Remove environments and caches
	rm -rf $(VENV) $(SDKS) .pytest_cache .mypy_cache .ruff_cache .hypothesis dist build *.egg-info

$(VENV)/ready: requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	@echo "building $(VENV) (once, about half a minute)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip $(PIP) -r requirements/dev.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(SDKS)/ready: requirements/sdks.lock
	@echo "building $(SDKS) with the vendors' own SDKs (once, about half a minute)"
	@$(PYTHON) -m venv $(SDKS)
	@$(SDKS)/bin/pip $(PIP) --no-compile -r requirements/sdks.lock
	@touch $@
