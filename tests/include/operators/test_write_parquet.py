"""The day's history is written with the login that reads, and forgotten with the one that owns it; both fail open."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from include.history.retention import RetentionError, Retired
from include.lake.writing import Written
from include.operators.write_parquet import WriteParquetOperator

WRITE, RETIRE = "include.lake.writing.write_day", "include.history.retention.retire"


def execute(context: dict[str, Any], attempt: int = 1) -> Any:
    context["ti"].try_number = attempt
    return WriteParquetOperator(task_id="write_parquet", target_date="2026-03-02", retries=1).execute(context)


def test_the_day_is_written_before_anything_is_forgotten(context: dict[str, Any], stub: Any) -> None:
    written, retired = stub(WRITE, Written(4, 50_000, 7)), stub(RETIRE, Retired(2, 99))
    assert execute(context) == {"partitions": 4, "rows": 50_000, "retired_dates": 2}
    assert [(call["target"], call["settings"].bucket) for call in (*written, *retired)] == [
        (date(2026, 3, 2), "bucket")
    ] * 2
    assert (written[0]["login"].user, retired[0]["loader"].user) == ("dbt", "loader")


@pytest.mark.parametrize(
    ("path", "error"), [(WRITE, PermissionError("refused")), (RETIRE, RetentionError("the date stays"))]
)
def test_a_failure_warns_and_the_day_goes_on(
    context: dict[str, Any], stub: Any, warned: list[Any], path: str, error: Exception
) -> None:
    stub(WRITE, Written())
    retired = stub(RETIRE, Retired())
    stub(path, error)
    with pytest.raises(type(error)):
        execute(context)
    assert warned == []
    with pytest.raises(AirflowSkipException, match=f"write_parquet failed: {error}"):
        execute(context, attempt=2)
    assert [str(warning["error"]) for warning in warned] == [str(error)]
    assert retired == [], "what was not written is not forgotten"
