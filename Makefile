# Two commands: `make up` and `make test`. Each does all the set-up it needs; a re-run repeats none of it.
PYTHON ?= python3
PY := .venv/bin/python
INSTALLED := .venv/.installed
# Which stack of stacks/ `up`, `verify` and `down` work on; `up` and `verify` have the programs that it needs.
STACK ?= local

.PHONY: up down verify prove leaks leaks-score test test-fast lint setup bench docs lock

up: $(INSTALLED)
	$(PY) -m bootstrap up --stack $(STACK)

down: $(INSTALLED)
	$(PY) -m bootstrap down --stack $(STACK)

verify: $(INSTALLED)
	$(PY) -m bootstrap verify --stack $(STACK)

# This repository, its history too. `leaks-score` prints precision and recall on the labelled corpus.
leaks: $(INSTALLED)
	$(PY) -m bootstrap leaks

leaks-score: $(INSTALLED)
	$(PY) -m tests.fast.leaks

# Attacks on the running stack, each beside the rightful call; with REPORT, an HTML page for an auditor.
prove: $(INSTALLED)
	$(PY) -m bootstrap prove --stack $(STACK) $(if $(REPORT),--html $(REPORT))

# Every program of every stack, which the tests need.
setup: $(INSTALLED)
	$(PY) -m bootstrap setup

$(INSTALLED): requirements.txt
	$(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r bootstrap/toolchain/uv.txt
	$(PY) -m uv pip install --quiet --python $(PY) --require-hashes -r requirements.txt
	touch $@

lint: $(INSTALLED)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m pyright
	.venv/bin/lint-imports

test-fast: setup
	$(PY) -m pytest tests/fast -n auto --dist loadgroup

test: setup lint
	$(PY) -m pytest tests/fast -n auto --dist loadgroup
	$(PY) -m pytest tests/engine tests/cluster -n 2 --dist loadgroup

bench: $(INSTALLED)
	$(PY) -m tests.bench

docs: $(INSTALLED)
	$(PY) -m mkdocs build --strict --config-file docs/mkdocs.yml

# Pins every package, transitive ones too, with its checksums.
lock: $(INSTALLED)
	$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--all-extras --group bootstrap --group test --group docs pyproject.toml -o requirements.txt
