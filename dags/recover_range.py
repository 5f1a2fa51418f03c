"""
### Run a date or a range of dates again, oldest first

**What.** Runs `gghouse_daily` again for each date of a range that has a dump, one after the other, oldest first. When
the range ends before the newest date, the newest date is run once more at the end, so that contract tables and staging
are of that date again; also when a date failed.

**When.** On demand only: after dumps were delivered again, or models changed. A date takes about as long as a morning
run, and dashboards show each date in turn, so start after 09:00 JST.

**How.** *Trigger* with `dry_run` on and read the task `plan`. Then the same with `dry_run` off.

**When something is red.**

- `plan`: the range cannot be run; the log says why.
- `execute`: a date failed; its own mail names the cause. Fix it, then clear `execute`: it skips dates that succeeded.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG

from include.operators.dag_options import ON_REQUEST
from include.operators.policy import Tag
from include.operators.recovery import PlanRecoveryOperator
from include.operators.recovery_form import form
from include.operators.rerun_days import RerunDaysOperator
from include.recovery.forms import PLANNING

with DAG(
    dag_id="recover_range",
    description="Run a date or a range of dates again, oldest first",
    doc_md=__doc__,
    params=form("range"),
    tags=[Tag.CRITICAL, Tag.OPERATIONS],
    **ON_REQUEST | {"dagrun_timeout": timedelta(days=1)},
):
    plan = PlanRecoveryOperator(task_id=PLANNING, recovery="range")
    plan >> RerunDaysOperator(task_id="execute")
