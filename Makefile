# One command each; every target first makes its own .venv with all it needs. Only make and a
# Python 3.11 or newer must be there. `make check` is exactly what CI runs.

# A version shim may be on PATH and still not work, so every candidate is run before it is believed.
MODERN := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c '$(MODERN)' >/dev/null 2>&1 && { echo $$p; break; }; done)
BIN := .venv/bin
STAMP := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help .venv demo serve test check bench mutants

help:
	@echo 'make demo     drive all four vendors from request to a playable video'
	@echo 'make serve    start the server (options: make serve ARGS="--port 9000 --speed 1")'
	@echo 'make test     run the test suite, but for the tests marked slow'
	@echo 'make check    all that CI runs: ruff, mypy, import contracts, every test'
	@echo 'make bench    measure speed against a bare route'
	@echo 'make mutants  show that each law catches the emulator sabotaged to break it'

.venv: $(STAMP)

$(STAMP): pyproject.toml
	@test -n "$(PYTHON)" && "$(PYTHON)" -c '$(MODERN)' 2>/dev/null || { \
		echo "bodydouble needs Python 3.11 or newer, and found $$(python3 -V 2>/dev/null || echo no python3): install one, or name it with make PYTHON=/path/to/python3.12." >&2; exit 2; }
	@$(BIN)/python -c 'import pip; $(MODERN)' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(STAMP)
	$(BIN)/bodydouble demo $(ARGS)

serve: $(STAMP)
	$(BIN)/bodydouble serve $(ARGS)

test: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist worksteal -m 'not slow' $(ARGS)

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

bench: $(STAMP)
	$(BIN)/python -m tests.bench.run $(ARGS)

mutants: $(STAMP)
	$(BIN)/bodydouble contracts mutants $(ARGS)
