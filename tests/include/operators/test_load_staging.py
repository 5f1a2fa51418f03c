"""Loading: what it hands to the loader, what it reports, and which errors it retries."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import boto3
import pytest
from airflow.sdk.exceptions import AirflowFailException
from botocore.exceptions import ClientError

from include.alerts.causes import Cause
from include.dump.errors import DumpError
from include.dump.restore import LoadReport
from include.operators.load_staging import LoadStagingOperator
from include.warehouse.ledger import TableCount

TARGET = date(2026, 3, 2)


def count(table: str, *, rejects: int = 0, carried: bool = False) -> TableCount:
    return TableCount(
        table=table,
        rows=3,
        rejects=rejects,
        bytes=4,
        checksum="c",
        carried=carried,
        seconds=1.0,
        previous_rows=None,
    )


def report(*tables: TableCount) -> LoadReport:
    return LoadReport(
        load_id=1,
        rows=7,
        bytes=9,
        seconds=2.54,
        rejects=sum(table.rejects for table in tables),
        skipped={"trigger": 1},
        published=TARGET,
        tables=tables,
        notes=(),
    )


REPORT = report(count("movings"), count("tenants", carried=True))


@pytest.fixture
def load(context: dict[str, Any], stub: Any, recorded: list[Any]) -> Any:
    """Run the operator with a load that returns or raises `result`; return its result and the load's calls."""

    def run(result: Any) -> tuple[dict[str, Any], list[Any]]:
        calls = stub("include.dump.restore.load_dump", result)
        return LoadStagingOperator(task_id="load_staging", target_date=f"{TARGET}").execute(context), calls

    return run


def metric(name: str) -> list[float]:
    (found,) = boto3.client("cloudwatch").get_metric_data(
        MetricDataQueries=[
            {
                "Id": "m",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "GGHouse",
                        "MetricName": name,
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
    values: list[float] = found["Values"]
    return values


def test_loading_passes_the_day_on_and_returns_the_counts(load: Any, recorded: list[Any]) -> None:
    done, (call,) = load(REPORT)
    assert (call["settings"].bucket, call["target"]) == ("bucket", TARGET)
    assert (call["endpoint"].user, call["restore_login"].user) == ("loader", "restore")
    assert call["s3"].list_objects_v2(Bucket="bucket")["KeyCount"] == 0
    call["progress"]("half of it")
    assert done == {"rows": 7, "bytes": 9, "seconds": 2.5, "rejects": 0, "skipped": {"trigger": 1}, "carried": 1}
    (publication,) = (call["publication"] for call in recorded)
    assert (publication.business_date, publication.layer, publication.row_count) == (TARGET, "staging", 7)
    assert metric("load_tables_carried") == [1.0]


def test_i07_metrics_that_do_not_reach_cloudwatch_do_not_fail_the_load(
    load: Any, stub: Any, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutMetricData")
    stub("include.freshness.metrics.send_metrics", denied)
    assert load(REPORT)[0]["rows"] == 7
    # Where a task logs to depends on Airflow's version.
    assert "The load's metrics did not reach CloudWatch" in caplog.text + capsys.readouterr().out


def test_a_bad_dump_is_not_retried_but_a_lost_connection_is(load: Any) -> None:
    with pytest.raises(AirflowFailException, match=r"gghouse_20260302\.sql is cut off"):
        load(DumpError("gghouse_20260302.sql is cut off"))
    with pytest.raises(ConnectionError):
        load(ConnectionError("gone away"))


@pytest.mark.parametrize(
    ("past", "is_news"),
    [
        ([], True),
        ([(date(2026, 3, 1), {})], True),
        ([(date(2026, 3, 1), {"tenants": 2})], True),
        ([(date(2026, 3, 1), {"tenants": 3})], False),
        (ConnectionError("gone away"), True),
    ],
)
def test_i12_undeclared_rejects_are_told_once_for_each_change(load: Any, stub: Any, past: Any, is_news: bool) -> None:
    stub("include.warehouse.ledger.rejects_before", past)
    warnings = stub("include.operators.load_staging.warn_people")
    load(report(count("tenants", rejects=3), count("Deposits", rejects=4)))
    assert [(one["fault"].cause, one["fault"].subject) for one in warnings] == (
        [(Cause.REJECTED_ROWS, "tenants 3")] if is_news else []
    )
    assert all(one["sentence"].startswith("tenants: rejected rows 3, declared 0, since 2026-03-02") for one in warnings)


def test_declared_rejects_are_no_news(load: Any, stub: Any) -> None:
    warnings = stub("include.operators.load_staging.warn_people")
    load(report(count("Deposits", rejects=4)))
    assert warnings == []
