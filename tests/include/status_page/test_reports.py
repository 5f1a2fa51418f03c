"""What the page says about reports, read from a real server."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from include.settings import Settings
from include.status_page.facts import Facts, collect
from include.status_page.render import render
from include.status_page.reports import CorrectionKind, Corrections, RentRoll, ReportRun
from include.warehouse.endpoint import Endpoint
from tests.include.status_page.scenes import at

TODAY = date(2026, 3, 2)
NOW = at(TODAY, 8, 5)
COUNTS = (
    "CREATE DATABASE reports",
    "CREATE TABLE reports.correction_counts (snapshot_date DATE, kind VARCHAR(40), kind_order INT, kind_label "
    "VARCHAR(201), open_count INT, new_count INT, returned_count INT, corrected_count INT) CHARACTER SET utf8mb4",
)
RUNS = (
    # as include/warehouse/schema.py makes it
    "CREATE TABLE IF NOT EXISTS ops.rent_roll_runs (run_id CHAR(32), period VARCHAR(6), as_of DATE, file_key TEXT, "
    "etag TEXT, sha256 CHAR(64), file_rows INT, period_rows INT, active_rooms INT, pms_rooms INT, matched_rooms INT, "
    "unexplained_rooms INT, unexplained_share DECIMAL(6,4), raw_variance DECIMAL(9,4), verdict VARCHAR(16), "
    "requested_by VARCHAR(191), made_at DATETIME(3), PRIMARY KEY (run_id))",
    "DELETE FROM ops.rent_roll_runs",
)


def run(connection: Any, *statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def counted(connection: Any, day: date, kind: str, order: int, *counts: int) -> None:
    values = ", ".join(map(str, counts))
    run(
        connection,
        f"INSERT INTO reports.correction_counts VALUES ('{day}', '{kind}', {order}, 'Label of {kind}', {values})",
    )


def compared(connection: Any, run_id: str, made_at: str, share: str = "0.0719", verdict: str = "investigate") -> None:
    run(
        connection,
        "INSERT INTO ops.rent_roll_runs (run_id, period, as_of, file_key, etag, sha256, file_rows, period_rows, "
        "active_rooms, pms_rooms, matched_rooms, unexplained_rooms, unexplained_share, raw_variance, verdict, "
        f"requested_by, made_at) VALUES ('{run_id}', '202602', '2026-02-28', 'rent-roll/202602/x.csv', 'e', 's', 9, 9, "
        f"11204, 11210, 10000, 806, {share}, 0.1, '{verdict}', 'somebody', '{made_at}')",
    )


def reported(connection: Any, name: str, began: str, outcome: str | None) -> None:
    ended, result = ("NULL", "NULL") if outcome is None else (f"'{began}' + INTERVAL 1 MINUTE", f"'{outcome}'")
    run(
        connection,
        "INSERT INTO ops.reports (name, requested, requested_by, started_at, finished_at, outcome) "
        f"VALUES ('{name}', '{{}}', 'somebody', '{began}', {ended}, {result})",
    )


@pytest.fixture
def collected(s3: Any, settings: Settings, dbt: Endpoint) -> Any:
    return lambda: collect(s3, settings, dbt, NOW)


def test_corrections_by_kind_with_change_and_trend(collected: Any, warehouse: Any) -> None:
    run(warehouse, *COUNTS)
    for back, number in enumerate((7, 5, 9)):
        counted(warehouse, TODAY - timedelta(days=back), "second", 2, number, 3, 1, 2)
    counted(warehouse, TODAY, "first", 1, 0, 0, 0, 0)
    assert collected().corrections.value == Corrections(
        TODAY,
        TODAY - timedelta(days=1),
        (
            CorrectionKind("Label of first", 0, 0, 0, 0, (0, 0, 0)),
            CorrectionKind("Label of second", 7, 3, 1, 2, (9, 5, 7)),
        ),
    )


def test_a_trend_has_fourteen_dates(collected: Any, warehouse: Any) -> None:
    run(warehouse, *COUNTS)
    for back in range(20):
        counted(warehouse, TODAY - timedelta(days=back), "a", 1, 100 - back, 0, 0, 0)
    (kind,) = collected().corrections.value.kinds
    assert kind.trend == tuple(range(87, 101))
    assert kind.change == 1


@pytest.mark.parametrize(
    ("trend", "change", "spark"),
    [((5,), None, ""), ((5, 5), 0, "2,18 82,18"), ((1, 3, 2), -1, "2,18 42,2 82,10")],
)
def test_the_curve_of_a_kind(trend: tuple[int, ...], change: int | None, spark: str) -> None:
    kind = CorrectionKind("x", trend[-1], 0, 0, 0, trend)
    assert (kind.change, kind.spark) == (change, spark)


def test_the_rent_roll_that_was_compared_last(collected: Any, warehouse: Any) -> None:
    run(warehouse, *RUNS)
    assert collected().rent_roll.value is None
    compared(warehouse, "b", "2026-03-01 01:00:00", verdict="fine")
    compared(warehouse, "a", "2026-03-01 05:02:00")
    made = at(date(2026, 3, 1), 14, 2)
    assert collected().rent_roll.value == RentRoll(
        "202602", date(2026, 2, 28), 11_204, 806, 0.0719, "investigate", made
    )
    compared(warehouse, "c", "2026-03-01 06:00:00", share="NULL")
    assert collected().rent_roll.value.unexplained_share is None


def test_the_newest_attempt_of_each_report_and_when_it_was_made_last(collected: Any, warehouse: Any) -> None:
    reported(warehouse, "flash", "2026-02-28 22:00:00", "Flash report of February\n  more\ns3://x")
    reported(warehouse, "flash", "2026-03-01 22:00:00", "failed: no template of that name; upload it")
    reported(warehouse, "corrections", "2026-03-01 22:00:00", "Records to correct: 9")
    reported(warehouse, "tenants", "2026-03-01 22:00:00", None)
    assert collected().reports.value == [
        ReportRun("corrections", "made", at(TODAY, 7, 1), "Records to correct: 9", at(TODAY, 7, 1)),
        ReportRun(
            "flash", "failed", at(TODAY, 7, 1), "no template of that name; upload it", at(date(2026, 3, 1), 7, 1)
        ),
        ReportRun("tenants", "unfinished", at(TODAY, 7, 0), "", None),
    ]


def test_who_asked_is_not_on_the_page(collected: Any, warehouse: Any) -> None:
    run(warehouse, *RUNS)
    compared(warehouse, "a", "2026-03-01 05:02:00")
    reported(warehouse, "flash", "2026-02-28 22:00:00", "Flash report of February")
    assert "somebody" not in render(collected())


def test_what_was_never_made_says_so(collected: Any, warehouse: Any) -> None:
    run(warehouse, "DROP TABLE IF EXISTS ops.rent_roll_runs", "DROP TABLE ops.reports")
    facts: Facts = collected()
    assert facts.corrections.trouble == (
        "Records to correct: nothing yet. The first run of report_corrections creates the tables."
    )
    assert facts.rent_roll.trouble.startswith("The last rent roll: nothing yet.")
    assert facts.reports.trouble.startswith("Reports: nothing yet.")


def test_before_the_first_report_every_part_says_so(collected: Any, warehouse: Any) -> None:
    run(warehouse, *COUNTS, *RUNS)
    page = render(collected())
    for sentence in ("No list was made yet.", "No report was made yet.", "No rent roll was compared yet."):
        assert sentence in page
