"""The cleaning of Airflow's database: on MWAA only, with the days of the form, and never more than a warning."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from include.operators.clean_metadata import CleanMetadataOperator

CLEAN = "include.housekeeping.metadata.clean"
FORM = {"keep_days": 60, "dry_run": True}


def cleaned(context: dict[str, Any], attempt: int = 1, retries: int = 0) -> Any:
    context["ti"].try_number = attempt
    context["params"] = FORM
    return CleanMetadataOperator(task_id="clean_metadata", retries=retries).execute(context)


def test_elsewhere_it_is_skipped_without_a_warning(context: dict[str, Any], stub: Any, warned: list[Any]) -> None:
    calls = stub(CLEAN, {})
    with pytest.raises(AirflowSkipException, match="not on MWAA"):
        cleaned(context)
    assert (calls, warned) == ([], [])


def test_the_form_says_what_is_kept(
    context: dict[str, Any], stub: Any, monkeypatch: pytest.MonkeyPatch, warned: list[Any]
) -> None:
    monkeypatch.setenv("AIRFLOW__GGHOUSE__MWAA_ENVIRONMENT", "gghouse-prod")
    calls = stub(CLEAN, {"dag_run": 3})
    assert cleaned(context) == {"dag_run": 3}
    assert (calls[0]["keep_days"], calls[0]["dry_run"]) == (60, True)
    assert warned == []


def test_a_failure_is_a_warning_after_the_last_try(
    context: dict[str, Any], stub: Any, monkeypatch: pytest.MonkeyPatch, warned: list[Any]
) -> None:
    monkeypatch.setenv("AIRFLOW__GGHOUSE__MWAA_ENVIRONMENT", "gghouse-prod")
    stub(CLEAN, RuntimeError("no answer"))
    with pytest.raises(RuntimeError):
        cleaned(context, 1, retries=2)
    assert warned == []
    with pytest.raises(AirflowSkipException):
        cleaned(context, 3, retries=2)
    assert [str(warning["error"]) for warning in warned] == ["no answer"]
