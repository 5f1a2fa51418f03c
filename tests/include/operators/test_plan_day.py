"""The day of a run is checked before anything is done."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from include.operators.plan_day import PlanDayOperator


@pytest.fixture
def tables(stub: Any, logins: list[Any]) -> list[Any]:
    """The calls that create the platform's tables."""
    calls: list[Any] = stub("include.warehouse.schema.ensure_platform_tables")
    return calls


def test_planning_names_the_day_and_makes_the_tables(
    context: dict[str, Any], tables: list[Any], logins: list[Any]
) -> None:
    assert PlanDayOperator(task_id="plan_day").execute(context) == "2026-03-02"
    assert [login.user for login in logins] == ["loader"]
    (made,) = tables
    made["connection"].close.assert_called_once_with()


@pytest.mark.parametrize("requested", ["2026-02-30", "02/03/2026", "2025-05-10", "2999-01-01"])
def test_a_bad_date_fails_at_once_with_one_sentence(context: dict[str, Any], tables: list[Any], requested: str) -> None:
    context["params"]["target_date"] = requested
    with pytest.raises(AirflowFailException) as caught:
        PlanDayOperator(task_id="plan_day").execute(context)
    assert requested in str(caught.value)
    assert "\n" not in str(caught.value)
    assert tables == []
