# Every target does the set-up that it needs, in .venv; see README.md for choosing CUDA.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# The first interpreter that runs and is new enough; or say make PYTHON=/path/to/python3.
PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
# Where torch comes from, for example https://download.pytorch.org/whl/cpu; empty: pip's default.
TORCH_INDEX ?=

# What `make soak` does, and the pictures that it takes.
KILLS ?= 200
PICTURES ?= $(firstword $(wildcard ../shared/data/bench) examples/photos)

# What `make numbers` measures: folders called as the published sets are, and others.
BENCH_FOLDERS ?= $(wildcard ../shared/data/bench/Set5 ../shared/data/bench/Set14 \
	../shared/data/bench/Kodak ../shared/data/microscopy)

VENV := .venv
BIN := $(VENV)/bin
# Twice quiet: errors only.
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
CONSTRAINTS := constraints.txt
# What Qt's xcb platform and its tests need and a bare machine lacks.
QT_PACKAGES := xvfb xauth libxcb-icccm4 libxcb-keysyms1 libegl1 libgl1 libopengl0 \
	libxkbcommon-x11-0 libxcb-cursor0 libdbus-1-3 libfontconfig1
# A screen that nobody sees, for commands that open windows.
XVFB := xvfb-run --auto-servernum --server-args="-screen 0 1600x1000x24"
# What mounting a store needs; it brings the library, whose name differs between releases.
FUSE_PACKAGES := fuse3

.PHONY: help setup demo demo-watch demo-napari test test-pyqt6 soak bench bench-watch bench-napari \
	screenshots gallery numbers lint format clean

help: ## Say what there is
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/make \1	\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: $(VENV)/installed-dev ## Install everything for development into .venv

demo: $(VENV)/installed ## Downscale and restore photographs; pictures go to demo-out/
	$(BIN)/python examples/demo.py --out demo-out

demo-watch: $(VENV)/installed-watcher ## Watch a temporary folder, lose a picture, get it back
	$(BIN)/python examples/demo_watch.py

demo-napari: $(VENV)/installed-qt ## Open napari with a photograph and the widget
	$(BIN)/python examples/demo_napari.py

test: lint ## Lint, type-check and test
	$(BIN)/pytest

test-pyqt6: $(VENV)/pyqt6 ## Test the plugin with PyQt6; make test does it with PySide6
	PYTHONPATH=$(abspath $(VENV)/pyqt6) QT_API=pyqt6 PYTEST_QT_API=pyqt6 $(BIN)/pytest tests/plugin

soak: $(VENV)/installed-dev ## Kill the watcher at random moments and look for losses: KILLS=200, PICTURES=folder
	$(BIN)/python -m irrm_watcher.testing.soak --kills $(KILLS) --pictures $(PICTURES)

bench: $(VENV)/installed-dev ## Measure speed; these are the only tests that look at the clock
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.watcher

bench-watch: $(VENV)/installed-dev ## Measure the folder watcher only; BENCH="--only idle" a part of it
	$(BIN)/python -m benchmarks.watcher $(BENCH)

bench-napari: $(VENV)/installed-dev ## Measure how the window answers while a job runs, and a large stack
	$(XVFB) $(BIN)/python -m benchmarks.plugin $(BENCH)

screenshots: $(VENV)/installed-dev ## Make the pictures of docs/napari.md
	$(XVFB) $(BIN)/python docs/screenshots.py

gallery: $(VENV)/installed ## Make docs/gallery.md: what the models make of hard pictures
	$(BIN)/python docs/gallery.py

numbers: $(VENV)/installed-dev ## Measure every released model and renew the tables: BENCH_FOLDERS="Set5 Set14 ..."
	mkdir -p bench-out
	IRRM_MODEL_DIR=models $(BIN)/irrm eval $(BENCH_FOLDERS) --all --table --device cpu --threads 1 \
		--cache bench-out/measured.json --write docs/numbers.md --write README.md --quiet

lint: $(VENV)/installed-dev ## Lint and type-check
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: $(VENV)/installed-dev ## Format and mend what the linter can
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

clean: ## Remove .venv and everything else that was made here
	rm -rf $(VENV) demo-out bench-out dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find src watcher tests examples benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

$(VENV)/created:
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed: install it, or say make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || .ci/debian-packages python3-venv
	@echo "creating $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# torch first and pinned: nothing that is installed later replaces it.
$(VENV)/installed: $(VENV)/created pyproject.toml $(CONSTRAINTS)
	@echo "installing napari-irrm (about a minute)"
	@$(PIP) install --constraint $(CONSTRAINTS) $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) torch
	@$(PIP) install --constraint $(CONSTRAINTS) --editable .
	@touch $@

$(VENV)/installed-watcher: $(VENV)/installed
	@echo "installing what the watcher needs"
	@$(PIP) install --constraint $(CONSTRAINTS) --editable '.[watcher]'
	@touch $@

$(VENV)/installed-qt: $(VENV)/installed
	@.ci/debian-packages $(QT_PACKAGES)
	@echo "installing napari and Qt (about a minute)"
	@$(PIP) install --constraint $(CONSTRAINTS) --editable '.[qt]'
	@touch $@

# Beside the environment and not in it: with both bindings in one, napari would take this one.
$(VENV)/pyqt6: $(VENV)/installed-dev
	@echo "installing PyQt6"
	@rm -rf $@.part
	@$(PIP) install --target $@.part PyQt6
	@mv $@.part $@

$(VENV)/installed-dev: $(VENV)/installed
	@.ci/debian-packages $(QT_PACKAGES) $(FUSE_PACKAGES)
	@echo "installing the development tools, napari and Qt (about a minute)"
	@$(PIP) install --constraint $(CONSTRAINTS) --editable '.[dev]'
	@touch $@
