# One verb a target. `make` alone prints them.
PYTHON ?= python3
BIN := .venv/bin
SCRAPY := $(BIN)/python -m scrapy
OUT ?= export/coverage.csv
AXE := .venv/axe-core/axe.min.js
SIZES ?= 1000,10000,100000
SECONDS ?= 600
SECTION ?=
PEERS := newspaper4k==0.9.6 news-please==1.6.16 datasketch==2.0.0

help: ## print the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: .venv/installed ## make .venv and install what requirements.lock pins
	@$(BIN)/python -m compileall -q crawler pipelines # hardened units may not write here, and would compile at every start

.venv/installed: requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

demo: setup ## the main job on the small web that ships with the project, into data/demo.db
	$(BIN)/python -m tests.demo

seed: setup ## file the example articles
	$(SCRAPY) seed

crawl: setup seed ## crawl the live catalogue: feeds, then news sitemaps, then section pages (CONTACT must be set)
	$(SCRAPY) crawl feeds && $(SCRAPY) crawl sitemaps && $(SCRAPY) crawl pages

browse: setup ## serve the desk on 127.0.0.1:8001 and print the link that logs you in, once
	$(BIN)/datasette data/ --root --port 8001

export: setup ## write the coverage as CSV for German spreadsheets (OUT=export/coverage.csv)
	$(SCRAPY) export --view coverage --excel -o $(OUT)

lint: setup ## ruff and mypy; known holes in what is pinned, where an advisory database can be reached
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/python -m tests.audit

axe: setup ## what the browser's tests check accessibility with; without npm they skip that check and say so
	@test -f $(AXE) || { command -v npm >/dev/null && cd .venv && npm pack --silent axe-core@4.14.1 && tar -xzf axe-core-4.14.1.tgz && mv package axe-core; } || echo "no npm: accessibility is not checked"

test: setup lint axe ## lint, then every test
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

soak: setup ## ten minutes of a web that means harm, killed at random moments (SECONDS=600)
	$(BIN)/python -m tests.soak $(SECONDS)

quality: setup ## scores on the labelled cases (PAGES=folder adds saved pages with gold)
	$(BIN)/python -m tests.quality

bench: setup peers ## crawl, reading, memory, filing, desk against peers; an hour (SECTION="crawl read", SIZES=1000,10000 for less)
	$(BIN)/python -m tests.bench $(SECTION) --sizes $(SIZES) $(if $(DATABASE),--database $(DATABASE))

peers: setup ## what reading is compared with, in an environment of its own; without a registry it is left out and said so
	@test "$$(cat .venv/peers/pinned 2>/dev/null)" = "$(PEERS)" || { $(PYTHON) -m venv --clear .venv/peers && .venv/peers/bin/pip install --quiet $(PEERS) && echo "$(PEERS)" > .venv/peers/pinned; } || { rm -rf .venv/peers; echo "no registry: newspaper4k, news-please and datasketch are not compared with"; }

lock: ## pin requirements.lock anew from pyproject.toml
	$(BIN)/python -m pip install --quiet uv && $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --group dev pyproject.toml -o requirements.lock

.PHONY: help setup demo seed crawl browse export lint axe test soak quality bench peers lock
