"""Days pass: rows arrive, dbt runs, and now and then everything is compared with what the oracle says."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.oracle import contracts, dashboards, flash, rooms, rules, tenants
from tests.oracle.compare import Comparison
from tests.oracle.edges import GEO_BACKUP, GUESSES
from tests.oracle.rules import Row
from tests.oracle.source import Bronze, Staging, days

BY_DATE = (
    "tenant_room_snapshot_daily",
    "room_departures_daily",
    "building_occupancy_daily",
    "tenant_status_history",
    "business_calendar",
    "flash_report_daily",
    "flash_report_rooms_daily",
)
"""What has to run on every date; everything else is made whole from it."""


def of(text: str) -> date:
    return date.fromisoformat(text)


def each(*texts: str) -> tuple[date, ...]:
    return tuple(map(of, texts))


@dataclass(frozen=True)
class Window:
    """Which dates there are and what befalls them.

    Attributes:
        dates: all of them, in order.
        withheld: dates whose dump never comes.
        late: dates that are run after a later one, and that one.
        spoiled: dates that are first run with a bad dump, and the date after which they are run again.
        declared: dates that an operator declared a gap (True) or good (False).
        looks: dates after which everything is built and compared.
        edges: with the rows of edges.py.
    """

    dates: tuple[date, ...]
    withheld: tuple[date, ...] = ()
    late: dict[date, date] = field(default_factory=dict)
    spoiled: dict[date, date] = field(default_factory=dict)
    declared: dict[date, bool] = field(default_factory=dict)
    looks: tuple[date, ...] = ()
    edges: bool = True


LEAP_DAYS = each("2028-02-27", "2028-02-28", "2028-02-29")
"""Two years later, of which nothing is known in between."""
SEED_OVERRIDES = {
    **dict.fromkeys(rules.sequence(of("2026-02-04"), of("2026-02-10")), False),
    **dict.fromkeys(rules.sequence(of("2026-02-11"), of("2026-02-18")), True),
}
"""Dates declared for ever."""
WHOLE = Window(
    dates=(*rules.sequence(of("2026-01-15"), of("2026-03-20")), *LEAP_DAYS),
    withheld=each(
        *("2026-01-22", "2026-02-05"),  # single ones, the second declared good
        *("2026-02-14", "2026-02-15"),  # of the corrupted window
        *("2026-03-08", "2026-03-09", "2026-03-10"),  # three in a row
    ),
    late={of("2026-02-25"): of("2026-02-27")},
    spoiled={of("2026-01-27"): of("2026-01-30"), of("2026-03-12"): of("2026-03-15")},
    declared={of("2026-02-16"): False, of("2026-03-03"): True},
    looks=each(
        *("2026-01-25", "2026-01-31", "2026-02-10"),
        "2026-02-13",  # itself declared a gap
        *("2026-02-20", "2026-02-28", "2026-03-11", "2026-03-20", "2028-02-29"),
    ),
)
SHORT = Window(
    dates=tuple(rules.sequence(of("2026-02-16"), of("2026-02-28"))),
    withheld=each("2026-02-21"),
    spoiled={of("2026-02-22"): of("2026-02-25")},
    declared={of("2026-02-16"): False, of("2026-02-24"): True},
    looks=each("2026-02-20", "2026-02-28"),
)
"""Two weeks with a bit of everything."""
CLEAN = Window(
    dates=tuple(rules.sequence(of("2026-01-11"), of("2026-03-11"))),
    looks=each("2026-01-31", "2026-02-10", "2026-02-28", "2026-03-11"),
    edges=False,
)
"""Sixty dates of the simulated company alone, every dump of which comes."""
NASTY = Window(
    dates=tuple(rules.sequence(of("2026-02-19"), of("2026-03-20"))),
    withheld=each("2026-02-26", "2026-03-09"),
    late={of("2026-03-04"): of("2026-03-06")},
    spoiled={of("2026-03-12"): of("2026-03-13")},
    declared={of("2026-03-02"): True},
    looks=each("2026-02-28", "2026-03-11", "2026-03-20"),
)
"""Thirty dates full of what goes wrong."""

FLASH = Window(
    dates=(
        *rules.sequence(of("2025-12-28"), of("2026-01-04")),
        *rules.sequence(of("2026-01-28"), of("2026-02-03")),
        *rules.sequence(of("2026-02-22"), of("2026-03-04")),
        *rules.sequence(of("2026-03-30"), of("2026-04-02")),
        *rules.sequence(of("2027-12-30"), of("2028-01-02")),
        *rules.sequence(of("2028-01-31"), of("2028-02-01")),
        *rules.sequence(of("2028-02-26"), of("2028-03-02")),
    ),
    withheld=each("2026-03-01", "2028-02-28"),  # a first of a month, and one within
    spoiled={of("2026-02-23"): of("2026-02-27")},
    declared={of("2026-02-25"): True},
    looks=each("2028-03-02"),
)
"""Forty dates around ends of months, of which the flash report is made: December to January, a leap February, gaps."""


class Play:
    """A warehouse and an oracle that see the same days."""

    def __init__(self, project: Any, window: Window, say: Callable[[str], None] = lambda line: None) -> None:
        self._project, self._window, self._say = project, window, say
        self.comparison = Comparison()
        self._rooms = rooms.Rooms({**SEED_OVERRIDES, **window.declared})
        self._snapshots: dict[date, dict[int, Any]] = {}
        self._flash = flash.Flash(self._rooms, self._snapshots)
        self._staging = Staging(project)
        self._compared: set[date] = set()
        self.today = window.dates[0]
        self._again = {when: [day for day, due in [*window.late.items(), *window.spoiled.items()] if due == when]
                       for when in (*window.late.values(), *window.spoiled.values())}  # fmt: skip

    def run(self, stop_early: bool = False) -> Comparison:
        """Let all days pass, or those until something differs."""
        started = time.monotonic()
        self._prepare()
        known = dict(days(set(self._window.dates), self._staging.columns, self._window.edges))
        self._say(f"{len(known)} days of rows in {time.monotonic() - started:.1f} s")
        for today, bronze in known.items():
            self.today = today
            if today in self._window.withheld or today in self._window.late:
                continue
            self._day(today, spoil(bronze) if today in self._window.spoiled else bronze)
            for earlier in self._again.get(today, ()):
                self._day(earlier, known[earlier])
            if today in self._window.looks:
                self._look(today, bronze)
                self._say(f"{today} compared after {time.monotonic() - started:.1f} s")
                if stop_early and self.comparison.mismatches:
                    break
        return self.comparison

    def _prepare(self) -> None:
        execute = self._project.execute
        for apartment, (latitude, longitude) in GEO_BACKUP.items():
            execute(
                "insert into ops.property_geo_latlon_backup (apartment_id, latitude, longitude) values (%s, %s, %s)",
                [apartment, latitude, longitude],
            )
        for answer in GUESSES.answers:
            execute(
                "insert into ops.nationality_predictions (name_hash, source, model_version, nationality, confidence, "
                "first_business_date) values (%s, %s, %s, %s, %s, %s)",
                [answer.key, answer.source, answer.version, answer.nationality, answer.confidence, answer.first],
            )
        for judgement in GUESSES.judgements:
            execute(
                "insert into ops.nationality_evaluation (evaluated_on, source, is_used) values (%s, %s, %s)",
                [judgement.since, judgement.source, judgement.is_used],
            )
        for day, is_gap in self._window.declared.items():
            execute(
                "insert into ops.date_overrides values (%s, %s, 'looked at', 'operator', '2026-01-01 00:00:00')",
                [day, is_gap],
            )

    def _day(self, today: date, bronze: Bronze) -> None:
        self._staging.put(bronze)
        self._snapshots[today] = tenants.snapshot(bronze)
        with self._project.connection.cursor() as cursor:
            cursor.execute("delete from history.tenant_daily_snapshots where snapshot_date = %s", [today])
            cursor.executemany(
                "insert into history.tenant_daily_snapshots (tenant_id, status, contract_type, full_name,"
                " snapshot_date) values (%s, %s, %s, %s, %s)",
                [(number, *state, today) for number, state in self._snapshots[today].items()],
            )
        self._project.connection.commit()
        self._project.dbt("run", today.isoformat(), "--select", *BY_DATE)
        self._rooms.run(today, bronze)
        self._flash.run(today, bronze)
        self._compared.discard(today)

    def _look(self, today: date, bronze: Bronze) -> None:
        self._staging.put(bronze)
        self._project.dbt("run", today.isoformat(), "--exclude", "config.materialized:view", *BY_DATE)
        for day in sorted(self._rooms.held.keys() - self._compared):
            self._partition("tenant_room_snapshot_daily", today, day, SNAPSHOT_KEY, self._rooms.held[day])
            self._partition("room_departures_daily", today, day, ROOM_KEY, self._rooms.left[day])
            self._partition(
                "building_occupancy_daily",
                today,
                day,
                ("snapshot_date", "apartment_id"),
                rooms.building_occupancy(day, self._rooms.held[day], self._rooms.left[day]),
            )
            self._partition("flash_report_daily", today, day, FLASH_KEY, self._flash.figures[day])
            self._partition("flash_report_rooms_daily", today, day, FLASH_ROOM_KEY, self._flash.compared[day])
        self._compared |= self._rooms.held.keys()
        for model, (key, expected) in self._figures(today, bronze).items():
            self.comparison.table(self._project, model, today, key, expected)

    def _partition(self, model: str, today: date, day: date, key: tuple[str, ...], expected: list[Row]) -> None:
        with self._project.connection.cursor() as cursor:
            cursor.execute(f"select * from silver.{model} where snapshot_date = %s", [day])
            columns = [column[0] for column in cursor.description]
            wanted = [{name: row[name] for name in columns if name in row} for row in expected]
            self.comparison.given(model, today, key, wanted, columns, cursor.fetchall())

    def _columns_of(self, model: str, rows: list[Row]) -> list[Row]:
        """Leave out what the oracle knows about a contract and the table does not show."""
        with self._project.connection.cursor() as cursor:
            cursor.execute(f"select * from {self._project.relations[model]}.{model} limit 0")
            shown = {column[0] for column in cursor.description}
        return [{name: value for name, value in row.items() if name in shown} for row in rows]

    def _figures(self, today: date, bronze: Bronze) -> dict[str, tuple[tuple[str, ...], list[Row]]]:
        """Return what every compared table should hold, by model, with the columns that tell its rows apart."""
        buildings = contracts.properties(bronze, GEO_BACKUP)
        known = contracts.contracts(today, bronze, buildings, GUESSES)
        history = tenants.status_history(self._snapshots)
        applied = tenants.applications(history, min(self._snapshots), self._rooms.is_gap)
        by_property = self._rooms.by_property(buildings, bronze)
        occupancy = self._rooms.occupancy(applied)
        trace = self._rooms.trace(today)
        return {
            "business_calendar": (("business_date",), self._rooms.calendar()),
            "tenant_status_history": (("tenant_id", "valid_from"), history),
            "tenant_applications": (
                ("tenant_id",),
                tenants.tenant_applications(history, min(self._snapshots), self._rooms.is_gap),
            ),
            "int_contracts": (("contract_id",), known),
            "occupancy_daily_metrics": (("snapshot_date",), occupancy),
            "kpi_month_end_metrics": (("snapshot_date",), self._rooms.money()),
            "occupancy_property_daily": (("snapshot_date", "apartment_id"), by_property),
            "occupancy_property_map_latest": (("apartment_id",), self._rooms.on_the_map(by_property)),
            "occupancy_kpi_meta": (("business_date",), [trace["occupancy_kpi_meta"]]),
            "kpi_reference_trace": (("business_date",), [trace["kpi_reference_trace"]]),
            "dim_property": (
                ("apartment_id",),
                [row | {"as_of_date": today} for row in buildings.values() if row["asset_id_hj"] is not None],
            ),
            "data_quality_calendar": (("snapshot_date",), self._rooms.quality()),
            "tenant_status_transitions": (
                ("tenant_id", "event_date"),
                tenants.transitions(history, self._rooms.as_of),
            ),
            "daily_activity_summary": (
                ("activity_date", "tenant_type"),
                tenants.activity(today, bronze, known, history, applied, min(self._snapshots)),
            ),
            **{
                model: (("contract_id",), self._columns_of(model, rows))
                for model, rows in contracts.for_readers(today, known).items()
            },
            "executive_kpis": (("as_of_date",), [dashboards.kpis(today, occupancy, known, by_property)]),
            "occupancy_mix_latest": (
                ("tenant_type", "rent_range"),
                dashboards.mix(self._rooms.as_of, self._rooms.held[self._rooms.as_of]),
            ),
            "occupancy_outlook_accuracy": (
                ("outlook_date", "horizon_days"),
                dashboards.outlook_accuracy(self._rooms.held, self._rooms.facts()),
            ),
            "cohort_retention": (("cohort_month", "months_stayed"), dashboards.retention(today, known)),
        }


SNAPSHOT_KEY = ("snapshot_date", "tenant_id", "apartment_id", "room_id")
ROOM_KEY = ("snapshot_date", "apartment_id", "room_id")
FLASH_KEY = ("snapshot_date", "metric", "tenant_type")
FLASH_ROOM_KEY = ("snapshot_date", "metric", "apartment_id", "room_id", "room_row")


def spoil(bronze: Bronze) -> Bronze:
    """Return a day as a broken load leaves it: every seventh contract and every ninth tenant is missing."""
    return bronze | {
        "movings": {number: row for number, row in bronze["movings"].items() if number % 7},
        "tenants": {
            number: row | {"status": "9"} if number % 5 == 0 else row
            for number, row in bronze["tenants"].items()
            if number % 9
        },
    }
