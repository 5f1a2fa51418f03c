"""Provoke each kind of trouble and show the mail that results (I-07: an alert path is worth what its last drill was).

The platform's own operators and callbacks run here in one process, against a real database server and the stand-in for
AWS; what is broken is broken for real: a dump that is cut off, a server that is not there, a login that is refused.
Airflow's own part, calling the callback after the last try, is what a whole day under its scheduler tests.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from include.alerts.causes import WARNINGS, Cause
from include.schedule import DAILY, DEADLINES, LAST_LOOK, START, business_date, moment
from include.settings import PREFIX, PROJECT_DIR, Settings
from include.warehouse.endpoint import Endpoint
from infra.local.aws import account
from infra.local.aws.inbox import Mail, read_inbox
from infra.local.aws.moto_server import DROPPING_FILE
from infra.local.aws.quicksight import GOLD_TABLES
from infra.local.database import Database, free_port
from infra.local.processes import stop
from infra.local.stack import Say, aws_server
from infra.local.state import LocalError, State
from infra.local.warehouse import grant_logins

UI = "https://airflow.example"
DATA_SET = f"{account.NAME}-occupancy_daily_metrics"
CUT_OFF = (
    b"-- MySQL dump 10.13\n"
    b"CREATE TABLE `rooms` (`id` int NOT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB;\n"
    b"INSERT INTO `rooms` VALUES (1),(2"
)
FOUND = "select 4711 as contract_id, 17 as age_at_contract"


@dataclass(frozen=True)
class Ground:
    """Where a drill takes place.

    Attributes:
        url: address of the AWS stand-in, with topic, inbox and bucket.
        server: a login that may do everything on a running server.
        directory: for the files that a drill needs.
        target: business date of the drill.
    """

    url: str
    server: Endpoint
    directory: Path
    target: date

    def environment(self) -> dict[str, str]:
        """Return the variables that the operators read."""
        login = f"mysql://{self.server.user}:{self.server.password}@{self.server.host}:{self.server.port}"
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": account.REGION,
            f"{PREFIX}BUCKET": account.BUCKET,
            f"{PREFIX}ALERT_TOPIC_ARN": account.TOPIC_ARN,
            f"{PREFIX}ENVIRONMENT": "drill",
            f"{PREFIX}MINIMUM_DUMP_BYTES": "1",
            "AIRFLOW_CONN_AURORA_LOADER": login,
            "AIRFLOW_CONN_AURORA_RESTORE": login,
            "AIRFLOW_CONN_AURORA_DBT": login,
            "AIRFLOW__API__BASE_URL": UI,
        }

    def prepare(self) -> None:
        """Make the account, the platform's tables, and yesterday, which went well."""
        from include.warehouse.readers import note_published
        from include.warehouse.schema import ensure_platform_tables

        account.make_mail(self.url)
        account.make_bucket(self.url)
        with contextlib.closing(self.server.connect()) as connection:
            ensure_platform_tables(connection)
        yesterday = self.target - timedelta(days=1)
        for layer in ("gold", "dashboards"):
            at = moment(yesterday, time(7, 41))
            note_published(self.s3, Settings.from_environment(), layer, yesterday, at)

    @property
    def s3(self) -> Any:
        """A client of the bucket."""
        return account.client(self.url, "s3")

    @property
    def due(self) -> datetime:
        """When the day was due to begin."""
        return moment(self.target, START)

    def context(self, task_id: str, dag_id: str = DAILY) -> dict[str, Any]:
        """Return what Airflow hands to a task, and to its callbacks."""
        page = f"{UI}/dags/{dag_id}/runs/scheduled__{self.target}/tasks/{task_id}"
        return {
            "ti": SimpleNamespace(dag_id=dag_id, task_id=task_id, run_id="r", try_number=3, log_url=page),
            "dag_run": SimpleNamespace(dag_id=dag_id, logical_date=self.due, run_after=self.due, start_date=self.due),
            "params": {"target_date": None},
        }

    def report_context(self, name: str) -> dict[str, Any]:
        """Return what Airflow hands to the task of a report that gold of the date has started."""
        from include.operators.assets import DATE
        from include.reports.forms import DAGS, FORMS

        context = self.context(name, f"{DAGS}{name}")
        context["dag_run"].run_id = "asset_triggered__1"
        context["dag_run"].consumed_asset_events = [SimpleNamespace(extra={DATE: f"{self.target}"})]
        context["params"] = {field.name: field.default for field in FORMS[name].fields}
        return context

    def run(self, operator: Any, dag_id: str = DAILY) -> None:
        """Run a task that fails, as Airflow does at its last try."""
        context = self.context(operator.task_id, dag_id)
        self.fails(context, lambda: operator.execute(context))

    def fails(self, context: dict[str, Any], work: Callable[[], Any]) -> None:
        """Do something that fails, and call back."""
        from include.operators.callbacks import task_failed

        try:
            work()
        except Exception as error:
            task_failed(context | {"exception": error})
        else:
            raise LocalError(f"{context['ti'].task_id} was made to fail, and did not; correct the drill")

    @contextlib.contextmanager
    def login(self, **changes: Any) -> Iterator[None]:
        """Let the operators log in otherwise for a while."""
        name = "AIRFLOW_CONN_AURORA_LOADER"
        before = os.environ[name]
        login = vars(self.server) | changes
        os.environ[name] = f"mysql://{login['user']}:{login['password']}@{login['host']}:{login['port']}"
        try:
            yield
        finally:
            os.environ[name] = before

    @contextlib.contextmanager
    def table(self, schema: str, name: str) -> Iterator[None]:
        """Let a table with three rows be there for a while."""
        with contextlib.closing(self.server.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE IF NOT EXISTS `{schema}`")
            cursor.execute(f"DROP TABLE IF EXISTS `{schema}`.`{name}`")
            cursor.execute(f"CREATE TABLE `{schema}`.`{name}` (id INT PRIMARY KEY)")
            cursor.execute(f"INSERT INTO `{schema}`.`{name}` VALUES (1), (2), (3)")
            connection.commit()
            try:
                yield
            finally:
                cursor.execute(f"DROP TABLE `{schema}`.`{name}`")


def no_dump_comes(ground: Ground) -> None:
    """No dump comes by the limit of the sensor."""
    from include.operators.wait_for_dump import WaitForDumpSensor

    ground.run(
        WaitForDumpSensor(
            task_id="wait_for_dump",
            target_date=f"{ground.target}",
            bucket_name=account.BUCKET,
            key_patterns=["dumps/*"],
            timeout=0,
        )
    )


def the_dump_is_cut_off(ground: Ground) -> None:
    """The dump ends in the middle of a table's rows."""
    from include.dump.location import dump_key, dump_names
    from include.operators.load_staging import LoadStagingOperator

    [name] = dump_names(Settings.from_environment())
    ground.s3.put_object(Bucket=account.BUCKET, Key=dump_key(ground.target, name), Body=CUT_OFF)
    ground.run(LoadStagingOperator(task_id="load_staging", target_date=f"{ground.target}"))


def the_server_is_gone(ground: Ground) -> None:
    """The database's address does not answer."""
    from include.operators.capture_snapshot import CaptureSnapshotOperator

    with ground.login(port=free_port()):
        ground.run(CaptureSnapshotOperator(task_id="capture_snapshot", target_date=f"{ground.target}"))


def the_password_is_refused(ground: Ground) -> None:
    """The database refuses the loader's password."""
    from include.operators.capture_snapshot import CaptureSnapshotOperator

    with ground.login(user="loader", password="expired"):  # noqa: S106
        ground.run(CaptureSnapshotOperator(task_id="capture_snapshot", target_date=f"{ground.target}"))


def a_test_of_gold_fails(ground: Ground) -> None:
    """A dbt test finds a row; what dbt leaves behind is written by hand, what reads it is the platform's own."""
    from include.operators.dbt_report import report

    folder = _dbt_left(ground, "run_results.json", _run_results(ground.target))
    context = ground.context("gold.new_contracts")
    ground.fails(context, lambda: report(str(folder), context=context))


def quicksight_cannot_read_gold(ground: Ground) -> None:
    """QuickSight's ingestion fails, for the table that it reads is not there."""
    from include.operators.refresh_quicksight import RefreshQuickSightOperator

    ground.run(
        RefreshQuickSightOperator(task_id="refresh_quicksight", dataset_id=DATA_SET, target_date=f"{ground.target}")
    )


def quicksight_drops_rows(ground: Ground) -> None:
    """QuickSight's ingestion completes without some rows of gold."""
    from include.operators.refresh_quicksight import RefreshQuickSightOperator

    drops = ground.directory / DROPPING_FILE
    drops.write_text(f"{DATA_SET} 1\n")
    operator = RefreshQuickSightOperator(
        task_id="refresh_quicksight", dataset_id=DATA_SET, target_date=f"{ground.target}"
    )
    with ground.table("gold", GOLD_TABLES[DATA_SET]):
        operator.execute(ground.context("refresh_quicksight"))
    drops.unlink()


def the_dump_holds_keys_twice(ground: Ground) -> None:
    """The load rejects rows whose key exists already; what the load reports is written by hand."""
    from unittest import mock

    from include.dump.restore import LoadReport
    from include.operators.load_staging import LoadStagingOperator
    from include.warehouse.ledger import TableCount

    counts = TableCount("tenants", 90, 3, 1, "", carried=False, seconds=0.1, previous_rows=None)
    report = LoadReport(1, 90, 1, 0.1, 3, {}, ground.target, (counts,), ())
    with mock.patch("include.dump.restore.load_dump", return_value=report):
        operator = LoadStagingOperator(task_id="load_staging", target_date=f"{ground.target}")
        operator.execute(ground.context("load_staging"))


def the_figures_are_not_ready(ground: Ground) -> None:
    """The deadline of gold passes without it; the triggerer's own code runs."""
    _deadline_is_missed(ground, "gold", ground.due + DEADLINES["gold"])


def the_dashboards_are_not_ready(ground: Ground) -> None:
    """The deadline of the dashboards passes without them."""
    _deadline_is_missed(ground, "dashboards", ground.due + DEADLINES["dashboards"])


def a_source_is_old(ground: Ground) -> None:
    """Nothing in a table of the source has changed for days; the last look of the watch finds it."""
    _watch(ground, newest=ground.target - timedelta(days=3))


def a_worker_is_killed(ground: Ground) -> None:
    """A task's process is lost; Airflow finds that out and has no exception to show."""
    from include.operators.callbacks import task_failed

    task_failed(ground.context("load_staging"))


def a_rent_roll_is_no_rent_roll(ground: Ground) -> None:
    """The property manager puts a letter where a rent roll belongs."""
    from include.operators.reports import ReportOperator

    ground.s3.put_object(Bucket=account.BUCKET, Key="rent-roll/202602/rent_roll.csv", Body=b"Dear all,\nsee below.\n")
    context = ground.report_context("rent_roll")
    operator = ReportOperator(task_id="rent_roll", report="rent_roll")
    ground.fails(context, lambda: operator.execute(context))


def a_report_does_not_add_up(ground: Ground) -> None:
    """The flash report holds a remainder that nothing explains; the report itself is made up."""
    from unittest import mock

    from include.operators.reports import ReportOperator
    from include.reports.report import Finding, Made

    finding = Finding("move-ins completed", "3 rooms of the move-ins completed are in no class; see rooms.csv")
    made = Made((), (f"s3://{account.BUCKET}/reports/flash/2026-02/2026-02-28/rooms.csv",), findings=(finding,))
    with mock.patch("include.reports.report.make", return_value=made):
        ReportOperator(task_id="flash", report="flash").execute(ground.report_context("flash"))


def the_language_model_is_retired(ground: Ground) -> None:
    """The language model that guesses nationalities is retired; the ladder's answer is made up."""
    from unittest import mock

    from include.enrichment.ladder import Outcome
    from include.operators.enrich import EnrichOperator

    sentence = "Bedrock knows no model jp.example any more; set gghouse.nationality_model to another one, or empty it"
    outcome = Outcome({"candidates": 3, "asked": 0}, [("llm", sentence)])
    with mock.patch("include.enrichment.ladder.enrich", return_value=outcome):
        operator = EnrichOperator(task_id="enrich", target_date=f"{ground.target}")
        operator.execute(ground.context("enrich"))


def the_guesses_fail(ground: Ground) -> None:
    """The database is gone while nationalities are guessed; at its last try the task is skipped."""
    from airflow.sdk.exceptions import AirflowSkipException

    from include.operators.enrich import EnrichOperator

    operator = EnrichOperator(task_id="enrich", target_date=f"{ground.target}")
    with ground.login(port=free_port()), contextlib.suppress(AirflowSkipException):
        operator.execute(ground.context("enrich"))


# What is provoked for each alert class.
DRILLS: Mapping[Cause, tuple[Callable[[Ground], None], ...]] = {
    Cause.DUMP_MISSING: (no_dump_comes,),
    Cause.DUMP_REJECTED: (the_dump_is_cut_off,),
    Cause.DATABASE: (the_server_is_gone,),
    Cause.DBT: (a_test_of_gold_fails,),
    Cause.QUICKSIGHT: (quicksight_cannot_read_gold,),
    Cause.PERMISSIONS: (the_password_is_refused,),
    Cause.LATE: (the_figures_are_not_ready, the_dashboards_are_not_ready),
    Cause.STALE_DATA: (a_source_is_old,),
    Cause.PLATFORM: (a_worker_is_killed,),
    Cause.QUICKSIGHT_ROWS: (quicksight_drops_rows,),
    Cause.REJECTED_ROWS: (the_dump_holds_keys_twice,),
    Cause.REPORT: (a_rent_roll_is_no_rent_roll,),
    Cause.REPORT_FINDING: (a_report_does_not_add_up,),
    Cause.ENRICHMENT: (the_language_model_is_retired, the_guesses_fail),
}


def drill(ground: Ground, cause: Cause) -> list[Mail]:
    """Provoke everything of a class twice, then let the day end well; return the mails that came."""
    before = len(read_inbox(ground.url))
    for provoke in DRILLS[cause]:
        provoke(ground)
        provoke(ground)
    _all_is_well(ground, cause)
    return read_inbox(ground.url)[before:]


def run(state: State, say: Say, only: Cause | None = None) -> None:
    """Provoke one alert class, or all, on a small platform of their own and print the mails.

    Raises:
        LocalError: a drill sent other mails than one for each incident and, of all but warnings, one when it was over.
    """
    small = State(state.directory / "drills", {})
    sys.path.append(str(PROJECT_DIR / "plugins"))  # where the triggerer finds its code
    small.logs.mkdir(parents=True, exist_ok=True)
    log = (small.logs / "drills.log").open("a")  # Airflow's loggers keep it, so it stays open
    for cause in [only] if only else list(Cause):
        with _ground(small) as ground:
            say(f"\n{'═' * 80}\n{cause}: {' '.join(each.__doc__ or '' for each in DRILLS[cause])}")
            with contextlib.redirect_stdout(log):
                mails = drill(ground, cause)
        for mail in mails:
            say(f"{'─' * 80}\n{mail.page()}")
        expected = len(DRILLS[cause]) + (cause not in WARNINGS)
        if len(mails) != expected:
            raise LocalError(f"{cause}: {len(mails)} mails came instead of {expected}")


@contextlib.contextmanager
def _ground(state: State) -> Iterator[Ground]:
    state.claim_port("aws")
    aws = aws_server(state)
    database = Database(directory=state.directory / "mysql", port=state.claim_port("mysql"), buffer_pool_mb=64)
    before = dict(os.environ)
    try:
        aws.start()
        database.start()
        with contextlib.closing(database.admin.connect()) as connection:
            grant_logins(connection, state.passwords)
        url = account.endpoint_url(state)
        ground = Ground(url, database.admin, state.directory, business_date(datetime.now(UTC)))
        os.environ |= ground.environment() | {"AIRFLOW_HOME": str(state.directory / "airflow")}
        _wait_for(aws, state.port("aws"))
        ground.prepare()
        yield ground
    finally:
        os.environ.clear()
        os.environ |= before
        database.stop()
        stop([aws])


def _wait_for(aws: Any, port: int) -> None:
    from infra.local.airflow_api import wait_until

    wait_until(lambda: aws.listens(port), 60, f"the stand-in for AWS does not answer; its log: {aws.log}")


def _deadline_is_missed(ground: Ground, layer: str, deadline: datetime) -> None:
    from late_notice import LateNotice

    run = {
        "dag_id": DAILY,
        "dag_run_id": f"scheduled__{ground.target}",
        "run_type": "scheduled",
        "state": "running",
        "logical_date": ground.due.isoformat(),
        "run_after": ground.due.isoformat(),
        "queued_at": ground.due.isoformat(),
        "conf": {},
    }
    context = {"dag_run": run, "deadline": {"id": "1", "deadline_time": deadline.isoformat()}}

    async def triggerer() -> None:
        await LateNotice(
            layer=layer, aws_conn_id=None, target_arn=account.TOPIC_ARN, subject="", message="", context=context
        )

    asyncio.run(triggerer())


def _watch(ground: Ground, newest: date) -> None:
    """Let the watch look at one table of staging, whose newest change is of that day."""
    from include.freshness.ages import age_finding, read_ages
    from include.freshness.expectations import EXPECTATIONS
    from include.freshness.notices import notify_findings
    from include.operators.callbacks import notify

    now = moment(ground.target, LAST_LOOK)
    with contextlib.closing(ground.server.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE IF NOT EXISTS staging")
        cursor.execute("CREATE OR REPLACE VIEW staging.movings AS SELECT CAST(%s AS DATETIME) AS updated_at", [newest])
        wanted = [
            expectation
            for expectation in EXPECTATIONS
            if (expectation.table, expectation.column) == ("staging.movings", "updated_at")
        ]
        findings = [age_finding(age, now) for age in read_ages(connection, now, wanted)]
        cursor.execute("DROP VIEW staging.movings")
    page = f"{UI}/dags/gghouse_watch/runs/scheduled__{ground.target}/tasks/look"
    notify_findings(ground.s3, Settings.from_environment(), findings, ground.target, now, notify, page)


def _all_is_well(ground: Ground, cause: Cause) -> None:
    """Do what the task that ends it does: the all-clear of the day, or the next look of the watch."""
    from include.alerts.incident import resolved_by
    from include.alerts.notify import report_resolved
    from include.operators.callbacks import notify
    from include.warehouse.readers import note_published

    settings, now = Settings.from_environment(), datetime.now(UTC)
    if cause == Cause.STALE_DATA:
        _watch(ground, newest=ground.target)
        return
    for layer in ("gold", "dashboards"):
        note_published(ground.s3, settings, layer, ground.target, now)
    ended = resolved_by("report_rent_roll" if cause == Cause.REPORT else DAILY)
    report_resolved(ground.s3, settings, ground.target, now, notify, where=ended)


def _dbt_left(ground: Ground, name: str, content: Mapping[str, Any]) -> Path:
    target = ground.directory / "dbt" / "target"
    target.mkdir(parents=True, exist_ok=True)
    (target / name).write_text(json.dumps(content))
    (target / "manifest.json").write_text(
        json.dumps({"nodes": {_TEST["unique_id"]: _TEST, "model.m": _MODEL}, "sources": {}})
    )
    return target.parent


_MODEL: dict[str, Any] = {
    "unique_id": "model.m",
    "name": "new_contracts",
    "resource_type": "model",
    "schema": "gold",
    "config": {},
}
_TEST: dict[str, Any] = {
    "unique_id": "test.t",
    "name": "age_at_contract_plausible",
    "resource_type": "test",
    "schema": "test_results",
    "attached_node": "model.m",
    "depends_on": {"nodes": ["model.m"]},
    "config": {"severity": "ERROR", "warn_if": "!= 0", "error_if": "!= 0", "fail_calc": "count(*)"},
}


def _run_results(target: date) -> dict[str, Any]:
    found = {
        "unique_id": "test.t",
        "status": "fail",
        "failures": 1,
        "message": "Got 1 result, configured to fail if != 0",
        "execution_time": 0.1,
        "compiled_code": FOUND,
    }
    metadata = {"generated_at": f"{target}T22:10:00Z", "env": {"TARGET_DATE": f"{target}"}}
    return {"metadata": metadata, "args": {}, "elapsed_time": 1.0, "results": [found]}
