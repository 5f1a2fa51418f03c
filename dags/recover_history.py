"""
### Backfill missing tenant or room snapshots

**What.** `tenants`: writes the daily snapshot of tenants for dates that have a dump but no snapshot, and loads it
into `history`. `rooms`: builds the room partitions of dates without a dump from the tenants' history; only the status
is of that date, rooms and dates are today's. For a date that has its dump use `recover_range`; the plan says so.

**When.** On demand only, at any hour (JST). A dump of full size takes about a minute.

**How.** *Trigger* with `dry_run` on and read the task `plan`. Then the same with `dry_run` off. Existing snapshots are
skipped, so it can be stopped and started again.

**When something is red.**

- `plan`: the range is out of bounds; the log names the bounds.
- `execute`: the log names the dates that failed; the others are done. Fix the cause, then clear it.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG

from include.operators.dag_options import ON_REQUEST
from include.operators.policy import POOL_WAREHOUSE, Tag
from include.operators.recovery_form import form, plan_and_execute

with DAG(
    dag_id="recover_history",
    description="Backfill missing tenant or room snapshots",
    doc_md=__doc__,
    params=form("history"),
    tags=[Tag.MINOR, Tag.OPERATIONS],
    **ON_REQUEST,
):
    plan_and_execute("history", pool=POOL_WAREHOUSE, execution_timeout=timedelta(hours=6))
