"""
### Roll back the published tables to the previous version

**What.** Rolls back `gold`, or `staging`, to the version before the last publish, in one RENAME of a few seconds.

**When.** On demand only, at any hour (JST), when published figures are wrong.

**How.** *Trigger* with `dry_run` on: `plan` names the date that is published now and the one after the roll back. Then
with `dry_run` off. QuickSight follows when `refresh_quicksight` of the last run of `gghouse_daily` is cleared.

**When something is red.**

- `plan`: no previous version is kept; run the wanted date with `recover_range`.
- `execute`: a load or a reader held the tables for too long, or the state changed since the plan. Nothing was changed;
  trigger it again.
"""

from __future__ import annotations

from airflow.sdk import DAG

from include.operators.dag_options import ON_REQUEST
from include.operators.policy import Tag
from include.operators.recovery_form import form, plan_and_execute

with DAG(
    dag_id="recover_generation",
    description="Roll back the published tables to the previous version",
    doc_md=__doc__,
    params=form("generation"),
    tags=[Tag.CRITICAL, Tag.OPERATIONS],
    **ON_REQUEST,
):
    plan_and_execute("generation")
