"""
### Find and remove leftovers of killed runs

**What.** Lists what killed runs and tests left in the database: unfinished tables of dbt, unfinished builds, dumps
loaded for inspection, rows of failed tests. Removes them only with `dry_run` off.

**When.** On demand only, at any hour (JST) at which nothing is running.

**How.** *Trigger* with `dry_run` on and read the task `plan`. Then the same with `dry_run` off.

**When something is red.**

- `plan`: the database is out of reach. Clear it.
- `execute`: `gghouse_daily` is running, or a load has started. Clear it afterwards.
"""

from __future__ import annotations

from airflow.sdk import DAG

from include.operators.dag_options import ON_REQUEST
from include.operators.policy import POOL_WAREHOUSE, Tag
from include.operators.recovery_form import form, plan_and_execute

with DAG(
    dag_id="recover_leftovers",
    description="Find and remove leftovers of killed runs",
    doc_md=__doc__,
    params=form("leftovers"),
    tags=[Tag.MINOR, Tag.OPERATIONS],
    **ON_REQUEST,
):
    plan_and_execute("leftovers", pool=POOL_WAREHOUSE)
