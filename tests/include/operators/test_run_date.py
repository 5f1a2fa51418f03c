"""The business date of a run."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from include.operators.run_date import event_dates, run_date
from include.schedule import BusinessDateError

SEVEN_IN_TOKYO = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)


def test_i27_the_scheduled_run_is_about_the_tokyo_day() -> None:
    run = SimpleNamespace(logical_date=SEVEN_IN_TOKYO, run_after=SEVEN_IN_TOKYO)
    assert run_date(run, {"target_date": None}) == date(2026, 3, 2)


def test_a_manual_run_without_logical_date_is_about_the_day_it_was_due() -> None:
    run = SimpleNamespace(logical_date=None, run_after=SEVEN_IN_TOKYO)
    assert run_date(run, {}) == date(2026, 3, 2)


def test_the_trigger_form_decides() -> None:
    run = SimpleNamespace(logical_date=SEVEN_IN_TOKYO, run_after=SEVEN_IN_TOKYO)
    assert run_date(run, {"target_date": "2026-02-05"}) == date(2026, 2, 5)
    with pytest.raises(BusinessDateError, match="write it as YYYY-MM-DD"):
        run_date(run, {"target_date": "2026-02-30"})


def test_a_run_that_assets_started_is_about_their_newest_date() -> None:
    events = [SimpleNamespace(extra={"business_date": day}) for day in ("2026-02-28", "2026-03-01", "2026-02-28")]
    events += [SimpleNamespace(extra={}), SimpleNamespace(extra=None)]
    run = SimpleNamespace(logical_date=None, run_after=SEVEN_IN_TOKYO, consumed_asset_events=events)
    assert event_dates(run) == [date(2026, 2, 28), date(2026, 3, 1)]
    assert run_date(run, {}) == date(2026, 3, 1)
