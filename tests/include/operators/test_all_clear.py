"""A day is closed: noted in the bucket, its incidents resolved, the alarms satisfied."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from include.alerts.causes import Cause
from include.alerts.incident import Incident
from include.alerts.incident_store import open_incidents
from include.alerts.notify import report_problem
from include.operators.all_clear import AllClearOperator
from include.settings import Settings

TARGET = date(2026, 3, 2)
BEGAN = datetime(2026, 3, 1, 22, 0, 5, tzinfo=UTC)


@pytest.fixture
def closed(stub: Any, logins: list[Any], context: dict[str, Any]) -> list[Any]:
    """The days that were closed."""
    context["dag_run"].start_date = BEGAN
    calls: list[Any] = stub("include.freshness.closing.close_day")
    return calls


def close(context: dict[str, Any]) -> None:
    AllClearOperator(task_id="all_clear", target_date=f"{TARGET}", retries=0).execute(context)


def test_the_all_clear_tells_the_bucket_and_the_alarms(
    context: dict[str, Any], closed: list[Any], logins: list[Any], bucket: Any
) -> None:
    close(context)
    (call,) = closed
    assert (call["environment"], call["target"], call["began"]) == ("dev", TARGET, BEGAN)
    assert [login.user for login in logins] == ["loader", "dbt"]
    assert call["cloudwatch"].meta.service_model.service_name == "cloudwatch"
    note = json.loads(bucket.Object("status/published/dashboards.json").get()["Body"].read())
    assert note["business_date"] == f"{TARGET}"


def test_the_all_clear_is_mailed_only_when_trouble_was(
    context: dict[str, Any], closed: list[Any], bucket: Any, stub: Any
) -> None:
    told = stub("include.operators.all_clear.notify")
    context["dag_run"].start_date = None
    close(context)
    assert told == []
    s3, settings = bucket.meta.client, Settings.from_environment()
    trouble = Incident(TARGET, Cause.DATABASE, "x", datetime(2026, 3, 1, 22, 5, tzinfo=UTC))
    for incident in (
        replace(trouble, origin="gghouse_daily"),
        replace(trouble, origin="gghouse_watch", cause=Cause.DUMP_MISSING),
        replace(trouble, origin="gghouse_watch", cause=Cause.STALE_DATA),
        replace(trouble, origin="gghouse_quality", cause=Cause.DBT),
    ):
        report_problem(s3, settings, incident, incident.since, lambda _mail: None)
    close(context)
    close(context)
    (mail,) = (call["message"] for call in told)
    assert f"{TARGET}" in mail.subject
    assert {incident.cause for incident in open_incidents(s3, settings, TARGET)} == {Cause.STALE_DATA, Cause.DBT}


def test_i07_an_all_clear_that_fails_warns_and_is_skipped(
    context: dict[str, Any], logins: list[Any], stub: Any, warned: list[Any]
) -> None:
    context["dag_run"].start_date = BEGAN
    stub("include.freshness.closing.close_day", ConnectionError("gone away"))
    with pytest.raises(AirflowSkipException):
        close(context)
    assert [str(warning["error"]) for warning in warned] == ["gone away"]
