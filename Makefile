# Everything a developer does, each on a fresh machine with python3, make and a network.
# Tests need Node.js 20 besides, and Chromium, PostgreSQL, nginx and Redis, which they install where root may.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# What a stamp stands for was installed from these, and is installed anew when one changes.
BASE := .venv/.installed
DEV := .venv/.installed-dev
NODE := widget/node_modules/.installed

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test test-all check bench widget docs screenshots clean \
	lint types imports widget-check chromium postgresql nginx redis node

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

run: $(BASE) ## Serve the demo on http://localhost:8000 (PORT=...), its data in ./data
	@$(BIN)/afterword demo --port $(PORT)

test: lint types imports widget-check chromium postgresql nginx redis ## Run every check and test there is
	$(BIN)/pytest -n 2

test-all: test ## Run the long ones besides: 10,000 made-up requests, 200 kills, 200 damaged pages
	$(BIN)/pytest tests/faults --fuzz-cases 10000 --kills 200 --bad-pages 200

check: lint types imports widget-check ## Run the fast part: no browser, nothing slow
	$(BIN)/pytest -n 2 -m "not browser and not slow"

bench: $(DEV) ## Measure reads beside a Flask "hello" and nginx (needs wrk, nginx; 8 minutes)
	$(BIN)/python -m tests.bench $(if $(QUICK),--quick)

widget: $(NODE) ## Build widget/dist from widget/src
	cd widget && npm run --silent build

docs: $(DEV) ## Write the generated pages of docs/ anew
	$(BIN)/python docs/generate.py

screenshots: $(DEV) chromium ## Take the pictures in docs/images from the running demo
	$(BIN)/python -m docs.screenshots

clean: ## Remove what was installed and built; the data stays
	rm -rf .venv widget/node_modules build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis \
	  .import_linter_cache

lint: $(DEV)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(DEV)
	$(BIN)/mypy

imports: $(DEV)
	$(BIN)/lint-imports --no-cache

widget-check: $(NODE)
	cd widget && npm run --silent check && npm run --silent test

chromium: $(DEV)
	@bash tests/browser/install-chromium.sh >/dev/null

postgresql:
	@bash tests/install-postgresql.sh >/dev/null

nginx:
	@bash tests/install-nginx.sh >/dev/null

redis:
	@bash tests/install-redis.sh >/dev/null

# A virtual environment that could not be completed is taken away again: half a one would be
# taken for a whole one at the next run.
$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || \
	  { echo "Afterword needs Python 3.11 or newer; there is no $(PYTHON) here."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Afterword needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.13"; exit 1; }
	@$(PYTHON) -m venv .venv >.venv-log 2>&1 || { cat .venv-log; rm -rf .venv .venv-log; \
	  echo "Python cannot make a virtual environment here. On Debian and Ubuntu: apt-get install python3-venv"; \
	  exit 1; }
	@rm -f .venv-log

$(BASE): pyproject.toml | $(BIN)/python
	@echo "Installing Afterword into .venv (once) ..."
	@$(PIP) install --editable .
	@touch $@

$(DEV): pyproject.toml | $(BIN)/python
	@echo "Installing Afterword and what its tests need into .venv (once) ..."
	@$(PIP) install --editable '.[dev]'
	@touch $(BASE) $@

$(NODE): widget/package-lock.json | node
	cd widget && npm ci --silent --no-audit --no-fund
	@touch $@

node:
	@command -v npm >/dev/null && node -e 'process.exitCode = parseInt(process.versions.node) < 20 ? 1 : 0' || \
	  { echo "Checking and building the widget needs Node.js 20 or newer with npm; running Afterword does not."; exit 1; }
