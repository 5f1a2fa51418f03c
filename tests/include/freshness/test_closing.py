"""The end of a business day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from include.freshness.closing import close_day
from include.freshness.expectations import MONITORED
from include.warehouse.publications import publications
from tests.include.freshness.warehouse import TODAY, Warehouse, at

BEGAN, NOW = at(7), at(7, 30)


@pytest.fixture
def cloudwatch() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("cloudwatch", region_name="ap-northeast-1")


def close(warehouse: Warehouse, cloudwatch: Any, target: date = TODAY, now: datetime = NOW) -> None:
    close_day(warehouse.connection, warehouse.connection, cloudwatch, "test", target, BEGAN, now)


def sent(cloudwatch: Any) -> set[tuple[str, str]]:
    metrics = cloudwatch.list_metrics(Namespace="GGHouse")["Metrics"]
    return {
        (one["MetricName"], next((d["Value"] for d in one["Dimensions"] if d["Name"] == "Table"), ""))
        for one in metrics
    }


def total(cloudwatch: Any, name: str) -> float:
    found = cloudwatch.get_metric_statistics(
        Namespace="GGHouse",
        MetricName=name,
        Dimensions=[{"Name": "Environment", "Value": "gghouse-test"}],
        StartTime=NOW - timedelta(hours=1),
        EndTime=NOW + timedelta(hours=1),
        Period=3600,
        Statistics=["Sum"],
    )["Datapoints"]
    return sum(one["Sum"] for one in found)


def test_i01_a_published_day_feeds_the_dead_mans_switch_and_the_age_of_each_table(
    warehouse: Warehouse, cloudwatch: Any
) -> None:
    warehouse.load(TODAY)
    warehouse.publish(TODAY, at(7, 20))
    warehouse.run("DELETE FROM ops.publications WHERE layer = 'dashboards'")
    close(warehouse, cloudwatch)
    shown = publications(warehouse.connection, TODAY)[-1]
    assert (shown.layer, shown.published_at, shown.seconds) == ("dashboards", NOW.astimezone(UTC), 1800)
    assert sent(cloudwatch) == {("published", ""), ("publish_rows", ""), ("publish_seconds", "")} | {
        ("data_age_days", one.table) for one in MONITORED
    }
    assert (total(cloudwatch, "published"), total(cloudwatch, "publish_rows")) == (1, 1234)


def test_a_replay_of_an_old_day_is_written_down_and_feeds_no_switch(warehouse: Warehouse, cloudwatch: Any) -> None:
    yesterday = TODAY - timedelta(days=1)
    warehouse.load(yesterday)
    close(warehouse, cloudwatch, yesterday)
    assert [one.layer for one in publications(warehouse.connection, yesterday)] == ["dashboards"]
    assert sent(cloudwatch) == set()


def test_another_try_writes_the_day_down_once(warehouse: Warehouse, cloudwatch: Any) -> None:
    for minute in (30, 31):
        close(warehouse, cloudwatch, now=at(7, minute))
    assert [one.published_at for one in publications(warehouse.connection, TODAY)] == [NOW]
    assert sent(cloudwatch) == {("published", ""), ("publish_seconds", "")}, "empty tables have no age"


def test_a_day_that_is_run_again_is_written_down_again(warehouse: Warehouse, cloudwatch: Any) -> None:
    warehouse.publish(TODAY, at(6, 59))
    close(warehouse, cloudwatch)
    times = [one.published_at for one in publications(warehouse.connection, TODAY) if one.layer == "dashboards"]
    assert times == [at(6, 59), NOW]
