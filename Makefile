# What a person or CI does with the desk. `make help` lists it. Needs Python 3.11+; everything else is installed into .venv,
# and the tests' real servers by root's apt-get. Every target can be run twice without harm.

.DEFAULT_GOAL := help
.PHONY: help setup run test check format bench prove services lock build clean
MAKEFLAGS += --no-print-directory

# Handed to the program behind a target: make test ARGS="-k mail", make run ARGS="--port 9000"
ARGS ?=

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r name says; do printf '%-16s %s\n' "$$name" "$$says"; done

setup: ## prepare only: .venv with the locked packages and the program .venv/bin/helpdesk
	@scripts/setup runtime

run: setup ## the desk with demo people and tickets on http://127.0.0.1:8000
	@exec .venv/bin/helpdesk serve --demo $(ARGS)

test: ## install what the tests need and run them all
	@scripts/setup dev
	@scripts/services
	@.venv/bin/python -m compileall -q config.py helpdesk migrations # once, not by each of the processes that tests start
	@exec .venv/bin/python -m pytest --numprocesses 3 --dist loadfile $(ARGS)

check: ## lint, types, room order, and the workflow file's own check
	@scripts/setup dev
	@scripts/check

format: ## let ruff put the code in order
	@scripts/setup dev
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format .

bench: ## the measurements of docs/performance.md
	@scripts/setup dev
	@scripts/services
	@exec .venv/bin/python -m bench $(ARGS)

prove: ## the long proofs: sweeps, fuzzing, millions of rows
	@scripts/setup prove
	@scripts/services
	@exec .venv/bin/python -m pytest -m prove $(ARGS)

services: ## install and start real PostgreSQL, Redis, Dovecot and an SMTP server until Ctrl-C
	@scripts/setup dev
	@scripts/services
	@exec .venv/bin/python -m tests.servers

lock: ## renew requirements/*.lock from pyproject.toml (ARGS=--upgrade for the newest versions)
	@scripts/setup dev
	@scripts/lock $(ARGS)

build: ## the wheel, in dist/
	@scripts/setup dev
	@.venv/bin/python -m pip --quiet wheel --no-deps --no-build-isolation --wheel-dir dist . && ls dist

clean: ## remove what make and the tools made; your data in var/ stays
	@rm -rf .venv dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "Removed .venv, dist and the caches."
