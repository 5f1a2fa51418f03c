#!/bin/bash
# Runs on every MWAA component and on every new worker, within 5 minutes. It installs what only workers need: the mysql
# client that restores dumps, and dbt in an environment of its own (it cannot share Airflow's).
# A component that is no worker must not exit here: MWAA reads the exported variables afterwards.

export DBT_VENV=/usr/local/airflow/dbt_venv
export AIRFLOW__GGHOUSE__DBT_EXECUTABLE=$DBT_VENV/bin/dbt
export AIRFLOW__COSMOS__ENABLE_TELEMETRY=False

if [[ "$MWAA_AIRFLOW_COMPONENT" == worker ]]; then
    sudo dnf install -y mariadb105 || sudo dnf install -y MariaDB-client
    python3 -m venv "$DBT_VENV"
    "$DBT_VENV/bin/pip" install --quiet --no-cache-dir --require-hashes -r /usr/local/airflow/dags/dbt/requirements.lock
    mysql --version
    "$DBT_VENV/bin/dbt" --version
fi
