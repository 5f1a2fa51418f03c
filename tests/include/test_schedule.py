"""One business date per run, counted in Tokyo."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from include.schedule import FIRST_DATE, BusinessDateError, business_date, resolve_target_date

DUE = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)  # 07:00 of 2 March in Tokyo
TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (DUE, date(2026, 3, 2)),
        (datetime(2026, 3, 1, 14, 59, 59, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 1, 15, 0, tzinfo=UTC), date(2026, 3, 2)),
        (datetime(2024, 2, 28, 15, 0, tzinfo=UTC), date(2024, 2, 29)),
    ],
)
def test_i27_the_business_date_is_the_day_in_tokyo(instant: datetime, expected: date) -> None:
    assert business_date(instant) == expected


def test_an_instant_without_a_zone_has_no_business_date() -> None:
    with pytest.raises(BusinessDateError, match="no time zone"):
        business_date(datetime(2026, 3, 1, 22, 0))  # noqa: DTZ001


@pytest.mark.parametrize("requested", [None, "", "  "])
def test_a_blank_form_means_the_runs_own_date(requested: str | None) -> None:
    assert resolve_target_date(requested, DUE, TODAY) == date(2026, 3, 2)


@pytest.mark.parametrize("requested", [" 2025-05-11 ", "2026-03-02", "2026-02-28"])
def test_any_past_date_can_be_asked_for(requested: str) -> None:
    assert resolve_target_date(requested, DUE, TODAY) == date.fromisoformat(requested.strip())


@pytest.mark.parametrize("requested", ["2026-02-29", "20260301", "01.03.2026", "yesterday", "2026-3-1", "2026-W09-7"])
def test_what_is_no_date_is_refused_with_the_form_it_should_have(requested: str) -> None:
    with pytest.raises(BusinessDateError, match="write it as YYYY-MM-DD"):
        resolve_target_date(requested, DUE, TODAY)


@pytest.mark.parametrize("requested", ["2025-05-10", "2026-03-03"])
def test_dates_outside_the_history_are_refused_with_its_bounds(requested: str) -> None:
    with pytest.raises(BusinessDateError, match=f"{FIRST_DATE} .* to {TODAY}"):
        resolve_target_date(requested, DUE, TODAY)
