"""
### Give readers of staging or gold the generation before back, in seconds

**What.** Shows readers of gold, or of staging, what they saw before the last publish, in one RENAME of a few seconds.

**When.** Never by itself; by hand, at any hour (JST), when published figures turn out wrong.

**How.** *Trigger* with `dry_run` on: `plan` says which date readers see now and which one then. Then with `dry_run`
off. QuickSight shows it after `refresh_quicksight` of the last run of `gghouse_daily` was cleared.

**When something is red.**

- `plan`: no generation is kept to go back to; run the date that you want with `recover_range`.
- `execute`: somebody was loading or reading for too long, or something changed since the plan. Nothing was changed;
  trigger it anew.
"""

from __future__ import annotations

from airflow.sdk import DAG

from include.operators.policy import Tag
from include.operators.recovery_form import RECOVERY, form, plan_and_execute

with DAG(
    dag_id="recover_generation",
    description="Give readers of staging or gold the generation before back, in seconds",
    doc_md=__doc__,
    params=form("generation"),
    tags=[Tag.CRITICAL, Tag.OPERATIONS],
    **RECOVERY,
):
    plan_and_execute("generation")
