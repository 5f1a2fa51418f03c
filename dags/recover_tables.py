"""
### Load chosen tables of one date's dump into staging again

**What.** Loads only the named tables from the dump of a date, with every check of an ordinary load; all others stay.
The replaced tables stay in `staging_prev`; `recover_generation` rolls back to them.

**When.** On demand only, when single tables of staging are wrong. Not at 07:00 JST, when the day is loaded.

**How.** *Trigger* with `dry_run` on and read the task `plan`. Then the same with `dry_run` off, and `recover_kpi` for
the figures.

**When something is red.**

- `plan`: the tables or the dump do not exist, or staging holds another date; the log says what to do.
- `execute`: the dump is faulty or `gghouse_daily` is running. The published figures stay. Fix the cause, then clear it.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG

from include.operators.dag_options import ON_REQUEST
from include.operators.policy import POOL_WAREHOUSE, Tag
from include.operators.recovery_form import form, plan_and_execute

with DAG(
    dag_id="recover_tables",
    description="Load chosen tables of one date's dump into staging again",
    doc_md=__doc__,
    params=form("tables"),
    tags=[Tag.CRITICAL, Tag.OPERATIONS],
    **ON_REQUEST,
):
    plan_and_execute("tables", pool=POOL_WAREHOUSE, execution_timeout=timedelta(hours=1))
