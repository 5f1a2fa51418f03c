"""The shell around the checks: which are made, and what Airflow makes of their failure."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import create_autospec

import pytest
from airflow.sdk.exceptions import AirflowFailException
from botocore.stub import ANY, Stubber

from include.operators.preflight import PreflightOperator
from include.preflight.checks import CheckFailed, CheckUnavailable, PreflightFailed
from include.settings import PROJECT_DIR

CHECKS = ("dbt", "manifest", "client", "database", "restore_login", "pools", "packages")


@pytest.fixture
def task(stub: Any, context: dict[str, Any]) -> Callable[[], None]:
    """The task where all is well; S3 is moto's, each other check says its name."""
    for check in CHECKS:
        stub(f"include.preflight.checks.{check}", f"{check} is there")
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


def test_what_is_missing_fails_at_once_and_what_is_silent_is_tried_again(task: Callable[[], None], stub: Any) -> None:
    stub("include.preflight.checks.database", OSError("gone"))
    with pytest.raises(CheckUnavailable, match="aurora_loader: OSError: gone"):
        task()
    stub("include.preflight.checks.dbt", CheckFailed("no dbt"))
    with pytest.raises(AirflowFailException, match="3 of 9 checks failed\ndbt: no dbt\naurora_loader: OSError: gone"):
        task()


def test_a_language_model_that_must_not_be_asked_is_a_doubt_and_no_failure(
    task: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("AIRFLOW__GGHOUSE__NATIONALITY_MODEL", "jp.it")
    bedrock = PreflightOperator(task_id="model").aws("bedrock")
    log = {"s3Config": {"bucketName": "prompts"}, "textDataDeliveryEnabled": True}
    with caplog.at_level(logging.INFO):
        task()
        bedrock.put_model_invocation_logging_configuration(loggingConfig=log)
        task()
    told = capsys.readouterr().out + caplog.text
    assert "language model: jp.it may be asked; its prompts are logged nowhere" in told
    assert "language model: gghouse.nationality_model is not asked, for Bedrock logs the prompts" in told


def test_a_setting_that_is_empty_is_missing(task: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__GGHOUSE__BUCKET", "")
    with pytest.raises(AirflowFailException, match="bucket: AIRFLOW__GGHOUSE__BUCKET is empty; set it"):
        task()


def test_the_pools_of_mwaa_are_asked_for_by_the_environments_name(
    context: dict[str, Any], stub: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Moto has no MWAA: the client's answer is made up, its parameters are checked by botocore."""
    monkeypatch.setenv("AIRFLOW__GGHOUSE__MWAA_ENVIRONMENT", "gghouse-prod")
    for check in set(CHECKS) - {"pools"}:
        stub(f"include.preflight.checks.{check}", "is there")
    operator = PreflightOperator(task_id="preflight")
    mwaa = operator.aws("mwaa", retries={"total_max_attempts": 1})
    with Stubber(mwaa) as answers:
        answers.add_response(
            "invoke_rest_api",
            {"RestApiStatusCode": 200, "RestApiResponse": {"pools": [{"name": "dbt", "slots": 2}]}},
            {"Name": "gghouse-prod", "Method": "GET", "Path": "/pools", "QueryParameters": ANY},
        )
        monkeypatch.setattr(operator, "aws", create_autospec(operator.aws, return_value=mwaa))
        with pytest.raises(AirflowFailException, match="pools: warehouse does not exist, so its tasks wait for ever"):
            operator.execute(context)
        answers.assert_no_pending_responses()


def test_the_files_that_are_compared_lie_beside_the_platforms_code() -> None:
    """In the checkout and in the bundle alike (tests/infra/bundle)."""
    for name in ("requirements.txt", "dbt/requirements.lock"):
        assert (PROJECT_DIR / name).is_file()
