# Everything CI runs, by the same commands. `make check` on a fresh clone needs Python 3.11 or newer only.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: check install lint types contracts test fresh samples comparison model-card clean
GOLD ?= ../shared/real/passages.jsonl

check: install lint types contracts test

install: $(VENV)/installed

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	touch $@

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy

contracts:
	$(BIN)/lint-imports

# A file's tests in one process, which share its fixtures; four processes at most, each with a model in memory.
test:
	$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile

# The README's first command in an environment of its own: minutes, and it needs the package index.
fresh:
	$(BIN)/python -m pytest -m fresh

samples:
	$(BIN)/python -m corpora.build_samples

# Trains every kind of model that was compared and not measured on this corpus yet: hours on two cores.
comparison:
	$(BIN)/python -m flows.compare --gold $(GOLD) $(if $(TEACHER),--teacher $(TEACHER)) --curve "frozen + words"

# The model card with its table and pictures, from the shipped model and the comparison: a minute.
model-card:
	$(BIN)/python -m flows.model_card --gold $(GOLD)

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
