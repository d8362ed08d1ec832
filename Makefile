# make run: everything up to the report. make test: every check. make seeds: the original studies. All make the environment first.
PYTHON ?= python3
CONFIG ?=
CORES ?= $(shell nproc 2>/dev/null || echo 2)
BIN := .venv/bin
QUICK := "not slow and not faults and not browser and not slurm and not gpu and not compile and not simulator"
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest

.PHONY: run seeds test test-slow test-inputs test-faults test-browser test-slurm test-simulator test-gpu test-compile test-pythons mutants check env lock clean

run: env
	@PYTHONPATH=workflow/scripts $(BIN)/python -m emergent_dynamics.config.syntax $(CONFIG)
	$(BIN)/snakemake --cores $(CORES) $(if $(CONFIG),--configfile $(CONFIG))
	@echo "Open results/index.html"

# Every experiment of the original studies at full size, in the folder `seeds`; run again, it goes on where it was ended.
seeds: env
	$(BIN)/snakemake --cores $(CORES) --configfile config/seeds.yaml --directory seeds
	@PYTHONPATH=workflow/scripts $(BIN)/python -m performance.reproduction seeds > seeds/reproduction.md
	@echo "Open seeds/results/index.html; seeds/reproduction.md has every experiment beside its original"

# Quick tests and quality gates; the marked suites have targets of their own.
test: check
	$(PYTEST) -q -n 2 --dist loadgroup -m $(QUICK)

# The quick tests on every supported version of Python that this machine has.
test-pythons:
	@for v in 3.11 3.12 3.13 3.14; do \
		python$$v -c "" 2> /dev/null || { echo "Python $$v: not on this machine"; continue; }; \
		python$$v -m venv .venv/python$$v && .venv/python$$v/bin/python -m pip install --quiet \
			--constraint requirements.lock --requirement requirements.in --requirement requirements-test.in && \
		OMP_NUM_THREADS=1 .venv/python$$v/bin/python -m pytest -q -n 2 --dist loadgroup -m $(QUICK) || exit 1; \
		echo "Python $$v: the quick tests passed"; \
	done

# test-simulator runs the CUDA kernels without a device; test-gpu needs a CUDA device and numba-cuda.
test-slow test-inputs test-faults test-browser test-slurm test-simulator test-gpu: test-%: env
	$(PYTEST) -q -rs -m $*

# Registers and spills of the CUDA kernels: no device, but an environment of its own with 0.7 GB of compilers.
test-compile:
	$(PYTHON) -m venv .venv/compile
	.venv/compile/bin/python -m pip install --quiet --constraint requirements.lock --requirement requirements.in \
		--requirement requirements-test.in "numba-cuda[cu13]==0.30.4" nvidia-cuda-nvcc==13.5.37
	OMP_NUM_THREADS=1 .venv/compile/bin/python -m pytest -q -rs -m compile

# 16 random mutations of each room's findings and theory: the quick tests must kill 85 %.
mutants: env
	$(BIN)/python -m tests.mutants

check: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile rules
	$(BIN)/snakemake --lint --configfile config/tiny.yaml

env: .venv/made

# The lock constrains versions; what is installed is what requirements*.in name (a lock installed line by line
# would bring the CUDA packages of another torch build).
.venv/made: requirements.in requirements-test.in requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint requirements.lock --requirement requirements.in --requirement requirements-test.in
	touch .venv/made

lock:
	$(PYTHON) -m venv .venv/lock
	.venv/lock/bin/pip install --quiet uv
	.venv/lock/bin/uv pip compile --universal --python-version 3.11 --upgrade --no-header --no-emit-index-url \
		--no-emit-find-links requirements.in requirements-test.in --output-file requirements.lock

clean:
	rm -rf .venv .snakemake logs
