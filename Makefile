# Everything a developer does, each on a fresh machine with python3, make and a network.
# Tests need Node.js 20 besides, and Chromium, PostgreSQL, nginx, Caddy, Redis and PHP (test-all: Firefox too), which they install where root may.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# What a stamp stands for was installed from these, and is installed anew when one changes.
BASE := .venv/.installed
DEV := .venv/.installed-dev
NODE := widget/node_modules/.installed
# What is shipped and nothing else, in an environment of its own, to be listed and audited.
SHIPPED := build/shipped
EXTRAS := redis,postgresql,apprise,sentry

# What is compiled is kept: the tests start the service some hundred times.
unexport PYTHONDONTWRITEBYTECODE
# Tests make some thousand small databases: in memory, where it has room for them, none waits for a disk.
MEMORY := /dev/shm
ROOM := $(shell df --output=avail -k $(MEMORY) 2>/dev/null | awk 'NR == 2 && $$1 > 6000000 {print "$(MEMORY)"}')
PYTEST := $(if $(ROOM),TMPDIR=$(ROOM) )$(BIN)/pytest

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test test-all check faults bench widget words docs docs-site screenshots dist sbom audit fuzz \
	clean lint types imports widget-check chromium firefox postgresql nginx caddy redis php node

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

run: $(BASE) ## Serve the demo on http://localhost:8000 (PORT=...), its data in ./data
	@$(BIN)/afterword demo --port $(PORT)

test: lint types imports widget-check chromium postgresql nginx caddy redis php ## Run every check, and all tests but those of test-all
	$(PYTEST) -n 2 --dist loadfile -m "not thorough"

test-all: test firefox ## Run the rest, all over PostgreSQL too, then 10,000 made-up requests, 200 kills, 200 damaged pages
	$(PYTEST) -n 2 --dist loadfile -m thorough
	$(PYTEST) -n 2 --dist loadfile --database postgresql
	$(BIN)/pytest tests/faults tests/browser/test_hostile.py --fuzz-cases 10000 --kills 200 --bad-pages 200 --hostile 10000

check: lint types imports widget-check ## Run the fast part: no browser, nothing slow
	$(PYTEST) -n 2 -m "not browser and not slow"

faults: $(DEV) chromium postgresql nginx caddy redis ## Do to it what can go wrong, write docs/reliability.md (20 minutes)
	$(BIN)/pytest tests -m fault --kills 200 --fuzz-cases 10000 --bad-pages 200 --hostile 10000 --slow-clients 2000 --soak-seconds 120 --reliability docs/reliability.json

bench: $(DEV) ## Measure reads beside a Flask "hello" and nginx (needs wrk, nginx; 8 minutes)
	$(BIN)/python -m tests.bench $(if $(QUICK),--quick)

widget: $(NODE) ## Build widget/dist from widget/src
	cd widget && npm run --silent build

words: $(DEV) ## Gather what the service says into the catalogues of service/afterword/translations
	$(BIN)/python -m tests.words

docs: $(DEV) ## Write the generated pages of docs/ anew
	$(BIN)/python -m docs.generate

docs-site: $(DEV) ## Build the documentation into build/site, its comments baked in
	$(BIN)/python -m docs.site

dist: .venv/.installed-ship ## Build wheel and source archive into dist/: the same source, the same bytes
	$(BIN)/python -m build --outdir dist .

sbom: .venv/.installed-ship $(SHIPPED)/.installed ## List what is shipped (CycloneDX) in dist/sbom.json
	@mkdir -p dist
	$(BIN)/cyclonedx-py environment $(SHIPPED) --pyproject pyproject.toml --output-reproducible \
	  --output-format JSON --output-file dist/sbom.json

audit: .venv/.installed-ship $(SHIPPED)/.installed ## Ask for known weaknesses of what is shipped (needs a network)
	$(BIN)/python deploy/audit.py $(SHIPPED)/lib/python*/site-packages

fuzz: .venv/.installed-fuzz ## Fuzz addresses, imports, Markdown, places and tokens (50 minutes; SECONDS=60)
	$(BIN)/python -m tests.fuzz $(if $(SECONDS),--seconds $(SECONDS))

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

firefox:
	@bash tests/browser/install-firefox.sh >/dev/null

postgresql:
	@bash tests/install-postgresql.sh >/dev/null

nginx:
	@bash tests/install-nginx.sh >/dev/null

caddy:
	@bash tests/install-caddy.sh >/dev/null

redis:
	@bash tests/install-redis.sh >/dev/null

php:
	@bash tests/install-php.sh >/dev/null

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

.venv/.installed-ship .venv/.installed-fuzz: .venv/.installed-%: pyproject.toml $(DEV)
	@$(PIP) install --editable '.[$*]'
	@touch $@

$(SHIPPED)/.installed: pyproject.toml | $(BIN)/python
	@rm -rf $(SHIPPED)
	@$(BIN)/python -m venv $(SHIPPED)
	@$(SHIPPED)/bin/pip --disable-pip-version-check --quiet install '.[$(EXTRAS)]'
	@$(SHIPPED)/bin/pip --disable-pip-version-check --quiet uninstall --yes pip setuptools
	@touch $@

$(NODE): widget/package-lock.json | node
	cd widget && npm ci --silent --no-audit --no-fund
	@touch $@

node:
	@command -v npm >/dev/null && node -e 'process.exitCode = parseInt(process.versions.node) < 20 ? 1 : 0' || \
	  { echo "Checking and building the widget needs Node.js 20 or newer with npm; running Afterword does not."; exit 1; }
