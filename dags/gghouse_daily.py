"""
### The business day of the share-house portfolio

**What.** Takes last night's dump of the property-management system from S3, loads it (`staging`), builds the cleaned
tables (`silver`) and the figures (`gold`), publishes them and refreshes the QuickSight data sets.

**When.** Every day at 07:00 JST; the dashboards are due at 08:00 JST. A run is about one Tokyo calendar day, the
*business date*: the day on which it was due, or the `target_date` of the trigger form.

**Run a day again.** *Trigger*, type the date: the same date twice gives the same figures. To repeat one step, *clear*
its task, with *downstream* when later steps must follow.

**When something is red.** A mail names the cause and what to do. Until a day is green the dashboards keep the figures
of the last good day.

- `preflight`: the platform lacks something; the end of the log names it, with the remedy. Clear this and downstream.
- `plan_day`: the date cannot be run. Trigger again with a date that the log allows.
- `wait_for_dump`: no dump of that date arrived, or it is far too small. Ask for it, then clear this and downstream.
- `load_staging`: the dump is faulty, or the database was out of reach; staging keeps the day before. The last line of
  the log says which. New dump: clear `wait_for_dump` and downstream. Otherwise: clear this and downstream.
- `capture_snapshot`: the tenants' state of the day was not stored. Clear this and downstream.
- `enrich`: never stops the day. The guesses of nationalities were not renewed; a mail says why, and readers see earlier
  guesses, else その他 *Other*. `enrich_ended` then lets the day go on. The next run asks what is missing; what is found
  after `publish_gold` counts from the next date.
- `check_sources`, `seeds`, `silver`, `gold`, `check_gold`: a source table, a model or a test failed; nothing was
  published. The end of the log names the test and its rows. Fix the cause, clear that task and downstream.
- `build_models`: never stops the day. It builds all of `silver` and `gold` at once, and the task of each model waits
  for it; what it did not build, or was cleared later, the model's own task builds, in minutes instead of seconds.
- `publish_gold`: the tables of gold are not all of this day. The log names them; clear `gold` and downstream.
- `refresh_quicksight`: QuickSight failed or refused; its own reason is in the log. Clear the red one.

`archive_dump`, `dbt_docs`, `status_page`, `all_clear`, which reports success to the alarms outside Airflow,
`prepare_load`, which copies tables so that the next load takes only rows that changed, and `write_parquet`, which is
there where the setting `history_parquet` is on, are never red: a failure there is skipped with a warning, and the
figures are complete.
*Status* shows the page that `status_page` writes, after failed runs too, with a runbook for each kind of alert.
*Browse → Figures and tables* describes every table, column and figure; `dbt_docs` builds it.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.providers.standard.operators.empty import EmptyOperator  # noqa: TID253 - it imports nothing
from airflow.sdk import DAG, CronTriggerTimetable

from include.dbt import AFTER_PUBLISH, BEFORE_PUBLISH
from include.dump.location import arrival_pattern, dump_names
from include.operators import assets
from include.operators.all_clear import AllClearOperator
from include.operators.archive_dump import ArchiveDumpOperator
from include.operators.callbacks import run_failed, task_failed
from include.operators.capture_snapshot import CaptureSnapshotOperator
from include.operators.dbt import DbtProject
from include.operators.deadline import deadline_alerts
from include.operators.enrich import EnrichOperator
from include.operators.load_staging import LoadStagingOperator
from include.operators.plan_day import PlanDayOperator
from include.operators.policy import ENRICHING, LAST, LOADING, OWNER, POOL_WAREHOUSE, STAGING, WAITING, Tag
from include.operators.preflight import PreflightOperator
from include.operators.prepare_load import PrepareLoadOperator
from include.operators.publish_gold import PublishGoldOperator
from include.operators.refresh_quicksight import RefreshQuickSightOperator
from include.operators.run_date import date_param, run_date
from include.operators.status_page import StatusPageOperator
from include.operators.wait_for_dump import WaitForDumpSensor
from include.operators.write_parquet import WriteParquetOperator
from include.schedule import DAILY, DASHBOARDS_DUE, DEADLINES, FIRST_DATE, RUN_LIMIT, START, clock, cron
from include.settings import Settings

TARGET = "{{ run_date(dag_run, params) }}"
settings = Settings.from_environment()

with DAG(
    dag_id=DAILY,
    description=f"Nightly dump to occupancy dashboards, ready by {clock(DASHBOARDS_DUE)} JST",
    doc_md=__doc__,
    schedule=CronTriggerTimetable(cron(START), timezone="Asia/Tokyo"),
    start_date=pendulum.datetime(FIRST_DATE.year, FIRST_DATE.month, FIRST_DATE.day, tz="Asia/Tokyo"),
    catchup=False,
    max_active_runs=1,
    max_active_tasks=4,
    dagrun_timeout=RUN_LIMIT,
    on_failure_callback=run_failed,
    tags=[Tag.CRITICAL, Tag.DAILY],
    params={"target_date": date_param("run", "the day on which this run is due")},
    user_defined_macros={"run_date": run_date, "arrival": arrival_pattern},
    default_args={
        "owner": OWNER,
        "on_failure_callback": task_failed,
        "execution_timeout": timedelta(minutes=10),
        **STAGING,
    },
) as dag:
    dag.deadline = deadline_alerts(DEADLINES, dag, settings)
    preflight = PreflightOperator(task_id="preflight")
    plan_day = PlanDayOperator(task_id="plan_day", pool=POOL_WAREHOUSE)
    wait_for_dump = WaitForDumpSensor(
        task_id="wait_for_dump",
        target_date=TARGET,
        bucket_name=settings.bucket,
        key_patterns=[f"{{{{ arrival(run_date(dag_run, params), '{name}') }}}}" for name in dump_names(settings)],
        poke_interval=settings.dump_poll_seconds,
        timeout=settings.dump_wait_minutes * 60,
        outlets=[assets.dumps(settings)],
        **WAITING,
    )
    load_staging = LoadStagingOperator(
        task_id="load_staging",
        target_date=TARGET,
        inlets=[assets.dumps(settings)],
        outlets=[assets.STAGING],
        **LOADING,
    )
    capture_snapshot = CaptureSnapshotOperator(task_id="capture_snapshot", target_date=TARGET, **LOADING)
    enrich = EnrichOperator(task_id="enrich", target_date=TARGET, **ENRICHING)
    enrich_ended = EmptyOperator(task_id="enrich_ended", trigger_rule="all_done")
    dbt = DbtProject(settings, TARGET)
    check_sources = dbt.check("check_sources", "source:*", exclude=AFTER_PUBLISH, indirect_selection="cautious")
    seeds = dbt.build("seeds", "seeds")
    build_models = dbt.models("build_models", "models/bronze", "models/silver", "models/gold")
    silver = dbt.group("silver", "models/bronze", "models/silver", producer="build_models")
    gold = dbt.group("gold", "models/gold", producer="build_models")
    check_gold = dbt.check("check_gold", BEFORE_PUBLISH)
    publish_gold = PublishGoldOperator(
        task_id="publish_gold", target_date=TARGET, inlets=[assets.STAGING], outlets=[assets.GOLD]
    )
    refresh_quicksight = RefreshQuickSightOperator.partial(
        task_id="refresh_quicksight",
        target_date=TARGET,
        map_index_template="{{ task.dataset_id }}",
        inlets=[assets.GOLD],
        outlets=assets.data_sets(settings),
        execution_timeout=timedelta(minutes=20),
    ).expand(dataset_id=list(settings.quicksight_datasets))
    archive_dump = ArchiveDumpOperator(task_id="archive_dump", target_date=TARGET, **LAST)
    prepare_load = PrepareLoadOperator(task_id="prepare_load", target_date=TARGET, pool=POOL_WAREHOUSE, **LAST)
    dbt_docs = dbt.docs("dbt_docs", **LAST)
    write_parquet = WriteParquetOperator.tasks(settings, task_id="write_parquet", target_date=TARGET, **LAST)
    all_clear = AllClearOperator(task_id="all_clear", target_date=TARGET, **LAST)
    status_page = StatusPageOperator(task_id="status_page", retry_delay=timedelta(seconds=30)).as_teardown()

    preflight >> [load_staging, seeds]
    plan_day >> [wait_for_dump, seeds]
    wait_for_dump >> load_staging >> [capture_snapshot, check_sources, enrich]
    enrich >> enrich_ended
    [capture_snapshot, check_sources, enrich_ended, seeds] >> build_models
    [capture_snapshot, check_sources, enrich_ended, seeds] >> silver
    silver >> gold >> check_gold >> publish_gold >> refresh_quicksight
    refresh_quicksight >> [all_clear, archive_dump, dbt_docs, prepare_load, *write_parquet]
    all_clear >> status_page
