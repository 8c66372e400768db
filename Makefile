# One command each; every target first puts what it needs, and no more, into .venv. Only make and
# Python 3.11 or newer must be there. `make check` is exactly what CI runs.

# A version shim may be on PATH and still not work, so every candidate is run before it is believed.
MODERN := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c '$(MODERN)' >/dev/null 2>&1 && { echo $$p; break; }; done)
# uv installs several times quicker than pip, so it is used where it works.
UV := $(shell uv --version >/dev/null 2>&1 && echo uv)
BIN := .venv/bin
VENV := $(if $(UV),uv venv --quiet --clear --seed --python $(PYTHON) .venv,$(PYTHON) -m venv --clear .venv)
INSTALL := $(if $(UV),uv pip install --python $(BIN)/python,$(BIN)/python -m pip install --disable-pip-version-check)

# The tests start hundreds of processes; without kept bytecode each compiles all it imports anew,
# which takes longer than its work. Some machines ask for none to be written: not below this.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo serve test check lock nightly docs bench mutants quota soak

help:
	@echo 'make demo     drive four vendors from request to a playable video (more: ARGS="NAME…")'
	@echo 'make serve    start the server (options: make serve ARGS="--port 9000 --speed 1")'
	@echo 'make test     run the test suite, but for the tests marked slow or nightly'
	@echo 'make check    all that CI runs at every landing: ruff, mypy, import contracts, the suite'
	@echo 'make nightly  what says the same again, deeper: about an hour, and one verdict'
	@echo 'make docs     build the documentation into build/site/html, strictly'
	@echo 'make lock     pin what CI and the container install (needs uv)'
	@echo 'make bench    measure speed against a bare route'
	@echo 'make mutants  show that each law catches the emulator sabotaged to break it'
	@echo 'make soak     half an hour of memory curves, nonsense and kills (ARGS="--minutes 5")'
	@echo 'make quota    judge every vendor, in process and over a socket, with a fifth of one core'

# The stamp of a set of extras: `make demo` waits for no test tool, `make test` for no linter.
.venv/.with-%: pyproject.toml
	@test -n "$(PYTHON)" && "$(PYTHON)" -c '$(MODERN)' 2>/dev/null || { \
		echo "bodydouble needs Python 3.11 or newer, and found $$(python3 -V 2>/dev/null || echo no python3): install one, or name it with make PYTHON=/path/to/python3.12." >&2; exit 2; }
	@$(BIN)/python -c 'import pip; $(MODERN)' 2>/dev/null || $(VENV)
	$(INSTALL) --quiet --editable '.[$*]'
	@touch $@

demo: .venv/.with-media
	$(BIN)/bodydouble demo $(ARGS)

serve: .venv/.with-media,redis,tls
	$(BIN)/bodydouble serve $(ARGS)

test: .venv/.with-test
	$(BIN)/python -m pytest -n 2 --dist worksteal -m 'not slow and not nightly' $(ARGS)

# The official clients' environments are made while the linters run: both wait for other things.
check: .venv/.with-dev
	@$(BIN)/python -m tests.vendors.clients & made=$$!; { $(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && wait $$made; } && \
	{ $(BIN)/python -m pytest -n 2 --dist worksteal -m 'not nightly' --durations=10 $(ARGS); } && \
	echo 'CHECK PASSED' || { echo 'CHECK FAILED: see above'; exit 1; }

nightly: .venv/.with-dev
	$(BIN)/python -m tests.soak.nightly $(ARGS)

docs: .venv/.with-docs
	$(BIN)/python -m docs.site $(ARGS)

# Exact versions with hashes of every file, for CI and the container; `ARGS=--upgrade` takes newer ones.
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command 'make lock'
lock:
	$(LOCK) $(ARGS) --extra dev pyproject.toml -o .ci/requirements.txt
	$(LOCK) $(ARGS) --extra media --extra observe --extra redis --extra tls pyproject.toml -o .ci/container.txt
	$(LOCK) $(ARGS) .ci/audit.in -o .ci/audit.txt

bench: .venv/.with-test
	$(BIN)/python -m tests.bench.run $(ARGS)

mutants: .venv/.with-contracts,media
	$(BIN)/bodydouble contracts mutants $(ARGS)

quota: .venv/.with-test
	$(BIN)/python -m tests.contracts.quota $(ARGS)

soak: .venv/.with-test
	$(BIN)/python -m tests.soak.run $(ARGS)
