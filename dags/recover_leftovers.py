"""
### Find and clear up what killed runs left

**What.** Lists what killed runs and tests left in the database: tables that dbt was building, builds that did not
come to their end, dumps that somebody loaded to look at, rows of failed tests. Removes them only when told.

**When.** Never by itself; by hand, at any hour (JST) at which nothing is running.

**How.** *Trigger* with `dry_run` on and read the task `plan`. Then the same with `dry_run` off.

**When something is red.**

- `plan`: the database is out of reach. Clear it.
- `execute`: `gghouse_daily` is running, or somebody began to load. Clear it afterwards.
"""

from __future__ import annotations

from airflow.sdk import DAG

from include.operators.policy import POOL_WAREHOUSE, Tag
from include.operators.recovery_form import RECOVERY, form, plan_and_execute

with DAG(
    dag_id="recover_leftovers",
    description="Find and clear up what killed runs left",
    doc_md=__doc__,
    params=form("leftovers"),
    tags=[Tag.MINOR, Tag.OPERATIONS],
    **RECOVERY,
):
    plan_and_execute("leftovers", pool=POOL_WAREHOUSE)
