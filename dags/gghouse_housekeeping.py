"""
### Cleaning of Airflow's own database

**What.** Deletes what Airflow remembers of runs that are older than `keep_days`: runs, tasks, XComs, events, jobs. The
pages of later runs stay, and so does the last scheduled run of each DAG. Logs, figures, dumps and snapshots are not
touched. Without it the database grows for ever, and Airflow slows down.

**When.** On day 2 of each month at 14:00 JST, when nobody waits for figures. The first run may take an hour.

**Look first.** *Trigger* and tick `dry_run`: the log says how many rows would go, and nothing is deleted.

**When something is red.** No figure depends on it, so a failure is a warning by mail and the task is skipped.

- `clean_metadata`: the log has the answer of Airflow's command line. What is deleted stays deleted; clear the task to
  go on. Without the right `airflow:CreateCliToken` in the execution role, apply Terraform.

Outside MWAA the task is skipped: run `airflow db clean` where the database is.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.sdk import DAG, CronTriggerTimetable, Param

from include.housekeeping.metadata import KEEP_DAYS, LEAST_DAYS
from include.operators.callbacks import run_failed, run_succeeded, task_failed
from include.operators.clean_metadata import CleanMetadataOperator
from include.operators.policy import OWNER, Tag
from include.schedule import FIRST_DATE, HOUSEKEEPING, HOUSEKEEPING_DAY, HOUSEKEEPING_START, RUN_LIMIT, cron

with DAG(
    dag_id=HOUSEKEEPING,
    description="Cleaning of Airflow's own database, once a month",
    doc_md=__doc__,
    schedule=CronTriggerTimetable(cron(HOUSEKEEPING_START, HOUSEKEEPING_DAY), timezone="Asia/Tokyo"),
    start_date=pendulum.datetime(FIRST_DATE.year, FIRST_DATE.month, FIRST_DATE.day, tz="Asia/Tokyo"),
    catchup=False,
    max_active_runs=1,
    max_active_tasks=1,
    dagrun_timeout=RUN_LIMIT,
    on_failure_callback=run_failed,
    on_success_callback=run_succeeded,
    tags=[Tag.MINOR, Tag.OPERATIONS],
    params={
        "keep_days": Param(
            default=KEEP_DAYS,
            type="integer",
            minimum=LEAST_DAYS,
            title="Days to keep",
            description_md="What Airflow remembers of earlier days is deleted.",
        ),
        "dry_run": Param(
            default=False,
            type="boolean",
            title="Dry run",
            description_md="Count what would be deleted; delete nothing.",
        ),
    },
    default_args={"owner": OWNER, "on_failure_callback": task_failed},
):
    CleanMetadataOperator(
        task_id="clean_metadata",
        retries=2,
        retry_delay=timedelta(minutes=10),
        execution_timeout=timedelta(hours=1),
    )
