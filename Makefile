# `make` lists the targets. Everything is installed into a private virtual environment, .venv;
# `make test PYTHON=python3.13 VENV=.venv-3.13` uses another interpreter.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CODE := visualdiff tests benchmarks docs fuzzing
PEERS := benchmarks/.peers
MINUTES ?= 1

.DEFAULT_GOAL := help
.PHONY: help run test check format lint types imports coverage wheel
.PHONY: demo-images docs docs-pictures bench bench-peers bench-report bench-cache bench-scale
.PHONY: fuzz audit soak clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.run ## Compare the demo set of this repository, and print where the report is
	@$(BIN)/visualdiff run; code=$$?; \
	case $$code in \
	0) echo "Everything matches." ;; \
	1) echo; echo "Differences were found, as they should be: the demo set is full of them."; \
	   echo "Open the report in a browser. What each pair shows: tests/demo/README.md" ;; \
	*) exit $$code ;; \
	esac

test: $(VENV)/.dev ## Run the tests (those of the report need chromium; in CI they must run)
	$(BIN)/python -m pytest -n 2

check: format lint types imports coverage wheel ## Everything that must hold before a commit

format: $(VENV)/.dev ## Check the formatting (`ruff format` mends it)
	$(BIN)/ruff format --check $(CODE)

lint: $(VENV)/.dev ## Check the style
	$(BIN)/ruff check $(CODE)

types: $(VENV)/.dev ## Check the types, tests included
	$(BIN)/mypy

imports: $(VENV)/.dev ## Check that modules import in one direction only
	$(BIN)/lint-imports

coverage: $(VENV)/.dev ## Run the tests and check the branch coverage
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

wheel: $(VENV)/.dev ## Build the wheel and run a small job with it, away from the sources
	rm -rf dist
	$(BIN)/python -m build --outdir dist >/dev/null
	$(PYTHON) tests/check_wheel.py dist/*.whl

demo-images: $(VENV)/.dev ## Draw the images of the demo set again (needs chromium)
	$(BIN)/python tests/demo/make_images.py

# Not --quiet: that hides warnings from --strict, too.
docs: $(VENV)/.dev ## Build the pages of docs/ as a site, build/site/index.html
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

docs-pictures: $(VENV)/.dev ## Draw the pictures of docs/how-it-decides.md again
	$(BIN)/python docs/draw_pictures.py

bench: $(VENV)/.dev ## Measure speed and memory into benchmarks/README.md (15 minutes)
	$(BIN)/python -m benchmarks.bench

bench-peers: $(PEERS)/.installed ## Install the peers that `make bench` then measures too (needs npm)

bench-report: $(VENV)/.dev ## Measure a report of 5,000 pairs in headless Chromium (a minute)
	$(BIN)/python -m benchmarks.report_scale

bench-cache: $(VENV)/.dev ## Measure a second run over 1,000 unchanged pairs (5 minutes, then 3)
	$(BIN)/python -m benchmarks.cache

bench-scale: $(VENV)/.dev ## Measure 20,000 small pairs in processes and by Dask (2 minutes)
	$(BIN)/python -m benchmarks.scale

fuzz: $(VENV)/.fuzz ## Fuzz all that reads files of others, `make fuzz MINUTES=1` for each target
	$(BIN)/python -m fuzzing --minutes $(MINUTES)

audit: $(VENV)/.audit ## Ask for known vulnerabilities of what is installed (needs the network)
	$(PIP) freeze --exclude-editable | $(BIN)/python -m pip_audit --strict --no-deps --disable-pip -r /dev/stdin

soak: $(VENV)/.dev ## Compare 20,000 pairs, some of which crash: memory, descriptors, processes
	$(BIN)/python -m benchmarks.soak

clean: ## Remove what the other targets made
	rm -rf $(VENV) build dist visualdiff-report tests/visualdiff-report .coverage* .hypothesis .*_cache
	rm -rf $(PEERS) benchmarks/.suite fuzzing/.corpus fuzzing/.findings

# A stamp tells what is installed: `run` needs a few packages only, the other targets all of them.
$(VENV)/.run: pyproject.toml
	@echo "installing into $(VENV) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml
	@echo "installing into $(VENV) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --editable '.[dev]'
	@touch $@ $(VENV)/.run

$(VENV)/.fuzz $(VENV)/.audit: $(VENV)/.%: pyproject.toml $(VENV)/.dev
	@$(PIP) install --editable '.[$*]'
	@touch $@

# The peers of the benchmarks, at the versions whose numbers the README tells.
$(PEERS)/.installed: Makefile $(VENV)/.dev
	rm -rf $(PEERS)
	mkdir -p $(PEERS)
	$(PIP) install --no-deps --target $(PEERS)/python blazediff==6.0.2
	npm install --prefix $(PEERS) --no-package-lock --no-audit --no-fund --loglevel error \
		odiff-bin@4.5.0 reg-cli@0.18.16 pixelmatch@7.2.0 pngjs@7.0.0
	@touch $@
