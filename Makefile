# The two commands are `make demo` and `make test`; each installs what it needs into .venv first.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: install demo up check test lint types imports soak docs lock histories clean test-only coverage benchmark

install: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

demo: install
	$(BIN)/caboose demo

up: install
	$(BIN)/caboose up

check: lint types imports test-only

test: check

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy

imports: install
	$(BIN)/lint-imports

# three processes on two cores: most tests wait for other processes; tests/conftest.py begins with those that wait most
test-only: coverage
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not language and not soak"

# the tests of the language, which have to reach every line and branch of it
coverage: install
	$(BIN)/pytest -n 2 -m "language and not soak" --cov

# what takes minutes: everything that make test runs only a part of
soak: install
	$(BIN)/pytest -n 2 --dist loadfile -m soak --timeout=1800

docs: install
	$(BIN)/python -m tests.docs.make_reference

# how fast the language is; see benchmarks/README.md
benchmark: install
	$(BIN)/python -m benchmarks

histories: install
	$(BIN)/python -m tests.workflows.make_histories

lock: install
	$(BIN)/uv pip compile --quiet --extra dev --generate-hashes --no-emit-index-url --no-header -o requirements.lock pyproject.toml

clean:
	rm -rf .venv .caboose
