# Two commands are enough: `make demo` and `make test`. Each does its own set-up (scripts/setup).
# `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?=
export PYTHON
# Byte code is worth keeping: without it every process of the tests compiles everything again.
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME

PY := .venv/bin/python
LOCKS := base demo test
WORKERS ?= 2

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

.PHONY: setup-demo setup-test
setup-demo:
	@scripts/setup demo
setup-test:
	@scripts/setup test

.PHONY: demo
demo: setup-demo ## run the main job on a real dataset, end to end; writes demo-out/
	@$(PY) scripts/fetch_demo_data.py .cache/sms-spam.csv
	@$(PY) examples/demo/story.py --data .cache/sms-spam.csv --out demo-out

.PHONY: test
test: lint pytest ## check style, types and layers, then run every test

.PHONY: lint
lint: setup-test ## check style, types and layers
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	.venv/bin/lint-imports --no-logo

.PHONY: pytest
pytest: setup-test
	$(PY) -m pytest -n $(WORKERS) --dist worksteal tests

.PHONY: fuzz
fuzz: setup-test ## run the fuzz tests with fresh and far more examples (minutes)
	$(PY) -m pytest -n $(WORKERS) --dist worksteal --hypothesis-profile fuzz -m hypothesis tests
	$(PY) scripts/fuzz_pickle.py 120

.PHONY: bench
bench: compile ## run the benchmarks (minutes)
	@failed=; for file in benchmarks/*.py; do \
		echo "== $$file"; $(PY) "$$file" || failed="$$failed $$file"; \
	done; [ -z "$$failed" ] || { echo "past the budget or broken:$$failed"; exit 1; }

.PHONY: compile
compile: setup-test ## compile the pickle machine, which is then several times as fast (needs a C compiler)
	@$(PY) scripts/compile.py

.PHONY: docs
docs: setup-test ## write the generated pages of docs/ again
	$(PY) scripts/write_docs.py

# The locks name exact versions and hashes, and no index. `make lock UPGRADE=1` takes newer versions.
.PHONY: lock
lock: setup-test ## resolve requirements/*.txt again
	@$(PY) -m pip --quiet --disable-pip-version-check install uv
	@compile() { \
		$(PY) -m uv pip compile --no-config --quiet --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --annotation-style line --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade) \
			pyproject.toml "$$@"; \
	}; \
	compile --group dev --output-file requirements/test.txt; \
	compile --group demo --constraint requirements/test.txt --output-file requirements/demo.txt; \
	compile --constraint requirements/test.txt --output-file requirements/base.txt

.PHONY: clean
clean: ## delete what the other targets made
	rm -rf .venv .venv-hub .cache demo-out build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests benchmarks examples scripts -name __pycache__ -type d -prune -exec rm -rf {} +
