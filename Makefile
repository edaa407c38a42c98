# Two commands: `make run` and `make test`. PORT=8001 make run uses another port.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
export PYTHONPATH := src:.

.PHONY: run test lint types contracts unit bench pins clean states
run: $(VENV)/run.stamp
	@exec $(BIN)/python -m carepath.cli up

# Requirements are installed again only when their file changes. They name everything there is, so nothing is resolved: a
# newer release of something must not come in by the back door.
$(VENV)/bin/python:
	@echo "Making a Python environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements/run.txt | $(VENV)/bin/python
	@echo "Installing what the product needs (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --require-hashes --requirement requirements/run.txt
	@$(MAKE) --no-print-directory $(BIN)/carepath
	@touch $@

$(VENV)/test.stamp: requirements/test.txt | $(VENV)/run.stamp
	@echo "Installing what the tests need (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --require-hashes --requirement requirements/test.txt
	@touch $@

# `carepath` in the environment runs this checkout.
$(BIN)/carepath: | $(VENV)/bin/python
	@printf '%s\n' '#!/bin/sh' 'here=$$(cd "$$(dirname "$$0")/../.." && pwd)' 'export PYTHONPATH="$$here/src:$$here"' 'exec "$$here/$(BIN)/python" -m carepath.cli "$$@"' > $@
	@chmod +x $@

test: lint types contracts unit

lint: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/test.stamp
	$(BIN)/mypy

contracts: $(VENV)/test.stamp
	$(BIN)/lint-imports

# Four parts at once: one mostly waits (for servers, browsers and killed processes), the others mostly compute; then, alone,
# what must be seen within seconds. On servers of one's own, which all would empty, they run one after the other.
ALONE   := tests/faults/test_survival.py
WAITING := tests/browser tests/dev tests/faults tests/workers tests/test_faulty_smtp.py tests/web/test_crash.py
HOSTILE := tests/web/test_hostile_forms.py
PAGES   := tests/web
unit: $(VENV)/test.stamp
	@if [ -n "$$DATABASE_URL$$REDIS_URL" ]; then exec $(BIN)/python -m pytest; fi; \
	logs=$$(mktemp -d); $(BIN)/python -m pytest $(WAITING) --ignore=$(ALONE) >"$$logs/waiting" 2>&1 & waiting=$$!; \
	$(BIN)/python -m pytest $(HOSTILE) >"$$logs/hostile" 2>&1 & hostile=$$!; \
	$(BIN)/python -m pytest $(PAGES) $(addprefix --ignore=,$(WAITING) $(HOSTILE)) >"$$logs/pages" 2>&1 & pages=$$!; \
	$(BIN)/python -m pytest $(addprefix --ignore=,$(WAITING) $(PAGES)); failed=$$?; \
	wait $$waiting; failed=$$((failed + $$?)); wait $$pages; failed=$$((failed + $$?)); \
	wait $$hostile; failed=$$((failed + $$?)); \
	$(BIN)/python -m pytest $(ALONE); failed=$$((failed + $$?)); \
	echo "The other parts:"; cat "$$logs/waiting" "$$logs/pages" "$$logs/hostile"; rm -rf "$$logs"; exit $$((failed > 0))

# Ratios against limits and peers, to the screen and to bench.json. ONLY=name,name runs some of them.
bench: $(VENV)/test.stamp
	@PYTHONPATH=src:. $(BIN)/python -m benchmarks

# docs/states.md is generated from the state machines; a test holds it to them.
states: $(VENV)/run.stamp
	$(BIN)/python -m carepath.states > docs/states.md

pins: $(VENV)/test.stamp
	$(BIN)/python -m pip install --quiet pip-tools
	for name in base run test; do $(BIN)/pip-compile --quiet --generate-hashes --no-emit-options --no-header --no-annotate --strip-extras --allow-unsafe -o requirements/$$name.txt requirements/$$name.in && sed -i -e '/^--/d' -e '1i # Pinned with hashes; made from the .in file of the same name by `make pins`.' requirements/$$name.txt; done

clean:
	rm -rf $(VENV) .carepath .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
