"""
### Build the KPIs anew from a date on

**What.** Makes the sums by building of every date from a first one on out of the room snapshots, then everything for
the date that staging holds, the status history from its very beginning, and publishes it as one. No dump is loaded.

**When.** Never by itself; by hand, after a date was declared a gap or valid, after tables were loaded again, history
was filled in, or a rule changed. Not at 07:00 JST.

**How.** *Trigger* with `dry_run` on and read the task `plan`. Then the same with `dry_run` off.

**When something is red.**

- `plan`: there is nothing to build from; run the date with `recover_range`.
- `execute`: a model or a test failed, or `gghouse_daily` is running. Readers see what they saw. Mend, then clear it.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG

from include.operators.policy import POOL_DBT, Tag
from include.operators.recovery_form import RECOVERY, form, plan_and_execute

with DAG(
    dag_id="recover_kpi",
    description="Build the KPIs anew from a date on",
    doc_md=__doc__,
    params=form("kpi"),
    tags=[Tag.CRITICAL, Tag.OPERATIONS],
    **RECOVERY,
):
    plan_and_execute("kpi", pool=POOL_DBT, pool_slots=2, execution_timeout=timedelta(hours=2))
