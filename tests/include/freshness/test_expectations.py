"""The limits of freshness stand in one place; who repeats them is held to it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import yaml

from include.freshness.expectations import (
    CRITICAL_DAYS,
    EXPECTATIONS,
    MONITORED,
    WARN_DAYS,
    expected_date,
    last_due,
)
from include.schedule import DASHBOARDS_DUE, moment
from include.settings import PROJECT_DIR
from tests.include.freshness.warehouse import TODAY, at

YESTERDAY = TODAY - timedelta(days=1)
DUE = moment(TODAY, DASHBOARDS_DUE)


def dbt_sources() -> dict[str, Any]:
    """What dbt expects of each source: its column, and its limits in days, or None where it expects nothing."""
    project = yaml.safe_load((PROJECT_DIR / "dbt" / "models" / "bronze" / "sources.yml").read_text())
    found: dict[str, Any] = {}
    for source in project["sources"]:
        for table in source["tables"]:
            limits = table.get("freshness", source.get("freshness"))
            column = table.get("loaded_at_field", source.get("loaded_at_field"))
            days = limits and tuple(limits[f"{name}_after"]["count"] for name in ("warn", "error"))
            found[f"{source['schema']}.{table['name']}"] = (column, days) if days else None
    return found


def test_dbt_expects_of_its_sources_what_the_watch_expects() -> None:
    expected = {
        one.table: (one.column, (WARN_DAYS, CRITICAL_DAYS))
        for one in MONITORED
        if one.table.startswith(("staging.", "history."))
    }
    assert {table: found for table, found in dbt_sources().items() if found} == expected


def test_i31_what_is_dead_for_the_watch_is_dead_for_dbt() -> None:
    assert [dbt_sources()[one.table] for one in EXPECTATIONS if one.dead] == [None]


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (at(6, 0), YESTERDAY),
        (DUE - timedelta(minutes=1), YESTERDAY),
        (DUE, TODAY),
        (at(23, 59), TODAY),
    ],
)
def test_until_the_dashboards_are_due_yesterdays_figures_are_the_newest(now: datetime, day: date) -> None:
    assert expected_date(now) == day
    assert last_due(now) == moment(day, DASHBOARDS_DUE)
