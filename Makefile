# Everything a developer does, each on a fresh machine: python3 with venv, make, the registries.
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8000

.PHONY: help run test check lint types imports widget widget-check browser bench docs screenshots clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

run: .venv/installed ## Serve the demo on http://localhost:8000 with its data in ./data
	@$(BIN)/afterword demo --port $(PORT)

test: lint types imports widget-check browser ## Run every check and test there is
	$(BIN)/pytest -n 2 -m "not browser and not slow"
	$(BIN)/pytest -m "slow and not browser"
	$(BIN)/pytest -m browser

check: lint types imports widget-check ## Run the fast part, under a minute
	$(BIN)/pytest -n 2 -m "not browser and not slow"

lint: .venv/installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: .venv/installed-dev
	$(BIN)/mypy

imports: .venv/installed-dev
	$(BIN)/lint-imports --no-cache

widget: widget/node_modules/.installed ## Build the widget into widget/dist
	cd widget && npm run --silent build

widget-check: widget/node_modules/.installed
	cd widget && npm run --silent check && npm run --silent test

browser: .venv/installed-dev
	@bash tests/browser/install-chromium.sh >/dev/null

bench: .venv/installed-dev ## Measure reads against a Flask "hello" (needs wrk)
	$(BIN)/python -m tests.bench.reads

docs: .venv/installed-dev ## Write the generated pages of docs/ anew
	$(BIN)/python docs/generate.py

screenshots: .venv/installed-dev browser ## Take the pictures of the README from the running demo
	$(BIN)/python docs/screenshots.py

clean: ## Remove what was built, not the data
	rm -rf .venv widget/node_modules build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Afterword needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv || \
	  { echo "Python cannot make a virtual environment here. On Debian: apt-get install python3-venv"; exit 1; }

.venv/installed: .venv/bin/python pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/installed-dev: .venv/bin/python pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch .venv/installed $@

widget/node_modules/.installed: widget/package-lock.json
	@command -v npm >/dev/null || { echo "Building the widget needs Node.js 20 or newer with npm."; exit 1; }
	cd widget && npm ci --silent --no-audit --no-fund
	@touch $@
