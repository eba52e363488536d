# Two commands do everything on a fresh machine: `make grade` and `make test`.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
READY := .venv/.ready
# Options for a command: make grade ARGS="--jobs 4 --section 1_entropy"
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup grade test lint build bench quality mutation checks screenshots fuzz soak load doctor lock clean

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## make the virtual environment .venv from the lock file

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Python 3.11 is needed; say make PYTHON=/path/to/python3.11")'
	@echo "Setting up .venv (a few minutes the first time) ..." >&2
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep -o 'torch==[0-9.]*' pyproject.toml)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

grade: $(READY) ## grade submitted/, or the bundled sample class if that is empty
	@$(BIN)/autograder grade $(ARGS)

test: lint ## check style and types, then run every test (generated files are checked among them)
	$(BIN)/python -m pytest -n logical --dist worksteal $(ARGS)

lint: $(READY) ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

build: $(READY) ## make assignments/ and solutions/ from source/
	@$(BIN)/autograder build $(ARGS)

bench: $(READY) ## measure how fast a class is graded
	@$(BIN)/python -m benchmarks.grading $(ARGS)

quality: $(READY) ## measure how good the grader's judgement is and write docs/quality.md
	@$(BIN)/python -m benchmarks.quality $(ARGS)

mutation: $(READY) ## put small faults into the reference modules and see which ones no check finds
	@$(BIN)/python -m benchmarks.mutation $(ARGS)

checks: $(READY) ## measure how fast visible checks answer in JupyterLab (needs Chromium)
	@$(BIN)/python -m benchmarks.checks

screenshots: $(READY) ## take the pictures of the README (needs Chromium)
	@$(BIN)/python -m benchmarks.screenshots

fuzz: $(READY) ## throw bytes at the judge, guided by coverage, and add the figures to docs/quality.md
	@$(BIN)/python -m benchmarks.fuzz $(ARGS)

soak: $(READY) ## kill a class run fifty times, go on; let half a class hang; add the figures to docs/quality.md
	@$(BIN)/python -m benchmarks.soak $(ARGS)
	@$(BIN)/python -m benchmarks.hanging

load: $(READY) ## judge a corpus quietly and beside busy processes; add the figures to docs/quality.md
	@$(BIN)/python -m benchmarks.load $(ARGS)

doctor: $(READY) ## show the walls of the sandbox, each proved
	@$(BIN)/autograder doctor

lock: ## renew requirements.lock from pyproject.toml (needs uv)
	uv pip compile --quiet --upgrade --generate-hashes --no-annotate --prerelease=disallow --no-emit-package torch --python-version 3.11 \
		--extra dev --extra postgresql --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

clean: ## remove everything that the commands above made, but no grades
	rm -rf .venv .autograder sample-class .pytest_cache .mypy_cache .ruff_cache *.egg-info
