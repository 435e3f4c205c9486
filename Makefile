SHELL := /bin/bash -o pipefail
# What environments are made with; unless it is named, python3 or the newest that is found.
PYTHON ?=
# What all of this is tried with.
VERSIONS := 3.11 3.12 3.13
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
NODE_READY := node_modules/.ready
SDKS := .sdk/linq-python-0.15.1/.ready .sdk/linq-python-newest/.ready

BASE_URL ?=
BASE ?=
TAG ?=
ARGS ?=

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:

.PHONY: all
all: generate validate ## Regenerate the client, start the mock, validate it rule by rule

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  \033[36m%-16s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- set-up: what a target needs, it installs -------------------------------------------------

.PHONY: install
install: $(READY) ## Set up .venv from the lock file

EDITABLE = --no-deps --no-build-isolation --editable . --editable contract_tests

$(READY): requirements/dev.lock pyproject.toml contract_tests/pyproject.toml
	@echo "Setting up $(VENV) ..."
	@requirements/environment $(VENV) "$(PYTHON)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(EDITABLE)
	@touch $@

$(NODE_READY): package.json package-lock.json
	npm ci --silent --no-audit --no-fund
	@touch $@

.sdk/linq-python-%/.ready: requirements/linq-python-%.lock $(READY)
	@echo "Installing the vendor's SDK ($*) ..."
	@rm -rf $(@D)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --target $(@D) --requirement $<
	@touch $@

LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade

.PHONY: lock
lock: $(READY) ## Update the lock files to the newest versions that fit
	$(LOCK) pyproject.toml --all-extras --group dev --output-file requirements/dev.lock
	$(LOCK) requirements/bench.in --output-file requirements/bench.lock
	$(LOCK) requirements/mutation.in --output-file requirements/mutation.lock
	$(LOCK) requirements/audit.in --output-file requirements/audit.lock
	$(LOCK) pyproject.toml --extra contract requirements/action.in --output-file requirements/action.lock
	$(LOCK) pyproject.toml --extra contract --extra mcp requirements/docs.in --output-file requirements/docs.lock
	$(LOCK) requirements/linq-python-0.15.1.in --output-file requirements/linq-python-0.15.1.lock
	$(LOCK) requirements/linq-python-newest.in --output-file requirements/linq-python-newest.lock

# --- the contract and the client ---------------------------------------------------------------

.PHONY: generate
generate: $(READY) ## Write generated/ from openapi.yaml and overrides/
	@$(BIN)/python overrides/generate.py

.PHONY: check
check: $(READY) ## Fail when generated/ is not what generate would write
	@$(BIN)/python overrides/generate.py --check --output generated

.PHONY: diff
diff: $(READY) ## List what changed in the contract and the client (BASE=git revision or file, ARGS="--format json")
	@$(BIN)/python -m contract_diff $(BASE) $(ARGS)

.PHONY: versions
versions: $(READY) ## Fail when the versions and CHANGELOG.md do not follow the last release (TAG=v1.2.3: nor a tag)
	@$(BIN)/python -m contract_diff --check $(if $(TAG),--tag "$(TAG)")

.PHONY: documents
documents: build/documents/.ready $(NODE_READY) ## Measure the generator on others' documents, beside stock, into docs/ (hours; needs node)
	@$(BIN)/python -m documents --output docs/documents.md $(ARGS)

.PHONY: documents-sample
documents-sample: build/documents/.ready $(NODE_READY) ## Measure the generator on a sample of others' documents (needs node)
	@$(BIN)/python -m documents $(or $(ARGS),--sample 4 --seed $(TURN) --generator ours)

build/documents/.ready: requirements/documents/package-lock.json requirements/documents/package.json $(READY)
	@echo "Fetching the documents ..."
	@mkdir -p $(@D)
	@cp $(filter %.json,$^) $(@D)
	@npm ci --prefix $(@D) --silent --no-audit --no-fund
	@touch $@

.PHONY: lint
lint: $(READY) $(NODE_READY) ## Lint the contract and the code (needs node)
	$(BIN)/openapi-spec-validator openapi.yaml mock_server/linq_mock/control/openapi.yaml
	REDOCLY_SUPPRESS_UPDATE_NOTICE=true node_modules/.bin/redocly lint --lint-config=error \
		openapi.yaml mock_server/linq_mock/control/openapi.yaml
	node_modules/.bin/biome check --error-on-warnings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: types
types: $(READY) $(NODE_READY) ## Check the types with mypy and pyright, both strict (needs node)
	$(BIN)/mypy
	node_modules/.bin/pyright
	cd generated && PYTHONPATH=. ../node_modules/.bin/pyright --verifytypes linq_phone_numbers --ignoreexternal \
		| grep 'Type completeness score: 100%'

.PHONY: format
format: $(READY) $(NODE_READY) ## Format the code and fix what ruff and Biome can fix (needs node)
	node_modules/.bin/biome check --write
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# --- servers -----------------------------------------------------------------------------------

.PHONY: mock
mock: $(READY) ## Start the mock server (ARGS="--port 8080 --lines 20")
	@$(BIN)/linq-contract mock $(ARGS)

.PHONY: validate
validate: $(READY) ## Validate the server at BASE_URL, or the mock (ARGS="--strict --seed 7")
	@$(BIN)/linq-contract validate $(BASE_URL) $(ARGS)

.PHONY: validate-prism
validate-prism: $(READY) $(NODE_READY) ## Validate Prism, which serves the contract's examples (needs node)
	@$(BIN)/python contract_tests/prism.py

# --- the documentation -------------------------------------------------------------------------

SPHINX = @build/docs/bin/sphinx-build -q -E -a -W -n --keep-going -d build/doctrees

.PHONY: docs
docs: build/docs/.ready ## Build the documentation site, build/site/index.html
	$(SPHINX) -b html docs build/site

.PHONY: docs-links
docs-links: build/docs/.ready ## Check the external links of the documentation (needs network)
	$(SPHINX) -b linkcheck docs build/links

# --- tests -------------------------------------------------------------------------------------

# Three at once on two cores: some tests wait, for a deadline or for another process.
PYTEST = $(BIN)/python -m pytest -n 3 --dist worksteal -p randomly

.PHONY: test
test: $(READY) $(SDKS) ## Run the tests, in random order (ARGS=--randomly-seed=7 repeats one)
	$(PYTEST) --ignore tests/scale/redis --ignore tests/documentation $(ARGS)

.PHONY: test-documentation
test-documentation: $(READY) $(SDKS) ## Do what the documentation says: examples, recipes, manifests
	$(PYTEST) tests/documentation $(ARGS)

.PHONY: test-scale
test-scale: $(READY) ## Test what runs share over Redis (needs redis-server; as root it installs it with apt-get)
	@command -v redis-server >/dev/null \
		|| { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq redis-server; } >/dev/null \
		|| { echo "make test-scale needs redis-server: apt-get install redis-server" >&2; exit 1; }
	$(BIN)/python -m pytest tests/scale/redis $(ARGS)

.PHONY: test-node
test-node: $(READY) $(NODE_READY) ## Run the tests that need node: the vendor's SDK for TypeScript, Prism compared
	$(BIN)/python -m pytest -m node tests/vendor_sdk tests/comparison $(ARGS)

.PHONY: test-mcp
test-mcp: build/inspector/.ready ## Check the tools of agents with the protocol's inspector (needs node)
	$(BIN)/python -m pytest -m node tests/agents $(ARGS)

build/inspector/.ready: requirements/inspector/package-lock.json requirements/inspector/package.json $(READY)
	@echo "Fetching the inspector ..."
	@mkdir -p $(@D)
	@cp $(filter %.json,$^) $(@D)
	@npm ci --prefix $(@D) --ignore-scripts --silent --no-audit --no-fund
	@touch $@

# A sample that is another one at each commit, so that in time each server has its turn.
TURN = $(shell git rev-list --count HEAD 2>/dev/null || echo 1)

.PHONY: detection
detection: $(READY) ## Run validate and stock Schemathesis on every fault and freedom (long)
	@failed=0; for kind in fault freedom; do \
		$(BIN)/python -m detection --kind $$kind --stock \
			--output docs/detection-of-$${kind}s.md $(ARGS) || failed=1; \
	done; exit $$failed

.PHONY: detection-sample
detection-sample: $(READY) ## Run validate on a sample of the faults and freedoms
	$(BIN)/python -m detection $(or $(ARGS),--sample 20 --again --seed $(TURN))

# Both with the time of the last commit in them, so that the same commit is the same bytes.
.PHONY: build
build: $(READY) ## Build the wheels and the source distributions of the client and of linq-contract into dist/
	@rm -rf dist
	@export SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct 2>/dev/null || echo 0) && for folder in . contract_tests; do \
		$(BIN)/uv build --quiet --no-build-isolation --python $(BIN)/python --out-dir dist $$folder || exit 1; \
	done
	@rm -f dist/.gitignore && ls dist

.PHONY: test-wheels
test-wheels: $(READY) ## Install what is built into empty environments, oldest and newest versions, and use it (needs network)
	$(BIN)/python -m pytest -m wheels tests/wheels tests/pipelines $(ARGS)

.PHONY: audit
audit: build/audit/.ready ## Fail when a locked version has a known vulnerability (needs network)
	@build/audit/bin/pip-audit --strict --disable-pip --requirement requirements/dev.lock

.PHONY: recordings
recordings: $(READY) $(NODE_READY) ## Record every fault and freedom, check that beside redocly drift, into docs/ (20 min, goes on where it was broken off; needs node)
	@$(BIN)/python -m detection.recordings --output docs/recorded-traffic.md $(ARGS)

.PHONY: test-pythons
test-pythons: ## Run the client's tests on each version of Python that is found, on the path or with pyenv
	@for version in $(VERSIONS); do \
		for python in python$$version $${PYENV_ROOT:-$$HOME/.pyenv}/versions/$$version.*/bin/python; do \
			$$python -c '' 2>/dev/null || continue; \
			$(MAKE) --no-print-directory build/$$version/.ready PYTHON=$$python && \
			build/$$version/bin/python -m pytest -n 2 tests/client $(ARGS) || exit 1; \
			break; \
		done; \
	done

build/%/.ready: requirements/dev.lock pyproject.toml contract_tests/pyproject.toml
	@echo "Setting up $(@D) ..."
	@requirements/environment $(@D) "$(PYTHON)"
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check $(EDITABLE)
	@touch $@

CHROMIUM ?= /usr/bin/chromium
NEEDS_CHROMIUM = test -x "$(CHROMIUM)" \
	|| { [ "$$(id -u)$(CHROMIUM)" = 0/usr/bin/chromium ] && apt-get update -qq \
		&& apt-get install -y -qq chromium; } >/dev/null \
	|| { echo "There is no $(CHROMIUM): apt-get install chromium, or name another one: make CHROMIUM=/path/to/it" >&2; exit 1; }

.PHONY: test-page
test-page: $(READY) $(NODE_READY) ## Test the pages of the mock and of a report in a browser (needs node and Chromium; as root it installs it with apt-get)
	@$(NEEDS_CHROMIUM)
	CHROMIUM=$(CHROMIUM) node --test --test-concurrency=1 $(ARGS) tests/page/*.test.mjs

.PHONY: screenshots
screenshots: $(READY) $(NODE_READY) ## Write the pictures of docs/mock.md (needs node, Chromium, pngquant and two fonts)
	@$(NEEDS_CHROMIUM)
	@command -v pngquant >/dev/null || { \
		echo "The pictures need more: apt install pngquant fonts-inter fonts-jetbrains-mono" >&2; exit 1; }
	@CHROMIUM=$(CHROMIUM) node tests/page/screenshots.mjs

MUTATED := build/mutation/tree
# Each part of the code, with the tests of which one has to notice what is changed in it.
MUTATIONS := $(notdir $(basename $(wildcard tests/mutation/*.toml)))

.PHONY: mutation
mutation: build/mutation/.ready $(READY) ## List the changes of the checks and of the safety that no test notices (hours; MUTATIONS=races)
	@rm -rf $(MUTATED) && mkdir -p $(MUTATED)
	@git ls-files -z | tar --null -cf - -T - | tar -xf - -C $(MUTATED)
	@cd $(MUTATED) && export PATH="$(abspath $(BIN)):$(abspath build/mutation/bin):$$PATH" \
			PYTHONPATH=generated:document:contract_tests:mock_server && \
		python -m compileall -q $$(echo $$PYTHONPATH | tr : ' ') tests && \
		for part in $(MUTATIONS); do \
			cat tests/mutation/$$part.toml tests/mutation/every-part > $$part.toml && \
			cosmic-ray init $$part.toml $$part.sqlite && \
			cr-filter-operators $$part.sqlite $$part.toml && \
			cosmic-ray baseline $$part.toml && \
			cosmic-ray exec $$part.toml $$part.sqlite && \
			cr-report --surviving-only $$part.sqlite || exit 1; \
		done

.PHONY: bench
bench: build/bench/.ready $(READY) $(SDKS) ## Measure the client beside its alternatives, into docs/ (11 min; ROUNDS=6)
	@$(BIN)/python benchmarks/run.py

.PHONY: bench-mock
bench-mock: $(READY) $(NODE_READY) ## Measure the mock beside its peers, into docs/ (4 min; needs node, wrk and hey)
	@$(BIN)/python benchmarks/mock_servers.py

.PHONY: soak-mock
soak-mock: $(READY) ## Send the mock 1,000,000 requests, then 1,000 at once, and watch its memory (5 min; ARGS="--requests 50000")
	@$(BIN)/python benchmarks/soak_mock.py $(ARGS)

.PHONY: clients
clients: $(READY) $(SDKS) $(NODE_READY) ## Validate the client and its alternatives, into docs/ (10 min; needs node)
	@$(BIN)/python -m clients --output docs/validated-clients.md $(ARGS)

build/audit/.ready build/bench/.ready build/docs/.ready build/mutation/.ready: build/%/.ready: requirements/%.lock
	@echo "Setting up $(@D) ..."
	@requirements/environment $(@D) "$(PYTHON)"
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

.PHONY: bench-scale
bench-scale: $(READY) ## Measure what shards and workers gain, into docs/ (10 min; INPUTS=250 RUNS=4)
	@$(BIN)/python benchmarks/scale.py

.PHONY: soak
soak: $(READY) ## Kill 1,000 runs at random moments, on honest and on failing servers, and restore them (hours)
	KILLED_RUNS=500 KILLED_BY_UPDATE=1400 $(BIN)/python -m pytest -s -o faulthandler_timeout=0 tests/safety/test_safety_killed_runs.py

.PHONY: clean
clean: ## Remove everything that a target installed or built
	rm -rf $(VENV) .sdk node_modules build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
