from __future__ import annotations

from datetime import date, timedelta

import pytest

from infra.local.day import _last_file, _why, last_date, next_date

TODAY = date(2026, 11, 29)
YESTERDAY = TODAY - timedelta(days=1)


@pytest.mark.parametrize(
    ("last", "target", "why"),
    [
        (None, TODAY, ", today in Tokyo"),
        (YESTERDAY, TODAY, ", today in Tokyo"),
        (TODAY, TODAY, ", today in Tokyo, once more: tomorrow's dump is not there yet"),
        (TODAY + timedelta(days=1), TODAY, ", today in Tokyo, once more: tomorrow's dump is not there yet"),
        (date(2026, 3, 2), date(2026, 3, 3), ", the day after the last run (DATE=2026-11-29 runs today's)"),
    ],
)
def test_a_run_without_a_date_is_of_the_day_after_the_last_one_at_first_and_at_most_today(
    last: date | None, target: date, why: str
) -> None:
    assert next_date(last, TODAY) == target
    assert _why(target, last, TODAY) == why


def test_the_last_date_is_kept(state) -> None:
    assert last_date(state) is None
    state.directory.mkdir()
    _last_file(state).write_text("2026-03-02\n")
    assert last_date(state) == date(2026, 3, 2)
