# One command per wish; the work is done by Python modules, each with --help.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

AIRFLOW ?= 3.3.1
VENV ?= .venv
VENV_DBT ?= .venv-dbt
PYTHON ?=
SCALE ?= small
DATE ?=
OUT ?= .local/source/$(SCALE)

LOCKS := include/local/locks
PY := $(VENV)/bin/python
LOCAL := $(PY) -m include.local
DBT := $(abspath $(VENV_DBT)/bin/dbt)
SETUP := python3 -m include.local.bootstrap --tools .venv-uv $(if $(PYTHON),--python $(PYTHON))
DBT_FILES := $(shell find dbt -type f -not -path 'dbt/target/*' -not -path 'dbt/logs/*' 2>/dev/null)
MANIFEST := dbt/target/manifest.json

export GGHOUSE_DBT := $(DBT)
export PYTHONPATH := .
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run up down inbox status clean test test-full test-airflow-3.2 lint manifest bundle check-infra source lock

help:  ## this list
	@awk -F ':.*## ' '/^[a-z0-9.-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## virtual environments from the locks, and what they need from the distribution (PYTHON=path)
	@$(SETUP) --environment $(VENV) $(LOCKS)/airflow-$(AIRFLOW).lock --environment $(VENV_DBT) dbt/requirements.lock

run: setup manifest  ## one business day for real, with the figures at the end (DATE=2026-03-02 SCALE=full)
	@$(LOCAL) run --scale $(SCALE) $(if $(DATE),--date $(DATE))

up: setup manifest  ## start database, AWS stand-in and Airflow; the UI needs no login
	@$(LOCAL) up

down: setup  ## stop everything, keep the data
	@$(LOCAL) down

inbox: setup  ## the alerts that would have been mailed
	@$(LOCAL) inbox

status: setup  ## what is running
	@$(LOCAL) status

clean: setup  ## stop everything, delete its data and what was built
	@$(LOCAL) clean
	@rm -rf build dbt/target dbt/logs

check-infra: setup  ## check the Terraform modules, as far as terraform is there
	@$(PY) -m infra.check

source: setup  ## the synthetic vendor dump of one date (DATE=2026-03-02 SCALE=full OUT=directory)
	@$(PY) -m include.local.source --scale $(SCALE) --date $(or $(DATE),2026-03-02) --out $(OUT)

test: lint manifest  ## all tests, a day through the real scheduler included
	@$(PY) -m pytest -n 2 --dist loadfile -m "not full"

test-full: setup manifest  ## the tests on the full-scale source (945 MB)
	@$(PY) -m pytest -m full

test-airflow-3.2: setup manifest  ## DAG and unit tests on Airflow 3.2.1, in an environment of its own
	@$(SETUP) --environment .venv-3.2.1 $(LOCKS)/airflow-3.2.1.lock
	@.venv-3.2.1/bin/python -m pytest -n 2 --dist loadfile -m "not full and not e2e" tests/dags tests/include

lint: setup  ## ruff, sqlfluff, mypy
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/sqlfluff lint dbt

manifest: setup $(MANIFEST)  ## dbt parse: the manifest that the DAG is drawn from

$(MANIFEST): $(DBT_FILES) dbt/requirements.lock
	@$(DBT) --quiet parse --project-dir dbt --profiles-dir dbt --target-path target --log-path dbt/logs \
	  --vars '{target_date: "2026-03-02"}'

bundle: setup manifest  ## build/: what the MWAA bucket gets
	@$(PY) -m infra.bundle --dbt $(DBT)

lock: setup  ## renew the locks (CONSTRAINTS_3_3_1=file CONSTRAINTS_3_2_1=file: MWAA's constraints files)
	@for version in 3.3.1 3.2.1; do \
	  name=CONSTRAINTS_$${version//./_}; \
	  $(COMPILE) -c "$${!name:?give the constraints file of Airflow $$version as $$name=...}" \
	    $(LOCKS)/airflow-$$version.in -o $(LOCKS)/airflow-$$version.lock; \
	done
	@$(COMPILE) dbt/requirements.in -o dbt/requirements.lock
	@$(COMPILE) $(LOCKS)/uv.in -o $(LOCKS)/uv.lock

COMPILE = .venv-uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-annotate --no-header
