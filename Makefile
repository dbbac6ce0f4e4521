# What a developer types.  `make demo` shows the dashboard, `make test` is all that CI does.
.DEFAULT_GOAL := help
.PHONY: help setup demo run check test examine browser bench soak docs
PYTHON ?= python3
BIN := .venv/bin
SHELL := /bin/bash

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## */\1\t/' | expand -t 10

setup: .venv/.runtime  ## the environment only: .venv with what the dashboard needs

demo: .venv/.runtime  ## the dashboard with twelve synthetic cells and two that are cycled live, in ./instance/demo
	@BAROGRAPH_DATA_DIR=instance/demo BAROGRAPH_DATABASE_URL= exec $(BIN)/python -m supervisor --end-with-parent --demo --stream

run: .venv/.runtime  ## the dashboard with your own data, in BAROGRAPH_DATA_DIR (./instance)
	@exec $(BIN)/python -m supervisor --end-with-parent

check: .venv/.dev  ## style, types, layers, dead code and all tests but the browser's, with coverage
	@$(MAKE) --no-print-directory examine MARKS="not browser"

test: .venv/.dev .venv/.browser .venv/.proxy  ## all that must hold before a change goes in: check, and the tests in a browser
	@$(MAKE) --no-print-directory examine MARKS=""

examine:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/vulture
	$(BIN)/coverage erase
	@echo "types (mypy) and tests, at once: what fails first ends both"
	@$(BIN)/mypy & \
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "$(MARKS)" --cov --cov-report= & \
	wait -n && wait -n || { kill $$(jobs -p) 2>/dev/null; wait; exit 1; }
	@for package in pressiometry figures ingest; do \
	  echo "$$package: at least 95 % of lines and branches"; \
	  $(BIN)/coverage report --include="$$package/*" --fail-under=95 --skip-covered || exit 1; done
	@echo "elsewhere: at least 85 %"
	$(BIN)/coverage report --omit="pressiometry/*,figures/*,ingest/*,tests/*" --fail-under=85 --skip-covered

browser: .venv/.dev .venv/.browser .venv/.proxy  ## the tests in a real browser only
	@$(BIN)/python -m pytest -m browser

bench: .venv/.dev  ## every figure that the README quotes
	@$(BIN)/python -m benchmarks

soak: .venv/.dev .venv/.browser  ## 500 of each example, kills for ten minutes, a page open for an hour: some hours
	@EXACTNESS_EXAMPLES=500 $(BIN)/python -m pytest tests/data_access/test_exactness.py tests/data_access/test_live_exactness.py
	@$(BIN)/python -m pytest --hypothesis-profile=soak -m hypothesis
	@EXACTNESS_EXAMPLES=500 KILL_SECONDS=600 BACKLOG_SECONDS=600 SOAK_SECONDS=3600 $(BIN)/python -m pytest -s tests/live

docs: .venv/.runtime  ## docs/reference, made from the code
	@$(BIN)/python -m docs.make_reference

.venv/bin/python:
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || $(call apt,python3-venv)
	@$(PYTHON) -m venv .venv

.venv/.runtime: requirements.txt | .venv/bin/python
	@echo "Installing what the dashboard needs into .venv (about a minute)."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.runtime
	@echo "Installing what a developer adds into .venv."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

.venv/.browser: | .venv/bin/python
	@test -x /usr/bin/chromium || $(call apt,chromium)
	@touch $@

# Only unpacked, as installing it would open a port of this machine; without it the tests behind a proxy say so.
.venv/.proxy: | .venv/bin/python
	@if [ ! -x /usr/sbin/nginx ]; then mkdir -p .venv/nginx && cd .venv/nginx && rm -f *.deb && echo "Fetching the package nginx." && \
	  { apt-get -qq download nginx || { apt-get -qq update && apt-get -qq download nginx; }; } >/dev/null 2>&1 && \
	  dpkg -x nginx_*.deb . || echo "The package nginx could not be fetched: no test behind a proxy will run." >&2; fi
	@test ! -x /usr/sbin/nginx -a ! -x .venv/nginx/usr/sbin/nginx || touch $@

# One system package, by apt where that is allowed; else one sentence.
define apt
{ if [ "$$(id -u)" = 0 ]; then as=; elif sudo -n true 2>/dev/null; then as="sudo -n"; \
  else echo "Please install the system package $(1) (for example: sudo apt install $(1)) and try again." >&2; exit 1; fi; \
  echo "Installing the system package $(1)."; \
  { $$as apt-get -qq install -y $(1) || { $$as apt-get -qq update && $$as apt-get -qq install -y $(1); }; } >/dev/null \
  || { echo "The system package $(1) could not be installed." >&2; exit 1; }; }
endef
