# Common commands; `make help` lists them. The work is done by Python modules, each with --help.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# The Airflow that is installed here, and the one that a bundle is for.
HERE := 3.3.1
AIRFLOW ?= $(HERE)
VENV ?= .venv
VENV_DBT ?= .venv-dbt
PYTHON ?=
SCALE ?= small
DATE ?=
OUT ?= .local/source/$(SCALE)
SECONDS ?= 60

LOCKS := infra/locks
PY := $(VENV)/bin/python
LOCAL := $(PY) -m infra local
LOCAL_DIR := $(or $(GGHOUSE_LOCAL_DIR),.local)
DBT := $(abspath $(VENV_DBT)/bin/dbt)
SETUP := python3 -m infra.local.bootstrap --tools .venv-uv $(if $(PYTHON),--python $(PYTHON))
# What `make test-mysql` runs.
ON_MYSQL := tests/dbt tests/oracle tests/include/dump tests/include/warehouse tests/include/history \
  tests/infra/migration tests/include/recovery tests/include/freshness tests/include/status_page \
  tests/infra/local/test_database.py tests/infra/local/test_warehouse.py tests/infra/test_database.py \
  tests/infra/aurora tests/infra/dump_host tests/include/lake
# In the order of tests/conftest.py: pytest-xdist's own, by number of tests, would run the whole days last and alone.
SIDE_BY_SIDE := -n 2 --dist loadfile --no-loadscope-reorder --durations=20 --durations-min=10
DBT_FILES := $(shell find dbt -type f -not -path 'dbt/target/*' -not -path 'dbt/logs/*' 2>/dev/null)
MANIFEST := dbt/target/manifest.json

export GGHOUSE_DBT := $(abspath $(VENV_DBT)/bin/gghouse-dbt)
export PYTHONPATH := .
unexport PYTHONDONTWRITEBYTECODE

.PHONY: _lint-sql _lint-python $(shell sed -n 's/^\([a-z0-9.-]*\):.*\#\#.*/\1/p' $(firstword $(MAKEFILE_LIST)))

##@ First
run: setup manifest  ## run the next business day, at first today (DATE=2026-03-02 SCALE=full)
	@$(LOCAL) run --scale $(SCALE) $(if $(DATE),--date $(DATE))

test: lint manifest  ## run all tests, one day through the real scheduler included
	@$(PY) -m pytest $(SIDE_BY_SIDE) -m "not full"

up: setup manifest  ## start database, AWS stand-in and Airflow; the UI needs no login
	@$(LOCAL) up

down: setup  ## stop everything, keep the data
	@$(LOCAL) down

page: setup  ## write the status page to .local/status.html (AT=2026-03-02T08:10)
	@$(LOCAL) page $(if $(AT),--at $(AT))

help:  ## print this list
	@awk -F ':.*## ' '/^##@ / {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z0-9.-]+:.*## / {printf "  %-17s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

##@ Operate the local platform
run-mwaa: setup manifest  ## run a day with Celery, SQS and PostgreSQL, as MWAA does (DATE SCALE)
	@GGHOUSE_LIKE_MWAA=1 $(if $(GGHOUSE_LOCAL_DIR),,GGHOUSE_LOCAL_DIR=.local/mwaa) \
	  $(LOCAL) run --scale $(SCALE) $(if $(DATE),--date $(DATE))

status: setup  ## print what is running
	@$(LOCAL) status

dashboards: setup  ## write the QuickSight dashboards as pages to .local/dashboards (OUT=directory)
	@$(LOCAL) dashboards $(if $(filter file,$(origin OUT)),,--out "$(OUT)")

inbox: setup  ## print the alerts that would have been mailed
	@$(LOCAL) inbox

watch: setup  ## print how fresh dumps, tables and dashboards are (DATE=2026-03-02)
	@$(LOCAL) watch $(if $(DATE),--date $(DATE))

recover: setup  ## run a recovery (WHAT="range --first 2026-03-02" or WHAT=--help)
	@$(LOCAL) recover $(WHAT)

flash-template: setup  ## put a template of the flash report into the local bucket (PROFILE=updated)
	@$(PY) -m infra.local.templates $(or $(PROFILE),updated)

rent-roll: setup manifest  ## compare a rent roll with planted differences (DATE of a day that was run)
	@$(PY) -m infra source --scale $(SCALE) --date $(or $(DATE),$(shell cat $(LOCAL_DIR)/last-date)) \
	  --out $(LOCAL_DIR)/rent-roll/source --rent-roll $(LOCAL_DIR)/rent-roll
	@$(LOCAL) report rent-roll --folder $(LOCAL_DIR)/rent-roll

report: setup manifest  ## make a report (WHAT="flash --as-of 2026-02-28" or WHAT=--help)
	@$(LOCAL) report $(WHAT)

scan: setup  ## print what a dump file holds and what would be refused (DUMP=file)
	@$(PY) -m include scan $(if $(DUMP),"$(DUMP)")

load: setup  ## load a dump file (DUMP=file DATE=2026-03-02 SCHEMA=scratch OPTIONS=--full)
	@$(LOCAL) load $(if $(DUMP),"$(DUMP)") $(if $(DATE),--date $(DATE)) $(if $(SCHEMA),--schema $(SCHEMA)) $(OPTIONS)

prepare: setup  ## copy tables, for a next load of changed rows only (DUMP=file)
	@$(LOCAL) prepare $(if $(DUMP),"$(DUMP)") $(if $(SCHEMA),--schema $(SCHEMA)) $(OPTIONS)

source: setup  ## write a synthetic dump (DATE=2026-03-02 SCALE=full OUT=directory)
	@$(PY) -m infra source --scale $(SCALE) --date $(or $(DATE),2026-03-02) --out $(OUT)

drills: setup  ## provoke each kind of failure and print its mails (CLASS=dump-missing)
	@$(LOCAL) drills $(if $(CLASS),--class $(CLASS))

clean: setup  ## stop everything, delete its data and what was built
	@$(LOCAL) clean
	@rm -rf build dbt/target dbt/logs

##@ Develop
setup:  ## make the virtual environments from the locks (PYTHON=path)
	@$(SETUP) --environment $(VENV) $(LOCKS)/airflow-$(HERE).lock --environment $(VENV_DBT) dbt/requirements.lock \
	  --launcher dbt/gghouse-dbt $(VENV_DBT)/bin

pictures: setup  ## draw the pictures of the README from the newest published date
	@$(PY) -m infra.local.pictures

lint: setup  ## run ruff, sqlfluff, mypy and import-linter
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target _lint-sql _lint-python

# Side by side: each keeps one core busy for half a minute and more.
_lint-sql:
	@$(VENV)/bin/sqlfluff lint dbt

_lint-python:
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/lint-imports --no-logo --no-cache
	@$(VENV)/bin/mypy

manifest: setup $(MANIFEST)  ## parse the dbt project, from which the DAG is drawn

# Named as Airflow names them, so that its tasks find the project parsed already.
$(MANIFEST): $(DBT_FILES) dbt/requirements.lock
	@$(DBT) --quiet parse --project-dir dbt --profiles-dir dbt --target-path target --log-path dbt/logs \
	  --profile tokyobeta --target aurora

mysql: setup  ## unpack a private MySQL from Debian's packages; installs nothing
	@$(PY) -m infra mysql

test-mysql: mysql manifest  ## run the tests of loading, publishing and dbt on that MySQL
	@programs=$$(realpath $(LOCAL_DIR))/mysql-server/bin; \
	GGHOUSE_MYSQLD=$$programs/mysqld PATH=$$programs:$$PATH \
	  $(PY) -m pytest $(SIDE_BY_SIDE) -m "not full and not e2e" --on-server $(ON_MYSQL)

test-airflow-3.2: setup manifest  ## run DAG, plugin and unit tests on Airflow 3.2.1
	@$(SETUP) --environment .venv-3.2.1 $(LOCKS)/airflow-3.2.1.lock
	@.venv-3.2.1/bin/python -m pytest $(SIDE_BY_SIDE) -m "not full and not e2e" tests/dags tests/include tests/plugins

test-full: setup manifest  ## run the tests on the full-scale source, and test-kills
	@$(PY) -m pytest -m full

test-kills: setup  ## kill loader, sessions and server a hundred times; read through 300 publishes
	@$(PY) -m pytest -s tests/include/dump/test_kills.py tests/include/dump/test_increment_kills.py \
	  tests/include/dump/test_increments.py tests/include/warehouse/test_publish_readers.py \
	  tests/include/warehouse/test_gold.py

lock: setup  ## renew the locks (CONSTRAINTS_3_3_1=file CONSTRAINTS_3_2_1=file from MWAA)
	@$(call LOCK_AIRFLOW,3.3.1,"$${CONSTRAINTS_3_3_1:?}")
	@$(call LOCK_AIRFLOW,3.2.1,"$${CONSTRAINTS_3_2_1:?}")
	@$(COMPILE) dbt/requirements.in -o dbt/requirements.lock
	@$(COMPILE) $(LOCKS)/uv.in -o $(LOCKS)/uv.lock
	@$(COMPILE) $(LOCKS)/fuzz.in -o $(LOCKS)/fuzz.lock

UV_COMPILE = .venv-uv/bin/uv pip compile --quiet --no-annotate --no-header
COMPILE = $(UV_COMPILE) --universal --python-version 3.11 --generate-hashes
ON_MWAA = $(UV_COMPILE) --python-version 3.12 --python-platform x86_64-manylinux_2_34

# An Airflow version and its constraints file: what is installed here, what MWAA's image has, and what of
# requirements.txt (what is commented out too) the image lacks.
define LOCK_AIRFLOW
$(COMPILE) -c $(2) $(LOCKS)/airflow-$(1).in -o $(LOCKS)/airflow-$(1).lock
(cat $(LOCKS)/mwaa-image.in; echo apache-airflow==$(1)) | $(ON_MWAA) -c $(2) - -o $(LOCKS)/mwaa-image-$(1).txt
sed -nE 's/^(# )?([a-z][a-z0-9,[-]*\]?)==.*/\2/p' requirements.txt \
  | $(ON_MWAA) - -c $(LOCKS)/airflow-$(1).lock --generate-hashes -o $(LOCKS)/mwaa-$(1).lock \
    $$(sed 's/==.*//; s/^/--no-emit-package /' $(LOCKS)/mwaa-image-$(1).txt)
endef

##@ Measure
bench-load: setup  ## time loading beside mysql < dump (SCALE=full ROUNDS=3 SERVER=mysqld)
	@$(PY) -m tests.benchmarks.load --scale $(if $(filter file,$(origin SCALE)),medium,$(SCALE)) \
	  $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SERVER),--server $(SERVER)) $(OPTIONS)

bench-growth: setup manifest  ## measure how time and memory grow (WHAT="rows --sizes 1 2", WHAT=page)
	@$(PY) -m tests.benchmarks.growth $(or $(WHAT),rows)

bench-models: setup manifest  ## time silver and gold (WHAT=day or WHAT="history --scale full")
	@$(PY) -m tests.benchmarks.models $(or $(WHAT),history)

bench-worker: setup manifest  ## run two days inside the limits of an MWAA worker; root (SCALE=full)
	@$(if $(GGHOUSE_LOCAL_DIR),,GGHOUSE_LOCAL_DIR=.local/bench-worker) $(PY) -m tests.benchmarks.worker \
	  --scale $(if $(filter file,$(origin SCALE)),full,$(SCALE)) $(OPTIONS)

mutations: setup  ## break one rule of the dbt project at a time (half an hour; NAMES="...")
	@$(PY) -m tests.oracle.mutations $(NAMES)

fuzz: setup  ## look for bytes that crash the scanner of dumps (SECONDS=60)
	@$(SETUP) --environment .venv-fuzz $(LOCKS)/fuzz.lock
	@.venv-fuzz/bin/python -m tests.include.dump.fuzz --seconds $(SECONDS)

thirty-days: setup manifest  ## run business days with faults and compare the alerts (DAYS=30 SEED=1)
	@$(PY) -m tests.e2e.days --days $(or $(DAYS),30) --seed $(or $(SEED),1)

kill-days: setup manifest  ## kill -9 during business days and compare checksums (KILLS=50 SEED=1)
	@$(PY) -m tests.e2e.kills --kills $(or $(KILLS),50) --seed $(or $(SEED),1)

##@ AWS
check-infra: setup  ## check the Terraform without AWS (SKIP=terraform where there is none)
	@$(PY) -m infra check $(if $(SKIP),--skip $(SKIP))

bundle: setup manifest  ## build what the MWAA bucket gets (AIRFLOW=3.2.1 CLIENT=folder with a client)
	@$(PY) -m infra bundle --airflow $(AIRFLOW) --dbt $(DBT) $(if $(CLIENT),--client "$(CLIENT)")

deploy: bundle  ## print what a deploy would change; YES=1 deploys (ENV=dev AIRFLOW=3.2.1)
	@$(PY) -m infra deploy ship --environment $(ENVIRONMENT) $(if $(YES),--yes) $(OPTIONS)

deploy-rollback: setup  ## print what the previous release would change; YES=1 rolls back (ENV=dev)
	@$(PY) -m infra deploy rollback --environment $(ENVIRONMENT) $(if $(YES),--yes)

compare: setup  ## compare gold with the earlier system (EARLIER=earlier.cnf NEW=new.cnf)
	@$(PY) -m infra compare $(if $(EARLIER),--earlier "$(EARLIER)") $(if $(NEW),--new "$(NEW)") $(OPTIONS)

ENVIRONMENT = $(or $(ENV),$(error name the environment: ENV=dev or ENV=prod))
