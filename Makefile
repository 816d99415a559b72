PYTHON ?= python3
DO := .venv/bin/python -m
.DEFAULT_GOAL := help
.PHONY: help run test bench screenshots fmt lint docs lock setup clean

help:         ## list these recipes
	@sed -n 's/^\([a-z]*\): *\(.*\)## /  make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

run:          ## set up, start everything, print the address and the sign-ins; Ctrl-C stops it
	@$(PYTHON) -m bootstrap && exec $(DO) sopcycle.embedded run --with-parent

test:         ## set up and run every check and every test
	@$(PYTHON) -m bootstrap --browser && exec $(DO) sopcycle.embedded with --fast -- $(DO) sopcycle.checks

bench:        ## measure, and write the figures to benchmarks/results/
	@$(PYTHON) -m bootstrap && exec $(DO) sopcycle.embedded with -- $(DO) benchmarks

screenshots:  ## photograph the main pages in light, dark and on a phone
	@$(PYTHON) -m bootstrap --browser && exec $(DO) sopcycle.embedded with --fast -- $(DO) sopcycle.screenshots

fmt:          ## format and mend what can be mended automatically
	@$(PYTHON) -m bootstrap && $(DO) ruff check --fix . && $(DO) ruff format .

lint:         ## every check that is not a test
	@$(PYTHON) -m bootstrap && exec $(DO) sopcycle.embedded with --fast -- $(DO) sopcycle.checks --without-tests

docs:         ## write the parts of docs/ that are made from the code
	@$(PYTHON) -m bootstrap && $(DO) sopcycle.embedded with --fast -- $(DO) django write_docs --settings sopcycle.settings

lock:         ## pin requirements.in and package.json anew
	@$(DO) uv pip compile --quiet --universal --python-version 3.11 --generate-hashes requirements.in -o requirements.lock && $(DO) uv pip compile --quiet --universal --python-version 3.11 --generate-hashes requirements-uv.in -o requirements-uv.lock && $(DO) uv pip compile --quiet --universal --python-version 3.11 --generate-hashes requirements-bench.in -o requirements-bench.lock

setup:        ## only set up: .venv, packages, front end, a browser for the tests
	@$(PYTHON) -m bootstrap --browser

clean:        ## remove what was built; the data in var/ stays
	@rm -rf .venv node_modules static/vendor staticfiles
