"""The figures of a flash report, and what the warehouse has beside them."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import MySQLdb

from include.forms import Refused
from include.reports.flash.words import METRICS, OCCUPIED, REPORT_ROOMS, TENANT_TYPES, TOTAL
from include.warehouse.server_errors import ABSENT

if TYPE_CHECKING:
    from include.warehouse.endpoint import Endpoint


@dataclass(frozen=True)
class Count:
    """Rooms of one metric and tenant type.

    Attributes:
        rooms: by the report's rule; None when the 1st is a gap.
        by_earlier_rule: by the rule of the earlier system.
    """

    rooms: int | None
    by_earlier_rule: int | None

    @property
    def difference(self) -> int | None:
        """Rooms by which the report exceeds the earlier rule."""
        return None if self.rooms is None or self.by_earlier_rule is None else self.rooms - self.by_earlier_rule


@dataclass(frozen=True)
class Room:
    """A room that the report counts, or the figure beside it; the columns of `silver.flash_report_rooms_daily`."""

    metric: str
    apartment_id: int
    room_id: int
    moving_id: int | None
    tenant_type: str
    report_date: date | None
    gold_date: date | None
    is_in_report: int
    is_in_gold: int
    difference_class: str | None


@dataclass(frozen=True)
class Benchmark:
    """A figure that somebody else counted; `tolerance` is None when nobody said by how much it may differ."""

    month: date
    metric: str
    tenant_type: str
    value: int
    tolerance: int | None
    told_by: str


@dataclass(frozen=True)
class Figures:
    """Everything that a flash report is made of.

    Attributes:
        as_of: business date.
        counts: rooms by metric and tenant type.
        beside: the warehouse's own figure by metric, None when it has none.
        rooms: those that the report or the figure beside it counts; of `occupied_0000` only those that differ.
        benchmarks: of the months in the report.
        last_before: when the 1st is a gap, the last date before it that has facts, and its rooms at the end of the day.
    """

    as_of: date
    counts: Mapping[tuple[str, str], Count]
    beside: Mapping[str, int | None]
    rooms: Sequence[Room] = ()
    benchmarks: Sequence[Benchmark] = ()
    last_before: tuple[date, int] | None = None

    def rooms_of(self, metric: str, tenant_type: str) -> int | None:
        """Return the rooms of a metric and tenant type."""
        return self.counts[metric, tenant_type].rooms

    def window(self, metric: str) -> tuple[date, date] | tuple[None, None]:
        """Return the first and the last date that a metric counts; none are left of what is planned at month end."""
        return METRICS[metric].window(self.as_of) or (None, None)

    def month(self, metric: str) -> date:
        """Return the first day of the month that a metric counts."""
        return (self.window(metric)[0] or self.as_of).replace(day=1)

    def rate(self) -> tuple[str, str]:
        """Return the occupancy rate of the 1st as a sentence, in Japanese and in English, or why there is none."""
        first, rooms = self.as_of.replace(day=1), self.rooms_of(OCCUPIED, TOTAL)
        if rooms is not None:
            rate = f"{rooms:,} / {REPORT_ROOMS:,} = {rooms / REPORT_ROOMS:.1%}"
            return f"{first} 0:00 の稼働率: {rate}", f"Occupancy rate at 00:00 of {first}: {rate}"
        ja = f"{first} 0:00 の稼働室数: 不明(欠測日)"
        en = f"Rooms occupied at 00:00 of {first}: unknown, for the date is a gap"
        if self.last_before:
            day, before = self.last_before
            ja += f"。直前のデータは {day} の期末 {before:,} 室"
            en += f"; at the end of {day}, the last date before, {before:,}"
        return ja, en


DATES = """
SELECT DISTINCT made.snapshot_date
FROM silver.flash_report_daily AS made
JOIN silver.business_calendar AS calendar ON made.snapshot_date = calendar.business_date
WHERE NOT calendar.is_gap
ORDER BY made.snapshot_date
"""
GAP = "SELECT reason FROM silver.business_calendar WHERE business_date = %s AND is_gap"
COUNTS = """
SELECT metric, tenant_type, rooms, rooms_by_old_rule
FROM silver.flash_report_daily
WHERE snapshot_date = %s
"""
ROOMS = """
SELECT metric, apartment_id, room_id, moving_id, tenant_type, report_date, gold_date, is_in_report, is_in_gold,
    difference_class
FROM silver.flash_report_rooms_daily
WHERE snapshot_date = %s
ORDER BY metric, apartment_id, room_id, room_row
"""
BENCHMARKS = """
SELECT month, metric, tenant_type, value, tolerance, told_by
FROM seeds.flash_report_benchmarks
ORDER BY month, metric, tenant_type
"""
STOCK = "SELECT occupancy_room_count_0000 FROM gold.kpi_month_end_metrics WHERE snapshot_date = %s"
FACTS = """
SELECT COALESCE(SUM(new_moveins), 0), COALESCE(SUM(new_moveouts), 0)
FROM gold.occupancy_daily_metrics
WHERE NOT is_projection AND snapshot_date BETWEEN %s AND %s
"""
LAST_BEFORE = """
SELECT snapshot_date, period_end_rooms
FROM gold.occupancy_daily_metrics
WHERE NOT is_projection AND snapshot_date < %s
ORDER BY snapshot_date DESC
LIMIT 1
"""
# What gold said of later dates on the as-of date; gold itself keeps the outlook of the newest date alone.
OUTLOOK = """
SELECT COALESCE(SUM(rooms), 0)
FROM (
    SELECT COUNT(DISTINCT apartment_id, room_id) AS rooms
    FROM silver.tenant_room_snapshot_daily
    WHERE snapshot_date = %s AND effective_{movement}_date BETWEEN %s AND %s
    GROUP BY effective_{movement}_date
) AS days
"""


def read(endpoint: Endpoint, as_of: date | None) -> Figures:
    """Read the figures of a date.

    Args:
        endpoint: login that reads `silver`, `gold` and `seeds`.
        as_of: business date, None for the newest.

    Raises:
        Refused: the date is a gap or has no figures; the message names the nearest dates.
        MySQLdb.Error: the server cannot be reached or fails.
    """
    try:
        with contextlib.closing(endpoint.connect()) as connection, connection.cursor() as cursor:
            return _figures(cursor, _date(cursor, as_of))
    except MySQLdb.Error as error:
        if error.args[0] not in ABSENT:
            raise
        raise Refused("the tables of the flash report are not there yet; run gghouse_daily once") from error


def _date(cursor: Any, as_of: date | None) -> date:
    dates = [day for (day,) in _rows(cursor, DATES)]
    if not dates:
        raise Refused("no date has figures of the flash report yet; run gghouse_daily once")
    if as_of is None or as_of in dates:
        return as_of or dates[-1]
    gap = _rows(cursor, GAP, as_of)
    why = f"is a gap ({gap[0][0]})" if gap else "has no figures of the flash report"
    near = [*[day for day in dates if day < as_of][-1:], *[day for day in dates if day > as_of][:1]]
    raise Refused(f"{as_of} {why}; choose a date that has some, the nearest: {' or '.join(map(str, near))}")


def _figures(cursor: Any, as_of: date) -> Figures:
    found = {(metric, kind): Count(*rooms) for metric, kind, *rooms in _rows(cursor, COUNTS, as_of)}
    wanted = [(metric, kind) for metric in METRICS for kind in TENANT_TYPES]
    missing = [" of ".join(each) for each in wanted if each not in found]
    if missing:
        raise Refused(
            f"silver.flash_report_daily of {as_of} lacks {', '.join(missing)}; make the date again with recover_range"
        )
    rooms = [Room(*row) for row in _rows(cursor, ROOMS, as_of)]
    made = Figures(
        as_of,
        {each: found[each] for each in wanted},
        {metric: _beside(cursor, metric, as_of) for metric in METRICS},
        sorted(rooms, key=lambda room: list(METRICS).index(room.metric)),
    )
    told = [Benchmark(*row) for row in _rows(cursor, BENCHMARKS)]
    before = _rows(cursor, LAST_BEFORE, as_of.replace(day=1)) if made.rooms_of(OCCUPIED, TOTAL) is None else ()
    return replace(
        made,
        benchmarks=[each for each in told if each.month == made.month(each.metric)],
        last_before=before[0] if before else None,
    )


def _beside(cursor: Any, metric: str, as_of: date) -> int | None:
    """Return what the warehouse itself says: gold's facts, or the outlook of the as-of date."""
    window = METRICS[metric].window(as_of)
    if window is None:
        return 0
    if metric == OCCUPIED:
        found = _rows(cursor, STOCK, window[0])
        return int(found[0][0]) if found else None
    movement = "movein" if metric.startswith("movein") else "moveout"
    if metric.endswith("_completed"):
        ins, outs = _rows(cursor, FACTS, *window)[0]
        return int(ins if movement == "movein" else outs)
    return int(_rows(cursor, OUTLOOK.format(movement=movement), as_of, *window)[0][0])


def _rows(cursor: Any, query: str, *values: Any) -> Sequence[Any]:
    cursor.execute(query, values or None)
    return tuple(cursor.fetchall())
