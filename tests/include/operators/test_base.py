"""Connections become logins and clients, per task."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from airflow.sdk.exceptions import AirflowNotFoundException

from include.operators.archive_dump import ArchiveDumpOperator
from include.operators.base import AWS, LOADER, PlatformOperator, endpoint
from include.operators.load_staging import LoadStagingOperator
from include.operators.wait_for_dump import WaitForDumpSensor


def test_a_connection_becomes_a_login() -> None:
    login = endpoint(LOADER)
    assert (login.host, login.port, login.user, login.password, login.ssl_ca) == (
        "db.example",
        3307,
        "loader",
        "secret",
        "/ca.pem",
    )
    assert "secret" not in repr(login)


def test_a_connection_that_is_missing_is_named() -> None:
    with pytest.raises(AirflowNotFoundException, match="aurora_nowhere"):
        endpoint("aurora_nowhere")


def test_a_task_may_name_other_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_OTHER_DB", "mysql://other:secret@other.example")
    monkeypatch.setenv("AIRFLOW_CONN_OTHER_AWS", "aws://?region_name=eu-west-1")
    task = PlatformOperator(task_id="t", loader_conn_id="other_db", aws_conn_id="other_aws")
    assert (task.loader.user, task.loader.port, task.dbt.user) == ("other", 3306, "dbt")
    assert (task.s3().meta.region_name, task.aws("sns").meta.region_name) == ("eu-west-1", "eu-west-1")
    other = WaitForDumpSensor(task_id="w", target_date="2026-03-02", key_patterns=["x"], aws_conn_id="other_aws")
    assert other.s3().meta.region_name == "eu-west-1"


def test_without_a_connection_for_aws_boto3_decides_as_it_does_for_alerts(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", "aws://?region_name=eu-west-1")
    task = PlatformOperator(task_id="t")
    assert (task.aws_conn_id, AWS) == (None, None)
    assert task.s3().meta.region_name == boto3.client("s3").meta.region_name
    assert "AWS Connection" not in caplog.text


def test_connections_are_rendered_and_shown_in_the_ui() -> None:
    shared = {"loader_conn_id", "dbt_conn_id", "aws_conn_id", "target_date"}
    assert shared == set(ArchiveDumpOperator.template_fields)
    assert shared | {"restore_conn_id"} == set(LoadStagingOperator.template_fields)
    assert {"aws_conn_id", "target_date", "bucket_key"} <= set(WaitForDumpSensor.template_fields)


def test_settings_are_read_when_the_task_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    task: Any = PlatformOperator(task_id="t")
    monkeypatch.setenv("AIRFLOW__GGHOUSE__BUCKET", "another")
    assert task.settings.bucket == "another"
