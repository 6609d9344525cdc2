# One command each; every one sets up what it needs first.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
BABEL := .venv/bin/python -m babel.messages.frontend --quiet
VENDOR := static/vendor
export PORT

.PHONY: run test check bench setup messages format

run: setup
	@exec $(BIN)/python -m reviewdesk.run

test: setup
	@$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m pytest -n 2 $(ARGS)

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python manage.py makemigrations --check --dry-run

bench: setup
	$(BIN)/python -m benchmarks

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Collects new source strings into locale/zh_Hans; translate them there.
messages: setup
	$(BABEL) extract -F locale/babel.cfg -k gettext_lazy -k ngettext_lazy:1,2 -k pgettext_lazy:1c,2 -o var/django.pot --no-location .
	$(BABEL) update -i var/django.pot -d locale -D django -l zh_Hans --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap

setup: .venv/.installed $(VENDOR)/.installed locale/zh_Hans/LC_MESSAGES/django.mo

.venv/.installed: requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ReviewDesk needs Python 3.11 or 3.12; set PYTHON=...")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

$(VENDOR)/.installed: package.json package-lock.json .venv/.installed
	@PATH="$$PATH:$(CURDIR)/$(BIN)" npm ci --silent --ignore-scripts --no-audit --no-fund
	@mkdir -p $(VENDOR)
	cp node_modules/htmx.org/dist/htmx.min.js node_modules/bootstrap/dist/css/bootstrap.min.css node_modules/bootstrap/dist/css/bootstrap.min.css.map node_modules/echarts/dist/echarts.common.min.js $(VENDOR)/
	@touch $@

locale/zh_Hans/LC_MESSAGES/django.mo: locale/zh_Hans/LC_MESSAGES/django.po .venv/.installed
	@$(BABEL) compile -i $< -o $@
