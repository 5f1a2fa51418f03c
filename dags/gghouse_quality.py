"""
### The long tests of the figures

**What.** Tests that look at all dates and all tables, on the figures that readers see; they take too long for the
morning. They block nobody.

**When.** Every day at 09:00 JST, after the dashboards are due.

**When something is red.** A mail names the test and rows that it found. The dashboards keep showing what they show:
decide whether readers must be told. After mending, run the business day in question again with `gghouse_daily`, then
clear the red task here.

- `shown_date`: the database is out of reach. Clear it and downstream.
- `check_published`: a test found rows. Tests that only warn are in the log, and for every day in `ops.dbt_results`.

How old figures and sources are is looked at by `gghouse_watch`.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.sdk import DAG, CronTriggerTimetable

from include.dbt import AFTER_PUBLISH
from include.operators.callbacks import run_failed, run_succeeded, task_failed
from include.operators.dbt import DbtProject
from include.operators.policy import OWNER, POOL_WAREHOUSE, Tag
from include.operators.run_date import run_date
from include.operators.shown_date import ShownDateOperator
from include.schedule import FIRST_DATE, QUALITY, QUALITY_START, RUN_LIMIT, cron
from include.settings import Settings

with DAG(
    dag_id=QUALITY,
    description="Long tests of the figures that readers see",
    doc_md=__doc__,
    schedule=CronTriggerTimetable(cron(QUALITY_START), timezone="Asia/Tokyo"),
    start_date=pendulum.datetime(FIRST_DATE.year, FIRST_DATE.month, FIRST_DATE.day, tz="Asia/Tokyo"),
    catchup=False,
    max_active_runs=1,
    max_active_tasks=1,
    dagrun_timeout=RUN_LIMIT,
    on_failure_callback=run_failed,
    on_success_callback=run_succeeded,
    tags=[Tag.MINOR, Tag.DAILY],
    user_defined_macros={"run_date": run_date},
    default_args={
        "owner": OWNER,
        "on_failure_callback": task_failed,
        "execution_timeout": timedelta(minutes=10),
        "retries": 2,
        "retry_delay": timedelta(minutes=5),
    },
):
    settings = Settings.from_environment()
    shown_date = ShownDateOperator(task_id="shown_date", pool=POOL_WAREHOUSE)
    shown = DbtProject(settings, "{{ ti.xcom_pull(task_ids='shown_date') }}")
    shown_date >> shown.check("check_published", AFTER_PUBLISH, execution_timeout=timedelta(hours=1))
