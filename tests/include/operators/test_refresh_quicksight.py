"""A data set is refreshed, recorded, and compared with gold."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from include.alerts.causes import Cause
from include.operators.refresh_quicksight import RefreshQuickSightOperator
from include.quicksight.refresh import DailyLimitSpent, Ingestion


@pytest.fixture
def refresh(context: dict[str, Any], stub: Any, recorded: list[Any]) -> Any:
    """Run the operator with a refresh that returns or raises `result`; return its result and the refresh's calls."""

    def run(result: Any, table: str = "") -> tuple[dict[str, Any], list[Any]]:
        calls = stub("include.quicksight.refresh.refresh_dataset", result)
        stub("include.quicksight.refresh.table_shown", table)
        operator = RefreshQuickSightOperator(task_id="r", dataset_id="occupancy", target_date="2026-03-02")
        return operator.execute(context), calls

    return run


def test_a_refreshed_data_set_is_recorded(refresh: Any, recorded: list[Any]) -> None:
    done, (call,) = refresh(Ingestion("occupancy", "i", 94, 0))
    assert done == {"ingestion_id": "i", "rows": 94, "rows_dropped": 0}
    assert (call["account_id"], call["dataset_id"]) == ("123456789012", "occupancy"), "the account comes from STS"
    assert call["ingestion_id"] == "20260302-scheduled__1-1", "each try has an id of its own"
    assert call["timeout_seconds"] == 900
    (publication,) = (call["publication"] for call in recorded)
    assert publication.business_date == date(2026, 3, 2)
    assert (publication.layer, publication.row_count) == ("quicksight:occupancy", 94)


def test_a_spent_limit_is_not_retried(refresh: Any) -> None:
    with pytest.raises(AirflowFailException, match="has spent its refreshes"):
        refresh(DailyLimitSpent("occupancy has spent its refreshes"))


@pytest.mark.parametrize(
    ("rows", "dropped", "in_table", "sentence"),
    [
        (94, 0, 94, ""),
        (90, 4, 94, "holds 90 rows and QuickSight dropped 4, while gold.new_contracts has 94"),
        (90, 0, 94, "holds 90 rows and QuickSight dropped 0, while gold.new_contracts has 94"),
        (90, 0, ConnectionError("gone away"), ""),
        (90, 4, ConnectionError("gone away"), "holds 90 rows and QuickSight dropped 4"),
    ],
)
def test_rows_that_quicksight_lacks_are_told_and_the_day_goes_on(
    refresh: Any,
    stub: Any,
    logins: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    rows: int,
    dropped: int,
    in_table: Any,
    sentence: str,
) -> None:
    monkeypatch.setenv("AIRFLOW__GGHOUSE__READERS_HOST", "readers")
    stub("include.warehouse.schema.table_rows", in_table)
    warnings = stub("include.operators.refresh_quicksight.warn_people")
    assert refresh(Ingestion("occupancy", "i-1", rows, dropped), "gold.new_contracts")[0]["rows_dropped"] == dropped
    assert [(login.user, login.host) for login in logins][1:] == [("dbt", "readers")], "counted where QuickSight reads"
    assert [(one["fault"].cause, one["fault"].subject) for one in warnings] == (
        [(Cause.QUICKSIGHT_ROWS, "occupancy")] if sentence else []
    )
    assert all(one["sentence"].startswith(f"data set occupancy {sentence}; see ingestion i-1") for one in warnings)
