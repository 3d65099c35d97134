# make dataset and make test do everything that is missing first; a second run repeats nothing.
.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -q --no-compile --disable-pip-version-check
OUT := out/demo
SPEC := pipelines/demo.yaml
PEERS := .venv-peers
EPOCHS := 50
WORKERS := $(shell nproc 2>/dev/null || echo 1)
# The first Python of 3.10 to 3.12: numpy 1 has no wheels beyond.
PYTHON ?= $(shell for p in python3 python3.12 python3.11 python3.10; do \
	$$p -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 13))' 2>/dev/null && echo $$p && break; done)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: system $(VENV)/.installed $(VENV)/.head ## system packages, .venv, pinned requirements, compiled head: what is missing

dataset: setup ## the demo dataset into out/demo (SPEC=..., OUT=..., WORKERS=... change it)
	@$(BIN)/facegen generate $(SPEC) --out $(OUT) --workers $(WORKERS)

test: setup ## every test, a module at a time on each core
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

readers: setup ## the libraries that exports and documents are read back with in tests (torch among them); then make test
	@$(PIP) --no-deps -r requirements-readers.lock && $(PIP) -c requirements.lock -r requirements-torch.lock

cluster-tools: setup ## Ray and s3fs, for --engine ray and --out s3://..., and the object server that tests use; then make test
	@$(PIP) --no-deps -r requirements-cluster.lock

train-tools: setup ## torch, ONNX and ONNX Runtime, for facegen train and evaluate; then make test
	@$(PIP) --no-deps -r requirements-train.lock && $(PIP) -c requirements.lock -r requirements-torch.lock

recognition-demo: train-tools ## generate a set, train a small recogniser on it, evaluate it by group on other people: half an hour on two cores
	@$(BIN)/facegen generate pipelines/recognition_demo.yaml --out out/recognition_demo --workers $(WORKERS)
	@$(BIN)/facegen generate pipelines/recognition_demo_test.yaml --out out/recognition_demo_test --workers $(WORKERS)
	@$(BIN)/facegen train out/recognition_demo --out out/recognition_demo.onnx --split all --validation-identities 24 --colour rgb --epochs $(EPOCHS) \
		--workers $(WORKERS) --resume
	@$(BIN)/facegen evaluate out/recognition_demo.onnx out/recognition_demo_test --out out/recognition_demo.html \
		--json out/recognition_demo.json

gallery: setup ## the contact sheets that docs/gallery.md shows (ONLY=hair: that sheet alone)
	@$(BIN)/python pipelines/gallery.py --workers $(WORKERS) $(if $(ONLY),--only $(ONLY))

bench: setup ## images/s, stage times, memory, two workers over one, ratio to the floor of draw calls and encode
	@$(BIN)/python benchmarks/hot_path.py --scaling --json out/hot_path.json

bench-peers: setup $(PEERS)/.installed ## one head in ours, stock pyrender, Blender Cycles and EEVEE, Mitsuba: out/peers.json (1.2 GB of .venv-peers)
	@$(BIN)/python benchmarks/peers/bench.py --python $(CURDIR)/$(PEERS)/bin/python

cost: setup ## images/s and memory with every output on, over all hair styles
	@$(BIN)/python benchmarks/cost.py --workers $(WORKERS)

colour: setup ## colour statistics beside published ones, and skin detail by group
	@$(BIN)/python benchmarks/colour.py

probe: setup ## can the labels be seen? Renders pipelines/labels_probe.yaml and trains a probe on it (needs torch)
	@$(BIN)/facegen generate pipelines/labels_probe.yaml --out out/labels_probe --workers $(WORKERS)
	@$(BIN)/python benchmarks/labels_probe.py out/labels_probe

detector: setup ## does a detector find every group alike, up to 60 degrees of yaw? 9,072 pictures
	@$(BIN)/facegen generate pipelines/detector_gate_wide.yaml --out out/detector_gate_wide --workers $(WORKERS)
	@$(BIN)/facegen audit out/detector_gate_wide --detector

audit-demo: setup ## six factors, one changed at a time: what a detector makes of it, into out/counterfactual_demo.html and .json
	@$(BIN)/facegen generate pipelines/counterfactual_demo.yaml --out out/counterfactual_demo --workers $(WORKERS)
	@$(BIN)/facegen audit counterfactual out/counterfactual_demo --detector --json out/counterfactual_demo.json \
		--out out/counterfactual_demo.html

lint: setup ## ruff and mypy
	@$(BIN)/ruff check . && $(BIN)/mypy

fuzz: setup ## the readers' fuzz tests, twenty times as long and on other examples (TIMES=...)
	@FACEGEN_FUZZ=$(or $(TIMES),20) $(BIN)/python -m pytest tests/security -k fuzz

audit-dependencies: ## known vulnerabilities of the pinned packages, by pip-audit in .venv-audit
	@PYTHON="$(PYTHON)" sh tools/audit-dependencies.sh

clean: ## remove .venv and its like, caches and build outputs; datasets stay
	rm -rf $(VENV) $(PEERS) .venv-audit .pytest_cache .mypy_cache .ruff_cache build dist
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

system:
	@PYTHON="$(PYTHON)" sh tools/system-packages.sh

$(VENV)/.made: | system
	@test -n "$(PYTHON)" || { echo "no Python 3.10, 3.11 or 3.12 found: install one or say make PYTHON=/path/to/python3.11" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.locked: requirements.lock requirements-dev.lock $(VENV)/.made
	$(PIP) --no-deps -r requirements.lock -r requirements-dev.lock
	@touch $@

$(VENV)/.installed: pyproject.toml $(VENV)/.locked
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.head: $(VENV)/.installed $(wildcard facegen/head/*.py) $(wildcard assets/head/*)
	$(BIN)/python -c "from facegen.head.model import HeadModel; HeadModel.load()"
	@touch $@

# bpy 5.0 has wheels for Python 3.11 alone.
$(PEERS)/.installed: benchmarks/peers/requirements.txt
	@python3.11 --version >/dev/null 2>&1 || { echo "bench-peers needs python3.11, which is not here: install it (bpy has no wheels for others)" >&2; exit 2; }
	python3.11 -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install -q --no-compile --disable-pip-version-check --no-deps -r $<
	@touch $@

.PHONY: help setup dataset test readers cluster-tools train-tools recognition-demo gallery bench bench-peers cost colour probe detector audit-demo fuzz audit-dependencies lint clean system
