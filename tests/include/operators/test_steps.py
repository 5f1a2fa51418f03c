"""The shells: what they hand to the platform's functions and what they make of errors."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException, AirflowTaskTimeout
from botocore.exceptions import ClientError

from include.alerts.causes import Cause, Fault
from include.alerts.incident import Incident
from include.alerts.incident_store import open_incidents
from include.alerts.notify import report_problem
from include.operators.all_clear import AllClearOperator
from include.operators.archive_dump import ArchiveDumpOperator
from include.operators.capture_snapshot import CaptureSnapshotOperator
from include.operators.connections import LOADER, endpoint
from include.operators.load_staging import LoadStagingOperator
from include.operators.plan_day import PlanDayOperator
from include.operators.publish_gold import PublishGoldOperator
from include.operators.refresh_quicksight import RefreshQuickSightOperator
from include.operators.shown_date import ShownDateOperator
from include.quicksight.refresh import Ingestion
from include.settings import Settings
from include.warehouse.endpoint import Endpoint

StandIn = Callable[..., None]
DAY = "2026-03-02"
REPORT = SimpleNamespace(
    rows=7, bytes=9, seconds=2.5, rejects=0, skipped=1, carried=1, tables=("a", "b"), published=date(2026, 3, 2)
)


class DumpError(ValueError):
    """Stands for `include.dump.errors.DumpError`."""


def raising(error: BaseException) -> Callable[..., Any]:
    def function(*_args: Any, **_options: Any) -> Any:
        raise error

    return function


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch, stand_in: StandIn) -> list[Any]:
    """The connections on which the platform's tables were made."""
    made: list[Any] = []
    connection = SimpleNamespace(close=lambda: made.append("closed"))
    monkeypatch.setattr("include.warehouse.endpoint.Endpoint.connect", lambda _self: connection)
    stand_in("include.warehouse.schema", ensure_platform_tables=made.append)
    return made


def test_the_connection_becomes_an_endpoint() -> None:
    login = endpoint(LOADER)
    assert (login.host, login.port, login.user, login.password, login.ssl_ca) == (
        "db.example",
        3307,
        "loader",
        "secret",
        "/ca.pem",
    )
    assert "secret" not in repr(login)


def test_dbt_is_told_the_authority_of_the_server() -> None:
    from include.operators.dbt_profile import aurora_profile

    with aurora_profile().ensure_profile() as (profile, environment):
        assert environment["DBT_SSL_CA"] == "/ca.pem"
        assert "hidden" in environment.values()
        assert "hidden" not in profile.read_text()


def test_planning_names_the_day_and_makes_the_tables(
    context: dict[str, Any], tables: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        assert PlanDayOperator(task_id="plan_day").execute(context) == DAY
    assert len(tables) == 2
    assert tables[1] == "closed"


@pytest.mark.parametrize("requested", ["2026-02-30", "02/03/2026", "2025-05-10", "2999-01-01"])
def test_a_bad_date_fails_at_once_with_one_sentence(context: dict[str, Any], tables: list[Any], requested: str) -> None:
    context["params"]["target_date"] = requested
    with pytest.raises(AirflowFailException) as caught:
        PlanDayOperator(task_id="plan_day").execute(context)
    assert requested in str(caught.value)
    assert "\n" not in str(caught.value)
    assert tables == []


def test_loading_passes_the_day_on_and_returns_the_counts(
    context: dict[str, Any], stand_in: StandIn, recorded: list[Any]
) -> None:
    calls: list[Any] = []

    def load_dump(_s3: Any, settings: Any, login: Any, target: date, progress: Any, *, restore_login: Any) -> Any:
        calls.append((settings.bucket, login.user, restore_login.user, target))
        progress("half of it")
        return REPORT

    stand_in("include.dump.restore", load_dump=load_dump)
    stand_in("include.dump.errors", DumpError=DumpError)
    done = LoadStagingOperator(task_id="load_staging", target_date=DAY).execute(context)
    assert calls == [("bucket", "loader", "restore", date(2026, 3, 2))]
    assert done == {"rows": 7, "bytes": 9, "seconds": 2.5, "rejects": 0, "skipped": 1, "carried": 1}
    assert [(one.layer, one.row_count, one.seconds) for one in recorded] == [("staging", 7, 2.5)]
    (metrics,) = boto3.client("cloudwatch").get_metric_data(
        MetricDataQueries=[
            {
                "Id": "carried",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "GGHouse",
                        "MetricName": "load_tables_carried",
                        "Dimensions": [{"Name": "Environment", "Value": "gghouse-dev"}],
                    },
                    "Period": 60,
                    "Stat": "Sum",
                },
            }
        ],
        StartTime=datetime.now(UTC) - timedelta(hours=1),
        EndTime=datetime.now(UTC) + timedelta(hours=1),
    )["MetricDataResults"]
    assert metrics["Values"] == [1.0]


def test_i07_figures_that_do_not_reach_cloudwatch_do_not_fail_the_load(
    context: dict[str, Any], stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutMetricData")
    stand_in("include.dump.restore", load_dump=lambda *_arguments, **_options: REPORT)
    stand_in("include.dump.errors", DumpError=DumpError)
    monkeypatch.setattr("include.freshness.metrics.send_metrics", raising(denied))
    warnings: list[str] = []
    log = SimpleNamespace(info=print, warning=lambda text, *values: warnings.append(text % values))
    monkeypatch.setattr(LoadStagingOperator, "log", log)
    assert LoadStagingOperator(task_id="load_staging", target_date=DAY).execute(context)["rows"] == 7
    assert warnings[-1:] == [
        "The load's figures did not reach CloudWatch (An error occurred (AccessDenied) when calling the PutMetricData "
        "operation: no); the task's own work is done"
    ]


def test_a_bad_dump_is_not_tried_again_but_a_lost_connection_is(context: dict[str, Any], stand_in: StandIn) -> None:
    stand_in("include.dump.errors", DumpError=DumpError)
    operator = LoadStagingOperator(task_id="load_staging", target_date=DAY)
    stand_in("include.dump.restore", load_dump=raising(DumpError("gghouse_20260302.sql is cut off")))
    with pytest.raises(AirflowFailException, match=r"gghouse_20260302\.sql is cut off"):
        operator.execute(context)
    stand_in("include.dump.restore", load_dump=raising(ConnectionError("gone away")))
    with pytest.raises(ConnectionError):
        operator.execute(context)


@pytest.mark.parametrize("export", [lambda *_arguments: ["latest"], raising(PermissionError("no right to write"))])
def test_the_snapshot_is_taken_and_coordinates_are_kept_of_the_day(
    context: dict[str, Any], stand_in: StandIn, tables: list[Any], export: Any
) -> None:
    calls: list[Any] = []

    def capture_snapshot(_s3: Any, _settings: Any, _login: Any, target: date, _progress: Any) -> Any:
        calls.append(("snapshot", target))
        return SimpleNamespace(key="snapshots/20260302.csv", captured=3, loaded_rows=4)

    def remember_coordinates(_connection: Any, target: date) -> int:
        calls.append(("coordinates", target))
        return 5

    stand_in("include.history.snapshots", capture_snapshot=capture_snapshot)
    stand_in("include.history.coordinates", remember_coordinates=remember_coordinates, export_coordinates=export)
    done = CaptureSnapshotOperator(task_id="capture_snapshot", target_date=DAY).execute(context)
    assert calls == [("snapshot", date(2026, 3, 2)), ("coordinates", date(2026, 3, 2))]
    assert done == {"key": "snapshots/20260302.csv", "captured": 3, "loaded_rows": 4}
    assert tables == ["closed"]


@pytest.fixture
def archiving_fails(monkeypatch: pytest.MonkeyPatch, stand_in: StandIn) -> list[Any]:
    """Archiving that has no right to tag objects; the warnings that were sent."""
    stand_in("include.dump.archive", archive_dump=raising(PermissionError("no right to tag objects")))
    warnings: list[Any] = []
    monkeypatch.setattr(
        "include.operators.fail_open.task_degraded", lambda _context, error: warnings.append(str(error))
    )
    return warnings


def test_i07_an_archive_that_fails_for_good_warns_and_is_skipped(
    context: dict[str, Any], archiving_fails: list[Any]
) -> None:
    operator = ArchiveDumpOperator(task_id="archive_dump", target_date=DAY, retries=2)
    for attempt in (1, 2):
        context["ti"].try_number = attempt
        with pytest.raises(PermissionError):
            operator.execute(context)
    assert archiving_fails == []
    context["ti"].try_number = 3
    with pytest.raises(AirflowSkipException):
        operator.execute(context)
    assert archiving_fails == ["no right to tag objects"]


def test_i07_an_archive_that_hangs_is_skipped_too(
    context: dict[str, Any], archiving_fails: list[Any], stand_in: StandIn
) -> None:
    stand_in("include.dump.archive", archive_dump=raising(AirflowTaskTimeout("Timeout")))
    with pytest.raises(AirflowSkipException):
        ArchiveDumpOperator(task_id="archive_dump", target_date=DAY, retries=0).execute(context)


def test_a_spent_limit_is_not_tried_again(context: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from include.quicksight import refresh

    seen: list[Any] = []

    def refresh_dataset(_client: Any, *names: Any, timeout_seconds: float) -> Any:
        seen.append(names[:3])
        raise refresh.DailyLimitSpent("occupancy has spent its refreshes")

    monkeypatch.setattr(refresh, "refresh_dataset", refresh_dataset)
    with pytest.raises(AirflowFailException, match="has spent its refreshes"):
        RefreshQuickSightOperator(task_id="r", dataset_id="occupancy", target_date=DAY).execute(context)
    assert seen == [("123456789012", "occupancy", "20260302-scheduled__1-1")], "account from STS, id of this very try"


def test_a_refreshed_data_set_is_written_down(
    context: dict[str, Any], monkeypatch: pytest.MonkeyPatch, recorded: list[Any]
) -> None:
    done = SimpleNamespace(dataset_id="occupancy", ingestion_id="i", rows=94, rows_dropped=0)
    monkeypatch.setattr("include.quicksight.refresh.refresh_dataset", lambda *_names, timeout_seconds: done)
    operator = RefreshQuickSightOperator(task_id="r", dataset_id="occupancy", target_date=DAY)
    assert operator.execute(context)["rows"] == 94
    assert [(one.business_date, one.layer, one.row_count) for one in recorded] == [
        (date(2026, 3, 2), "quicksight:occupancy", 94)
    ]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Cause, str, str]]:
    """What people were warned of: the class, what lacks rows, and the sentence."""
    warnings: list[tuple[Cause, str, str]] = []

    def keep(_context: Any, fault: Fault, sentence: str) -> None:
        warnings.append((fault.cause, fault.subject, sentence))

    for module in ("refresh_quicksight", "load_staging"):
        monkeypatch.setattr(f"include.operators.{module}.rows_missing", keep)
    return warnings


@pytest.mark.parametrize(
    ("rows", "dropped", "in_gold", "sentence"),
    [
        (94, 0, 94, ""),
        (90, 4, 94, "holds 90 rows and QuickSight dropped 4, while gold.new_contracts has 94"),
        (90, 0, 94, "holds 90 rows and QuickSight dropped 0, while gold.new_contracts has 94"),
        (90, 0, None, ""),
        (90, 4, None, "holds 90 rows and QuickSight dropped 4"),
    ],
)
def test_rows_that_quicksight_lacks_are_told_and_the_day_goes_on(
    context: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    told: list[Any],
    rows: int,
    dropped: int,
    in_gold: int | None,
    sentence: str,
) -> None:
    done = Ingestion("occupancy", "i-1", rows, dropped)
    hosts: list[str] = []

    def login(_conn_id: str) -> Any:
        return Endpoint("writer", 3306, "dbt", "")

    def connect(self: Endpoint, _schema: str = "") -> Any:
        hosts.append(self.host)
        if in_gold is None:
            raise ConnectionError("gone away")
        return SimpleNamespace(close=int)

    monkeypatch.setenv("AIRFLOW__GGHOUSE__READERS_HOST", "readers")
    monkeypatch.setattr("include.quicksight.refresh.refresh_dataset", lambda *_names, timeout_seconds: done)
    monkeypatch.setattr("include.quicksight.refresh.gold_table", lambda *_names: "new_contracts")
    monkeypatch.setattr("include.operators.refresh_quicksight.endpoint", login)
    monkeypatch.setattr(Endpoint, "connect", connect)
    monkeypatch.setattr("include.warehouse.gold.table_rows", lambda _connection, _table: in_gold)
    operator = RefreshQuickSightOperator(task_id="r", dataset_id="occupancy", target_date=DAY)
    assert operator.execute(context)["rows_dropped"] == dropped
    assert hosts == ["readers"], "counted where QuickSight reads"
    assert [warning[:2] for warning in told] == ([(Cause.QUICKSIGHT_ROWS, "occupancy")] if sentence else [])
    assert all(text.startswith(f"data set occupancy {sentence}; see ingestion i-1") for _, _, text in told)


@pytest.mark.parametrize(
    ("past", "news"),
    [
        ([], True),
        ([(date(2026, 3, 1), {})], True),
        ([(date(2026, 3, 1), {"tenants": 2})], True),
        ([(date(2026, 3, 1), {"tenants": 3})], False),
        (ConnectionError("gone away"), True),
    ],
)
def test_i12_undeclared_rejects_are_told_once_for_each_change(
    context: dict[str, Any], stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, told: list[Any], past: Any, news: bool
) -> None:
    tables = (SimpleNamespace(table="tenants", rejects=3), SimpleNamespace(table="Deposits", rejects=4))
    report = SimpleNamespace(**{**vars(REPORT), "rejects": 7, "tables": tables})
    stand_in("include.dump.restore", load_dump=lambda *_arguments, **_options: report)
    stand_in("include.dump.errors", DumpError=DumpError)
    login = SimpleNamespace(connect=lambda: SimpleNamespace(close=int))
    monkeypatch.setattr("include.operators.load_staging.endpoint", lambda _conn_id: login)
    answer = raising(past) if isinstance(past, Exception) else lambda _connection, _target: past
    monkeypatch.setattr("include.warehouse.ledger.rejects_before", answer)
    LoadStagingOperator(task_id="load_staging", target_date=DAY).execute(context)
    assert [warning[:2] for warning in told] == ([(Cause.REJECTED_ROWS, "tenants 3")] if news else [])
    assert all(text.startswith("tenants: rejected rows 3, declared 0, since 2026-03-02") for _, _, text in told)


@pytest.fixture
def gold(monkeypatch: pytest.MonkeyPatch, stand_in: StandIn) -> dict[str, Any]:
    """The gold that the operators meet: what publishing gives or raises, and what readers see."""
    found: dict[str, Any] = {
        "published": SimpleNamespace(target=date(2026, 3, 2), replaced=("a", "b"), stayed=("c",)),
        "shown": None,
    }

    def publish_gold(_connection: Any, _models: Any, target: date) -> Any:
        found["target"] = target
        if isinstance(found["published"], Exception):
            raise found["published"]
        return found["published"]

    monkeypatch.setenv("AIRFLOW_CONN_AURORA_DBT", "mysql://dbt:secret@db.example/")
    monkeypatch.setattr("include.warehouse.endpoint.Endpoint.connect", lambda _self: SimpleNamespace(close=int))
    stand_in(
        "include.warehouse.gold",
        GoldIncomplete=DumpError,
        await_readers=lambda readers, target: found.update(readers=(readers.host, target)),
        model_names=lambda _manifest: {"a", "b", "c"},
        publish_gold=publish_gold,
        row_count=lambda _connection: 1234,
    )
    monkeypatch.setattr("include.warehouse.readers.gold_date", lambda _connection: found["shown"])
    return found


def test_gold_is_published_for_the_business_date(
    gold: dict[str, Any], context: Any, recorded: list[Any], bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__GGHOUSE__READERS_HOST", "readers.example")
    done = PublishGoldOperator(task_id="publish_gold", target_date=DAY).execute(context)
    assert (gold["target"], done) == (date(2026, 3, 2), {"replaced": 2, "stayed": 1})
    assert gold["readers"] == ("readers.example", date(2026, 3, 2)), "I-15: read back from where the dashboards read"
    assert [(one.business_date, one.layer, one.row_count) for one in recorded] == [(date(2026, 3, 2), "gold", 1234)]
    note = json.loads(bucket.Object("status/published/gold.json").get()["Body"].read())
    assert note["business_date"] == DAY


def test_i07_a_publish_that_cannot_be_written_down_stays_published(
    gold: dict[str, Any], context: Any, monkeypatch: pytest.MonkeyPatch, bucket: Any
) -> None:
    monkeypatch.setattr("include.operators.publishing.endpoint", raising(ConnectionError("gone away")))
    bucket.delete()
    assert PublishGoldOperator(task_id="publish_gold", target_date=DAY).execute(context)["replaced"] == 2


def test_a_generation_that_is_not_whole_is_not_tried_again(gold: dict[str, Any], context: Any) -> None:
    gold["published"] = DumpError("dim_property of gold was not built")
    with pytest.raises(AirflowFailException, match="dim_property of gold was not built"):
        PublishGoldOperator(task_id="publish_gold", target_date=DAY).execute(context)


def test_the_long_tests_look_at_what_readers_see(gold: dict[str, Any], context: Any) -> None:
    gold["shown"] = date(2026, 3, 1)
    assert ShownDateOperator(task_id="shown_date").execute(context) == "2026-03-01"
    gold["shown"] = None
    with pytest.raises(AirflowSkipException, match="No figures were published yet"):
        ShownDateOperator(task_id="shown_date").execute(context)


@pytest.fixture
def closing(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The days that were closed."""
    closed: list[Any] = []
    login = SimpleNamespace(connect=lambda: SimpleNamespace(close=int))
    monkeypatch.setattr("include.operators.all_clear.endpoint", lambda _conn_id: login)
    monkeypatch.setattr("include.freshness.closing.close_day", lambda *arguments: closed.append(arguments[3:6]))
    return closed


def test_the_all_clear_tells_the_bucket_and_the_alarms(
    context: dict[str, Any], closing: list[Any], bucket: Any
) -> None:
    began = context["dag_run"].start_date = datetime(2026, 3, 1, 22, 0, 5, tzinfo=UTC)
    AllClearOperator(task_id="all_clear", target_date=DAY).execute(context)
    assert closing == [("dev", date(2026, 3, 2), began)]
    assert json.loads(bucket.Object("status/published/dashboards.json").get()["Body"].read())["business_date"] == DAY


def test_the_all_clear_tells_people_only_when_they_had_heard_of_trouble(
    context: dict[str, Any], closing: list[Any], bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("include.operators.all_clear.notify", lambda message: told.append(message.subject))
    all_clear = AllClearOperator(task_id="all_clear", target_date=DAY)
    context["dag_run"].start_date = None
    all_clear.execute(context)
    assert told == []
    trouble = Incident(date(2026, 3, 2), Cause.DATABASE, "x", datetime(2026, 3, 1, 22, 5, tzinfo=UTC))
    for incident in (
        replace(trouble, origin="gghouse_daily"),
        replace(trouble, origin="gghouse_watch", cause=Cause.DUMP_MISSING),
        replace(trouble, origin="gghouse_watch", cause=Cause.STALE_DATA),
        replace(trouble, origin="gghouse_quality", cause=Cause.DBT),
    ):
        report_problem(bucket.meta.client, Settings.from_environment(), incident, incident.since, lambda _mail: None)
    all_clear.execute(context)
    all_clear.execute(context)
    assert told == ["[dev] 2026-03-02 resolved"]
    left = open_incidents(bucket.meta.client, Settings.from_environment(), date(2026, 3, 2))
    assert {incident.cause for incident in left} == {Cause.STALE_DATA, Cause.DBT}


def test_i07_an_all_clear_that_reaches_nobody_warns_and_is_skipped(
    context: dict[str, Any], closing: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    warnings: list[str] = []
    monkeypatch.setattr(
        "include.operators.fail_open.task_degraded", lambda _context, error: warnings.append(str(error))
    )
    monkeypatch.setattr("include.freshness.closing.close_day", raising(ConnectionError("gone away")))
    context["dag_run"].start_date = None
    with pytest.raises(AirflowSkipException):
        AllClearOperator(task_id="all_clear", target_date=DAY, retries=0).execute(context)
    assert warnings == ["gone away"]
