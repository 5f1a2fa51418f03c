"""
### Rebuild KPIs from a given date onward

**What.** Rebuilds the building totals of every date from the first one onward from the room snapshots, then all models
for the date that staging holds, the status history in full, and publishes them together. No dump is loaded.

**When.** On demand only: after a date was declared a gap or valid, tables were loaded again, history was backfilled,
or a rule changed. Not at 07:00 JST.

**How.** *Trigger* with `dry_run` on and read the task `plan`. Then the same with `dry_run` off.

**When something is red.**

- `plan`: there is nothing to build from; run the date with `recover_range`.
- `execute`: a model or a test failed, or `gghouse_daily` is running. The published figures stay. Fix the cause, then
  clear it.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG

from include.operators.dag_options import ON_REQUEST
from include.operators.policy import POOL_DBT, Tag
from include.operators.recovery_form import form, plan_and_execute

with DAG(
    dag_id="recover_kpi",
    description="Rebuild KPIs from a given date onward",
    doc_md=__doc__,
    params=form("kpi"),
    tags=[Tag.CRITICAL, Tag.OPERATIONS],
    **ON_REQUEST,
):
    plan_and_execute("kpi", pool=POOL_DBT, pool_slots=2, execution_timeout=timedelta(hours=2))
