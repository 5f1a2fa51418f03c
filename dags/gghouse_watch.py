"""
### The watch: are the data fresh, and do readers see today's figures?

**What.** Looks at the dumps of today and the two days before (there, big enough, with a manifest that fits), at the
age and the rows of the tables, and at what the dashboards show. It reads what lies in the bucket and in the tables, so
it notices as well when `gghouse_daily` has never run or the database does not answer. The log of `look` has the table,
and *Status* shows it: `status_page` writes that page anew.

**When.** Every day at 06:00 JST, when the dump is due, and at 08:05 and 09:00 JST, when the dashboards are. Before
08:00 the figures of yesterday are the newest that anybody can expect.

**Look at once.** *Trigger*. Untick *notify* to look without mails and metrics. An earlier date is judged as at 09:00 of
that day, by what is there now. On a laptop: `python -m include.freshness --help`, or `make watch`.

**When something is red.** What the watch finds comes as a mail of its own, once, and once more when it is well again;
its task stays green. Older than a day is worth a word, older than two an emergency, counted to 08:00 JST.

- `look`: nothing could be looked at, for the bucket or the connection is out of reach. The log says which; clear it.

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
        "target_date": date_param("look at", "today"),
        "notify": Param(
            default=True,
            type="boolean",
            title="Notify",
            description_md="Tell people what is wrong and send metrics. Untick it for a look of your own.",
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
