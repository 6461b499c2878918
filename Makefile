# Nova Dashboard: every command a person or CI needs. `make help` lists them.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help run install test lint style types collect migrations deployment bench bench-peers accuracy chaos clean
# An environment may forbid compiled modules to be kept: then each of the processes that tests start would compile
# the product anew.
test lint: export PYTHONDONTWRITEBYTECODE :=

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/installed ## Start everything and print the address (Ctrl-C stops it)
	@exec $(BIN)/python manage.py serve

install: $(VENV)/installed ## Make .venv with the pinned requirements

test: $(VENV)/installed-dev ## Run every test on throw-away servers, in one process more than there are cores (ARGS="-k name" narrows it)
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --no-loadscope-reorder $(ARGS)

lint: $(VENV)/installed-dev ## Style, types, migrations, templates, deployment settings
	@$(MAKE) --no-print-directory --jobs=4 types collect style migrations deployment

style:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy findings remediation nova_dashboard manage.py

collect: # says early that a test module cannot be imported, and leaves all of them compiled for `test`
	@told="$$($(BIN)/python -m pytest --collect-only -qqq)" || { echo "$$told"; exit 1; }

migrations:
	$(BIN)/python manage.py makemigrations --check --dry-run

deployment:
	BASE_URL=https://nova.example $(BIN)/python manage.py check --deploy --fail-level WARNING

bench: $(VENV)/installed-dev ## Measure speed (benchmarks/)
	@$(BIN)/python -m pytest benchmarks -q -s -o python_files='*.py' -o python_functions='bench_*'

bench-peers: $(VENV)/installed-dev ## Measure other scanners beside ours (installs them under var/peers)
	@$(BIN)/python -m benchmarks.peers var/peers

accuracy: $(VENV)/installed-dev ## Recall and precision of the rules over the labelled corpus, and of reading reviews (ARGS="-v secrets" narrows and lists)
	@$(BIN)/python -m tests.accuracy $(ARGS)
	@$(BIN)/python -m tests.accuracy.reviews $(ARGS)

chaos: $(VENV)/installed-dev ## Large hostile repositories and reports, each weighed (minutes)
	$(BIN)/python -m pytest -m chaos -s $(ARGS)

clean: ## Remove what the commands above made, except data in var/
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed (found %d.%d): make PYTHON=python3.12" % sys.version_info[:2])'
	@$(PYTHON) -m venv $(VENV) || { echo "Python cannot make virtual environments: on Debian and Ubuntu, apt-get install python3-venv"; exit 1; }

$(VENV)/installed: requirements.txt | $(VENV)/bin/python
	@echo "Installing requirements.txt into $(VENV) ..."
	@$(PIP) install --require-hashes --no-deps -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt | $(VENV)/bin/python
	@echo "Installing requirements-dev.txt into $(VENV) ..."
	@$(PIP) install --require-hashes --no-deps -r requirements-dev.txt
	@touch $@ $(VENV)/installed
