"""
### Fill in tenant or room snapshots where they lack

**What.** `tenants`: writes the daily snapshot of tenants for dates that have a dump but no snapshot, and loads it
into `history`. `rooms`: makes the room partitions of dates whose dump is gone from the tenants' history; only the
status is of that date then, rooms and dates are today's. A date that has its dump is better run with `recover_range`,
and the plan says so.

**When.** Never by itself; by hand, at any hour (JST). A dump of full size takes about a minute.

**How.** *Trigger* with `dry_run` on and read the task `plan`. Then the same with `dry_run` off. What is there already
is passed over, so it may be stopped and begun again.

**When something is red.**

- `plan`: the range is out of bounds; the log says which are allowed.
- `execute`: the log names the dates that could not be filled in; the others are done. Mend, then clear it.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG

from include.operators.policy import POOL_WAREHOUSE, Tag
from include.operators.recovery_form import RECOVERY, form, plan_and_execute

with DAG(
    dag_id="recover_history",
    description="Fill in tenant or room snapshots where they lack",
    doc_md=__doc__,
    params=form("history"),
    tags=[Tag.MINOR, Tag.OPERATIONS],
    **RECOVERY,
):
    plan_and_execute("history", pool=POOL_WAREHOUSE, execution_timeout=timedelta(hours=6))
