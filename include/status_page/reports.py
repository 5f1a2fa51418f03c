"""The queries behind the part `Reports` of the status page. Each reads one thing and raises as the driver does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import MySQLdb

from include.status_page.sources import fetch, short
from include.warehouse.schema import OPS

COUNTS = "reports.correction_counts"
# Dates of the small curves.
TREND_DATES = 14
# Of a small curve, in units of the drawing.
SPARK_WIDTH, SPARK_HEIGHT, SPARK_EDGE = 84, 20, 2


@dataclass(frozen=True)
class CorrectionKind:
    """Records of one kind that the property manager should correct.

    Attributes:
        label: in Japanese and English.
        open, new, returned, corrected: records on the newest date, and how many came and went since the one before.
        trend: open records on the last dates with a list, the newest last.
    """

    label: str
    open: int
    new: int
    returned: int
    corrected: int
    trend: tuple[int, ...]

    @property
    def change(self) -> int | None:
        """Against the date before, None when there is none."""
        return self.trend[-1] - self.trend[-2] if len(self.trend) > 1 else None

    @property
    def spark(self) -> str:
        """The trend as the points of a polyline, empty when there is only one date."""
        if len(self.trend) < 2:
            return ""
        low, spread = min(self.trend), max(self.trend) - min(self.trend) or 1
        step = (SPARK_WIDTH - 2 * SPARK_EDGE) / (len(self.trend) - 1)
        tall = SPARK_HEIGHT - 2 * SPARK_EDGE
        return " ".join(
            f"{SPARK_EDGE + number * step:.0f},{SPARK_HEIGHT - SPARK_EDGE - tall * (count - low) / spread:.0f}"
            for number, count in enumerate(self.trend)
        )


@dataclass(frozen=True)
class Corrections:
    """The newest list of records to correct.

    Attributes:
        as_of: its date.
        before: date of the list before, None for the first.
        kinds: in their order.
    """

    as_of: date
    before: date | None
    kinds: tuple[CorrectionKind, ...]


@dataclass(frozen=True)
class RentRoll:
    """The rent roll that was compared last.

    Attributes:
        period: its month, YYYYMM.
        as_of: date whose rooms it was compared with.
        active_rooms: occupied by the rent roll.
        unexplained_rooms: that differ without an explanation.
        unexplained_share: of the active rooms, as a share of one; None when there is none.
        verdict: `fine`, `investigate` or `critical`.
        made_at: when, with time zone.
    """

    period: str
    as_of: date
    active_rooms: int
    unexplained_rooms: int
    unexplained_share: float | None
    verdict: str
    made_at: datetime


@dataclass(frozen=True)
class ReportRun:
    """The newest attempt to make a report.

    Attributes:
        name: of the report.
        state: `made`, `failed`, or `unfinished` when it is running or was killed.
        at: when it ended, else when it began; with time zone.
        sentence: what was made, or why not.
        last_made: when it was made last, with time zone; None: never.
    """

    name: str
    state: str
    at: datetime
    sentence: str
    last_made: datetime | None


def corrections(connection: MySQLdb.Connection) -> Corrections | None:
    """Return the counts of the newest list, None when it has no kinds."""
    found = fetch(
        connection,
        "SELECT snapshot_date, kind, kind_label, open_count, new_count, returned_count, corrected_count "
        f"FROM {COUNTS} ORDER BY kind_order, kind, snapshot_date DESC",
    )
    if not found:
        return None
    dates = sorted({row[0] for row in found}, reverse=True)[:TREND_DATES]
    opened = {(day, kind): number for day, kind, _, number, *_ in found}
    return Corrections(
        dates[0],
        next(iter(dates[1:]), None),
        tuple(
            CorrectionKind(
                label, open_now, new, returned, corrected, tuple(opened.get((one, kind), 0) for one in reversed(dates))
            )
            for day, kind, label, open_now, new, returned, corrected in found
            if day == dates[0]
        ),
    )


def rent_roll(connection: MySQLdb.Connection) -> RentRoll | None:
    """Return the rent roll that was compared last, None before the first."""
    found = fetch(
        connection,
        "SELECT period, as_of, active_rooms, unexplained_rooms, unexplained_share, verdict, made_at "
        f"FROM {OPS}.rent_roll_runs ORDER BY made_at DESC, run_id LIMIT 1",
    )
    for period, as_of, active, unexplained, share, verdict, made_at in found:
        at = made_at.replace(tzinfo=UTC)
        return RentRoll(period, as_of, active, unexplained, None if share is None else float(share), verdict, at)
    return None


def report_runs(connection: MySQLdb.Connection) -> list[ReportRun]:
    """Return the newest attempt to make each report, in order of their names."""
    newest = f"SELECT MAX(report_id) FROM {OPS}.reports GROUP BY name"
    made = f"SELECT name, MAX(finished_at) FROM {OPS}.reports WHERE outcome NOT LIKE 'failed:%%' GROUP BY name"
    last_made = {name: at.replace(tzinfo=UTC) for name, at in fetch(connection, made)}
    return [
        ReportRun(name, _state(outcome), (ended or began).replace(tzinfo=UTC), _sentence(outcome), last_made.get(name))
        for name, began, ended, outcome in fetch(
            connection,
            f"SELECT name, started_at, finished_at, outcome FROM {OPS}.reports WHERE report_id IN ({newest}) "
            "ORDER BY name",
        )
    ]


def _state(outcome: str | None) -> str:
    if outcome is None:
        return "unfinished"
    return "failed" if outcome.startswith("failed:") else "made"


def _sentence(outcome: str | None) -> str:
    first, *_ = (outcome or "").removeprefix("failed:").strip().splitlines() or [""]
    return short(first)
