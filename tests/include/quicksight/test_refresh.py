"""Refreshing a data set, against botocore's own model of QuickSight's requests and answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from include.quicksight.refresh import (
    DailyLimitSpent,
    Ingestion,
    IngestionError,
    missing_rows,
    new_ingestion_id,
    refresh_dataset,
    table_shown,
)

NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
NAMES = {"AwsAccountId": "123456789012", "DataSetId": "occupancy"}
START = {**NAMES, "IngestionId": "i-1", "IngestionType": "FULL_REFRESH"}


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = NOW
        self.pauses: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def client() -> Any:
    return boto3.client("quicksight", region_name="ap-northeast-1", aws_access_key_id="x", aws_secret_access_key="x")


@pytest.fixture
def quicksight(client: Any) -> Iterator[Stubber]:
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def refresh(client: Any, clock: Clock, lines: list[str] | None = None, **options: Any) -> Any:
    return refresh_dataset(
        client,
        "123456789012",
        "occupancy",
        "i-1",
        (lines if lines is not None else []).append,
        sleep=clock.sleep,
        clock=clock,
        **options,
    )


def describes(stubber: Stubber, status: str, **more: Any) -> None:
    ingestion = {"Arn": "arn:x", "IngestionStatus": status, "CreatedTime": NOW, **more}
    stubber.add_response("describe_ingestion", {"Ingestion": ingestion}, {**NAMES, "IngestionId": "i-1"})


def test_waits_for_completed_and_reports_rows(client: Any, quicksight: Stubber) -> None:
    quicksight.add_response("create_ingestion", {"IngestionId": "i-1"}, START)
    for status in ("QUEUED", "RUNNING", "RUNNING"):
        describes(quicksight, status)
    describes(quicksight, "COMPLETED", RowInfo={"RowsIngested": 731, "RowsDropped": 2})
    lines: list[str] = []
    clock = Clock()
    done = refresh(client, clock, lines)
    assert (done.rows, done.rows_dropped) == (731, 2)
    assert lines == ["occupancy: QUEUED", "occupancy: RUNNING", "occupancy: COMPLETED"]
    assert clock.pauses == [1, 2, 4], "polls quickly at first, then less and less"


def test_fails_with_quicksights_own_error(client: Any, quicksight: Stubber) -> None:
    quicksight.add_response("create_ingestion", {"IngestionId": "i-1"}, START)
    describes(quicksight, "FAILED", ErrorInfo={"Type": "SQL_TABLE_NOT_FOUND", "Message": "gold.moveouts"})
    with pytest.raises(IngestionError, match=r"FAILED for data set occupancy \(SQL_TABLE_NOT_FOUND: gold.moveouts\)"):
        refresh(client, Clock())


def test_a_cancelled_ingestion_is_a_failure(client: Any, quicksight: Stubber) -> None:
    quicksight.add_response("create_ingestion", {"IngestionId": "i-1"}, START)
    describes(quicksight, "CANCELLED")
    with pytest.raises(IngestionError, match="CANCELLED for data set occupancy"):
        refresh(client, Clock())


def test_gives_up_after_the_time_limit_and_names_the_ingestion(client: Any, quicksight: Stubber) -> None:
    quicksight.add_response("create_ingestion", {"IngestionId": "i-1"}, START)
    for _ in range(4):
        describes(quicksight, "QUEUED")
    with pytest.raises(IngestionError, match=r"occupancy is still QUEUED after 5 s; look at ingestion i-1"):
        refresh(client, Clock(), timeout_seconds=5)


def test_a_killed_try_waits_for_the_ingestion_it_had_started(client: Any, quicksight: Stubber) -> None:
    quicksight.add_client_error("create_ingestion", "ResourceExistsException")
    describes(quicksight, "COMPLETED", RowInfo={"RowsIngested": 5})
    assert refresh(client, Clock()).rows == 5


def test_a_spent_daily_limit_says_when_it_frees_up_and_what_readers_see(client: Any, quicksight: Stubber) -> None:
    quicksight.add_client_error("create_ingestion", "LimitExceededException")
    hours_ago = [2, 23.5, 30]  # the last one has left the window already
    ingestions = [
        {"Arn": "a", "IngestionStatus": "COMPLETED", "RequestSource": "MANUAL", "CreatedTime": NOW - timedelta(hours=h)}
        for h in hours_ago
    ]
    scheduled = {**ingestions[1], "RequestSource": "SCHEDULED", "CreatedTime": NOW - timedelta(hours=23.9)}
    quicksight.add_response("list_ingestions", {"Ingestions": [*ingestions, scheduled]}, NAMES)
    with pytest.raises(DailyLimitSpent) as caught:
        refresh(client, Clock())
    message = str(caught.value)
    assert "data set occupancy has spent the refreshes that QuickSight allows in 24 hours (2 counted)" in message
    assert "after 2026-03-02 17:00 JST" in message  # the oldest counted one, 23.5 h ago, is a day old in half an hour
    assert "keep showing the last successful refresh" in message


def test_ingestion_ids_fit_the_pattern_and_differ_for_every_try_and_run() -> None:
    run = "scheduled__2026-03-01T22:00:00+00:00"
    ids = {
        new_ingestion_id(date(2026, 3, 2), run, 1),
        new_ingestion_id(date(2026, 3, 2), run, 2),
        new_ingestion_id(date(2026, 3, 2), "manual__2026-03-01T22:00:00+00:00", 1),
        new_ingestion_id(date(2026, 3, 3), run, 1),
        new_ingestion_id(date(2026, 3, 2), "x" * 300 + "1", 1),
        new_ingestion_id(date(2026, 3, 2), "x" * 300 + "2", 1),
    }
    assert len(ids) == 6
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,128}", each) for each in ids), ids


def table(name: str = "new_contracts", schema: str = "gold") -> dict[str, Any]:
    columns = [{"Name": "id", "Type": "INTEGER"}]
    return {"RelationalTable": {"DataSourceArn": "arn:x", "Schema": schema, "Name": name, "InputColumns": columns}}


def view(**more: Any) -> dict[str, Any]:
    return {"Alias": "v", "Source": {"PhysicalTableId": "a"}, **more}


CAST = {"CastColumnTypeOperation": {"ColumnName": "id", "NewColumnType": "STRING"}}
FILTER = {"FilterOperation": {"ConditionExpression": "{id} > 1"}}
QUERY = {"CustomSql": {"DataSourceArn": "arn:x", "Name": "q", "SqlQuery": "SELECT 1"}}
JOIN = {"JoinInstruction": {"LeftOperand": "a", "RightOperand": "b", "Type": "INNER", "OnClause": "a = b"}}


@pytest.mark.parametrize(
    ("physical", "logical", "found"),
    [
        ({"a": table()}, {}, "gold.new_contracts"),
        ({"a": table("moveouts")}, {"v": view(DataTransforms=[CAST])}, "gold.moveouts"),
        ({"a": table("correction_counts", "reports")}, {}, "reports.correction_counts"),
        ({"a": table()}, {"v": view(DataTransforms=[CAST, FILTER])}, ""),
        ({"a": table(), "b": table("moveouts")}, {"v": view(Source=JOIN)}, ""),
        ({"a": table()}, {"v": view(), "w": view(Source=JOIN)}, ""),
        ({"a": table(schema="silver")}, {}, ""),
        ({"a": QUERY}, {"v": view()}, ""),
        ({}, {}, ""),
    ],
)
def test_only_a_data_set_that_shows_one_table_row_for_row_can_be_compared(
    client: Any, quicksight: Stubber, physical: dict[str, Any], logical: dict[str, Any], found: str
) -> None:
    answer = {"DataSet": {"PhysicalTableMap": physical, "LogicalTableMap": logical}}
    quicksight.add_response("describe_data_set", answer, NAMES)
    assert table_shown(client, "123456789012", "occupancy") == found


SEE = "; see ingestion i-1 in QuickSight for the reasons, fix them and clear this task"


@pytest.mark.parametrize(
    ("rows", "dropped", "in_table", "sentence"),
    [
        (94, 0, 94, ""),
        (94, 0, None, ""),
        (0, 0, 0, ""),
        (1090, 4, 1094, "holds 1,090 rows and QuickSight dropped 4, while gold.new_contracts has 1,094"),
        (90, 4, 90, "holds 90 rows and QuickSight dropped 4, while gold.new_contracts has 90"),
        (90, 4, None, "holds 90 rows and QuickSight dropped 4"),
        (93, 0, 94, "holds 93 rows and QuickSight dropped 0, while gold.new_contracts has 94"),
        (95, 0, 94, "holds 95 rows and QuickSight dropped 0, while gold.new_contracts has 94"),
        (0, 0, 94, "holds 0 rows and QuickSight dropped 0, while gold.new_contracts has 94"),
    ],
)
def test_dropped_and_missing_rows_are_counted(rows: int, dropped: int, in_table: int | None, sentence: str) -> None:
    found = missing_rows(Ingestion("occupancy", "i-1", rows, dropped), "gold.new_contracts", in_table)
    assert found == (f"data set occupancy {sentence}{SEE}" if sentence else "")
