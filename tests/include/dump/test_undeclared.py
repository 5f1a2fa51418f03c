"""I-12: rejected rows beyond the declared ones are news, once for each change, whatever the night brings."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from include.dump import duplicates
from include.dump.duplicates import news, rows_beyond, undeclared, undeclared_of

DAY = date(2026, 3, 10)


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "KNOWN_DUPLICATES", {"Deposits": 4})


def past(*counts: int) -> list[tuple[date, dict[str, int]]]:
    """Rejected tenants of the days before, the newest first."""
    return [(DAY - timedelta(days=back), {"tenants": rows} if rows else {}) for back, rows in enumerate(counts, 1)]


def test_i12_only_what_is_beyond_the_declared_number_counts() -> None:
    assert undeclared({"Deposits": 4, "tenants": 0}) == {}
    assert undeclared({"tenants": 1, "Deposits": 5, "rooms": 0}) == {"Deposits": 5, "tenants": 1}
    assert rows_beyond({"tenants": 1, "Deposits": 7}) == 4
    tables = (SimpleNamespace(table="Deposits", rejects=9), SimpleNamespace(table="rooms", rejects=0))
    report: Any = SimpleNamespace(rejects=9, tables=tables)
    assert undeclared_of(report) == {"Deposits": 9}


@pytest.mark.parametrize(
    ("rows", "before", "told"),
    [
        (3, (), "since 2026-03-10 (0 in the load before)"),
        (3, (0, 3), "since 2026-03-10 (0 in the load before)"),
        (3, (2,), "since 2026-03-10 (2 in the load before)"),
        (3, (5, 3), "since 2026-03-10 (5 in the load before)"),
        (3, (3,), ""),
        (3, (3, 3, 0), ""),
        (0, (3,), ""),
    ],
)
def test_i12_people_hear_of_each_change_and_of_nothing_else(rows: int, before: tuple[int, ...], told: str) -> None:
    text = news(undeclared({"tenants": rows}), DAY, past(*before))
    assert text == (f"tenants: rejected rows {rows}, declared 0, {told}" if told else "")


def test_with_a_new_table_the_others_are_named_too_and_since_when() -> None:
    assert news(undeclared({"tenants": 3, "Deposits": 6}), DAY, past(3, 3, 2)).splitlines() == [
        "Deposits: rejected rows 6, declared 4, since 2026-03-10 (0 in the load before)",
        "tenants: rejected rows 3, declared 0, since 2026-03-08 (3 in the load before)",
    ]


def test_a_change_below_the_declared_number_is_no_news() -> None:
    before = [(DAY - timedelta(days=1), {"Deposits": 2, "tenants": 3})]
    assert news(undeclared({"Deposits": 4, "tenants": 3}), DAY, before) == ""
