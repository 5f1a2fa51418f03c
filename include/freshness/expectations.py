"""What the watch expects, and by when: every threshold of freshness stands here and nowhere else.

Older than a day is worth a word, older than two is an emergency (domain 9-C22); exactly a day, or two, is not older.
dbt/models/bronze/sources.yml and infra/modules/monitoring repeat parts of it for those who call dbt or CloudWatch
themselves; tests hold them to this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, auto

from include.schedule import DASHBOARDS_DUE, business_date, moment

DUMPS_LOOKED_AT = 3
"""Today's, and those of the two days before (domain 5.7)."""

WARN_DAYS = 1.0
CRITICAL_DAYS = 2.0
SILENT_WARN_DAYS = 30.0
SILENT_CRITICAL_DAYS = 60.0
"""A whole month without one new contract or tenant: the vendor has stopped to write that column, as happened to
inquiries, which nobody noticed (I-18)."""

ROWS_LOST_WARN = 0.01
ROWS_LOST_CRITICAL = 0.05
"""Shares of a table that models read which may go from one load to the next: nothing is ever deleted there by the
thousand. I-11 lost 4.6 % of the tenants and nobody saw it."""
ROWS_GAINED_WARN = 0.10
ROWS_IGNORED = 5
"""A small table may lose or gain so many whatever the share."""
OTHER_ROWS_LOST_WARN = 0.5


class Measure(Enum):
    """How a table's age is read."""

    INSTANT = auto()
    """A column of instants in UTC."""
    DAY = auto()
    """A column of Tokyo days that people type."""
    BUSINESS_DATE = auto()
    """A column of business dates, with one partition of rows each."""


@dataclass(frozen=True)
class Expectation:
    """How fresh a table has to be.

    Attributes:
        table: schema and table.
        column: what tells its age.
        measure: how to read that column.
        warn_days: older than this is worth a word.
        critical_days: older than this is an emergency.
        where: which of its rows count.
        dead: why no news is expected; it is shown and never alarms.
        monitored: whether its age goes to CloudWatch, where an alarm waits for it.
    """

    table: str
    column: str
    measure: Measure
    warn_days: float = WARN_DAYS
    critical_days: float = CRITICAL_DAYS
    where: str = "TRUE"
    dead: str = ""
    monitored: bool = True

    @property
    def subject(self) -> str:
        """What findings call it."""
        return self.table if self.monitored else f"{self.table}.{self.column}"


def _silent(table: str, column: str, measure: Measure, dead: str = "") -> Expectation:
    return Expectation(table, column, measure, SILENT_WARN_DAYS, SILENT_CRITICAL_DAYS, dead=dead, monitored=False)


EXPECTATIONS = (
    *(
        Expectation(f"staging.{table}", "updated_at", Measure.INSTANT)
        for table in ("movings", "tenants", "rooms", "apartments")
    ),
    Expectation("history.tenant_daily_snapshots", "snapshot_date", Measure.BUSINESS_DATE),
    Expectation("silver.tenant_room_snapshot_daily", "snapshot_date", Measure.BUSINESS_DATE),
    Expectation("gold.occupancy_daily_metrics", "snapshot_date", Measure.BUSINESS_DATE, where="is_projection = 0"),
    _silent("staging.movings", "movein_decided_date", Measure.DAY),
    _silent("staging.tenants", "created_at", Measure.INSTANT),
    _silent("staging.inquiries", "inquiry_date", Measure.DAY, dead="no inquiry was entered there after May 2023"),
)
"""Both lists of domain 5.7, the history that is appended to by date, and the columns by which the business writes."""

MONITORED = tuple(one for one in EXPECTATIONS if one.monitored)
LIVING_SOURCES = tuple(one.table.removeprefix("staging.") for one in MONITORED if one.measure is Measure.INSTANT)
"""Tables of a dump that change every day."""


def expected_date(now: datetime) -> date:
    """Return the business date that readers can expect to see."""
    today = business_date(now)
    return today if now >= moment(today, DASHBOARDS_DUE) else today - timedelta(days=1)


def last_due(now: datetime) -> datetime:
    """Return when fresh data were last due.

    Between two loads everything grows older by a day, and nobody can do anything about it. So what is judged is how
    old the data were when they were last due: the same data have the same verdict until the next deadline.
    """
    return moment(expected_date(now), DASHBOARDS_DUE)
