"""The figures are read from a real server, whose tables are made here by hand."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import astuple
from datetime import date, timedelta
from typing import Any

import pytest

from include.forms import Refused
from include.reports.flash.figures import Benchmark, Figures, read
from include.reports.flash.reconcile import compare
from include.reports.flash.words import METRICS, OCCUPIED, TENANT_TYPES, TOTAL
from infra.local.database import Database
from tests.include.reports.flash.example import AS_OF, EXAMPLE, counts, room

FIRST = date(2026, 2, 1)
GAP = date(2026, 2, 20)
WITHOUT_FIGURES = date(2026, 2, 24)
TABLES = {
    "silver.business_calendar": "business_date DATE, is_gap INT, reason VARCHAR(100)",
    "silver.flash_report_daily": "snapshot_date DATE, metric VARCHAR(40), month DATE, tenant_type VARCHAR(20), "
    "rooms INT, rooms_by_old_rule INT",
    "silver.flash_report_rooms_daily": "snapshot_date DATE, metric VARCHAR(40), apartment_id INT, room_id INT, "
    "moving_id INT, tenant_type VARCHAR(20), report_date DATE, gold_date DATE, is_in_report INT, is_in_gold INT, "
    "difference_class VARCHAR(40), room_row INT",
    "silver.tenant_room_snapshot_daily": "snapshot_date DATE, apartment_id INT, room_id INT, "
    "effective_movein_date DATE, effective_moveout_date DATE",
    "gold.occupancy_daily_metrics": "snapshot_date DATE, is_projection INT, new_moveins INT, new_moveouts INT, "
    "period_end_rooms INT",
    "gold.kpi_month_end_metrics": "snapshot_date DATE, occupancy_room_count_0000 INT",
    "seeds.flash_report_benchmarks": "month DATE, metric VARCHAR(40), tenant_type VARCHAR(20), value INT, "
    "tolerance INT, told_by VARCHAR(191)",
}
SCHEMAS = ("silver", "gold", "seeds")


@pytest.fixture(scope="module")
def server(make_database: Callable[[], Database]) -> Database:
    return make_database()


class Tables:
    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor
        for schema in SCHEMAS:
            self.run(f"DROP DATABASE IF EXISTS {schema}")
            self.run(f"CREATE DATABASE {schema}")
        for table, columns in TABLES.items():
            self.run(f"CREATE TABLE {table} ({columns})")

    def run(self, statement: str, *values: Any) -> None:
        self.cursor.execute(statement, values or None)

    def add(self, table: str, *rows: tuple[Any, ...]) -> None:
        for row in rows:
            self.run(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(row))})", *row)

    def add_figures(self, day: date) -> None:
        for (metric, kind), count in counts().items():
            self.add("silver.flash_report_daily", (day, metric, FIRST, kind, *astuple(count)))


@pytest.fixture
def tables(server: Database) -> Iterator[Tables]:
    """Facts from 1 to 26 February without the 20th, figures without the 24th; the worked example on each date."""
    with contextlib.closing(server.admin.connect()) as connection, connection.cursor() as cursor:
        made = Tables(cursor)
        for number in range(26):
            day = FIRST + timedelta(days=number)
            made.add("silver.business_calendar", (day, int(day == GAP), "no snapshot" if day == GAP else None))
            if day != WITHOUT_FIGURES:
                made.add_figures(day)
        yield made


def figures(server: Database, as_of: date | None = AS_OF) -> Figures:
    return read(server.admin, as_of)


def test_the_worked_example_is_read(tables: Tables, server: Database) -> None:
    made = figures(server)
    assert made.as_of == AS_OF
    assert {metric: tuple(made.rooms_of(metric, kind) for kind in TENANT_TYPES) for metric in METRICS} == {
        metric: rows[0] for metric, rows in EXAMPLE.items()
    }
    assert made.counts[OCCUPIED, TOTAL].by_earlier_rule == 7
    assert list(made.counts) == [(metric, kind) for metric in METRICS for kind in TENANT_TYPES]


def test_without_a_date_it_is_the_newest_that_is_no_gap(tables: Tables, server: Database) -> None:
    assert figures(server, None).as_of == AS_OF
    tables.run("UPDATE silver.business_calendar SET is_gap = 1 WHERE business_date = %s", AS_OF)
    assert figures(server, None).as_of == AS_OF - timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (GAP, r"2026-02-20 is a gap \(no snapshot\); .* nearest: 2026-02-19 or 2026-02-21$"),
        (WITHOUT_FIGURES, r"2026-02-24 has no figures of the flash report; .* nearest: 2026-02-23 or 2026-02-25$"),
        (date(2025, 6, 1), r"2025-06-01 has no figures of the flash report; .* nearest: 2026-02-01$"),
        (date(2026, 3, 3), r"2026-03-03 has no figures of the flash report; .* nearest: 2026-02-26$"),
    ],
)
def test_a_gap_and_an_unknown_date_are_refused(day: date, sentence: str, tables: Tables, server: Database) -> None:
    with pytest.raises(Refused, match=sentence):
        figures(server, day)


def test_before_the_first_run_it_says_what_to_run(tables: Tables, server: Database) -> None:
    tables.run("DELETE FROM silver.flash_report_daily")
    with pytest.raises(Refused, match="no date has figures of the flash report yet; run gghouse_daily once"):
        figures(server)
    tables.run("DROP TABLE silver.flash_report_daily")
    with pytest.raises(Refused, match="the tables of the flash report are not there yet; run gghouse_daily once"):
        figures(server)


def test_a_missing_figure_is_never_taken_for_none(tables: Tables, server: Database) -> None:
    tables.run("DELETE FROM silver.flash_report_daily WHERE tenant_type = 'unknown' AND metric LIKE 'movein%%next'")
    with pytest.raises(
        Refused, match="of 2026-02-26 lacks moveins_planned_next of unknown; make the date again with rec"
    ):
        figures(server)


def test_gold_stands_beside_the_figures(tables: Tables, server: Database) -> None:
    tables.add("gold.kpi_month_end_metrics", (FIRST, 11_268), (AS_OF, 1))
    tables.add(
        "gold.occupancy_daily_metrics",
        (date(2026, 1, 31), 0, 100, 100, 11_250),
        (FIRST, 0, 1, 2, 0),
        (date(2026, 2, 25), 1, 1000, 1000, 0),  # gold does not know it as a fact
        (AS_OF, 0, 3, 4, 0),
        (date(2026, 2, 27), 0, 1000, 1000, 0),  # known by now, and not as of the date
        (date(2026, 2, 28), 1, 1000, 1000, 0),
    )
    this, last, following = date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 31)
    tables.add(
        "silver.tenant_room_snapshot_daily",
        (AS_OF, 1, 1, this, None),
        (AS_OF, 1, 1, this, None),  # two tenants of a room count once a day
        (AS_OF, 1, 1, last, last),
        (AS_OF, 2, 1, this, following),
        (AS_OF, 2, 2, AS_OF, AS_OF),
        (AS_OF, 2, 3, following, date(2026, 4, 1)),
        (this, 3, 1, last, last),
    )
    assert figures(server).beside == {
        OCCUPIED: 11_268,
        "moveins_completed": 4,
        "moveins_planned": 3,
        "moveins_planned_next": 1,
        "moveouts_completed": 6,
        "moveouts_planned": 1,
        "moveouts_planned_next": 1,
    }


def test_nothing_is_planned_at_month_end(tables: Tables, server: Database) -> None:
    last = date(2026, 2, 28)
    tables.add("silver.business_calendar", (last, 0, None))
    tables.add_figures(last)
    tables.add("silver.tenant_room_snapshot_daily", (last, 1, 1, last, last))
    beside = figures(server, None).beside
    assert (beside["moveins_planned"], beside["moveouts_planned"]) == (0, 0)


def test_when_the_1st_is_a_gap_the_last_date_before_is_named(tables: Tables, server: Database) -> None:
    assert figures(server).last_before is None
    tables.run("UPDATE silver.flash_report_daily SET rooms = NULL WHERE metric = %s", OCCUPIED)
    tables.add("gold.occupancy_daily_metrics", (date(2026, 1, 30), 0, 0, 0, 11_250), (date(2026, 1, 31), 1, 0, 0, 9))
    made = figures(server)
    assert made.last_before == (date(2026, 1, 30), 11_250)
    assert compare(made)[0].difference is None


def test_rooms_come_in_the_order_of_the_report(tables: Tables, server: Database) -> None:
    rooms = [room("moveouts_completed", 3, None, report=1, gold=1), room(OCCUPIED, 2, "left_on_the_1st", gold=1)]
    for each in rooms:
        tables.add("silver.flash_report_rooms_daily", (AS_OF, *astuple(each), 1), (FIRST, *astuple(each), 1))
    assert figures(server).rooms == rooms[::-1]


def test_benchmarks_are_those_of_the_months_in_the_report(tables: Tables, server: Database) -> None:
    march = date(2026, 3, 1)
    told = [
        (FIRST, OCCUPIED, TOTAL, 11_271, 10, "the readers"),
        (march, OCCUPIED, TOTAL, 11_300, 10, "the readers"),
        (march, "moveins_planned_next", TOTAL, 131, None, "the property manager"),
        (FIRST, "moveins_planned_next", TOTAL, 100, None, "the property manager"),
    ]
    tables.add("seeds.flash_report_benchmarks", *told)
    assert figures(server).benchmarks == [Benchmark(*told[0]), Benchmark(*told[2])]
