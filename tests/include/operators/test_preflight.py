"""The shell around the checks: which are made, and what Airflow makes of their failure."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from include.operators.preflight import PreflightOperator
from include.preflight import checks
from include.preflight.checks import Missing, PreflightFailed, Unanswered
from include.settings import PROJECT_DIR

CHECKS = ("dbt", "manifest", "client", "database", "restore_login", "pools", "packages")


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch, context: dict[str, Any]) -> Callable[[], None]:
    """The task where all is well; S3 is moto's, each other check says its name."""
    for check in CHECKS:
        monkeypatch.setattr(checks, check, lambda *_arguments, check=check: f"{check} is there")
    return lambda: PreflightOperator(task_id="preflight").execute(context)


def test_a_green_log_lists_what_was_found(
    task: Callable[[], None], caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.INFO):
        task()
    told = capsys.readouterr().out + caplog.text  # where to depends on Airflow's version
    for line in (
        "dbt: dbt is there",
        "aurora_loader: database is there",
        "aurora_restore: restore_login is there",
        "aurora_dbt: database is there",
        "bucket: s3://bucket/dumps/ can be listed, and is empty",
    ):
        assert line in told
    assert "startup" not in told, "there is no startup.sh but on MWAA"


def test_on_mwaa_what_startup_said_counts(
    task: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__GGHOUSE__STARTUP_REPORT", str(tmp_path / "report"))
    with pytest.raises(AirflowFailException, match=r"^startup: startup\.sh left no report at ") as failed:
        task()
    assert isinstance(failed.value.__cause__, PreflightFailed)


def raising(error: Exception) -> Callable[..., str]:
    def check(*_arguments: Any) -> str:
        raise error

    return check


def test_what_is_missing_fails_at_once_and_what_is_silent_is_tried_again(
    task: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "database", raising(OSError("gone")))
    with pytest.raises(Unanswered, match="aurora_loader: OSError: gone"):
        task()
    monkeypatch.setattr(checks, "dbt", raising(Missing("no dbt")))
    with pytest.raises(AirflowFailException, match="3 of 9 checks failed\ndbt: no dbt\naurora_loader: OSError: gone"):
        task()


def test_a_setting_that_is_empty_is_missing(task: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__GGHOUSE__BUCKET", "")
    with pytest.raises(AirflowFailException, match="bucket: AIRFLOW__GGHOUSE__BUCKET is empty; set it"):
        task()


def test_the_pools_of_mwaa_are_asked_for_by_the_environments_name(
    context: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Moto has no MWAA: the client is made up."""
    import boto3

    monkeypatch.setenv("AIRFLOW__GGHOUSE__MWAA_ENVIRONMENT", "gghouse-prod")
    for check in set(CHECKS) - {"pools"}:
        monkeypatch.setattr(checks, check, lambda *_arguments: "is there")
    asked: list[str] = []

    def invoke_rest_api(*, Name: str, **call: Any) -> dict[str, Any]:
        asked.append(f"{Name} {call['Method']} {call['Path']}")
        return {"RestApiResponse": {"pools": [{"name": "dbt", "slots": 2}]}}

    real = boto3.client
    monkeypatch.setattr(
        boto3,
        "client",
        lambda service, **options: (
            SimpleNamespace(invoke_rest_api=invoke_rest_api) if service == "mwaa" else real(service, **options)
        ),
    )
    with pytest.raises(AirflowFailException, match="pools: warehouse does not exist, so its tasks wait for ever"):
        PreflightOperator(task_id="preflight").execute(context)
    assert asked == ["gghouse-prod GET /pools"]


def test_the_files_that_are_compared_lie_beside_the_platforms_code() -> None:
    """In the checkout and in the bundle alike (tests/infra/bundle)."""
    for name in ("requirements.txt", "dbt/requirements.lock"):
        assert (PROJECT_DIR / name).is_file()
