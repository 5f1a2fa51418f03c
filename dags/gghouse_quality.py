"""
### Tests of the published figures over all dates

**What.** Tests that read all dates and all tables of the published figures; they take too long for the morning run and
block nothing.

**When.** Every day at 09:00 JST, after the dashboards are due.

**When something is red.** A mail names the test and the rows it found. The published figures stay: decide whether to
inform the readers. After the fix, run the business date again with `gghouse_daily`, then clear the red task here.

- `shown_date`: the database is out of reach. Clear this and downstream.
- `check_published`: a test found rows. Warnings are in the log, and in `ops.dbt_results` for every date.

`gghouse_watch` checks the age of figures and sources.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.sdk import DAG, CronTriggerTimetable

from include.dbt import AFTER_PUBLISH
from include.operators.callbacks import run_failed, run_succeeded, task_failed
from include.operators.dbt import DbtProject
from include.operators.policy import OWNER, POOL_WAREHOUSE, Tag
from include.operators.publish_gold import ShownDateOperator
from include.operators.run_date import run_date
from include.schedule import FIRST_DATE, QUALITY, QUALITY_START, RUN_LIMIT, cron
from include.settings import Settings

with DAG(
    dag_id=QUALITY,
    description="Tests of the published figures over all dates",
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
