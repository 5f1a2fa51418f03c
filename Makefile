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
SECONDS ?= 60

LOCKS := infra/locks
PY := $(VENV)/bin/python
LOCAL := $(PY) -m infra.local
LOCAL_DIR := $(or $(GGHOUSE_LOCAL_DIR),.local)
DBT := $(abspath $(VENV_DBT)/bin/dbt)
SETUP := python3 -m infra.local.bootstrap --tools .venv-uv $(if $(PYTHON),--python $(PYTHON))
ON_MYSQL := tests/dbt tests/oracle tests/include/dump tests/include/warehouse tests/include/history \
  tests/infra/migration tests/include/recovery tests/include/freshness tests/include/status_page \
  tests/infra/local/test_database.py tests/infra/local/test_warehouse.py tests/infra/test_database.py
# In the order of tests/conftest.py: pytest-xdist's own, by number of tests, would run the whole days last and alone.
SIDE_BY_SIDE := -n 2 --dist loadfile --no-loadscope-reorder --durations=20 --durations-min=10
DBT_FILES := $(shell find dbt -type f -not -path 'dbt/target/*' -not -path 'dbt/logs/*' 2>/dev/null)
MANIFEST := dbt/target/manifest.json

export GGHOUSE_DBT := $(abspath $(VENV_DBT)/bin/gghouse-dbt)
export PYTHONPATH := .
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run up down inbox drills status page clean test test-full test-kills test-airflow-3.2 mysql test-mysql fuzz mutations lint manifest bundle deploy deploy-rollback check-infra source lock load scan recover watch compare bench-load bench-models

help:  ## this list
	@awk -F ':.*## ' '/^[a-z0-9.-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## virtual environments from the locks, and what they need from the distribution (PYTHON=path)
	@$(SETUP) --environment $(VENV) $(LOCKS)/airflow-$(AIRFLOW).lock --environment $(VENV_DBT) dbt/requirements.lock --launcher dbt/gghouse-dbt $(VENV_DBT)/bin

run: setup manifest  ## one business day for real, with the figures at the end (DATE=2026-03-02 SCALE=full)
	@$(LOCAL) run --scale $(SCALE) $(if $(DATE),--date $(DATE))

up: setup manifest  ## start database, AWS stand-in and Airflow; the UI needs no login
	@$(LOCAL) up

down: setup  ## stop everything, keep the data
	@$(LOCAL) down

inbox: setup  ## the alerts that would have been mailed
	@$(LOCAL) inbox

drills: setup  ## provoke each kind of trouble and print the mails that result (CLASS=dump-missing)
	@$(LOCAL) drills $(if $(CLASS),--class $(CLASS))

status: setup  ## what is running
	@$(LOCAL) status

page: setup  ## the status page as .local/status.html, and in Airflow's UI (AT=2026-03-02T08:10: judged as of then)
	@$(LOCAL) page $(if $(AT),--at $(AT))

clean: setup  ## stop everything, delete its data and what was built
	@$(LOCAL) clean
	@rm -rf build dbt/target dbt/logs

check-infra: setup  ## prove what can be proven about the Terraform without AWS (SKIP=terraform where there is none)
	@$(PY) -m infra.check $(if $(SKIP),--skip $(SKIP))
	@$(if $(filter terraform,$(SKIP)),:,$(PY) -m pytest -q -m infra tests/infra/terraform)

source: setup  ## the synthetic vendor dump of one date (DATE=2026-03-02 SCALE=full OUT=directory)
	@$(PY) -m infra.local.vendor --scale $(SCALE) --date $(or $(DATE),2026-03-02) --out $(OUT)

load: setup  ## a dump file into schemas of the local server (DUMP=file DATE=2026-03-02 SCHEMA=scratch OPTIONS=--full)
	@$(LOCAL) load $(if $(DUMP),"$(DUMP)") $(if $(DATE),--date $(DATE)) $(if $(SCHEMA),--schema $(SCHEMA)) $(OPTIONS)

scan: setup  ## what is in a dump file, and what would be refused; nothing is loaded (DUMP=file)
	@$(PY) -m include.dump scan $(if $(DUMP),"$(DUMP)")

recover: setup  ## put right what went wrong (WHAT="range --first 2026-03-02" or WHAT=--help); --yes does it
	@$(LOCAL) recover $(WHAT)

watch: setup  ## how fresh dumps, tables and dashboards are; exit code 0 fresh, 1 warning, 2 critical (DATE=2026-03-02)
	@$(LOCAL) watch $(if $(DATE),--date $(DATE))

compare: setup  ## gold beside the earlier system's gold (EARLIER=earlier.cnf NEW=new.cnf OPTIONS="--table moveouts")
	@$(PY) -m infra.migration $(if $(EARLIER),--earlier "$(EARLIER)") $(if $(NEW),--new "$(NEW)") $(OPTIONS)

bench-load: setup  ## how long loading takes beside mysql < dump (SCALE=full ROUNDS=3 SERVER=.local/mysql-server/bin/mysqld)
	@$(PY) -m tests.benchmarks.load --scale $(if $(filter file,$(origin SCALE)),medium,$(SCALE)) \
	  $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SERVER),--server $(SERVER)) $(OPTIONS)

bench-models: setup manifest  ## how long silver and gold take (WHAT="day" or "history --scale full")
	@$(PY) -m tests.benchmarks.models $(or $(WHAT),history)

test: lint manifest  ## all tests, a day through the real scheduler included
	@$(PY) -m pytest $(SIDE_BY_SIDE) -m "not full"

test-full: setup manifest  ## the tests on the full-scale source (945 MB), and those of test-kills
	@$(PY) -m pytest -m full

test-kills: setup  ## fifty kills of loader, sessions and server; readers through two hundred publishes
	@$(PY) -m pytest -s tests/include/dump/test_kills.py tests/include/warehouse/test_publish_readers.py \
	  tests/include/warehouse/test_gold.py

.PHONY: thirty-days kill-days
thirty-days: setup manifest  ## real days in a row with faults mixed in, alerts compared with what must come (DAYS=30 SEED=1)
	@$(PY) -m tests.e2e.days --days $(or $(DAYS),30) --seed $(or $(SEED),1)

kill-days: setup manifest  ## kill -9 during real days, checksums compared with an undisturbed one (KILLS=50 SEED=1)
	@$(PY) -m tests.e2e.kills --kills $(or $(KILLS),50) --seed $(or $(SEED),1)

test-airflow-3.2: setup manifest  ## DAG and unit tests on Airflow 3.2.1, in an environment of its own
	@$(SETUP) --environment .venv-3.2.1 $(LOCKS)/airflow-3.2.1.lock
	@.venv-3.2.1/bin/python -m pytest $(SIDE_BY_SIDE) -m "not full and not e2e" tests/dags tests/include

mysql: setup  ## a private real MySQL from Debian's packages, nothing installed (server, client, mysqldump)
	@$(PY) -m infra.local.mysql

test-mysql: mysql manifest  ## the tests of loading, publishing and dbt on that MySQL
	@programs=$$(realpath $(LOCAL_DIR))/mysql-server/bin; \
	GGHOUSE_MYSQLD=$$programs/mysqld PATH=$$programs:$$PATH \
	  $(PY) -m pytest $(SIDE_BY_SIDE) -m "not full and not e2e" $(ON_MYSQL)

fuzz: setup  ## look for bytes that crash the dump's scanner, in an environment of its own (SECONDS=60)
	@$(SETUP) --environment .venv-fuzz $(LOCKS)/fuzz.lock
	@.venv-fuzz/bin/python -m tests.include.dump.fuzz --seconds $(SECONDS)

mutations: setup  ## change one rule of the dbt project at a time and see which test notices (half an hour; NAMES="...")
	@$(PY) -m tests.oracle.mutations $(NAMES)

lint: setup  ## ruff, sqlfluff, mypy, import-linter
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports --no-logo --no-cache
	@$(VENV)/bin/sqlfluff lint dbt

manifest: setup $(MANIFEST)  ## dbt parse: the manifest that the DAG is drawn from

# Named as Airflow names them, so that its tasks find the project parsed already.
$(MANIFEST): $(DBT_FILES) dbt/requirements.lock
	@$(DBT) --quiet parse --project-dir dbt --profiles-dir dbt --target-path target --log-path dbt/logs \
	  --profile tokyobeta --target aurora

bundle: setup manifest  ## build/: what the MWAA bucket gets (CLIENT=folder with a mysql client's rpms and SHA256SUMS)
	@$(PY) -m infra.bundle --dbt $(DBT) $(if $(CLIENT),--client "$(CLIENT)")

deploy: bundle  ## what shipping this commit to MWAA would change; YES=1 does it (ENV=dev)
	@$(PY) -m infra.deploy ship --environment $(ENVIRONMENT) $(if $(YES),--yes) $(OPTIONS)

deploy-rollback: setup  ## what going back to the release before would change; YES=1 does it (ENV=dev)
	@$(PY) -m infra.deploy rollback --environment $(ENVIRONMENT) $(if $(YES),--yes)

ENVIRONMENT = $(or $(ENV),$(error say where to, as ENV=dev or ENV=prod))

lock: setup  ## renew the locks (CONSTRAINTS_3_3_1=file CONSTRAINTS_3_2_1=file: MWAA's constraints files)
	@for version in 3.3.1 3.2.1; do \
	  name=CONSTRAINTS_$${version//./_}; \
	  $(COMPILE) -c "$${!name:?give the constraints file of Airflow $$version as $$name=...}" \
	    $(LOCKS)/airflow-$$version.in -o $(LOCKS)/airflow-$$version.lock; \
	done
	@$(COMPILE) dbt/requirements.in -o dbt/requirements.lock
	@$(COMPILE) $(LOCKS)/uv.in -o $(LOCKS)/uv.lock
	@$(COMPILE) $(LOCKS)/fuzz.in -o $(LOCKS)/fuzz.lock

COMPILE = .venv-uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-annotate --no-header
