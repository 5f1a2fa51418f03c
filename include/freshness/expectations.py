"""What the watch expects, and by when: the only place of the thresholds of freshness.

Older than one day is a warning, older than two is critical; exactly one or two days is not older.
dbt/models/bronze/sources.yml and infra/modules/monitoring repeat parts of it for those who call dbt or CloudWatch
themselves; tests hold them to this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, auto

from include.schedule import DASHBOARDS_DUE, business_date, moment

# Today's, and those of the two days before.
DUMPS_LOOKED_AT = 3

WARN_DAYS = 1.0
CRITICAL_DAYS = 2.0
# A whole month without one new contract or tenant: the vendor has stopped writing that column, as happened unnoticed
# to inquiries (I-18).
SILENT_WARN_DAYS = 30.0
SILENT_CRITICAL_DAYS = 60.0

# Shares of the rows of a modelled table that may be lost or gained from one load to the next: the source never deletes
# rows there by the thousand. In I-11, 4.6 % of the tenants were lost unnoticed.
ROWS_LOST_WARN = 0.01
ROWS_LOST_CRITICAL = 0.05
ROWS_GAINED_WARN = 0.10
# A small table may lose or gain this many rows whatever the share.
ROWS_IGNORED = 5
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
        warn_days: older than this is a warning.
        critical_days: older than this is critical.
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


# The watched sources and results, the history that grows by date, and the columns that the business writes.
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

MONITORED = tuple(expectation for expectation in EXPECTATIONS if expectation.monitored)
# Tables of a dump that change every day.
LIVING_SOURCES = tuple(
    expectation.table.removeprefix("staging.") for expectation in MONITORED if expectation.measure is Measure.INSTANT
)


def expected_date(now: datetime) -> date:
    """Return the business date that readers can expect to see."""
    today = business_date(now)
    return today if now >= moment(today, DASHBOARDS_DUE) else today - timedelta(days=1)


def last_due(now: datetime) -> datetime:
    """Return when fresh data were last due.

    Between two loads all data grow older by a day as expected. So the watch judges how old the data were when they were
    last due: the same data have the same verdict until the next deadline.
    """
    return moment(expected_date(now), DASHBOARDS_DUE)
