# The victim monitor, reproducible edition. `make` alone lists what can be made.
# Nothing is installed outside .venv; versions and hashes are in requirements.lock.

PYTHON ?= python3
EDITION ?= 2016-2020
# A folder of register extracts: make book REGISTERS=DIR
REGISTERS ?=
GIVEN := $(if $(REGISTERS),--registers $(REGISTERS))
BIN := .venv/bin
SHELL := /bin/sh
# Two processes; whichever is done takes over tests of the other. The longest files come first.
BESIDE := -n 2 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help book test prove review lab rooms notebooks bundle lock bench simulate look pdf clean

help: ## list the targets
	@echo "make TARGET [EDITION=2016-2020] [REGISTERS=DIR] [PYTHON=python3]"
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  \1\t/' | expand -t 14

# The stamp is written last, so that an interrupted set-up is done again. The pip of the Python that is there fetches uv; the
# environment has one of its own only where that Python has none. One package comes as source only; it is built with the locked
# setuptools (--no-build-isolation), so that nothing unlocked is downloaded. What no book reads is not compiled.
UV := install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-bootstrap.lock
UNREAD := /(tests|_pytest|debugpy|hypothesis|mypyc?|pip|setuptools)/
.venv/ready: requirements.lock requirements-bootstrap.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1). Try: make PYTHON=python3.12 book"; exit 2; }
	@echo "setting up .venv (once)"
	@$(PYTHON) -m venv --clear --without-pip .venv
	@$(PYTHON) -m pip --python $(BIN)/python $(UV) 2>/dev/null || \
	  { $(BIN)/python -m ensurepip >/dev/null || { echo "$(PYTHON) has no pip; on Debian: apt-get install python3-venv"; exit 2; }; \
	    $(BIN)/python -m pip $(UV); }
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip sync --quiet --require-hashes --no-build-isolation requirements.lock
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q -j 0 -x '$(UNREAD)' .venv/lib || true
	@touch $@

book: .venv/ready ## run the notebooks and build the site: _build/html/index.html
	@$(BIN)/python -m helpers book --edition $(EDITION) $(GIVEN)

test: .venv/ready ## check format, rules and types; run every test, and the committed notebooks cell by cell
	@$(BIN)/ruff check --quiet src tests
	@$(BIN)/ruff format --check --quiet src tests
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/python -m pytest $(BESIDE) tests/test_book.py tests/test_chapters.py tests
	@JUPYTER_DEFAULT_PROVISIONER_NAME=monitor $(BIN)/python -m pytest -n 2 --dist loadfile --nbval -p no:cacheprovider -W default notebooks

prove: .venv/ready ## run the proofs that take long: the whole book, all made-up people, simulations, a browser
	@$(BIN)/python -m pytest $(BESIDE) -m prove tests
	@$(BIN)/python -m pytest $(BESIDE) --hypothesis-profile many tests/laws tests/unit/test_disclosure.py

review: .venv/ready ## for reviewers: committed cells, tables, pictures and words against a run, one chapter from scratch
	@JUPYTER_DEFAULT_PROVISIONER_NAME=monitor $(BIN)/python -m pytest -n 2 --dist loadfile --nbval -p no:cacheprovider -W default notebooks
	@$(BIN)/python -m helpers review

# JupyterLab is no part of the book; what it needs beside the lock has a lock of its own.
lab: .venv/ready ## open the notebooks in JupyterLab, with a kernel of the project's name
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip install --quiet --no-deps --require-hashes -r requirements-lab.lock
	@$(BIN)/python -m ipykernel install --prefix .venv --name victim-monitor --display-name "Victim monitor" >/dev/null
	@$(BIN)/jupyter lab --notebook-dir notebooks

rooms: .venv/ready ## draw the rooms and their arrows into CONTRIBUTING.md
	@$(BIN)/python tests/draw_rooms.py

notebooks: .venv/ready ## rewrite the committed notebooks' text outputs (default edition)
	@$(BIN)/python -m helpers notebooks

bundle: .venv/ready ## rewrite the committed bundle: data/bundles/EDITION
	@$(BIN)/python -m helpers bundle --edition $(EDITION) $(GIVEN)

lock: .venv/ready ## choose versions anew and write the hash-checked locks
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --extra dev -o requirements.lock pyproject.toml
	@grep -E '^[a-zA-Z0-9]' requirements.lock | sed 's/ *\\$$//' > environment-pins.txt
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra lab -c environment-pins.txt $$(sed -E 's/==.*//; s/^/--no-emit-package /' environment-pins.txt) pyproject.toml | grep -v '^#' > requirements-lab.lock
	@grep -E '^(uv|setuptools)==' requirements.lock | cut -d' ' -f1 | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header -o requirements-bootstrap.lock -

bench: .venv/ready ## time a clone, a clean build and a rebuild; writes tests/bench/results.csv
	@$(BIN)/python tests/bench/bench.py

simulate: .venv/ready ## slow proofs and results (many minutes); writes tests/bench/coverage.csv and data/simulated
	@$(BIN)/python -m helpers simulate
	@$(BIN)/python tests/bench/simulate.py

look: .venv/ready ## screenshots of every page, desktop and phone, to _build/look (needs Chromium)
	@$(BIN)/python tests/look.py

pdf: .venv/ready ## the built book as one tagged PDF: _build/book.pdf (needs Chromium)
	@$(BIN)/python -m helpers.site.pdf

clean: ## remove everything that was made, the environment too
	rm -rf .venv .cache _build book/chapters
