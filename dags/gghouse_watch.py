"""
### Freshness of dumps, tables and dashboards

**What.** Checks the dumps of today and the two days before (present, big enough, with a manifest that fits), the age
and row counts of the tables, and what the dashboards show. It reads the bucket and the tables only, so it also works
when `gghouse_daily` has never run or the database does not answer. The log of `look` has the table of findings;
`status_page` writes it to the page *Status*.

**When.** Every day at 06:00 JST, when the dump is due, and at 08:05 and 09:00 JST, when the dashboards are due. Before
08:00 the figures of the day before are the newest that can be expected.

**Check now.** *Trigger*. Untick *notify* to check without mails and metrics. An earlier date is judged as at 09:00 of
that day, from the present state. On a laptop: `python -m include watch --help`, or `make watch`.

**When something is red.** Each problem found is one mail, and one more when it is resolved; the task stays green. Data
older than one day is a warning, older than two days critical, counted to 08:00 JST.

- `look`: the check could not run, because the bucket or the connection is out of reach. The log says which; clear it.

`status_page` is never red: a page that cannot be written is skipped with a warning.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.sdk import DAG, MultipleCronTriggerTimetable, Param

from include.operators.callbacks import run_failed, run_succeeded, task_failed
from include.operators.policy import OWNER, Tag
from include.operators.run_date import date_param, run_date
from include.operators.status_page import StatusPageOperator
from include.operators.watch import WatchOperator
from include.schedule import FIRST_DATE, WATCH, WATCH_LOOKS, clock, cron

with DAG(
    dag_id=WATCH,
    description=f"Freshness of dumps, tables and dashboards, at {', '.join(map(clock, WATCH_LOOKS))} JST",
    doc_md=__doc__,
    schedule=MultipleCronTriggerTimetable(*map(cron, WATCH_LOOKS), timezone="Asia/Tokyo"),
    start_date=pendulum.datetime(FIRST_DATE.year, FIRST_DATE.month, FIRST_DATE.day, tz="Asia/Tokyo"),
    catchup=False,
    max_active_runs=1,
    max_active_tasks=1,
    dagrun_timeout=timedelta(minutes=30),
    on_failure_callback=run_failed,
    on_success_callback=run_succeeded,
    tags=[Tag.CRITICAL, Tag.DAILY],
    params={
        "target_date": date_param("check", "today"),
        "notify": Param(
            default=True,
            type="boolean",
            title="Notify",
            description_md="Send mails and metrics. Untick it to check without them.",
        ),
    },
    user_defined_macros={"run_date": run_date},
    default_args={"owner": OWNER, "on_failure_callback": task_failed},
):
    look = WatchOperator(
        task_id="look",
        target_date="{{ run_date(dag_run, params) }}",
        retries=2,
        retry_delay=timedelta(minutes=1),
        execution_timeout=timedelta(minutes=10),
    )
    look >> StatusPageOperator(task_id="status_page", retries=2, execution_timeout=timedelta(minutes=10)).as_teardown()
