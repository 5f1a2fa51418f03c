"""
### Declare a date a gap or valid, or withdraw that

**What.** Records that a date is a gap (its facts are not shown) or valid, or withdraws that. The reason and your name
are kept in `ops.date_overrides` and `ops.recoveries`.

**When.** On demand only, at any hour (JST). The figures follow with `recover_kpi` or the next morning's run.

**How.** *Trigger* with `dry_run` on: `plan` shows what is recorded for the date, what changes, and which dates must be
run. Then with `dry_run` off.

**When something is red.**

- `plan`: the date is out of bounds, or there is nothing to withdraw.
- `execute`: the database is out of reach. Clear it.
"""

from __future__ import annotations

from airflow.sdk import DAG

from include.operators.dag_options import ON_REQUEST
from include.operators.policy import Tag
from include.operators.recovery_form import form, plan_and_execute

with DAG(
    dag_id="recover_date",
    description="Declare a date a gap or valid, or withdraw that",
    doc_md=__doc__,
    params=form("date"),
    tags=[Tag.MINOR, Tag.OPERATIONS],
    **ON_REQUEST,
):
    plan_and_execute("date")
