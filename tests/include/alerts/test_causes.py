"""Which kind of trouble a failure is, read from our own errors as they really are."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date
from typing import Any

import MySQLdb
import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSensorTimeout, AirflowTaskTimeout
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from include.alerts.causes import Cause, Fault, classify
from include.dbt.run_results import Result, RunResultsError, describe
from include.dump.archive import ArchiveError
from include.dump.errors import AuditFailed, DumpMissing, DumpTooSmall, ManifestRejected, TruncatedDump
from include.dump.location import find_dumps
from include.dump.source import SourceUnreachable
from include.dump.transport import TransportFailed
from include.history.snapshots import SnapshotError
from include.preflight.checks import CheckUnavailable, PreflightFailed
from include.quicksight.refresh import DailyLimitSpent, IngestionError, _failure_sentence
from include.settings import Settings
from include.warehouse.endpoint import Endpoint
from include.warehouse.generations import LoadBusy, PublishBlocked
from include.warehouse.gold import GoldIncomplete
from infra.local.database import Database


def raised_from(error: BaseException, cause: BaseException) -> BaseException:
    """Return `error` as our operators raise it, from the platform's own exception."""
    error.__cause__ = cause
    return error


def refused(code: str, operation: str, status: int = 403) -> ClientError:
    answer = {"Error": {"Code": code, "Message": "User: arn:aws:sts::1:assumed-role/mwaa/x is not allowed"}}
    return ClientError(answer | {"ResponseMetadata": {"HTTPStatusCode": status}}, operation)


def result(**changes: Any) -> Result:
    facts: dict[str, Any] = {
        "unique_id": "test.p.unique_rooms_id",
        "name": "unique_rooms_id",
        "kind": "test",
        "status": "fail",
        "severity": "error",
        "models": ("gold.rooms",),
        "column": None,
        "failures": 2,
        "counts": "count(*)",
        "threshold": None,
        "message": "",
        "seconds": 0.1,
        "sql": None,
    }
    return Result(**facts | changes)


def model(message: str) -> str:
    """Return what `dbt_report` says of a model, from what dbt wrote."""
    return describe(result(kind="model", name="rooms", status="error", message=message))


SENSOR = AirflowSensorTimeout("s3://b/dumps/gghouse_20260302.sql[.gz|.zst] did not come within 90 minutes; have it")
DBT_AUTH = "Database Error in model rooms (models/gold/rooms.sql)\n  1142 (42000): INSERT command denied to user 'dbt'"
DBT_LOCK = "Database Error in model rooms (models/gold/rooms.sql)\n  1205 (HY000): Lock wait timeout exceeded"
DBT_LOST = "Database Error in model rooms (models/gold/rooms.sql)\n  2013 (HY000): Lost connection to MySQL server"
DBT_SQL = "Database Error in model rooms (models/gold/rooms.sql)\n  1054 (42S22): Unknown column 'a.b' in 'field list'"
INGESTION = _failure_sentence(
    "occupancy-daily-metrics",
    {"IngestionStatus": "FAILED", "ErrorInfo": {"Type": "SQL_TABLE_NOT_FOUND", "Message": "Table 'gold.x' ..."}},
)
DOWN = """aurora_loader: OperationalError: (2003, "Can't connect to server on 'db' (111)")"""
MISSING = f"2 of 9 checks failed\ndbt: /dbt is not there\n{DOWN}"

CASES: list[tuple[str, BaseException | str | None, Cause, str]] = [
    ("wait_for_dump", SENSOR, Cause.DUMP_MISSING, ""),
    ("wait_for_dump", str(SENSOR), Cause.DUMP_MISSING, ""),
    ("load_staging", DumpMissing("no dump of 2026-03-02"), Cause.DUMP_MISSING, ""),
    (
        "wait_for_dump",
        raised_from(AirflowFailException("x.sql has 999 bytes"), DumpTooSmall("x.sql has 999 bytes")),
        Cause.DUMP_REJECTED,
        "dump-too-small",
    ),
    (
        "load_staging",
        raised_from(AirflowFailException("cut"), TruncatedDump("cut")),
        Cause.DUMP_REJECTED,
        "truncated-dump",
    ),
    ("load_staging", AuditFailed("fewer rows"), Cause.DUMP_REJECTED, "audit-failed"),
    ("load_staging", ManifestRejected("of another date"), Cause.DUMP_REJECTED, "manifest-rejected"),
    (
        "load_staging",
        MySQLdb.OperationalError(2003, "Can't connect to server on 'db' (111)"),
        Cause.DATABASE,
        "",
    ),
    ("load_staging", MySQLdb.OperationalError(1205, "Lock wait timeout exceeded"), Cause.DATABASE, ""),
    ("load_staging", "(2006, 'Server has gone away')", Cause.DATABASE, ""),
    ("load_staging", "(1290, 'running with the --read-only option')", Cause.DATABASE, ""),
    ("load_staging", TransportFailed("the server gave up at rooms (error 1317: ...)"), Cause.DATABASE, ""),
    ("load_staging", LoadBusy("another load of staging is running (session 7); wait"), Cause.DATABASE, ""),
    ("publish_gold", PublishBlocked("somebody has been reading gold for more than 120 s"), Cause.DATABASE, ""),
    ("gold.rooms", AirflowException(model(DBT_LOCK)), Cause.DATABASE, ""),
    ("gold.rooms", AirflowException(model(DBT_LOST)), Cause.DATABASE, ""),
    ("gold.rooms", AirflowException(model(DBT_AUTH)), Cause.PERMISSIONS, ""),
    (
        "plan_day",
        MySQLdb.OperationalError(1045, "Access denied for user 'loader'@'x' (using password: YES)"),
        Cause.PERMISSIONS,
        "",
    ),
    ("archive_dump", refused("AccessDenied", "PutObjectTagging"), Cause.PERMISSIONS, ""),
    ("refresh_quicksight", refused("AccessDeniedException", "CreateIngestion", 401), Cause.PERMISSIONS, ""),
    ("wait_for_dump", refused("403", "HeadObject"), Cause.PERMISSIONS, ""),
    ("wait_for_dump", NoCredentialsError(), Cause.PERMISSIONS, ""),
    ("load_staging", refused("ExpiredToken", "GetObject", 400), Cause.PERMISSIONS, ""),
    ("gold.rooms", AirflowException(model(DBT_SQL)), Cause.DBT, "gold.rooms"),
    ("gold.rooms", AirflowFailException(describe(result())), Cause.DBT, "unique_rooms_id"),
    (
        "gold.rooms",
        AirflowFailException(describe(result()) + "\n  id 1205, price 2013"),
        Cause.DBT,
        "unique_rooms_id",
    ),
    (
        "silver.x",
        AirflowException(describe(result(status="error", message="1064 (42000): syntax"))),
        Cause.DBT,
        "unique_rooms_id",
    ),
    ("gold.rooms", RunResultsError("dbt left no run_results.json in /tmp/x"), Cause.DBT, "run-results-error"),
    ("publish_gold", GoldIncomplete("rooms of gold was not built; clear the gold tasks"), Cause.DBT, "gold-incomplete"),
    ("refresh_quicksight", IngestionError(INGESTION), Cause.QUICKSIGHT, ""),
    ("refresh_quicksight", INGESTION, Cause.QUICKSIGHT, ""),
    ("refresh_quicksight", raised_from(AirflowFailException("spent"), DailyLimitSpent("spent")), Cause.QUICKSIGHT, ""),
    ("refresh_quicksight", refused("ThrottlingException", "CreateIngestion", 400), Cause.QUICKSIGHT, ""),
    ("load_staging", None, Cause.PLATFORM, "process-lost"),
    (
        "preflight",
        raised_from(
            AirflowFailException(MISSING),
            PreflightFailed(MISSING),
        ),
        Cause.PLATFORM,
        "preflight-failed",
    ),
    ("preflight", CheckUnavailable(DOWN), Cause.DATABASE, ""),
    (
        "preflight",
        CheckUnavailable("bucket: ClientError: An error (AccessDenied) when ..."),
        Cause.PERMISSIONS,
        "",
    ),
]


@pytest.mark.parametrize(("step", "error", "cause", "subject"), CASES)
def test_each_failure_has_its_class(step: str, error: Any, cause: Cause, subject: str) -> None:
    assert classify(step, error) == Fault(cause, subject)


@pytest.mark.parametrize(
    ("step", "error"),
    [
        ("load_staging", SourceUnreachable("s3://b/x broke off at byte 9 of 10")),
        ("load_staging", AirflowTaskTimeout("Timeout, PID: 1")),
        ("wait_for_dump", AirflowTaskTimeout("Timeout, PID: 1")),
        ("wait_for_dump", EndpointConnectionError(endpoint_url="https://s3.amazonaws.com")),
        ("capture_snapshot", SnapshotError("staging holds 2026-03-01, not 2026-03-02")),
        ("archive_dump", ArchiveError("the copy has another size")),
        ("plan_day", "AIRFLOW__GGHOUSE__BUCKET is empty; set it"),
    ],
)
def test_what_is_none_of_these_is_the_platform(step: str, error: Any) -> None:
    assert classify(step, error).cause == Cause.PLATFORM


def test_thirty_tasks_that_stumble_over_one_thing_have_one_fault() -> None:
    one = {classify(f"gold.m{n}", OSError(28, f"No space left on device: '/tmp/cosmos{n}'")) for n in range(30)}
    assert len(one) == 1
    assert one != {classify("gold.m1", OSError(24, "Too many open files"))}


def test_a_dump_that_is_not_there_is_missing_whoever_looks(s3: Any, settings: Settings) -> None:
    with pytest.raises(DumpMissing) as caught:
        find_dumps(s3, settings, date(2026, 3, 2))
    assert classify("load_staging", caught.value).cause == Cause.DUMP_MISSING
    assert classify("", str(caught.value)).cause == Cause.DUMP_MISSING


@pytest.fixture
def connection(database: Database) -> Iterator[MySQLdb.Connection]:
    with contextlib.closing(database.admin.connect()) as connection:
        yield connection


def test_a_real_servers_refusals(database: Database, connection: MySQLdb.Connection) -> None:
    """The driver's errors as they are, not as they are remembered."""
    nobody = Endpoint(host="127.0.0.1", port=database.port, user="nobody", password="wrong")
    with pytest.raises(MySQLdb.Error) as denied:
        nobody.connect()
    assert classify("plan_day", denied.value) == classify("plan_day", str(denied.value)) == Fault(Cause.PERMISSIONS)

    nowhere = Endpoint(host="127.0.0.1", port=9, user="nobody", password="")
    with pytest.raises(MySQLdb.Error) as gone:
        nowhere.connect()
    assert classify("plan_day", gone.value) == classify("plan_day", str(gone.value)) == Fault(Cause.DATABASE)

    with connection.cursor() as cursor, pytest.raises(MySQLdb.Error) as killed:
        cursor.execute("KILL CONNECTION_ID()")
    assert classify("gold.x", killed.value) == classify("gold.x", str(killed.value)) == Fault(Cause.DATABASE)
