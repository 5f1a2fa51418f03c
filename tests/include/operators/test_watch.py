"""The task that looks: what it sends, and what it does not."""

from __future__ import annotations

from datetime import date
from typing import Any

import boto3
import pytest

from include.freshness.finding import Finding, Verdict
from include.operators.watch import WatchOperator

TODAY = date(2026, 3, 3)
FINDINGS = [
    Finding("staging.movings", Verdict.WARN, TODAY, 1.5, 7, "newest updated_at yesterday"),
    Finding("dashboards", Verdict.OK, TODAY, 0.1, None, "show today"),
]


@pytest.fixture
def told(stub: Any) -> list[Any]:
    """The notices that were sent."""
    stub("include.schedule.business_date", TODAY)  # it would change at midnight
    stub("include.freshness.watch.look_at", FINDINGS)
    calls: list[Any] = stub("include.freshness.notices.notify_findings")
    return calls


def dates(told: list[Any]) -> list[date]:
    return [call["today"] for call in told]


def look(context: dict[str, Any], target: date, notify: bool) -> Any:
    context["params"] = {"target_date": None, "notify": notify}
    return WatchOperator(task_id="look", target_date=str(target)).execute(context)


def metrics() -> list[str]:
    return [one["MetricName"] for one in boto3.client("cloudwatch").list_metrics(Namespace="GGHouse")["Metrics"]]


def test_a_look_tells_people_and_sends_the_ages(context: dict[str, Any], told: list[Any]) -> None:
    assert look(context, TODAY, True) == {"staging.movings": "warn"}
    assert dates(told) == [TODAY]
    assert metrics() == ["data_age_days"]


def test_i31_a_silent_look_sends_neither_mails_nor_metrics(context: dict[str, Any], told: list[Any]) -> None:
    assert look(context, TODAY, False) == {"staging.movings": "warn"}
    assert (told, metrics()) == ([], [])


def test_a_look_at_an_old_date_sends_no_ages(context: dict[str, Any], told: list[Any]) -> None:
    look(context, date(2026, 3, 2), True)
    assert (dates(told), metrics()) == ([date(2026, 3, 2)], [])
