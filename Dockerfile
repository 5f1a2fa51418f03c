# For `astro dev start`; Amazon MWAA does not use it. The runtime brings Airflow 3.3 and installs requirements.txt.
FROM astrocrpublic.azurecr.io/runtime:3.3-2-python-3.12

# dbt 1.7 and Airflow cannot share an environment.
RUN python -m venv /usr/local/airflow/dbt_venv \
    && /usr/local/airflow/dbt_venv/bin/pip install --no-cache-dir --require-hashes -r dbt/requirements.lock \
    && install -m 755 dbt/gghouse-dbt /usr/local/airflow/dbt_venv/bin/

# The DAG draws one task per model from the manifest.
RUN /usr/local/airflow/dbt_venv/bin/dbt parse --project-dir dbt --profiles-dir dbt \
    --profile tokyobeta --target aurora

ENV AIRFLOW__GGHOUSE__DBT_EXECUTABLE=/usr/local/airflow/dbt_venv/bin/gghouse-dbt \
    AIRFLOW__COSMOS__ENABLE_TELEMETRY=False \
    AIRFLOW__COSMOS__ENABLE_MEMORY_OPTIMISED_IMPORTS=True
